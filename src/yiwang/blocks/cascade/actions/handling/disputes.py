"""Disputes that come to the owner, answers and corrections that come back."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from yiwang.blocks.cascade.actions.handling.handler import Refusals
from yiwang.blocks.cascade.domain import reasons as why
from yiwang.blocks.cascade.domain.bodies import AnswerBody, CorrectionBody, DisputeBody
from yiwang.blocks.cascade.domain.errors import NotARecipient
from yiwang.blocks.cascade.domain.events import Event
from yiwang.blocks.cascade.domain.refusal import refusal_in, refusal_of, told, written
from yiwang.blocks.cascade.store.clock import start_clock
from yiwang.blocks.cascade.store.foreign import is_foreign
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Correction, Dispute, Peer
from yiwang.blocks.cascade.store.outgoing import tell
from yiwang.blocks.exchange import public as exchange


def disputes(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """At the owner: the provider's working days begin. Only who holds a grant is heard."""
    del peer
    for one, body in refusals.bodies(events, DisputeBody):
        if one.target != node() or Dispute.objects.filter(pk=one.subject).exists():
            continue
        grant = exchange.handing.held_grant(body.consumer, body.resource)
        if grant is None or not is_foreign(body.consumer, one.origin):
            no_grant = refusal_of(NotARecipient(resource=body.resource), node())
            body_back = AnswerBody("rejected", no_grant.zh, refusal=no_grant.document())
            tell("answer", one.subject, body_back, now, target=one.origin)
            continue
        due = start_clock(body.provider, now)
        Dispute.objects.create(
            id=one.subject, origin=one.origin, owner=node(), resource=body.resource, title=body.title,
            provider=body.provider, consumer=body.consumer, consumer_name=body.consumer_name, grant=grant,
            key=body.key, field=body.field, given=body.given, proposed=body.proposed, reason=body.reason,
            state="open", raised_by=one.origin, due_at=due.at, due_days=due.days, created_at=now, updated_at=now,
        )  # fmt: skip
        tell("answer", one.subject, AnswerBody("open", due=due.at.isoformat()), now, target=one.origin)
        exchange.tell(
            "dispute-raised", now, agency=body.provider, roles=exchange.OFFICERS, link=f"dispute:{one.subject}",
            dispute=one.subject, resource=body.title, consumer=body.consumer_name, text=body.reason[:300],
        )  # fmt: skip


def answers(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """At the node that raised it: what the provider found."""
    del peer
    for one, body in refusals.bodies(events, AnswerBody):
        if one.target != node():
            continue
        row = Dispute.objects.select_for_update().filter(pk=one.subject, owner=one.origin).first()
        if row is None:
            refusals.note(one, why.nothing_of(why.DISPUTE, one.subject, one.origin))
            continue
        if body.state == "open":
            _arrived(row, body.due, now)
            continue
        refusal = refusal_in(body.refusal)
        text = written(body.text, refusal)
        if body.state == "escalated":
            row.escalated_at = now
        else:
            row.state, row.answer, row.value = body.state, text, body.value
            row.refusal = refusal.document() if refusal is not None else {}
        row.updated_at = now
        row.save()
        words = told(text, refusal, one.origin)
        exchange.tell(
            f"dispute-{body.state}", now, agency=row.consumer, roles=exchange.OFFICERS,
            link=f"dispute:{row.id}", dispute=row.id, resource=row.title, text=words.zh, text_en=words.en,
        )  # fmt: skip


def _arrived(row: Dispute, due: str, now: datetime) -> None:
    """The provider's term runs; what was answered already stays."""
    if row.state != "sent":
        return
    row.state, row.updated_at = "open", now
    with suppress(ValueError):
        row.due_at = datetime.fromisoformat(due)
    row.save(update_fields=["state", "due_at", "updated_at"])


def corrections(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """At the nodes of everyone who received the row: the corrected value."""
    del peer
    for one, body in refusals.bodies(events, CorrectionBody):
        if one.target == node():
            keep_correction(one.origin, one.subject, body, now)


def keep_correction(owner: str, code: str, body: CorrectionBody, now: datetime) -> None:
    """Keep a corrected row for one recipient, and tell its officers."""
    row, new = Correction.objects.get_or_create(
        id=f"{body.dispute}/{body.consumer}",
        defaults={
            "dispute": body.dispute, "owner": owner, "resource": code, "title": body.title,
            "consumer": body.consumer, "key": body.key, "field": body.field, "value": body.value,
            "text": body.text, "at": now,
        },
    )  # fmt: skip
    if new:
        exchange.tell(
            "row-corrected", now, agency=body.consumer, roles=exchange.OFFICERS, link="cascade:corrections",
            dispute=body.dispute, resource=row.title, field=body.field,
        )  # fmt: skip
