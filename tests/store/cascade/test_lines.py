"""Event traffic over a real line and process: cut, killed, repeated, replayed, shortened, changed, with other clocks.

It ends with everything the peer told, in its order and once, and with nothing else.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError

from tests.conftest import Server
from tests.gateway.line import Change, Cut, unchanged, with_body
from tests.store.cascade.network import Network, now
from tests.store.cascade.test_heads import alter
from tests.store.cascade.web import LineTransport, WebNode, served
from tests.store.exchange.cast import AUDITOR
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.cascade.domain.bodies import EntryBody
from yiwang.blocks.cascade.store.models import Entry, Held, Outgoing, Peer, Received, Sealed
from yiwang.blocks.cascade.store.outgoing import event
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting


@pytest.fixture
def nation(nodes: Network, pg_server: Server, tmp_path: Path) -> Iterator[WebNode]:
    """The nation as a process of its own, joined with the province, which is this process."""
    nodes.join("nation", "gansu")
    with served("nation", nodes, pg_server, tmp_path) as node:
        yield node


def leave(nodes: Network, count: int, first: int = 0) -> None:
    """So many entries wait at the nation."""
    with nodes.at("nation"), acting(SYSTEM):
        rows = []
        for number in range(first, first + count):
            body = EntryBody(
                title=f"全国目录第{number}号", provider="11100000MB0000001A", provider_name="总局", version=1,
                state="published",
            )  # fmt: skip
            rows.append(Outgoing(peer="gansu", text=event("entry", f"1/{number}", body, now()).text()))
        Outgoing.objects.bulk_create(rows)


def taken(nodes: Network, node: WebNode, at: datetime | None = None, most: int = 100) -> bool | None:
    """One page; None where it failed."""
    with nodes.at("gansu"):
        try:
            return cascade.pull("nation", LineTransport(node.line), at or now(), most=most)
        except cascade.CascadeError:
            return None


def all_taken(nodes: Network, node: WebNode) -> None:
    node.line.mend()
    for _ in range(200):
        if taken(nodes, node) is False:
            return
    raise AssertionError("it does not end")


def compared(nodes: Network) -> int:
    """The nation's journal and what the province holds of it, event by event; returns how many there are."""
    with nodes.at("nation"), acting(SYSTEM):
        assert not Outgoing.objects.filter(peer="gansu").exists()
        told = [
            json.loads(text)
            for run in Sealed.objects.filter(peer="gansu").order_by("first")
            for text in run.events
        ]
    with nodes.at("gansu"), acting(SYSTEM):
        rows = Received.objects.filter(peer="nation").order_by("number")
        got = list(rows.values_list("number", "event", "subject", "problem"))
        assert got == [(n, one["id"], one["subject"], "") for n, one in enumerate(told, 1)]
        entries = {row.code: row.doc for row in Entry.objects.filter(node="nation")}
        assert entries == {one["subject"]: one["body"] for one in told if one["kind"] == "entry"}
        peer = Peer.objects.get(pk="nation")
        assert (peer.state, peer.got) == ("active", len(told))
        assert cascade.alarms(AUDITOR) == ()
        assert Held.objects.filter(owner="nation").exists()
    return len(told)


def cut(drawn: random.Random) -> Change:
    def change(message: bytes) -> bytes:
        raise Cut(message[: drawn.randrange(len(message))])

    return change


def flip(drawn: random.Random) -> Change:
    def change(message: bytes) -> bytes:
        place = drawn.randrange(message.index(b"\r\n\r\n") + 4, len(message))
        return message[:place] + bytes([message[place] ^ (1 << drawn.randrange(8))]) + message[place + 1 :]

    return change


def shorten(drawn: random.Random) -> Change:
    def change(message: bytes) -> bytes:
        body = message.partition(b"\r\n\r\n")[2]
        return with_body(message, body[: drawn.randrange(len(body))])

    return change


def twice(message: bytes) -> bytes:
    return message + message


def under_faults(nodes: Network, node: WebNode, turns: int, seed: int, kills: int = 0) -> None:
    """Pages are asked for again and again, and each time something else is wrong with the line."""
    drawn, old = random.Random(seed), [b""]
    killed = set(drawn.sample(range(turns), kills))

    def replayed(message: bytes) -> bytes:
        before, old[0] = old[0], message
        return before or message

    for turn in range(turns):
        leave(nodes, drawn.randrange(1, 300), first=turn * 1000)
        line = node.line
        line.mend()
        match turn % 7:
            case 0:
                line.answer = cut(drawn)
            case 1:
                line.request = cut(drawn)
            case 2:
                line.request = twice
            case 3:
                line.answer = flip(drawn)
            case 4:
                line.request = flip(drawn)
            case 5:
                line.answer = shorten(drawn)
            case _:
                line.answer = replayed
        if turn in killed:
            node.kill()
        taken(nodes, node)
        if turn in killed:
            node.start()
        if drawn.random() < 0.5:
            line.answer = line.request = unchanged
            taken(nodes, node)
    all_taken(nodes, node)


def test_events_arrive_once_and_in_order_through_every_fault_of_a_line(
    nodes: Network, nation: WebNode
) -> None:
    under_faults(nodes, nation, turns=14, seed=1, kills=1)
    assert compared(nodes) > 1000


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 5))
def test_events_arrive_through_hundreds_of_faults_and_kills(
    nodes: Network, nation: WebNode, seed: int
) -> None:
    under_faults(nodes, nation, turns=70, seed=seed, kills=10)
    compared(nodes)


def test_clocks_that_differ_by_five_minutes_stop_no_event_and_leases_last_a_minute_by_the_askers_clock(
    nodes: Network, nation: WebNode
) -> None:
    for first, minutes in enumerate((5, -5)):
        leave(nodes, 20, first=first * 20)
        here = now() + timedelta(minutes=minutes)
        assert taken(nodes, nation, here) is False
        compared(nodes)
        with nodes.at("gansu"):
            assert Held.objects.get(owner="nation").until == here + timedelta(seconds=60)
        assert taken(nodes, nation, now() + timedelta(minutes=2 * minutes)) is None
        with nodes.at("gansu"):
            (peer,) = cascade.peers(AUDITOR)
            assert peer.error is not None
            assert "too far from the clock there" in peer.error.text("en"), (
                "a clock that is further off is said to be"
            )


def test_a_page_that_finds_the_disk_full_is_not_applied_in_part_and_comes_again(nodes: Network) -> None:
    nodes.join("nation", "gansu")
    nodes.settle()
    leave(nodes, 30)
    full = (
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'no space left on device'; END $$",
        "CREATE TRIGGER full_disk BEFORE INSERT ON cascade_received EXECUTE FUNCTION full_disk()",
    )
    with nodes.at("gansu"):
        before = Peer.objects.get(pk="nation").got
        alter("SET ROLE NONE", *full)
        with pytest.raises(OperationalError, match="no space left"):
            cascade.pull("nation", nodes, now())
        assert Peer.objects.get(pk="nation").got == before
        assert not Entry.objects.filter(node="nation").exists()
        alter("SET ROLE NONE", "DROP TRIGGER full_disk ON cascade_received", "DROP FUNCTION full_disk")
    nodes.settle()
    assert compared(nodes) >= 30
