"""A line that is cut, slow, or changes what it carries: nothing is lost, nothing applied twice, nothing believed."""

from __future__ import annotations

import msgspec
import pytest
from django.db import connection

from tests.store.cascade.network import Network, cut, now
from tests.store.cascade.test_sharing import agency
from tests.store.exchange.cast import AUDITOR, HE_QING, OPERATOR, PROVIDER, ZHOU_HANG, published
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.cascade.domain.pages import Page
from yiwang.vocabulary.errors import YwError


def titles(nodes: Network, name: str) -> list[str]:
    with nodes.at(name):
        return [row.body.title for row in cascade.entries(ZHOU_HANG).rows]


def publish(nodes: Network, *names: str) -> None:
    with nodes.at("nation"):
        for name in names:
            published(name)


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_what_happens_during_a_partition_arrives_once_when_the_line_is_back(nodes: Network) -> None:
    nodes.join("nation", "gansu")
    nodes.settle()
    nodes.faults.append(cut)
    publish(nodes, "甲目录", "乙目录")
    with nodes.at("gansu"):
        assert "cut" in cascade.follow(nodes, now, heads=False)["nation"]
    assert titles(nodes, "gansu") == []
    nodes.faults.clear()
    nodes.settle()
    assert titles(nodes, "gansu") == ["乙目录", "甲目录"]
    with nodes.at("gansu"):
        before = count("cascade_received")
        cascade.follow(nodes, now, heads=False)
        assert count("cascade_received") == before


def test_a_page_that_was_changed_on_the_way_is_not_applied_and_fetched_again(nodes: Network) -> None:
    nodes.join("nation", "gansu")
    publish(nodes, "甲目录")

    def truncated(url: str, answer: bytes) -> bytes:
        return answer[: len(answer) // 2] if "nation" in url else answer

    def reordered(url: str, answer: bytes) -> bytes:
        page = msgspec.json.decode(answer, type=Page)
        runs = tuple(msgspec.structs.replace(run, events=run.events[::-1]) for run in page.runs)
        return msgspec.json.encode(msgspec.structs.replace(page, runs=runs))

    def renamed(url: str, answer: bytes) -> bytes:
        return answer.replace("甲目录".encode(), "丙目录".encode())

    def garbled(url: str, answer: bytes) -> bytes:
        return answer[:-9] + b"\xff" + answer[-8:]

    for fault in (truncated, reordered, renamed, garbled):
        nodes.faults[:] = [fault]
        with nodes.at("gansu"):
            assert "nation" in cascade.follow(nodes, now, heads=False)
        assert titles(nodes, "gansu") == []
    nodes.faults.clear()
    nodes.settle()
    assert titles(nodes, "gansu") == ["甲目录"]


def test_a_page_that_is_delivered_twice_changes_nothing_the_second_time(nodes: Network) -> None:
    nodes.join("nation", "gansu")
    publish(nodes, "甲目录")
    kept: list[bytes] = []

    def recorded(url: str, answer: bytes) -> bytes:
        if "nation" in url and not kept:
            kept.append(answer)
        return answer

    nodes.faults.append(recorded)
    nodes.settle()
    nodes.faults[:] = [lambda _, __: kept[0]]
    with nodes.at("gansu"):
        before = count("cascade_received")
        assert "lease" in cascade.follow(nodes, now, heads=False)["nation"], (
            "an old lease answers no new request"
        )
        assert count("cascade_received") == before


def test_a_recorded_request_is_not_answered_a_second_time_nor_one_by_a_stranger(nodes: Network) -> None:
    nodes.join("nation", "gansu")
    nodes.settle()
    url, headers, body = next(
        one for one in nodes.requests if one[0].startswith("http://nation") and "pull" in one[0]
    )
    with pytest.raises(cascade.PeerRefused):
        nodes.post("nation", url, headers, body)
    changed = {**headers, "Signature": headers["Signature"].replace("=:", "=:AAAA", 1)}
    with pytest.raises(cascade.PeerRefused):
        nodes.post("nation", url, changed, body)


def test_an_invitation_works_once_and_a_join_across_zones_is_refused(nodes: Network) -> None:
    with nodes.at("nation"):
        invitation = cascade.invite(OPERATOR, now())
        with pytest.raises(cascade.CascadeNotAllowed):
            cascade.invite(ZHOU_HANG, now())
    with nodes.at("gansu"):
        assert cascade.join_by_invitation(OPERATOR, invitation, nodes, now()) == "nation"
    with nodes.at("lanzhou"), pytest.raises(cascade.PeerRefused, match="invitation"):
        cascade.join_by_invitation(OPERATOR, invitation, nodes, now())
    with nodes.at("nation"):
        card = cascade.signed_card(now())
        kid = cascade.here(now()).kid
    from django.test import override_settings

    with nodes.at("lanzhou"), override_settings(YW_ZONE="internet"), pytest.raises(YwError, match="zone"):
        cascade.join_by_card(OPERATOR, card, kid, "parent", now())


def test_suspended_peers_wait_new_keys_are_followed_and_who_leaves_is_forgotten(nodes: Network) -> None:
    nodes.join("nation", "gansu")
    nodes.settle()
    with nodes.at("nation"):
        cascade.suspend_peer(OPERATOR, "gansu", now())
    publish(nodes, "甲目录")
    with nodes.at("gansu"):
        assert "suspended" in cascade.follow(nodes, now, heads=False)["nation"]
    with nodes.at("nation"):
        cascade.resume_peer(OPERATOR, "gansu", now())
        fresh = cascade.rekey(OPERATOR, now())
    nodes.settle()
    assert titles(nodes, "gansu") == ["甲目录"]
    with nodes.at("gansu"):
        (peer,) = cascade.peers(OPERATOR)
        assert peer.kid == fresh
    publish(nodes, "乙目录")
    nodes.settle()
    assert titles(nodes, "gansu") == ["乙目录", "甲目录"], "the new key is believed"
    with nodes.at("nation"):
        cascade.leave_peer(OPERATOR, "gansu", "机构调整", now())
    nodes.settle()
    assert titles(nodes, "gansu") == []
    with nodes.at("gansu"):
        (peer,) = cascade.peers(AUDITOR)
        assert (peer.state, peer.problem) == ("left", "机构调整")


def test_a_peer_speaks_for_itself_and_those_behind_it_only(joined: Network) -> None:
    joined.settle()
    with joined.at("lanzhou"):
        from django.db import transaction

        from yiwang.blocks.cascade.domain.bodies import StatisticsBody
        from yiwang.blocks.cascade.domain.events import Event
        from yiwang.blocks.cascade.store.outgoing import put

        body = msgspec.to_builtins(StatisticsBody("2026-11-28", 7))
        with transaction.atomic():
            forged = Event(
                body=body,
                id="x-1",
                kind="statistics",
                origin="nation",
                subject="calls",
                time="2026-11-29T00:00:00Z",
            )
            put(forged, ["gansu"])
    joined.settle()
    with joined.at("gansu"):
        assert not [one for one in cascade.figures(AUDITOR) if one.node == "nation" and one.value == 7]
        assert any("does not speak for nation" in one.en for one in cascade.alarms(AUDITOR))


def test_a_forged_journal_stops_the_peer_and_raises_an_alarm(nodes: Network) -> None:
    nodes.join("nation", "gansu")
    publish(nodes, "甲目录")
    nodes.settle()
    with nodes.at("nation"), connection.cursor() as cursor:
        cursor.execute("UPDATE cascade_peer SET sent_hash = %s WHERE name = 'gansu'", ["ab" * 32])
    publish(nodes, "乙目录")
    with nodes.at("gansu"):
        cascade.follow(nodes, now, heads=False)
        (peer,) = cascade.peers(OPERATOR)
        assert peer.state == "forked"
        assert [one.kind for one in cascade.alarms(AUDITOR)] == ["journal-forked"]
        assert cascade.entries(ZHOU_HANG).total == 1


def test_only_who_watches_sees_peers_and_alarms(nodes: Network) -> None:
    with nodes.at("nation"):
        agency(PROVIDER, "总局")
        for actor in (ZHOU_HANG,):
            with pytest.raises(cascade.CascadeNotAllowed):
                cascade.peers(actor)
            with pytest.raises(cascade.CascadeNotAllowed):
                cascade.alarms(actor)
        assert cascade.peers(HE_QING) == ()
