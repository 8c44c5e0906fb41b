"""Needs from below, answers on them, receipts, and data that is given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from yiwang.blocks.cascade.actions.handling.handler import Refusals
from yiwang.blocks.cascade.domain import reasons as why
from yiwang.blocks.cascade.domain.bodies import NeedBody, ReceiptBody, ReturnBody, SupplyBody
from yiwang.blocks.cascade.domain.events import Event
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Peer
from yiwang.blocks.cascade.store.news import Need, Receipt, Return
from yiwang.blocks.cascade.store.receipts import delivered, grant_given_to
from yiwang.blocks.exchange import public as exchange


def needs(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """At every node above: the bureau sees the need and may answer it."""
    for one, body in refusals.bodies(events, NeedBody):
        if peer.relation != "child" or one.subject != f"{one.origin}-{body.need}":
            refusals.note(one, why.NO_NEED_BELOW)
            continue
        _, new = Need.objects.get_or_create(
            id=one.subject[:100],
            defaults={
                "origin": one.origin, "need": body.need, "title": body.title, "agency": body.agency,
                "agency_name": body.agency_name, "text": body.text, "items": list(body.items), "state": "open",
                "created_at": now, "updated_at": now,
            },
        )  # fmt: skip
        if new:
            exchange.tell(
                "need-from-below", now, roles=exchange.REVIEWERS, link="cascade:needs", title=body.title,
                consumer=body.agency_name, node=one.origin,
            )  # fmt: skip


def supplies(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """At the node that stated it: the first answer counts; those who wait are told. Only nodes above answer."""
    for one, body in refusals.bodies(events, SupplyBody):
        if one.target != node():
            continue
        if peer.relation != "parent":
            refusals.note(one, why.not_above(one.origin))
            continue
        row = Need.objects.select_for_update().filter(pk=one.subject, origin=node()).first()
        if row is None:
            refusals.note(one, why.nothing_of(why.NEED, one.subject, one.origin))
            continue
        if row.state == "met" or (row.state == "declined" and body.state == "declined"):
            continue  # several nodes above may answer: what can be had is not lost by a later no
        row.state, row.answer, row.resource = body.state, body.text, body.resource
        row.answered_at_node, row.answered_by, row.updated_at = one.origin, body.answered_by, now
        row.save()
        for agency, roles in ((row.agency, exchange.OFFICERS), ("", exchange.REVIEWERS)):
            exchange.tell(
                f"need-{body.state}-above", now, agency=agency, roles=roles, link=f"need:{row.need}",
                title=row.title, node=one.origin, text=body.text[:300],
            )  # fmt: skip


def receipts(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """At the owner: what was received, beside what was delivered by its own journal. The last word of a day counts."""
    del peer
    for one, body in refusals.bodies(events, ReceiptBody):
        if one.target != node():
            continue
        given = grant_given_to(one.origin, one.subject)
        try:
            day = date.fromisoformat(body.day)
        except ValueError:
            refusals.note(one, why.NO_SUCH_DAY)
            continue
        if given is None:
            refusals.note(one, why.nothing_of(why.GRANT, one.subject, one.origin))
            continue
        sent = delivered(given, day, body.mode)
        Receipt.objects.update_or_create(
            owner=node(), node=one.origin, grant=one.subject, day=day, mode=body.mode,
            defaults={
                "resource": given.resource, "provider": given.provider, "consumer": given.consumer,
                "times": body.times, "rows": body.rows, "delivered_times": sent[0], "delivered_rows": sent[1],
                "at": now,
            },
        )  # fmt: skip


def returned(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """At the node whose rows they are: it may ask for them (or no more). Data comes back from above only."""
    for one, body in refusals.bodies(events, ReturnBody):
        if one.target != node():
            continue
        if peer.relation != "parent":
            refusals.note(one, why.not_above(one.origin))
            continue
        _, new = Return.objects.update_or_create(
            owner=one.origin, resource=one.subject[:64], node=node(),
            defaults={
                "title": body.title, "provider": body.provider, "provider_name": body.provider_name,
                "field": body.field, "division": body.division, "state": body.state, "offered_by": body.offered_by,
                "at": now,
            },
        )  # fmt: skip
        if new:
            exchange.tell(
                "data-given-back", now, roles=(*exchange.REVIEWERS, *exchange.OFFICERS), link="cascade:returns",
                resource=body.title, node=one.origin,
            )  # fmt: skip
