"""Applying a page of a peer's journal: all of it, in sequence, once, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yiwang.blocks.cascade.actions.handling import HANDLERS
from yiwang.blocks.cascade.actions.handling.handler import Refusals
from yiwang.blocks.cascade.domain import reasons as why
from yiwang.blocks.cascade.domain.errors import JournalForked, PageRefused
from yiwang.blocks.cascade.domain.events import Event, Run, prove_run
from yiwang.blocks.cascade.store.alarms import raise_alarm
from yiwang.blocks.cascade.store.here import card_of, node
from yiwang.blocks.cascade.store.models import Outgoing, Peer, Received
from yiwang.blocks.cascade.store.outgoing import relayed
from yiwang.blocks.cascade.store.peers import behind
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting


def apply_runs(name: str, runs: Sequence[Run], now: datetime) -> int:
    """Apply what follows what was applied before; returns the number of events that were new.

    Raises:
        PageRefused: something is damaged or out of sequence; nothing was applied.
        JournalForked: the peer contradicts its own journal; it is taken in no more, and an alarm is raised.
    """
    try:
        return _applied(name, runs, now)
    except JournalForked as forked:
        with acting(SYSTEM):
            Peer.objects.filter(pk=name).exclude(state="left").update(state="forked")
            first = int(str(forked.facts["first"]))
            raise_alarm(
                name, "events", "journal-forked", now, start=first,
                zh=f"{name} 的事件日志从第 {first} 条起与已收到的不接。",
                en=f"The event journal of {name} does not continue what was received, from {first} on.",
            )  # fmt: skip
        raise


def _applied(name: str, runs: Sequence[Run], now: datetime) -> int:
    with acting(SYSTEM):
        peer = Peer.objects.select_for_update().get(pk=name)
        if peer.state != "active":
            raise PageRefused(node=name, first=peer.got + 1, **why.stands(peer.state).facts)
        fresh = 0
        for run in runs:
            # a card may come within a run: the next run is proven by the card as it is then
            proven = prove_run(run, card=card_of(peer), here=node(), got=peer.got, previous=peer.got_hash)
            if proven is None:
                continue
            fresh += _take(peer, proven.seal.first, proven.events, now)
            peer.refresh_from_db(fields=["card", "state"])
            peer.got, peer.got_hash = proven.seal.last, proven.seal.hash
            peer.save(update_fields=["got", "got_hash"])
        return fresh


def _take(peer: Peer, first: int, events: Sequence[Event], now: datetime) -> int:
    known = set(Received.objects.filter(event__in=[one.id for one in events]).values_list("event", flat=True))
    rows: list[Received] = []
    new: list[Event] = []
    for number, one in enumerate(events, first):
        twice = one.id in known
        known.add(one.id)
        rows.append(
            Received(
                peer=peer.name,
                number=number,
                event=one.id if not twice else f"{one.id} again {peer.name} {number}",
                kind=one.kind,
                origin=one.origin,
                subject=one.subject,
                at=now,
            )
        )
        if not twice:
            new.append(one)
    refusals = Refusals()
    may_speak = behind(peer)
    for kind, run in _stretches(new):
        handler = HANDLERS.get(kind)
        for one in run:
            if handler is None:
                refusals.note(one, why.UNKNOWN_KIND)
            elif one.origin not in may_speak:
                refusals.note(one, why.not_for(peer.name, one.origin))
        good = [one for one in run if one.id not in refusals.reasons]
        if handler is not None and good:
            handler(peer, good, now, refusals)
        if kind == "node":
            may_speak = behind(peer)
    for row in rows:
        noted = refusals.reasons.get(row.event)
        row.problem = noted.en if noted is not None else ""
    Received.objects.bulk_create(rows)
    for one_id, reason in refusals.reasons.items():
        raise_alarm(
            peer.name, "events", "event-refused", now, mark=one_id,
            zh=f"跳过 {peer.name} 的事件 {one_id}：{reason.zh}。",
            en=f"The event {one_id} of {peer.name} was passed over: {reason.en}.",
        )  # fmt: skip
    onward = relayed(
        [one for one in new if one.id not in refusals.reasons and one.kind not in _ENDS_HERE], peer
    )
    if onward:
        Outgoing.objects.bulk_create(onward)
    return len(new)


_ENDS_HERE = frozenset({"card", "leave"})
"""Kinds that are between two peers."""


def _stretches(events: Sequence[Event]) -> list[tuple[str, list[Event]]]:
    """Events in their order, those of one kind that follow each other together."""
    found: list[tuple[str, list[Event]]] = []
    for one in events:
        if not found or found[-1][0] != one.kind:
            found.append((one.kind, []))
        found[-1][1].append(one)
    return found
