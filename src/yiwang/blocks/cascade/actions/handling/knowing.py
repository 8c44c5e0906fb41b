"""What other nodes tell of themselves: nodes, agencies, catalogue entries, figures. Written many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from django.db import connection

from yiwang.blocks.cascade.actions.handling.handler import Refusals
from yiwang.blocks.cascade.domain import reasons as why
from yiwang.blocks.cascade.domain.bodies import AgencyBody, EntryBody, NodeBody, StatisticsBody
from yiwang.blocks.cascade.domain.events import Event
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Figure, ForeignAgency, Node, Peer
from yiwang.blocks.cascade.store.words import lexemes

_ENTRIES = """
INSERT INTO cascade_entry (node, code, title, provider, provider_name, state, version, doc, words, updated_at)
SELECT node, code, doc ->> 'title', doc ->> 'provider', doc ->> 'provider_name', doc ->> 'state',
  (doc ->> 'version')::int, doc, words::tsvector, %s
FROM jsonb_to_recordset(%s::jsonb) AS given (node text, code text, doc jsonb, words text)
ON CONFLICT (node, code) DO UPDATE SET title = excluded.title, provider = excluded.provider,
  provider_name = excluded.provider_name, state = excluded.state, version = excluded.version, doc = excluded.doc,
  words = excluded.words, updated_at = excluded.updated_at
WHERE cascade_entry.version <= excluded.version
"""
"""All rows come as one JSON text: as arrays, each element of each column would be quoted for itself, which took a third of
the time of a page."""


def nodes(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """Nodes that are reached through the peer."""
    del now
    for one, body in refusals.bodies(events, NodeBody):
        elsewhere = (
            one.subject == node()
            or Peer.objects.filter(name=one.subject).exclude(state="left").exists()
            or Node.objects.filter(name=one.subject).exclude(via=peer.name).exists()
        )
        if elsewhere:
            if one.subject != peer.name:
                refusals.note(one, why.another_way(one.subject))
            continue
        Node.objects.update_or_create(
            name=one.subject, defaults={"title": body.title, "level": body.level, "via": peer.name}
        )


def agencies(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """Agencies of other nodes, by their last word."""
    del peer, now
    last = {
        one.subject: ForeignAgency(one.subject, one.origin, body.name, body.name_en, body.active)
        for one, body in refusals.bodies(events, AgencyBody)
        if len(one.subject) <= 18
    }
    ForeignAgency.objects.bulk_create(
        last.values(), update_conflicts=True, unique_fields=["uscc"],
        update_fields=["node", "name", "name_en", "active"],
    )  # fmt: skip


def entries(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """Catalogue entries of other nodes, by their last edition."""
    del peer
    last: dict[tuple[str, str], EntryBody] = {}
    for one, body in refusals.bodies(events, EntryBody):
        if one.origin == node() or not 0 < len(one.subject) <= 64:
            refusals.note(one, why.NO_ENTRY_OF_ANOTHER)
            continue
        last[one.origin, one.subject] = body
    if not last:
        return
    rows = [
        {"node": owner, "code": code, "doc": body, "words": lexemes(body)}
        for (owner, code), body in last.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [now, msgspec.json.encode(rows).decode("utf-8")])


def figures(peer: Peer, events: Sequence[Event], now: datetime, refusals: Refusals) -> None:
    """Figures of other nodes, by day."""
    del peer, now
    last: dict[tuple[str, str, date], Figure] = {}
    for one, body in refusals.bodies(events, StatisticsBody):
        try:
            day = date.fromisoformat(body.day)
        except ValueError:
            refusals.note(one, why.NO_SUCH_DAY)
            continue
        last[one.origin, one.subject, day] = Figure(
            node=one.origin, name=one.subject, day=day, value=body.value
        )
    Figure.objects.bulk_create(
        last.values(), update_conflicts=True, unique_fields=["node", "name", "day"], update_fields=["value"]
    )
