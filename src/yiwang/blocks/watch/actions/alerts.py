"""Acknowledging an alert, and changing the limit of a rule."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.identity.public import OPERATOR, Actor
from yiwang.blocks.journal.public import record_event
from yiwang.blocks.watch.domain.errors import AlertUnknown, LimitOutOfRange
from yiwang.blocks.watch.domain.rules import KINDS
from yiwang.blocks.watch.store.models import Rule
from yiwang.blocks.watch.store.seeing import alerts_in_reach, as_actor


@as_actor
def acknowledge(actor: Actor, alert_id: int, now: datetime) -> None:
    """Say that somebody takes care; twice changes nothing. Raises: AlertUnknown."""
    row = alerts_in_reach(actor).select_for_update().filter(pk=alert_id).first()
    if row is None:
        raise AlertUnknown(alert=alert_id)
    if row.state == "open":
        row.state, row.acknowledged_at, row.acknowledged_by = "acknowledged", now, actor.name
        row.save(update_fields=["state", "acknowledged_at", "acknowledged_by"])


@as_actor
def set_rule(actor: Actor, kind: str, *, enabled: bool, limit: int, now: datetime) -> None:
    """Change a rule for the whole node; who changed it becomes evidence.

    Raises: NotAllowed, AlertUnknown for a kind that is none, LimitOutOfRange.
    """
    actor.require(OPERATOR)
    known = KINDS.get(kind)
    if known is None:
        raise AlertUnknown(alert=kind)
    if not known.least <= limit <= known.most:
        raise LimitOutOfRange(least=known.least, most=known.most)
    Rule.objects.update_or_create(
        kind=kind,
        defaults={"enabled": enabled, "limit": limit, "changed_at": now, "changed_by": actor.name},
    )
    record_event("rule-changed", now, detail={"kind": kind, "enabled": enabled, "limit": limit})
