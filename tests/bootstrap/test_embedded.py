"""The embedded server survives what happens to servers."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from yiwang.bootstrap.embedded import EmbeddedServer, ServerNotStarted, free_port


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="yw-embedded-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def count(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def test_rows_survive_a_crash_and_a_server_left_behind_by_a_killed_parent(folder: Path) -> None:
    first = EmbeddedServer(folder, free_port())
    facts = first.start()
    with psycopg.connect(facts.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    second = EmbeddedServer(folder, free_port())
    assert count(second.start().url("postgres")) == 1
    third = EmbeddedServer(folder, free_port())  # the second is still running, its supervisor is gone
    try:
        assert count(third.start().url("postgres")) == 1
    finally:
        third.stop()
        second.stop()


def test_a_stale_process_id_that_belongs_to_another_program_is_not_ended(folder: Path) -> None:
    server = EmbeddedServer(folder, free_port())
    server.initialise()
    pid_file = folder / "cluster" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n", encoding="ascii")
    server.start()
    server.stop()


def test_a_folder_that_the_server_s_account_cannot_pass_is_no_obstacle(folder: Path) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    server = EmbeddedServer(private / "pg", free_port())
    try:
        server.start()
        assert server.alive()
    finally:
        server.stop()


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    server = EmbeddedServer(folder, free_port(), settings={"shared_buffers": "nonsense"})
    with pytest.raises(ServerNotStarted) as caught:
        server.start()
    assert "shared_buffers" in caught.value.text("en")


def test_free_ports_stand_in_a_row_that_no_outgoing_connection_takes() -> None:
    first = free_port(3)
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    assert first + 2 < lowest
    holders = []
    for port in range(first, first + 3):
        holder = socket.socket()
        holder.bind(("127.0.0.1", port))
        holders.append(holder)
    for holder in holders:
        holder.close()
