"""What a new peer is told first: the nodes behind this one, our agencies, our catalogue and that of nodes beyond."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeVar

from yiwang.blocks.cascade.domain.bodies import AgencyBody, NodeBody, StatisticsBody, document
from yiwang.blocks.cascade.domain.events import Event
from yiwang.blocks.cascade.store.bodies import agency_body, entry_body
from yiwang.blocks.cascade.store.here import level, node, own_card
from yiwang.blocks.cascade.store.models import Entry, Figure, ForeignAgency, Node, Outgoing, Peer
from yiwang.blocks.cascade.store.outgoing import event, put
from yiwang.blocks.catalogue.public import published_codes, resources_by_code
from yiwang.blocks.organisation.public import agencies

AT_ONCE = 500
T = TypeVar("T")


def introduce(peer: Peer, now: datetime) -> None:
    """Leave everything for a new peer, and tell those on the other side of it; within the caller's transaction."""
    for batch in _batches(_told(peer, now)):
        Outgoing.objects.bulk_create([Outgoing(peer=peer.name, text=one.text()) for one in batch])
    others = Peer.objects.exclude(relation=peer.relation).exclude(state="left").values_list("name", flat=True)
    put(event("node", peer.name, NodeBody(peer.title, peer.level), now), others)


def _told(peer: Peer, now: datetime) -> Iterator[Event]:
    card = own_card(now)
    yield event("node", node(), NodeBody(card.title, level()), now)
    for facts in agencies():
        yield event("agency", facts.uscc, agency_body(facts), now)
    for codes in _batches(iter(published_codes())):
        found = resources_by_code(set(codes))
        for code in codes:
            if code in found:
                yield event("entry", code, entry_body(found[code]), now)
    yield from _beyond(peer, now)


def _beyond(peer: Peer, now: datetime) -> Iterator[Event]:
    """What is known of nodes on the other side: those above for a child, those below for a parent."""
    via = list(
        Peer.objects.exclude(relation=peer.relation)
        .exclude(state="left")
        .exclude(pk=peer.name)
        .values_list("name", flat=True)
    )
    known = [
        *Peer.objects.filter(name__in=via).values_list("name", "title", "level"),
        *Node.objects.filter(via__in=via).values_list("name", "title", "level"),
    ]
    for name, title, its_level in known:
        yield event("node", name, NodeBody(title, its_level), now)
    names = [name for name, _, _ in known]
    stamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def passed_on(kind: str, origin: str, subject: str, body: dict[str, object], more: str = "") -> Event:
        mark = f"{node()}-{int(now.timestamp() * 1000)}-{peer.name}-{kind}-{origin}-{more or subject}"
        if len(mark) > 100:  # cut off, two events could have one id, and the second would be lost
            mark = hashlib.sha256(mark.encode("utf-8")).hexdigest()
        return Event(body=body, id=mark, kind=kind, origin=origin, subject=subject, time=stamp)

    for row in ForeignAgency.objects.filter(node__in=names).iterator():
        yield passed_on(
            "agency", row.node, row.uscc, document(AgencyBody(row.name, row.name_en, active=row.active))
        )
    if peer.relation == "parent":  # figures go up only
        for figure in Figure.objects.filter(node__in=[node(), *names]).iterator():
            told = document(StatisticsBody(figure.day.isoformat(), figure.value))
            mark = f"{figure.name}-{figure.day:%Y%m%d}"
            yield passed_on("statistics", figure.node, figure.name, told, mark)
    for entry in Entry.objects.filter(node__in=names, state="published").iterator():
        yield passed_on("entry", entry.node, entry.code, entry.doc)


def _batches(rows: Iterator[T]) -> Iterator[list[T]]:
    batch: list[T] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
