"""Requests that come to the owner, and decisions and grants on their way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import transaction

from yiwang.blocks.cascade.actions.handling.handler import Refusals
from yiwang.blocks.cascade.domain import reasons as why
from yiwang.blocks.cascade.domain.bodies import (
    AmendmentBody,
    DecisionBody,
    GrantBody,
    RequestBody,
    WithdrawalBody,
)
from yiwang.blocks.cascade.domain.compiled import ForeignTerms, GrantHead
from yiwang.blocks.cascade.domain.errors import NodeUnknown
from yiwang.blocks.cascade.domain.events import Event
from yiwang.blocks.cascade.domain.refusal import Refusal, refusal_in, refusal_of, told, written
from yiwang.blocks.cascade.store.compiled import store_terms
from yiwang.blocks.cascade.store.foreign import foreign_officer, is_foreign
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Asking, ForeignGrant, Peer
from yiwang.blocks.cascade.store.outgoing import hops, tell
from yiwang.blocks.cascade.store.returns import within_division
from yiwang.blocks.exchange import public as exchange
from yiwang.vocabulary.errors import YwError

_NOTICES = {
    "granted": "cascade-granted",
    "refused": "cascade-refused",
    "rejected": "cascade-rejected",
    "returned": "cascade-returned",
}


def requests(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """At the owner: an ordinary request of the foreign agency, reviewed and decided as any other."""
    del peer
    for one, body in refusals.bodies(events, RequestBody):
        if one.target != node() or Asking.objects.filter(pk=one.subject).exists():
            continue
        if not is_foreign(body.consumer, one.origin):
            refusals.note(one, why.no_agency(body.consumer, one.origin))
            continue
        try:
            with transaction.atomic():
                _hand_in(one, body, now)
        except (YwError, msgspec.ValidationError) as problem:
            refusal = refusal_of(problem, node())
            body_back = DecisionBody("rejected", "", refusal.zh, refusal=refusal.document())
            tell("decision", one.subject, body_back, now, target=one.origin)


def _hand_in(one: Event, body: RequestBody, now: datetime) -> None:
    form = within_division(one.origin, body.resource, msgspec.convert(body.wish, exchange.RequestInput))
    officer = foreign_officer(body.consumer, body.consumer_name, body.applicant, one.origin)
    number = exchange.create_request(officer, body.resource, form, now)
    Asking.objects.create(
        id=one.subject, origin=one.origin, owner=node(), resource=body.resource, title=body.title,
        provider=body.provider, provider_name=body.provider_name, consumer=body.consumer,
        consumer_name=body.consumer_name, applicant_name=body.applicant, reason=body.reason, wish=body.wish,
        state="submitted", number=number, created_at=now, updated_at=now,
    )  # fmt: skip
    exchange.submit_request(officer, number, now)


def amendments(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """At the owner: a returned request comes again; one that is not returned any more stays as it is."""
    del peer
    for one, body in refusals.bodies(events, AmendmentBody):
        row = _asked_of_us(one, refusals)
        if row is None:
            continue
        try:
            with transaction.atomic():
                form = within_division(
                    one.origin, row.resource, msgspec.convert(body.wish, exchange.RequestInput)
                )
                officer = foreign_officer(row.consumer, row.consumer_name, body.applicant, one.origin)
                exchange.edit_request(officer, row.number, form, now)
                row.wish, row.reason, row.updated_at = body.wish, form.reason, now
                row.save(update_fields=["wish", "reason", "updated_at"])
                exchange.submit_request(officer, row.number, now)
        except (YwError, msgspec.ValidationError) as problem:
            _answer_as_it_is(row, refusal_of(problem, node()), now)


def withdrawals(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """At the owner: a request is taken back; one that is decided stays decided."""
    del peer
    for one, body in refusals.bodies(events, WithdrawalBody):
        row = _asked_of_us(one, refusals)
        if row is None:
            continue
        officer = foreign_officer(row.consumer, row.consumer_name, body.applicant, one.origin)
        try:
            with transaction.atomic():
                exchange.withdraw_request(officer, row.number, now, text=body.text)
        except YwError as problem:
            _answer_as_it_is(row, refusal_of(problem, node()), now)


def _asked_of_us(one: Event, refusals: Refusals) -> Asking | None:
    """The request that the event is about, where it is ours to decide and the origin's to change."""
    if one.target != node():
        return None
    row = Asking.objects.select_for_update().filter(pk=one.subject, owner=node(), origin=one.origin).first()
    if row is None:
        refusals.note(one, why.nothing_of(why.REQUEST, one.subject, one.origin))
    return row


def _answer_as_it_is(row: Asking, refusal: Refusal, now: datetime) -> None:
    """Tell the asker how far the request is, and why its step came too late or does not fit."""
    handed = exchange.handing.handed_request(row.number)
    state = handed.state if handed else row.state
    due, grant, basis = (handed.due, handed.grant, handed.basis) if handed else ("", "", "")
    text = (handed.answer[:4000] if handed else "") or refusal.zh
    body = DecisionBody(state, row.number, text, basis, due, grant, refusal.document())
    tell("decision", row.pk, body, now, target=row.origin)


def decisions(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """At the asker: how far the request is."""
    del peer
    for one, body in refusals.bodies(events, DecisionBody):
        if one.target != node():
            continue
        row = Asking.objects.select_for_update().filter(pk=one.subject, owner=one.origin).first()
        if row is None:
            refusals.note(one, why.nothing_of(why.REQUEST, one.subject, one.origin))
            continue
        row.state, row.number = body.state, body.number or row.number
        refusal = refusal_in(body.refusal)
        row.refusal = refusal.document() if refusal is not None else {}
        row.answer, row.basis, row.due = written(body.text, refusal), body.basis, body.due
        row.grant, row.updated_at = body.grant, now
        row.save()
        kind = _NOTICES.get(body.state)
        if kind is not None:
            words = told(row.answer, refusal, one.origin)
            exchange.tell(
                kind, now, agency=row.consumer, roles=exchange.OFFICERS, link=f"asking:{row.id}",
                request=row.id, resource=row.title, text=words.zh, text_en=words.en, node=one.origin,
            )  # fmt: skip


def grants(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """On every node of the way: the grant, so that calls under it can be judged here too."""
    for one, body in refusals.bodies(events, GrantBody):
        try:
            grant = msgspec.json.decode(body.doc, type=GrantHead)
            toward = "" if one.target == node() else hops(one.target)[0]
        except (msgspec.MsgspecError, NodeUnknown) as problem:
            refusals.note(one, why.form(problem))
            continue
        if grant.id != one.subject or toward == peer.name:
            refusals.note(one, why.NOT_ON_THIS_WAY)
            continue
        known = ForeignGrant.objects.filter(owner=one.origin, number=grant.id).first()
        if known is not None and known.version > grant.version:
            continue
        ForeignGrant.objects.update_or_create(
            owner=one.origin, number=grant.id,
            defaults={
                "version": grant.version, "consumer": grant.consumer, "resource": grant.resource,
                "resource_title": body.resource_title, "provider": body.provider,
                "provider_name": body.provider_name, "state": body.state, "doc": body.doc,
                "asking": body.request, "reason": body.reason, "updated_at": now,
            },
        )  # fmt: skip
        store_terms(
            body.state,
            ForeignTerms(one.origin, peer.name, toward, body.provider, grant.id, body.doc),
        )
        if not toward and known is not None and known.state != body.state:
            exchange.tell(
                "cascade-grant-changed", now, agency=grant.consumer, roles=exchange.OFFICERS,
                link=f"asking:{body.request}", resource=body.resource_title, state=body.state,
                text=body.reason[:300], node=one.origin,
            )  # fmt: skip
