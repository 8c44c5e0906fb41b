"""Leaving events for peers, in the transaction of the change they tell of."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from yiwang.blocks.cascade.domain.bodies import document
from yiwang.blocks.cascade.domain.errors import NodeUnknown
from yiwang.blocks.cascade.domain.events import Event, Kind
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Node, Outgoing, Peer


def event(kind: Kind, subject: str, body: msgspec.Struct, now: datetime, *, target: str = "") -> Event:
    """An event of this node."""
    number = f"{int(now.timestamp() * 1000):013d}-{os.urandom(8).hex()}"
    return Event(
        body=document(body), id=f"{node()}-{number}", kind=kind, origin=node(), subject=subject, target=target,
        time=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )  # fmt: skip


def tell(kind: Kind, subject: str, body: msgspec.Struct, now: datetime, *, target: str = "") -> None:
    """Tell one node, or (no target) every node above and below. Raises: NodeUnknown."""
    made = event(kind, subject, body, now, target=target)
    put(made, hops(target) if target else everybody())


def everybody() -> list[str]:
    """Peers that are told of things, suspended ones included: they get it when they are resumed."""
    return list(Peer.objects.exclude(state="left").values_list("name", flat=True))


def hops(target: str) -> list[str]:
    """The peer through which a node is reached. Raises: NodeUnknown."""
    found = (
        Peer.objects.filter(name=target).exclude(state="left").values_list("name", flat=True).first()
        or Node.objects.filter(name=target).values_list("via", flat=True).first()
    )
    if found is None:
        raise NodeUnknown(node=target)
    return [found]


def relayed(events: Iterable[Event], came_from: Peer) -> list[Outgoing]:
    """What goes on to others: to its target, or (no target) from below upwards and from above downwards."""
    wanted = "child" if came_from.relation == "parent" else "parent"
    onward = list(
        Peer.objects.filter(relation=wanted)
        .exclude(state="left")
        .exclude(name=came_from.name)
        .values_list("name", flat=True)
    )
    rows: list[Outgoing] = []
    for one in events:
        if one.target == node():
            continue
        if one.target:
            try:
                to = hops(one.target)
            except NodeUnknown:
                continue
            rows += [Outgoing(peer=name, text=one.text()) for name in to if name != came_from.name]
        else:
            rows += [Outgoing(peer=name, text=one.text()) for name in onward]
    return rows


def put(made: Event, peers: Iterable[str]) -> None:
    """Leave one event for these peers."""
    text = made.text()
    Outgoing.objects.bulk_create([Outgoing(peer=name, text=text) for name in peers])
