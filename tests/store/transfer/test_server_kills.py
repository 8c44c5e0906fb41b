"""The database server is killed at random moments of one transfer: target = source, nothing twice, one chunk repeated at most."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psycopg
import pytest

from tests.store.transfer.conftest import Pair, run
from tests.store.transfer.test_kills import COUNTED, FILL, ROWS, TABLE
from yiwang.bootstrap.embedded import EmbeddedServer, ServerNotStarted, free_port
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.dataplane.transfer import errors
from yiwang.dataplane.transfer.checkpoint import Mode

CHUNK = 200
MODES: tuple[Mode, ...] = ("full", "diff")


@dataclass
class End:
    """A server of its own that is killed and started again."""

    server: EmbeddedServer
    url: str

    def kill(self) -> None:
        """`kill -9` of the server and all its processes, then it starts again: what was committed is there."""
        assert self.server.pid is not None
        os.kill(self.server.pid, signal.SIGKILL)
        end = time.monotonic() + 120
        while True:
            self.server.stop(immediate=True)
            with contextlib.suppress(ServerNotStarted):  # its processes end a moment later than it
                self.server.start()
                return
            assert time.monotonic() < end
            time.sleep(0.1)


@pytest.fixture
def ends() -> Iterator[tuple[End, End]]:
    """A source and a target that write to disk before they say so."""
    other = os.environ.get("YW_TEST_POSTGRES")
    programs = Path(other) if other else None
    with (
        tempfile.TemporaryDirectory(prefix="yw-ends-", ignore_cleanup_errors=True) as name,
        contextlib.ExitStack() as held,
    ):
        Path(name).chmod(0o755)
        made = []
        for one in ("source", "target"):
            server = EmbeddedServer(Path(name) / one, free_port(), programs=programs)
            held.callback(server.stop)
            made.append(End(server, server.start().url("postgres")))
        yield made[0], made[1]


def standing(url: str) -> int:
    try:
        with psycopg.connect(url, autocommit=True) as held:
            row = held.execute("SELECT count(*) FROM t").fetchone()
    except psycopg.Error:
        return 0
    return int(row[0]) if row else 0


def survived(ends: tuple[End, End], folder: Path, mode: Mode, kills: int) -> None:
    source, target = ends
    pair = Pair(source.url, target.url)
    for statement in (TABLE, FILL):
        pair.at_source(statement)
    for statement in (TABLE, COUNTED):
        pair.at_target(statement)
    moments, over, hits = random.Random(13), threading.Event(), 0

    def killing() -> None:
        for number in range(kills):
            rows = round((ROWS - 2 * CHUNK) * (number + moments.random()) / kills)
            while standing(target.url) < rows and not over.wait(0.02):
                pass
            time.sleep(moments.random() / 20)
            if over.is_set():
                return
            (target if number % 2 else source).kill()

    killer = threading.Thread(target=killing)
    killer.start()
    end = time.monotonic() + 600
    try:
        while True:
            try:
                report = run(folder, source.url, target.url, "t", mode=mode, chunk_rows=CHUNK, rate=2_000)
            except (errors.TransferError, ConnectorError) as told:
                if told.permanent or time.monotonic() > end:
                    raise
                hits += 1
                time.sleep(0.1)
                continue
            if not killer.is_alive():
                break
    finally:
        over.set()
        killer.join()
    assert hits, "no run was hit"
    assert report.proven, report.statement_en
    assert pair.same("t")
    ((writes,),) = pair.at_target("SELECT last_value FROM writes")
    # after a crash a sequence goes on up to 32 numbers further
    assert ROWS <= int(str(writes)) <= ROWS + kills * (CHUNK + 33)


@pytest.mark.parametrize("mode", MODES)
def test_after_two_kills_of_a_server_nothing_is_lost_or_doubled(
    ends: tuple[End, End], tmp_path: Path, mode: Mode
) -> None:
    survived(ends, tmp_path, mode, 2)


@pytest.mark.long
@pytest.mark.parametrize("mode", MODES)
def test_twenty_kills_of_both_servers_at_random_moments_of_one_transfer(
    ends: tuple[End, End], tmp_path: Path, mode: Mode
) -> None:
    survived(ends, tmp_path, mode, 20)


def test_a_connection_that_breaks_off_as_a_comparison_begins_ends_the_run_for_now(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.at_source(TABLE)
    pair.at_source(FILL)
    assert run(tmp_path, pair.source, pair.target, "t", chunk_rows=1000).proven

    async def breaks(*_: object, **__: object) -> str:
        raise asyncpg.InternalClientError("cannot switch to state 18; another operation (2) is in progress")

    with monkeypatch.context() as patched:
        patched.setattr(asyncpg.Connection, "copy_from_query", breaks)
        with pytest.raises((errors.TransferError, ConnectorError)) as told:
            run(tmp_path, pair.source, pair.target, "t", chunk_rows=1000)
    assert not told.value.permanent
    assert run(tmp_path, pair.source, pair.target, "t", chunk_rows=1000).proven
    assert pair.same("t")
