"""The database is restored from an older backup: a new epoch says so, and what clients hold still verifies."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.journal.cases import Database, answer, charge, writing
from tests.journal.test_crashes import load
from yiwang.blocks.journal.domain.audit.kept import Witness
from yiwang.blocks.journal.domain.audit.report import Report
from yiwang.blocks.journal.domain.errors import JournalDamaged, RequestBeforeFloor
from yiwang.blocks.journal.store.auditing import audit_database
from yiwang.bootstrap.embedded import binaries
from yiwang.gateway.evidence.highwater import HighWaterFile, read_high_water
from yiwang.gateway.evidence.opening import WINDOW_SECONDS
from yiwang.vocabulary.crypto import FileKeyProvider, suite
from yiwang.vocabulary.evidence import (
    Receipt,
    Recovery,
    SignedHead,
    parse_head,
    parse_leaf,
    trust_of,
    verify_head,
)
from yiwang.vocabulary.merkle import leaf_hash, verify_inclusion

pytestmark = pytest.mark.anyio


def later() -> int:
    """A time of signing past the floor that a restore made now would set."""
    return int(time.time()) + 2 * WINDOW_SECONDS


async def answers(
    database: Database, folder: Path, keys: Path, count: int, *, log: str = "gw1"
) -> list[Receipt]:
    async with writing(database, folder, keys, log=log) as writer:
        return [await writer.commit(answer(charged=charge(), created=later())) for _ in range(count)]


def restored(database: Database, new: Database) -> Callable[[], None]:
    """Take a backup now; the function given puts it into the other database."""
    dump = subprocess.run(
        [binaries() / "pg_dump", "-Fc", "-d", database.url], capture_output=True, check=True
    ).stdout

    def restore() -> None:
        subprocess.run(
            [binaries() / "pg_restore", "--clean", "--if-exists", "-d", new.url],
            input=dump,
            check=True,
            capture_output=True,
        )

    return restore


def audit(database: Database, keys: Path, folder: Path, kept: list[Receipt]) -> Report:
    witnesses = [Witness("a retained head", SignedHead(one.head, one.signature)) for one in kept]
    water = read_high_water(folder / "journal" / "gw1.head")
    assert water is not None
    witnesses.append(Witness("the high-water file", water))
    trust = trust_of("lanzhou", FileKeyProvider(keys).describe("evidence"))
    return audit_database(database.url, trust, witnesses, log="gw1")[0]


def proves_itself(receipt: Receipt, keys: Path) -> bool:
    head = parse_head(receipt.head)
    trust = trust_of("lanzhou", FileKeyProvider(keys).describe("evidence"))
    return verify_head(head, receipt.signature, trust) == [] and verify_inclusion(
        suite("sm2-sm3"), leaf_hash(suite("sm2-sm3"), receipt.leaf.encode()), receipt.index, head.size,
        proof=[bytes.fromhex(part) for part in receipt.proof], root=bytes.fromhex(head.root),
    )  # fmt: skip


async def test_a_restore_opens_an_epoch_whose_statement_names_the_gap(
    new_database: Callable[[], Database], tmp_path: Path, keys: Path
) -> None:
    before, after = new_database(), new_database()
    before.compile()
    kept = await answers(before, tmp_path, keys, 20)
    restore = restored(before, after)
    lost = await answers(before, tmp_path, keys, 15)
    restore()
    more = await answers(after, tmp_path, keys, 3)
    told = parse_leaf(str(after.run("SELECT leaf FROM journal_leaf WHERE index = 20")[0][0]))
    assert (told.kind, told.epoch, told.log) == ("recovery", 2, "gw1")
    statement = Recovery.from_detail(told.detail)
    assert (statement.old_size, statement.old_root) == (20, parse_head(kept[-1].head).root)
    assert (statement.last_known_size, statement.last_known_root) == (35, parse_head(lost[-1].head).root)
    assert [parse_leaf(one.leaf).epoch for one in more] == [2, 2, 2]
    assert [one.index for one in more] == [21, 22, 23]
    assert all(proves_itself(one, keys) for one in [*kept, *lost, *more])
    report = audit(after, keys, tmp_path, [kept[4], lost[9], more[-1]])
    assert report.damages == []
    assert [(one.kind, dict(one.facts)) for one in report.notes] == [
        ("recovery", {"epoch": 2, "index": 20, "known": 35}),
        ("lost-in-restore", {"size": 30}),
    ]
    async with writing(after, tmp_path, keys) as writer:
        assert writer.size == 24


async def test_requests_of_the_lost_time_cannot_be_replayed_at_any_gateway(
    new_database: Callable[[], Database], tmp_path: Path, keys: Path
) -> None:
    before, after = new_database(), new_database()
    before.compile()
    await answers(before, tmp_path, keys, 2)
    restore = restored(before, after)
    lost = await answers(before, tmp_path, keys, 1)
    restore()
    floor = datetime.fromisoformat(parse_head(lost[-1].head).time) + timedelta(seconds=WINDOW_SECONDS)
    # another gateway, whose own log lost nothing, starts first
    async with writing(after, tmp_path, keys, log="gw2") as writer:
        with pytest.raises(RequestBeforeFloor):
            await writer.commit(answer(created=int(floor.timestamp())))
        await writer.commit(answer(created=int(floor.astimezone(UTC).timestamp()) + 2))
    assert after.number("SELECT count(*) FROM journal_leaf WHERE leaf LIKE '%%recovery%%'") == 0


async def test_a_log_that_was_lost_whole_begins_again_with_a_statement(
    new_database: Callable[[], Database], tmp_path: Path, keys: Path
) -> None:
    before, after = new_database(), new_database()
    before.compile()
    after.compile()
    await answers(before, tmp_path, keys, 5)
    await answers(after, tmp_path, keys, 1)
    told = Recovery.from_detail(
        parse_leaf(str(after.run("SELECT leaf FROM journal_leaf ORDER BY index")[0][0])).detail
    )
    assert (told.old_size, told.last_known_size) == (0, 5)
    assert audit(after, keys, tmp_path, []).damages == []


@pytest.mark.parametrize(
    "point",
    [
        "signed",
        "committed",
        pytest.param("leased", marks=pytest.mark.long),
        pytest.param("noted", marks=pytest.mark.long),
    ],
)
def test_a_recovery_that_is_killed_is_made_once(
    new_database: Callable[[], Database], tmp_path: Path, keys: Path, point: str
) -> None:
    before, after = new_database(), new_database()
    before.compile()
    asyncio.run(answers(before, tmp_path, keys, 3))
    restore = restored(before, after)
    asyncio.run(answers(before, tmp_path, keys, 3))
    restore()
    with load(after, tmp_path, keys, faults=f"{point}@1") as running:
        running.end()
    assert running.answers == []
    asyncio.run(answers(after, tmp_path, keys, 2))
    assert after.number("SELECT count(*) FROM journal_leaf WHERE leaf LIKE '%%recovery%%'") == 1
    report = audit(after, keys, tmp_path, [])
    assert (report.damages, report.epoch, report.size) == ([], 2, 6)


async def test_an_epoch_without_a_statement_is_named_by_the_audit(
    new_database: Callable[[], Database], tmp_path: Path, keys: Path
) -> None:
    before, after = new_database(), new_database()
    before.compile()
    await answers(before, tmp_path, keys, 3)
    restore = restored(before, after)
    await answers(before, tmp_path, keys, 3)
    restore()
    await answers(after, tmp_path, keys, 1)
    after.run("DELETE FROM journal_leaf WHERE index = 3")
    kinds = [one.kind for one in audit(after, keys, tmp_path, []).damages]
    assert kinds == ["leaf-deleted", "recovery-missing"]


async def test_a_damaged_log_is_not_written_on(database: Database, tmp_path: Path, keys: Path) -> None:
    database.compile()
    await answers(database, tmp_path, keys, 4)
    database.run("UPDATE journal_leaf SET leaf_hash = decode(repeat('00', 32), 'hex') WHERE index = 1")
    with pytest.raises(JournalDamaged):
        await answers(database, tmp_path, keys, 1)
    database.run("DELETE FROM journal_leaf WHERE index = 3")
    with pytest.raises(JournalDamaged):
        await answers(database, tmp_path, keys, 1)


async def test_a_high_water_file_cut_short_leaves_the_head_before(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    receipts = await answers(database, tmp_path, keys, 2)
    path = tmp_path / "journal" / "gw1.head"
    whole = path.read_bytes()
    newest = read_high_water(path)
    assert newest == SignedHead(receipts[-1].head, receipts[-1].signature)
    at = whole.index(receipts[-1].signature.encode())
    path.write_bytes(whole[:at] + b"0000" + whole[at + 4 :])
    assert read_high_water(path) == SignedHead(receipts[0].head, receipts[0].signature)
    path.write_bytes(b"")
    assert read_high_water(path) is None
    file = HighWaterFile(tmp_path / "journal", "gw1")
    file.write(SignedHead(receipts[0].head, receipts[0].signature))
    file.close()
    assert read_high_water(path) == SignedHead(receipts[0].head, receipts[0].signature)
