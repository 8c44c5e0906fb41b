"""Somebody with all rights on the database changes the journal: the audit names what and where."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from tests.journal.cases import Database, answer, charge, writing
from tests.journal.test_notary import notary_of, until
from yiwang.blocks.journal.domain.audit.kept import Witness
from yiwang.blocks.journal.domain.audit.report import DAMAGES, NOTES, Report
from yiwang.blocks.journal.store.auditing import audit_database
from yiwang.bootstrap.cli.evidence import command
from yiwang.gateway.evidence.highwater import read_all
from yiwang.vocabulary.crypto import FileKeyProvider, generate, suite
from yiwang.vocabulary.evidence import Head, SignedHead, parse_head, sign_head, trust_of
from yiwang.vocabulary.merkle import leaf_hash

Found = list[tuple[str, dict[str, int | str]]]
BATCHES = (3, 7, 1, 12, 5, 9, 4, 6, 200, 30, 8, 250, 40, 11, 2, 13)  # heads at 3, 10, 11, 23, 28, 37, …
SIZE = sum(BATCHES)


async def fill(database: Database, folder: Path, keys: Path) -> None:
    database.compile()
    async with writing(database, folder, keys) as writer:
        for count in BATCHES:
            await asyncio.gather(*(writer.commit(answer(charged=charge())) for _ in range(count)))
    notary = notary_of(database, folder, keys)
    work = asyncio.create_task(notary.run())
    await until(database, "SELECT coalesce(max(rolled), 0) FROM journal_watermark", SIZE)
    notary.stop()
    await work


@pytest.fixture(scope="session")
def filled(
    session_database: Database, keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Database, Path]:
    folder = tmp_path_factory.mktemp("node")
    asyncio.run(fill(session_database, folder, keys))
    copies = (f"CREATE TABLE saved.journal_{table} AS TABLE journal_{table}" for table in TABLES)
    session_database.run("; ".join(["CREATE SCHEMA saved", *copies]))
    return session_database, folder


TABLES = ("log", "leaf", "head", "node", "ack", "watermark")


@pytest.fixture
def audited(filled: tuple[Database, Path], keys: Path) -> Iterator[Audited]:
    """The filled journal, to be damaged; put right again afterwards."""
    database, folder = filled
    yield Audited(database, folder, keys)
    database.run(
        "; ".join(
            f"TRUNCATE journal_{t}; INSERT INTO journal_{t} SELECT * FROM saved.journal_{t}" for t in TABLES
        )
    )


class Audited:
    """A copy of a filled journal, to be damaged and audited."""

    def __init__(self, database: Database, folder: Path, keys: Path) -> None:
        self.database = database
        self.keys = FileKeyProvider(keys)
        self.folder = folder

    def damages(self, *, kept: list[SignedHead] | None = None, high_water: bool = False) -> Found:
        return [(one.kind, dict(one.facts)) for one in self.report(kept=kept, high_water=high_water).damages]

    def report(self, *, kept: list[SignedHead] | None = None, high_water: bool = False) -> Report:
        trust = trust_of("lanzhou", self.keys.describe("evidence"))
        witnesses = [Witness("a retained head", one) for one in kept or []]
        if high_water:
            files = read_all(self.folder / "journal").values()
            witnesses += [Witness("the high-water file", one) for one in files]
        reports = audit_database(self.database.url, trust, witnesses, log="gw1")
        for report in reports:
            for one in [*report.damages, *report.notes]:
                assert one.text("zh")
                assert one.text("en")
        return reports[0]

    def head(self, size: int) -> SignedHead:
        ((text, signature),) = self.database.run(
            "SELECT head, signature FROM journal_head WHERE size = %s", size
        )
        assert isinstance(signature, bytes)
        return SignedHead(str(text), signature.hex())

    def rehash(self, *indexes: int) -> None:
        """Make the stored hashes fit the texts again, as a careful forger would."""
        for index in indexes:
            ((text,),) = self.database.run(
                "SELECT leaf FROM journal_leaf WHERE index = %s AND log = 'gw1'", index
            )
            hashed = leaf_hash(suite("sm2-sm3"), str(text).encode())
            self.database.run(
                "UPDATE journal_leaf SET leaf_hash = %s WHERE index = %s AND log = 'gw1'", hashed, index
            )

    def edit(self, index: int) -> None:
        self.database.run(
            "UPDATE journal_leaf SET leaf = replace(leaf, '\"rows\":1', '\"rows\":0') WHERE index = %s", index
        )

    def swap(self, one: int, other: int) -> None:
        with psycopg.connect(self.database.url) as connection:
            for new, old in ((-1, one), (one, other), (other, -1)):
                connection.execute(
                    "UPDATE journal_leaf SET index = %s WHERE index = %s AND log = 'gw1'", [new, old]
                )


def test_an_untouched_journal_is_whole(audited: Audited) -> None:
    report = audited.report(kept=[audited.head(10), audited.head(SIZE)], high_water=True)
    assert (report.damages, report.notes, report.size, report.heads) == ([], [], SIZE, len(BATCHES))


@pytest.mark.parametrize("index", [0, 12, 300, SIZE - 1])
def test_a_changed_leaf_is_named(audited: Audited, index: int) -> None:
    audited.edit(index)
    assert audited.damages() == [("leaf-changed", {"index": index})]


def test_a_leaf_that_is_no_leaf_any_more_is_named(audited: Audited) -> None:
    audited.database.run("UPDATE journal_leaf SET leaf = 'gone' WHERE index = 25")
    assert audited.damages() == [("leaf-changed", {"index": 25})]


def test_a_changed_hash_beside_an_intact_text_is_named(audited: Audited) -> None:
    audited.database.run(
        "UPDATE journal_leaf SET leaf_hash = decode(repeat('00', 32), 'hex') WHERE index = 12"
    )
    assert audited.damages() == [("leaf-hash-changed", {"index": 12})]


def test_a_leaf_changed_with_its_hash_is_named_by_the_interval_between_two_heads(audited: Audited) -> None:
    audited.edit(12)
    audited.rehash(12)
    assert audited.damages() == [("interval-changed", {"start": 11, "stop": 23})]
    audited.edit(580)
    audited.rehash(580)
    assert audited.damages() == [
        ("interval-changed", {"start": 11, "stop": 23}),
        ("interval-changed", {"start": 575, "stop": 586}),
    ]


def test_a_leaf_changed_with_its_hash_is_named_exactly_where_the_caller_acknowledged_it(
    audited: Audited,
) -> None:
    audited.database.run(
        "INSERT INTO journal_ack SELECT log, index, 'lan-minzheng-1', '', leaf_hash, '', now() FROM journal_leaf "
        "WHERE index IN (12, 13) AND log = 'gw1'"
    )
    audited.edit(12)
    audited.rehash(12)
    assert audited.damages() == [("leaf-changed", {"index": 12})]


def test_a_changed_acknowledgement_is_named(audited: Audited) -> None:
    audited.database.run(
        "INSERT INTO journal_ack SELECT log, index, 'x', '', decode(repeat('00', 32), 'hex'), '', now() "
        "FROM journal_leaf WHERE index = 12 AND log = 'gw1'"
    )
    assert audited.damages() == [("ack-differs", {"index": 12})]


@pytest.mark.parametrize("index", [0, 24, 400])
def test_a_deleted_leaf_is_named(audited: Audited, index: int) -> None:
    audited.database.run("DELETE FROM journal_leaf WHERE index = %s AND log = 'gw1'", index)
    assert audited.damages() == [("leaf-deleted", {"index": index})]


def test_a_later_damage_is_still_found_after_a_deleted_leaf(audited: Audited) -> None:
    audited.database.run("DELETE FROM journal_leaf WHERE index = 24 AND log = 'gw1'")
    audited.edit(580)
    assert audited.damages() == [("leaf-deleted", {"index": 24}), ("leaf-changed", {"index": 580})]


def test_the_last_leaf_deleted_is_named(audited: Audited) -> None:
    audited.database.run("DELETE FROM journal_leaf WHERE index = %s AND log = 'gw1'", SIZE - 1)
    assert audited.damages() == [("leaf-deleted", {"index": SIZE - 1})]


@pytest.mark.parametrize(("one", "other"), [(12, 13), (12, 20), (0, 1), (0, 2)])
def test_two_leaves_swapped_within_an_interval_are_named(audited: Audited, one: int, other: int) -> None:
    audited.swap(one, other)
    assert ("leaves-swapped", {"index": one, "other": other}) in audited.damages()
    assert {kind for kind, _ in audited.damages()} <= {"leaves-swapped", "leaf-moved"}


@pytest.mark.parametrize(("one", "other"), [(12, 30), (9, 10), (9, 12)])
def test_two_leaves_swapped_between_intervals_are_named(audited: Audited, one: int, other: int) -> None:
    audited.swap(one, other)
    found = audited.damages()
    assert ("leaves-swapped", {"index": one, "other": other}) in found
    assert {kind for kind, _ in found} <= {"leaves-swapped", "leaf-moved", "interval-changed"}


def test_two_leaves_swapped_far_apart_are_each_named(audited: Audited) -> None:
    audited.swap(5, 400)
    assert audited.damages() == [
        ("leaf-moved", {"index": 5}),
        ("interval-changed", {"start": 3, "stop": 10}),
        ("leaf-moved", {"index": 400}),
        ("interval-changed", {"start": 285, "stop": 535}),
    ]


def test_an_inserted_leaf_is_named(audited: Audited) -> None:
    with psycopg.connect(audited.database.url) as connection:
        connection.execute("UPDATE journal_leaf SET index = index + 100001 WHERE index >= 15 AND log = 'gw1'")
        connection.execute(
            "UPDATE journal_leaf SET index = index - 100000 WHERE index > 100000 AND log = 'gw1'"
        )
        connection.execute(
            "INSERT INTO journal_leaf SELECT log, 15, replace(leaf, '\"rows\":1', '\"rows\":7'), leaf_hash, request_id, "
            "took_us FROM journal_leaf WHERE index = 14 AND log = 'gw1'"
        )
    audited.rehash(15)
    found = audited.damages()
    assert ("leaf-inserted", {"index": 15}) in found
    assert {kind for kind, _ in found} <= {"leaf-inserted", "leaf-moved", "leaves-swapped"}


def test_a_leaf_put_behind_the_last_head_is_named(audited: Audited) -> None:
    audited.database.run(
        "INSERT INTO journal_leaf SELECT log, index + 1, leaf, leaf_hash, request_id, took_us FROM journal_leaf "
        "WHERE index = %s AND log = 'gw1'", SIZE - 1,
    )  # fmt: skip
    assert ("leaves-beyond-head", {"index": SIZE}) in audited.damages()


def test_a_forged_head_is_named(audited: Audited) -> None:
    audited.database.run("UPDATE journal_head SET head = replace(head, '\"v\":1', '\"v\":2') WHERE size = 23")
    assert audited.damages() == [("head-malformed", {"size": 23})]


def test_a_head_signed_by_a_stranger_is_named(audited: Audited) -> None:
    stranger = generate("sm2-sm3")
    head = parse_head(audited.head(23).head)
    forged = sign_head(
        Head(**{f: getattr(head, f) for f in head.__struct_fields__ if f != "key"}, key=stranger.kid),
        stranger,
    )
    audited.database.run(
        "UPDATE journal_head SET head = %s, signature = %s WHERE size = 23",
        forged.head,
        bytes.fromhex(forged.signature),
    )
    assert audited.damages() == [("head-forged", {"size": 23, "reason": "head-key-unknown"})]


def test_a_bent_signature_is_named(audited: Audited) -> None:
    audited.database.run("UPDATE journal_head SET signature = set_byte(signature, 20, 1) WHERE size = 23")
    assert audited.damages() == [("head-forged", {"size": 23, "reason": "head-signature-wrong"})]


def test_a_deleted_head_is_named_by_its_neighbours(audited: Audited) -> None:
    audited.database.run("DELETE FROM journal_head WHERE size = 23 AND log = 'gw1'")
    assert audited.damages() == [("head-deleted", {"start": 11, "stop": 28})]


def test_a_tail_cut_off_with_its_heads_is_named_by_who_knew_more(audited: Audited) -> None:
    cut = SIZE - BATCHES[-1]
    kept = [audited.head(SIZE)]
    audited.database.run("DELETE FROM journal_leaf WHERE index >= %s AND log = 'gw1'", cut)
    audited.database.run("DELETE FROM journal_head WHERE size > %s AND log = 'gw1'", cut)
    shortened = {"size": cut, "known": SIZE}
    assert audited.damages() == [("log-shortened", {**shortened, "source": "the sums"})]
    audited.database.run("UPDATE journal_watermark SET rolled = 0 WHERE log = 'gw1'")
    assert audited.damages() == []
    assert audited.damages(kept=kept) == [("log-shortened", {**shortened, "source": "a retained head"})]
    assert audited.damages(high_water=True) == [
        ("log-shortened", {**shortened, "source": "the high-water file"})
    ]


def test_a_log_that_is_gone_is_named(audited: Audited) -> None:
    kept = [audited.head(SIZE)]
    for table in ("leaf", "head", "node", "ack", "watermark"):
        audited.database.run(f"DELETE FROM journal_{table} WHERE log = 'gw1'")
    audited.database.run("DELETE FROM journal_log WHERE name = 'gw1'")
    assert audited.damages(kept=kept) == [("log-missing", {"source": "a retained head", "known": SIZE})]


def test_history_rewritten_with_the_nodes_own_key_is_named_by_a_retained_head(audited: Audited) -> None:
    kept = [audited.head(23)]
    key = audited.keys.signing_key("evidence")
    audited.edit(12)
    audited.rehash(12)
    rewrite_heads(audited, key.kid)
    assert audited.damages() == []
    assert audited.damages(kept=kept) == [("head-differs", {"size": 23})]


def rewrite_heads(audited: Audited, kid: str) -> None:
    from yiwang.vocabulary.merkle import Frontier

    key, used = audited.keys.signing_key("evidence"), suite("sm2-sm3")
    assert key.kid == kid
    hashes = [
        row[0]
        for row in audited.database.run("SELECT leaf_hash FROM journal_leaf WHERE log='gw1' ORDER BY index")
    ]
    sizes = [
        row[0]
        for row in audited.database.run("SELECT size FROM journal_head WHERE log = 'gw1' ORDER BY size")
    ]
    tree, previous = Frontier(used), None
    for size in sizes:
        assert isinstance(size, int)
        tree = tree.grow([bytes(h) for h in hashes[tree.size : size] if isinstance(h, bytes)]).frontier
        old = parse_head(audited.head(size).head)
        head = Head(
            epoch=1, key=kid, log="gw1", node="lanzhou", previous=previous, root=tree.root().hex(), size=size,
            suite="sm2-sm3", time=old.time,
        )  # fmt: skip
        signed = sign_head(head, key)
        previous = head.digest()
        audited.database.run(
            "UPDATE journal_head SET head = %s, signature = %s WHERE size = %s AND log = 'gw1'",
            signed.head, bytes.fromhex(signed.signature), size,
        )  # fmt: skip
    audited.database.run("DELETE FROM journal_node WHERE log = 'gw1'")
    audited.database.run("UPDATE journal_watermark SET noded = 0 WHERE log = 'gw1'")


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE journal_node SET hash = decode(repeat('00', 32), 'hex') WHERE level = 8 AND index = 1",
        "DELETE FROM journal_node WHERE level = 8 AND index = 1",
        "UPDATE journal_node SET index = 77 WHERE level = 8 AND index = 1",
    ],
)
def test_a_changed_node_is_named(audited: Audited, tamper: str) -> None:
    audited.database.run(tamper)
    assert ("node-changed", {"level": 8, "index": 1}) in audited.damages()


def test_the_command_says_all_this_in_words_and_exit_codes(
    audited: Audited, keys: Path, tmp_path: Path
) -> None:
    folder = keys.parent
    run = CliRunner()
    base = ["audit", "--data", str(folder), "--database", audited.database.url, "--log", "gw1"]
    done = run.invoke(command, base)
    assert (done.exit_code, done.output.splitlines()[0]) == (
        0, f"gw1: whole — {SIZE} leaves, {len(BATCHES)} heads, epoch 1",
    )  # fmt: skip
    kept = tmp_path / "heads.json"
    head = audited.head(SIZE)
    kept.write_text(json.dumps({"head": head.head, "signature": head.signature}))
    audited.edit(12)
    done = run.invoke(command, [*base, "--json", "--heads", str(kept)])
    told = json.loads(done.stdout)
    assert (done.exit_code, told["whole"], told["logs"][0]["damages"][0]["kind"]) == (
        1,
        False,
        "leaf-changed",
    )
    trust = run.invoke(command, ["trust", "--data", str(folder)])
    assert json.loads(trust.output)["keys"][0]["kid"] == parse_head(head.head).key


def test_every_kind_has_a_sentence_in_both_languages() -> None:
    for zh, en in [*DAMAGES.values(), *NOTES.values()]:
        assert zh
        assert en
