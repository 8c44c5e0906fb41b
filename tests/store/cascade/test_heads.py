"""An administrator with SQL access alters evidence: the next exchange of heads names the log, the place and the damage."""

from __future__ import annotations

import itertools
from datetime import datetime

import pytest
from django.db import connection

from tests.store.cascade.network import Network, now
from tests.store.exchange.cast import AUDITOR
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.cascade.domain.pages import Damage
from yiwang.blocks.cascade.store import heads as store_heads
from yiwang.vocabulary.crypto import SUITES, key_provider
from yiwang.vocabulary.evidence import Head, Leaf, instant_text, sign_head
from yiwang.vocabulary.merkle import Frontier

_ids = itertools.count()


def write_log(batches: int, size: int = 3, *, first: int = 0, tree: Frontier | None = None) -> Frontier:
    """Leaves and heads of the log gw1 of the node of this process, as its gateway would write them."""
    from django.conf import settings

    key = key_provider().signing_key("evidence", now())
    suite = SUITES[key.suite.name]
    tree = tree or Frontier(suite)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(
            "INSERT INTO journal_log (name, node, suite, not_before, opened) VALUES ('gw1', %s, %s, 0, now())"
            " ON CONFLICT DO NOTHING", [settings.YW_NODE, key.suite.name],
        )  # fmt: skip
        for _ in range(batches):
            hashes = []
            for place in range(size):
                leaf = Leaf(
                    epoch=1, event="tested", kind="event", log="gw1", node=settings.YW_NODE, detail={},
                    request_id=f"evt-{next(_ids)}", status=0, time=instant_text(now()),
                )  # fmt: skip
                text = leaf.canonical().decode()
                hashes.append(leaf.hash(suite))
                cursor.execute(
                    "INSERT INTO journal_leaf (log, index, leaf, leaf_hash, request_id, took_us)"
                    " VALUES ('gw1', %s, %s, %s, %s, 0)", [tree.size + place, text, hashes[-1], leaf.request_id],
                )  # fmt: skip
            tree = tree.grow(hashes).frontier
            cursor.execute("SELECT head FROM journal_head WHERE log = 'gw1' ORDER BY size DESC LIMIT 1")
            last = cursor.fetchone()
            head = Head(
                epoch=1, key=key.kid, log="gw1", node=settings.YW_NODE,
                previous=suite.digest(last[0].encode()).hex() if last else None, root=tree.root().hex(),
                size=tree.size, suite="sm2-sm3" if key.suite.name == "sm2-sm3" else "ed25519", time=instant_text(now()),
            )  # fmt: skip
            signed = sign_head(head, key)
            cursor.execute(
                "INSERT INTO journal_head (log, size, epoch, head, signature) VALUES ('gw1', %s, 1, %s, %s)",
                [tree.size, signed.head, bytes.fromhex(signed.signature)],
            )
        cursor.execute("SET ROLE cascade_test_app")
    return tree


def alter(*statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET ROLE cascade_test_app")


EDIT = ["UPDATE journal_leaf SET leaf = replace(leaf, 'tested', 'forged') WHERE index = 4"]
DELETE = ["DELETE FROM journal_leaf WHERE index = 4"]
SWAP = [
    "UPDATE journal_leaf SET index = 100 WHERE index = 4",
    "UPDATE journal_leaf SET index = 4 WHERE index = 5",
    "UPDATE journal_leaf SET index = 5 WHERE index = 100",
]
SHORTEN = ["DELETE FROM journal_leaf WHERE index >= 6", "DELETE FROM journal_head WHERE size > 6"]
REPLACE = ["UPDATE journal_head SET head = replace(head, '\"epoch\":1', '\"epoch\":2') WHERE size = 9"]


@pytest.mark.parametrize(
    ("damage", "kind", "place"),
    [
        (EDIT, "leaf-changed", (None, None, 4)),
        (DELETE, "leaf-deleted", (None, None, 4)),
        (SWAP, "interval-changed", (3, 6, None)),
        (SHORTEN, "log-shortened", (6, 9, None)),
        (REPLACE, "head-forged", (9, None, None)),
    ],
)
def test_damage_is_an_alarm_on_both_nodes(
    nodes: Network, damage: list[str], kind: str, place: tuple[int | None, ...]
) -> None:
    nodes.join("nation", "gansu")
    with nodes.at("nation"):
        write_log(3)
    nodes.settle(heads=True)
    for name in ("nation", "gansu"):
        with nodes.at(name):
            assert cascade.alarms(AUDITOR) == ()
    with nodes.at("nation"):
        alter(*damage)
    nodes.settle(heads=True)
    for name in ("nation", "gansu"):
        with nodes.at(name):
            found = [one for one in cascade.alarms(AUDITOR) if one.kind == kind]
            assert [(one.node, one.log, (one.start, one.stop, one.index)) for one in found] == [
                ("nation", "gw1", place)
            ], name


def test_a_log_that_was_written_anew_is_a_fork(nodes: Network) -> None:
    nodes.join("nation", "gansu")
    with nodes.at("nation"):
        write_log(3)
    nodes.settle(heads=True)
    with nodes.at("nation"):
        alter("DELETE FROM journal_leaf", "DELETE FROM journal_head")
        write_log(5)
    nodes.settle(heads=True)
    for name in ("nation", "gansu"):
        with nodes.at(name):
            assert [one.kind for one in cascade.alarms(AUDITOR)] == ["head-differs"], name


def test_a_log_that_grows_honestly_raises_nothing_and_its_heads_are_kept(nodes: Network) -> None:
    nodes.join("nation", "gansu")
    with nodes.at("nation"):
        tree = write_log(2)
    nodes.settle(heads=True)
    with nodes.at("nation"):
        write_log(2, size=300, tree=tree)
    nodes.settle(heads=True)
    with nodes.at("gansu"):
        assert cascade.alarms(AUDITOR) == ()
        (peer,) = cascade.peers(AUDITOR)
        assert peer.heads == 2
    with nodes.at("nation"):
        kept = cascade.kept_by("gansu", nodes, now())
        assert len(kept.heads) == 2


def test_a_log_that_grows_while_its_heads_are_put_together_raises_no_alarm(
    nodes: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes.join("nation", "gansu")
    with nodes.at("nation"):
        trees = [write_log(3)]
    nodes.settle(heads=True)
    honest = store_heads._look

    def slow(log: str, at: datetime) -> tuple[Damage, ...]:
        """Between the latest head and the proof, the gateway writes another one."""
        if log == "gw1":
            trees.append(write_log(1, 2, tree=trees[-1]))
        return honest(log, at)

    monkeypatch.setattr(store_heads, "_look", slow)
    for _ in range(3):
        nodes.settle(heads=True)
    assert len(trees) > 2
    for name in ("nation", "gansu"):
        with nodes.at(name):
            assert cascade.alarms(AUDITOR) == (), name
