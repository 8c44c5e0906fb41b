"""Connections that break, servers that start again, clocks that are wrong, disks that are full: target = source."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.store.transfer.capturing import captured
from tests.store.transfer.conftest import Pair, run
from tests.store.transfer.cutting import door
from yiwang.bootstrap.embedded import EmbeddedServer, free_port
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.dataplane.transfer import errors
from yiwang.dataplane.transfer.capture.errors import CaptureOff
from yiwang.dataplane.transfer.keeping import JobFolder

ROWS = 8_000
FILL = (
    "CREATE TABLE t (id bigint PRIMARY KEY, v text, n int); INSERT INTO t SELECT i, '王敏' || md5(i::text), 0"
    f" FROM generate_series(1, {ROWS}) i"
)
SLOTS = (
    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()"
)


@pytest.fixture
def table(pair: Pair) -> Iterator[Pair]:
    pair.at_source(FILL)
    yield pair
    pair.at_source(SLOTS)
    for (name,) in pair.at_source("SELECT pubname FROM pg_publication"):
        pair.at_source(f'DROP PUBLICATION "{name}"')


def until(done: object, what: str) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with contextlib.suppress(psycopg.Error):
            if callable(done) and done():
                return
        time.sleep(0.1)
    raise AssertionError(what)


@pytest.mark.parametrize("end", ["source", "target"])
def test_a_connection_that_is_cut_within_a_chunk_loses_that_chunk_alone(
    table: Pair, tmp_path: Path, end: str
) -> None:
    with door(table.source) as there:
        ends = {"source": table.source, "target": table.target}
        ends[end] = there.address(ends[end])
        there.limit = 300_000
        with pytest.raises((errors.TransferError, ConnectorError)) as told:
            run(tmp_path, ends["source"], ends["target"], "t", chunk_rows=500)
        assert not told.value.permanent
        assert there.cuts
        (stood,) = table.at_target("SELECT count(*) FROM t")[0]
        assert int(str(stood)) % 500 == 0
        table.at_source(
            "UPDATE t SET n = 9 WHERE id = 3; DELETE FROM t WHERE id = 4; INSERT INTO t VALUES (0, 'x', 1)"
        )
        report = run(tmp_path, ends["source"], ends["target"], "t", chunk_rows=500)
    assert report.proven
    assert table.same("t")


@pytest.mark.long
def test_twenty_cuts_at_random_moments_of_one_captured_job(table: Pair, tmp_path: Path) -> None:
    moments = random.Random(11)
    with door(table.source) as here, door(table.target) as there:
        for number in range(20):
            cut = moments.choice([here, there])
            cut.limit = cut.passed + moments.randrange(1_000, 400_000)
            with contextlib.suppress(errors.TransferError, ConnectorError):
                captured(
                    tmp_path,
                    table,
                    source=here.address(table.source),
                    target=there.address(table.target),
                    chunk_rows=500,
                )
            table.at_source(
                f"UPDATE t SET n = n + 1 WHERE id % 50 = {number}; DELETE FROM t WHERE id = {number * 7}"
            )
            table.at_source(
                f"INSERT INTO t VALUES ({20_000 + number}, 'new', 1); UPDATE t SET id = id + 100000 WHERE id = {500 + number}"
            )
    report = captured(tmp_path, table)
    assert report.proven, report.statement_en
    assert table.same("t")


def following(pair: Pair, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "yiwang.bootstrap.cli", "exchange", "copy", pair.source, pair.target, "--table", "t",
         "--job", "job", "--jobs", str(folder), "--chunk", "500", "--mode", "cdc", "--follow"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def kept_up(pair: Pair, folder: Path, kills: int) -> None:
    """Change the source all the time, kill the job that follows it again and again; in the end both are the same."""
    moments = random.Random(5)
    for _ in range(kills):
        process = following(pair, folder)
        end = time.monotonic() + 3 + 3 * moments.random()
        while time.monotonic() < end:
            pair.at_source(f"UPDATE t SET n = n + 1 WHERE id % 100 = {moments.randrange(100)}")
            pair.at_source(f"DELETE FROM t WHERE id = {moments.randrange(ROWS)}")
        assert process.poll() is None, "the job ended by itself"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert pair.at_target("SELECT count(*) FROM t WHERE n > 0") != [(0,)]
    report = captured(folder, pair)
    assert report.proven, report.statement_en
    assert report.capture is not None
    assert report.capture.compared == []
    assert pair.same("t")


@pytest.mark.long
def test_a_job_that_follows_and_is_killed_at_random_moments_loses_and_doubles_nothing(
    table: Pair, tmp_path: Path
) -> None:
    kept_up(table, tmp_path, 20)


def test_a_job_follows_until_it_is_paused_and_waits_for_a_target_that_is_cut_off(
    table: Pair, tmp_path: Path
) -> None:
    with door(table.target) as there:
        process = following(Pair(table.source, there.address(table.target)), tmp_path)
        try:
            until(lambda: table.at_target("SELECT count(*) FROM t") == [(ROWS,)], "the copy")
            for number in range(1, 4):
                table.at_source(f"UPDATE t SET n = {number} WHERE id <= 50")
                there.cut()
                table.at_source(f"DELETE FROM t WHERE id = {100 + number}")
            until(lambda: table.same("t"), "the changes")
            with JobFolder(tmp_path, "job").opened() as store:
                store.keep("wish", "pause")
            assert process.wait(120) == 1
        finally:
            process.kill()
            process.wait()
    assert captured(tmp_path, table).proven


@pytest.mark.long
def test_a_server_that_lacks_its_setting_gets_it_restarts_and_crashes_under_a_job(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="yw-restart-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        other = os.environ.get("YW_TEST_POSTGRES")
        programs, port = Path(other) if other else None, free_port()

        def server(level: str) -> EmbeddedServer:
            return EmbeddedServer(Path(folder) / "pg", port, settings={"wal_level": level}, programs=programs)

        running = server("replica")
        url = running.start().url("postgres")
        try:
            with psycopg.connect(url, autocommit=True) as held:
                held.execute("CREATE DATABASE there")
            pair = Pair(url, url.replace("/postgres", "/there"))
            pair.at_source(FILL)
            with pytest.raises(CaptureOff) as told:
                captured(tmp_path, pair)
            assert "ALTER SYSTEM SET wal_level = 'logical'" in told.value.mend("en")
            running.stop()
            running = server("logical")
            running.start()
            captured(tmp_path, pair)
            for crash in (False, True):
                pair.at_source("UPDATE t SET n = n + 1 WHERE id <= 100; DELETE FROM t WHERE id % 1000 = 7")
                running.stop(immediate=crash)
                with pytest.raises(ConnectorError):
                    captured(tmp_path, pair)
                running.start()
                pair.at_source(
                    "INSERT INTO t VALUES (90000, 'x', 1) ON CONFLICT (id) DO UPDATE SET n = t.n + 1"
                )
                report = captured(tmp_path, pair)
                assert report.proven, report.statement_en
                assert report.capture is not None
                assert report.capture.compared == []
                assert pair.same("t")
        finally:
            running.stop()


def test_a_full_disk_where_files_land_leaves_the_old_file(table: Pair, tmp_path: Path) -> None:
    """The system's own limit on file sizes stands for the disk: the write fails in the middle."""
    place = tmp_path / "out.csv"
    place.write_text("id\nold\n")
    words = [sys.executable, "-m", "yiwang.bootstrap.cli", "exchange", "copy", table.source, str(place), "--table", "t",
             "--jobs", str(tmp_path / "jobs")]  # fmt: skip

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    failed = subprocess.run(words, preexec_fn=small, capture_output=True, text=True, check=False)
    assert failed.returncode != 0
    assert "Traceback" not in failed.stderr
    assert place.read_text() == "id\nold\n"
    subprocess.run(words, check=True, capture_output=True)
    assert len(place.read_text("utf-8-sig").splitlines()) == ROWS + 1


def test_a_full_disk_under_the_spool_takes_nothing_from_the_source_and_goes_on_later(
    table: Pair, tmp_path: Path
) -> None:
    """Changes that find no room here stay in the slot of the source."""
    captured(tmp_path, table)
    table.at_source("UPDATE t SET n = n + 1")
    (before,) = table.at_source("SELECT confirmed_flush_lsn FROM pg_replication_slots")
    words = [sys.executable, "-m", "yiwang.bootstrap.cli", "exchange", "copy", table.source, table.target, "--table", "t",
             "--mode", "cdc", "--job", "job", "--jobs", str(tmp_path)]  # fmt: skip

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    failed = subprocess.run(words, preexec_fn=small, capture_output=True, text=True, check=False)
    assert failed.returncode != 0
    assert "Traceback" not in failed.stderr
    assert "spool.sqlite" in failed.stderr
    assert table.at_source("SELECT confirmed_flush_lsn FROM pg_replication_slots") == [before]
    report = captured(tmp_path, table)
    assert report.proven, report.statement_en
    assert report.capture is not None
    assert report.capture.compared == []
    assert table.same("t")


def test_a_database_whose_clock_is_wrong_changes_nothing(table: Pair, tmp_path: Path) -> None:
    """Order and position come from the log and the key, never from a clock: rows dated five minutes off arrive once."""
    table.at_source("ALTER TABLE t ADD COLUMN at timestamptz NOT NULL DEFAULT now() - interval '5 min'")
    captured(tmp_path, table)
    table.at_source("UPDATE t SET at = now() + interval '5 min' WHERE id <= 10")
    table.at_source("UPDATE t SET at = now() - interval '5 min', n = 2 WHERE id <= 5")
    assert captured(tmp_path, table).proven
    assert table.same("t")


def test_a_source_whose_order_of_texts_changes_within_a_job_is_compared_by_bytes(
    pair: Pair, tmp_path: Path
) -> None:
    pair.at_source('CREATE TABLE t (w text COLLATE "C" PRIMARY KEY, v int)')
    pair.at_source(
        "INSERT INTO t SELECT x || i, i FROM generate_series(1, 300) i, unnest(ARRAY['a', 'B', 'é', '王']) x"
    )
    count = 0

    def alter(progress: object) -> None:
        nonlocal count
        count += 1
        if count == 2:
            with JobFolder(tmp_path, "job").opened() as store:
                store.keep("wish", "pause")

    run(tmp_path, pair.source, pair.target, "t", chunk_rows=200, progress=alter)
    pair.at_source(
        'ALTER TABLE t ALTER w TYPE text COLLATE "und-x-icu"'
        if _icu(pair)
        else "ALTER TABLE t ALTER w TYPE text"
    )
    pair.at_source("UPDATE t SET v = -1 WHERE w LIKE 'é1%'; DELETE FROM t WHERE w LIKE 'B2%'")
    report = run(tmp_path, pair.source, pair.target, "t", chunk_rows=200)
    assert (report.proven, report.resumed) == (True, True)
    assert pair.same("t", 'w COLLATE "C"')


def _icu(pair: Pair) -> bool:
    return bool(pair.at_source("SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu'"))
