"""A careful administrator alters a leaf together with its hash: the next exchange of heads and the audit name the place,
to the index where a peer holds the leaf, and both nodes know."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.conftest import Server
from tests.store.cascade.network import Network, now
from tests.store.cascade.test_heads import alter, write_log
from tests.store.cascade.web import served
from tests.store.exchange.cast import AUDITOR
from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.journal.public import Report, Witness, audit_database
from yiwang.bootstrap.embedded import free_port
from yiwang.bootstrap.node import DatabaseUrls, NodeFolder
from yiwang.bootstrap.witnesses import compare_leaves
from yiwang.vocabulary.crypto import SUITES, key_provider
from yiwang.vocabulary.evidence import Head, Leaf, Upstream, instant_text, sign_head, trust_of
from yiwang.vocabulary.merkle import Frontier, leaf_hash

HELD = 4
"""The leaf of the nation that the province got with an answer."""
Places = set[tuple[str, int | None, int | None, int | None]]


def rows(statement: str, *given: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())


def history(nodes: Network) -> None:
    """Nine leaves at the nation under three heads; the province has leaf 4 in its own log, and has kept the heads."""
    nodes.join("nation", "gansu")
    with nodes.at("nation"):
        write_log(3)
        ((text, hashed),) = rows("SELECT leaf, leaf_hash FROM journal_leaf WHERE index = %s", HELD)
        ((head, signature),) = rows("SELECT head, signature FROM journal_head WHERE size = 6")
        assert text
        upstream = Upstream(
            head=str(head), index=HELD, leaf_hash=bytes(hashed).hex(), log="gw1", node="nation", proof=(),
            signature=bytes(signature).hex(),
        )  # fmt: skip
    with nodes.at("gansu"):
        key = key_provider().signing_key("evidence", now())
        suite = SUITES[key.suite.name]
        leaf = Leaf(
            epoch=1, kind="query", log="gw1", node="gansu", request_id="req-1", status=200, time=instant_text(now()),
            upstream=(upstream,),
        )  # fmt: skip
        tree = Frontier(suite).grow([leaf.hash(suite)]).frontier
        signed = sign_head(
            Head(epoch=1, key=key.kid, log="gw1", node="gansu", previous=None, root=tree.root().hex(), size=1,
                 suite="ed25519", time=instant_text(now())), key,
        )  # fmt: skip
        alter(
            f"INSERT INTO journal_log (name, node, suite, not_before, opened) VALUES ('gw1', 'gansu', '{key.suite.name}', 0, now())",
            "INSERT INTO journal_leaf (log, index, leaf, leaf_hash, request_id, took_us)"
            f" VALUES ('gw1', 0, '{leaf.canonical().decode()}', '\\x{leaf.hash(suite).hex()}', 'req-1', 0)",
            "INSERT INTO journal_head (log, size, epoch, head, signature)"
            f" VALUES ('gw1', 1, 1, '{signed.head}', '\\x{signed.signature}')",
        )
        cascade.tick(now())
    nodes.settle(heads=True)


def put(index: int, text: str) -> str:
    """The statement that puts a text at an index, with the hash that fits it."""
    hashed = leaf_hash(SUITES["sm2-sm3"], text.encode()).hex()
    return f"UPDATE journal_leaf SET leaf = '{text}', leaf_hash = '\\x{hashed}' WHERE index = {index}"


def edited() -> list[str]:
    ((text,),) = rows("SELECT leaf FROM journal_leaf WHERE index = 4")
    return [put(4, str(text).replace("tested", "forged"))]


def exchanged() -> list[str]:
    """Leaves 4 and 5 change places, hashes too."""
    texts: dict[int, str] = dict(rows("SELECT index, leaf FROM journal_leaf WHERE index IN (4, 5)"))
    return ["UPDATE journal_leaf SET request_id = request_id || 'x' WHERE index IN (4, 5)",
            put(4, str(texts[5])), put(5, str(texts[4]))]  # fmt: skip


def deleted() -> list[str]:
    return ["DELETE FROM journal_leaf WHERE index = 4"]


def shortened() -> list[str]:
    return ["DELETE FROM journal_leaf WHERE index >= 3", "DELETE FROM journal_head WHERE size > 3"]


@pytest.fixture
def folder(nodes: Network, pg_server: Server, tmp_path: Path) -> Path:
    """The nation's folder, as an audit is given it."""
    made = NodeFolder(tmp_path / "nation-node")
    made.prepare()
    url = pg_server.url(nodes.databases["nation"])
    made.store_urls(DatabaseUrls(url, url, url, url))
    return made.folder


def audited(nodes: Network, folder: Path) -> Report:
    """The nation's log against what the province keeps of it."""
    with nodes.at("nation"):
        kept = cascade.kept_by("gansu", nodes, now())
        trust = trust_of("nation", nodes.keys["nation"].describe("evidence"))
        witnesses = [Witness("a head that gansu keeps", one) for one in kept.heads]
        reports = audit_database(NodeFolder(folder).urls().app, trust, witnesses)
        compare_leaves(folder, reports, {"gansu": list(kept.leaves)})
    (report,) = reports
    return report


@pytest.mark.parametrize(
    ("damage", "alarms", "damages"),
    [
        (edited, {("interval-changed", 3, 6, None), ("held-leaf-differs", None, None, HELD)},
         {("interval-changed", 3, 6), ("held-leaf-differs", HELD)}),
        (exchanged, {("interval-changed", 3, 6, None), ("held-leaf-differs", None, None, HELD)},
         {("held-leaf-differs", HELD)}),
        (deleted, {("leaf-deleted", None, None, HELD)}, {("leaf-deleted", HELD), ("held-leaf-differs", HELD)}),
        (shortened, {("log-shortened", 3, 9, None), ("held-leaf-differs", None, None, HELD)},
         {("held-leaf-differs", HELD)}),
    ],
)  # fmt: skip
def test_what_was_altered_with_care_is_named_by_the_exchange_on_both_nodes_and_by_the_audit(
    nodes: Network, folder: Path, damage: object, alarms: Places, damages: set[tuple[str, int]]
) -> None:
    history(nodes)
    assert audited(nodes, folder).damages == []
    with nodes.at("nation"):
        assert callable(damage)
        alter(*damage())
    nodes.settle(heads=True)
    for name in ("nation", "gansu"):
        with nodes.at(name):
            found = {(one.kind, one.start, one.stop, one.index) for one in cascade.alarms(AUDITOR)}
            assert found == alarms, name
            assert {(one.node, one.log) for one in cascade.alarms(AUDITOR)} == {("nation", "gw1")}
    report = audited(nodes, folder)
    assert report.log == "gw1"
    named = {
        (one.kind, *(value for name, value in one.facts.items() if name in ("start", "stop", "index")))
        for one in report.damages
    }
    assert damages <= named


def test_a_whole_log_that_disappeared_is_missed_by_the_peer(nodes: Network, folder: Path) -> None:
    history(nodes)
    with nodes.at("nation"):
        alter("DELETE FROM journal_leaf", "DELETE FROM journal_head", "DELETE FROM journal_log")
    nodes.settle(heads=True)
    for name in ("nation", "gansu"):
        with nodes.at(name):
            assert [(one.kind, one.log, one.stop) for one in cascade.alarms(AUDITOR)] == [
                ("log-missing", "gw1", 9)
            ]
    assert [one.kind for one in audited(nodes, folder).damages]


def audit_command(folder: Path, place: Path) -> subprocess.CompletedProcess[str]:
    """`yw evidence audit` of a node's folder, run in `place`."""
    return subprocess.run(
        [sys.executable, "-m", "yiwang.bootstrap.cli", "evidence", "audit", "--data", str(folder), "--json"],
        capture_output=True, text=True, check=False, cwd=place,
    )  # fmt: skip


def test_the_audit_command_asks_the_peers_by_itself_as_the_node_it_is_given(
    nodes: Network, folder: Path, pg_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history(nodes)
    monkeypatch.setenv("YW_DATA", str(tmp_path / "another-node"))
    with served("gansu", nodes, pg_server, tmp_path) as peer:
        with nodes.at("nation"):
            alter(*edited(), f"UPDATE cascade_peer SET url = '{peer.line.url}'")
        NodeFolder(folder).folder.joinpath("node.json").write_text(json.dumps({"YW_NODE": "nation"}))
        keys = nodes.folder / "nation"
        shutil.rmtree(NodeFolder(folder).keys)
        shutil.copytree(keys, NodeFolder(folder).keys)
        done = audit_command(folder, tmp_path)
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["silent"] == {}, peer.output.read_text()[-2000:]
    (log,) = told["logs"]
    named = {(one["kind"], one.get("index"), one.get("start"), one.get("stop")) for one in log["damages"]}
    assert {("held-leaf-differs", HELD, None, None), ("interval-changed", None, 3, 6)} <= named
    assert any(one.get("source") == "gansu" for one in log["damages"])


def test_leaves_that_nobody_altered_raise_nothing_though_the_peer_asks_about_them(nodes: Network) -> None:
    history(nodes)
    with nodes.at("nation"):
        alter(
            "UPDATE journal_leaf SET leaf_hash = sha256('x') WHERE index = 7"
        )  # another place of the same log
    nodes.settle(heads=True)
    with nodes.at("gansu"):
        assert {(one.kind, one.index) for one in cascade.alarms(AUDITOR)} == {("leaf-changed", 7)}


def test_a_peer_that_does_not_answer_is_told_by_the_audit_and_not_taken_for_agreement(
    nodes: Network, folder: Path, tmp_path: Path
) -> None:
    history(nodes)
    with nodes.at("nation"):
        alter(f"UPDATE cascade_peer SET url = 'http://127.0.0.1:{free_port()}'")
    NodeFolder(folder).folder.joinpath("node.json").write_text(json.dumps({"YW_NODE": "nation"}))
    shutil.rmtree(NodeFolder(folder).keys)
    shutil.copytree(nodes.folder / "nation", NodeFolder(folder).keys)
    done = audit_command(folder, tmp_path)
    assert done.returncode == 0, done.stderr
    assert [(name, one["code"]) for name, one in json.loads(done.stdout)["silent"].items()] == [
        ("gansu", "cascade-peer-unreachable")
    ]
    assert "gansu" in done.stderr
