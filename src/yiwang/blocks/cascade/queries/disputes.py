"""Disputes and corrected rows, for their parties."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from yiwang.blocks.cascade.domain.errors import DisputeUnknown
from yiwang.blocks.cascade.queries.entries import english_titles
from yiwang.blocks.cascade.queries.refusals import kept_refusal
from yiwang.blocks.cascade.queries.views import CorrectionView, DisputeView
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Correction, Dispute
from yiwang.blocks.exchange.public import as_actor, remaining, zone
from yiwang.blocks.identity.public import APPROVER, DATA_OFFICER, Actor
from yiwang.blocks.organisation.public import agencies_by_uscc

MOST = 200


@as_actor
def disputes(actor: Actor, now: datetime) -> tuple[DisputeView, ...]:
    """Disputes that the actor may see: open ones first, the nearest deadline first."""
    rows = list(Dispute.objects.order_by("-created_at")[:MOST])
    titles = english_titles([(row.owner, row.resource) for row in rows])
    found = [_view(actor, row, titles, now) for row in rows]
    return tuple(
        sorted(found, key=lambda one: (one.state not in ("open", "sent"), one.left is None, one.left or 0))
    )


@as_actor
def dispute(actor: Actor, number: str, now: datetime) -> DisputeView:
    """One of them. Raises: DisputeUnknown."""
    row = Dispute.objects.filter(pk=number).first()
    if row is None:
        raise DisputeUnknown(dispute=number[:100])
    return _view(actor, row, english_titles([(row.owner, row.resource)]), now)


@as_actor
def corrections(actor: Actor) -> tuple[CorrectionView, ...]:
    """Rows put right that the actor's agency had received, the latest first."""
    del actor  # row-level security decides
    rows = list(Correction.objects.order_by("-at")[:MOST])
    titles = english_titles([(row.owner, row.resource) for row in rows])
    return tuple(
        CorrectionView(
            row.dispute, row.owner, row.resource, row.title, titles.get((row.owner, row.resource), ""),
            tuple(row.key.items()), row.field, row.value, row.text, row.at,
        )
        for row in rows
    )  # fmt: skip


def _view(actor: Actor, row: Dispute, titles: Mapping[tuple[str, str], str], now: datetime) -> DisputeView:
    left = None
    if row.due_at is not None and row.state == "open":
        facts = agencies_by_uscc({row.provider}).get(row.provider)
        left = remaining(row.due_at, now, facts.region.code if facts else "", zone())
    answerable = (
        row.owner == node() and row.state == "open" and row.provider == actor.agency
        and actor.has(DATA_OFFICER, APPROVER)
    )  # fmt: skip
    return DisputeView(
        row.id, row.origin, row.owner, row.resource, row.title, titles.get((row.owner, row.resource), ""),
        row.provider, row.consumer, row.consumer_name,
        tuple(row.key.items()), row.field, row.given, row.proposed, row.reason, row.state, row.answer,
        kept_refusal(row), row.value, row.raised_by, row.answered_by, row.due_at, row.due_days, left, row.escalated_at,
        row.created_at, row.updated_at, row.origin == node() and row.consumer == actor.agency, answerable,
    )  # fmt: skip
