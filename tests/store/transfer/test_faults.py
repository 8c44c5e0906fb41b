"""What goes wrong in the middle of a job: the end is target = source, nothing twice, nothing unnoticed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.store.transfer.conftest import Pair, run
from yiwang.dataplane.transfer import errors

ROWS = 30_000
TABLE = "CREATE TABLE t (id bigint PRIMARY KEY, v text, n numeric(12,2), at timestamptz)"
FILL = f"INSERT INTO t SELECT i, '王敏' || md5(i::text), i / 4.0, now() FROM generate_series(1, {ROWS}) i"


@pytest.fixture
def table(pair: Pair) -> Pair:
    pair.at_source(TABLE)
    pair.at_source(FILL)
    return pair


def started(pair: Pair, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "yiwang.bootstrap.cli", "exchange", "copy", pair.source, pair.target, "--table", "t",
         "--job", "job", "--jobs", str(folder), "--chunk", "1000"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def standing(pair: Pair) -> int:
    try:
        return int(str(pair.at_target("SELECT count(*) FROM t")[0][0]))
    except psycopg.errors.UndefinedTable:
        return 0


def killed_at(pair: Pair, folder: Path, rows: int, wait: float) -> int:
    """Kill a run some time after so many rows stand; gives how many stand then."""
    process = started(pair, folder)
    end = time.monotonic() + 120
    while process.poll() is None and standing(pair) < rows and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(wait)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return standing(pair)


def test_after_a_kill_nothing_is_lost_and_no_chunk_is_written_twice(table: Pair, tmp_path: Path) -> None:
    stood = killed_at(table, tmp_path, 5000, 0.05)
    assert stood % 1000 == 0  # whole chunks only
    table.at_source("UPDATE t SET v = 'moved' WHERE id = 17")
    table.at_source("DELETE FROM t WHERE id = 18")
    report = run(tmp_path, table.source, table.target, "t", chunk_rows=1000)
    assert report.proven
    assert stood + report.rows.inserted - report.rows.deleted == ROWS - 1
    assert table.same("t")


def test_a_target_without_room_keeps_whole_chunks_and_goes_on_later(table: Pair, tmp_path: Path) -> None:
    """The database reports a full disk (53100) for one chunk, as it does when its volume is full."""
    table.at_target(TABLE)
    table.at_target(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END$$;"
        "CREATE TRIGGER full_disk BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.id = 4500) EXECUTE FUNCTION full_disk()"
    )
    with pytest.raises(errors.TransferRefused) as told:
        run(tmp_path, table.source, table.target, "t", chunk_rows=1000)
    assert "53100" in told.value.text("en")
    assert standing(table) == 4000
    table.at_target("DROP TRIGGER full_disk ON t")
    report = run(tmp_path, table.source, table.target, "t", chunk_rows=1000)
    assert (report.resumed, report.proven, report.rows.inserted) == (True, True, ROWS - 4000)
    assert table.same("t")


def test_a_source_that_is_altered_while_it_is_read_gives_one_state(table: Pair, tmp_path: Path) -> None:
    from yiwang.dataplane.connectors.places import Reach, place_of
    from yiwang.dataplane.transfer.keeping import JobFolder
    from yiwang.dataplane.transfer.planning import Order
    from yiwang.dataplane.transfer.running import copy

    before = table.at_source("SELECT * FROM t ORDER BY id")

    def meddle(progress: object) -> None:
        table.at_source("UPDATE t SET n = -1 WHERE id > 20000; DELETE FROM t WHERE id = 25000")

    reach = Reach()
    ends = place_of(table.source, reach), place_of(table.target, reach)
    report = copy(*ends, Order("job", "t", "t", chunk_rows=10_000), JobFolder(tmp_path, "job"), meddle)
    assert report.proven
    assert table.at_target("SELECT * FROM t ORDER BY id") == before
    assert run(tmp_path, table.source, table.target, "t", chunk_rows=10_000).proven
    assert table.same("t")
