"""`kill -9` at random moments of one transfer, in every mode: target = source, nothing twice, one chunk repeated at most."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.store.transfer.conftest import Pair, run
from yiwang.dataplane.transfer.checkpoint import Mode

ROWS, CHUNK, MOVED = 8_000, 500, 8
TABLE = "CREATE TABLE t (id bigint PRIMARY KEY, v text, n numeric(12,2), at timestamp NOT NULL)"
FILL = (
    "INSERT INTO t SELECT i, '王敏' || md5(i::text), i / 4.0, timestamp '2026-01-01' + i * interval '1 s'"
    f" FROM generate_series(1, {ROWS}) i"
)
COUNTED = (
    "CREATE SEQUENCE writes; CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS"
    " $$BEGIN PERFORM nextval('writes'); RETURN NEW; END$$;"
    "CREATE TRIGGER counted BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION counted()"
)
"""A sequence counts what was rolled back too."""
CURSORS: dict[Mode, str] = {"incremental": "at"}
MODES: tuple[Mode, ...] = ("incremental", "diff", "cdc")


@pytest.fixture
def table(pair: Pair) -> Iterator[Pair]:
    pair.at_source(TABLE)
    pair.at_source(FILL)
    pair.at_target(TABLE)
    pair.at_target(COUNTED)
    yield pair
    pair.at_source(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()"
    )
    for (name,) in pair.at_source("SELECT pubname FROM pg_publication"):
        pair.at_source(f'DROP PUBLICATION "{name}"')


def standing(pair: Pair) -> int:
    try:
        return int(str(pair.at_target("SELECT count(*) FROM t")[0][0]))
    except psycopg.Error:
        return 0


def killed(pair: Pair, folder: Path, mode: Mode, rows: int, wait: float) -> bool:
    """Kill a run some time after so many rows stand; whether it was still at it."""
    words = ["--cursor", CURSORS[mode]] if mode in CURSORS else []
    process = subprocess.Popen(
        [sys.executable, "-m", "yiwang.bootstrap.cli", "exchange", "copy", pair.source, pair.target, "--table", "t",
         "--job", "job", "--jobs", str(folder), "--chunk", str(CHUNK), "--rate", "6000", "--mode", mode, *words],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    end = time.monotonic() + 120
    while process.poll() is None and standing(pair) < rows and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(wait)
    hit = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return hit


def survived(table: Pair, folder: Path, mode: Mode, kills: int, seed: int) -> None:
    """Kill it again and again, alter the source between, let it go to its end, and count the writes."""
    moments, hits = random.Random(seed), 0
    for number in range(kills):
        rows = round(ROWS * (number + moments.random()) / kills)
        hits += killed(table, folder, mode, rows, moments.random() / 10)
        # rows before and behind the checkpoint
        table.at_source(
            f"UPDATE t SET n = n + 1, at = at + interval '1 day' WHERE id % {ROWS // MOVED} = {moments.randrange(ROWS // MOVED)}"
        )
    assert hits, "no run was hit"
    report = run(
        folder, table.source, table.target, "t", mode=mode, cursor=CURSORS.get(mode, ""), chunk_rows=CHUNK
    )
    assert report.proven, report.statement_en
    if mode == "incremental":  # its window ends where it began: what moved meanwhile is the next one's
        report = run(folder, table.source, table.target, "t", mode=mode, cursor="at", chunk_rows=CHUNK)
        assert report.proven, report.statement_en
    assert table.same("t")
    assert table.at_target("SELECT count(*) - count(DISTINCT id) FROM t") == [(0,)]
    ((writes,),) = table.at_target("SELECT last_value FROM writes")
    assert ROWS <= int(str(writes)) <= ROWS + kills * (CHUNK + 2 * MOVED)


@pytest.mark.parametrize("mode", MODES)
def test_after_two_kills_nothing_is_lost_or_doubled(table: Pair, tmp_path: Path, mode: Mode) -> None:
    survived(table, tmp_path, mode, 2, 3)


@pytest.mark.long
@pytest.mark.parametrize("mode", ["full", *MODES])
def test_twenty_kills_at_random_moments_of_one_transfer(table: Pair, tmp_path: Path, mode: Mode) -> None:
    survived(table, tmp_path, mode, 20, 7)
