"""Processes are killed at every named point of the commit path, at random, and with the database under them.

After each: every answer that left is in the journal, the tree verifies, and nothing is half-made.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.journal.cases import GRANT, Database, answer, charge, head_key, migrate, person, writing
from tests.journal.test_notary import notary_of, until
from yiwang.blocks.journal.domain.audit.kept import Witness
from yiwang.blocks.journal.domain.coding import HeadCoder
from yiwang.blocks.journal.domain.outbox import Entry, entry_of
from yiwang.blocks.journal.store.auditing import audit_database
from yiwang.bootstrap.embedded import EmbeddedServer, free_port
from yiwang.gateway.evidence.highwater import read_all
from yiwang.vocabulary.crypto import FileKeyProvider, suite
from yiwang.vocabulary.evidence import Head, Receipt, parse_head, trust_of, verify_head
from yiwang.vocabulary.merkle import leaf_hash, verify_inclusion

ROOT = Path(__file__).resolve().parents[2]
WRITER_POINTS = ("leased", "taken", "built", "signed", "committed", "noted", "answered", "sealing", "sealed")
NOTARY_POINTS = ("leased", "outbox-read", "signed", "committed", "nodes-written", "rolled")


class Load:
    """A writing process and the answers that left it."""

    def __init__(
        self, database: Database, folder: Path, keys: Path, *, log: str = "gw1", faults: str = ""
    ) -> None:
        self.answers: list[Receipt] = []
        self._rest = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.journal.load", database.url, str(folder), str(keys), log, "inline" if faults else "process"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={
                **os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "YW_MODE": "test" if faults else "production",
                "YW_FAULTS": faults,
            },
        )  # fmt: skip

    def read(self, *, until: int | None = None, seconds: float = 60.0) -> None:
        """Read answers until there are so many in all, or until the process ends."""
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), until is None)
        deadline = time.monotonic() + seconds
        while until is None or len(self.answers) < until:
            data = self.process.stdout.read1(1 << 20)  # type: ignore[attr-defined]
            if data:
                *lines, self._rest = (self._rest + data).split(b"\n")
                self.answers += [Receipt.from_header(line.decode()) for line in lines if line != b"ready"]
            elif self.process.poll() is not None or until is None:
                return
            else:
                assert time.monotonic() < deadline, "the load makes no progress"
                time.sleep(0.01)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.end()

    def end(self) -> None:
        """Read what was written before the end; the pipe holds only whole answers that left."""
        self.read()
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def load(
    database: Database, folder: Path, keys: Path, *, log: str = "gw1", faults: str = ""
) -> Iterator[Load]:
    running = Load(database, folder, keys, log=log, faults=faults)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.kill()


def check(database: Database, folder: Path, keys: Path, answers: list[Receipt]) -> None:
    """Every answer that left is in the journal and proves itself; the logs are whole; nothing is half-made."""
    trust = trust_of("lanzhou", FileKeyProvider(keys).describe("evidence"))
    witnesses = [Witness("the high-water file", one) for one in read_all(folder / "journal").values()]
    for report in audit_database(database.url, trust, witnesses, coder=HeadCoder(head_key)):
        assert report.damages == []
    with psycopg.connect(database.url) as connection:
        rows = connection.execute("SELECT index, leaf FROM journal_leaf WHERE log LIKE 'gw%'").fetchall()
    stored = {int(index): str(leaf) for index, leaf in rows}
    heads: dict[str, Head] = {}
    for receipt in answers:
        assert stored[receipt.index] == receipt.leaf
        head = heads.get(receipt.head)
        if head is None:
            head = heads[receipt.head] = parse_head(receipt.head)
            assert verify_head(head, receipt.signature, trust) == []
        assert verify_inclusion(
            suite("sm2-sm3"), leaf_hash(suite("sm2-sm3"), receipt.leaf.encode()), receipt.index, head.size,
            proof=[bytes.fromhex(part) for part in receipt.proof], root=bytes.fromhex(head.root),
        )  # fmt: skip
    calls = database.number("SELECT count(*) FROM journal_leaf WHERE log LIKE 'gw%'")
    if calls:
        assert database.number("SELECT calls FROM journal_usage") == calls
        assert database.number("SELECT subjects FROM journal_usage") == calls
    for table in ("journal_nonce", "journal_idempotency", "journal_usage_subject", "journal_subject"):
        assert database.number(f"SELECT count(*) FROM {table}") == calls


@pytest.mark.parametrize("point", WRITER_POINTS)
def test_a_writer_killed_at_a_named_point_loses_no_answer(
    database: Database, tmp_path: Path, keys: Path, point: str
) -> None:
    database.compile()
    visit = {"leased": 1, "sealing": 3, "sealed": 3}.get(point, 12)
    with load(database, tmp_path, keys, faults=f"{point}@{visit}") as first:
        first.end()
    assert first.process.returncode == -signal.SIGKILL
    check(database, tmp_path, keys, first.answers)
    follower = asyncio.run(follow(database, tmp_path, keys))
    check(database, tmp_path, keys, [*first.answers, *follower])


async def follow(database: Database, folder: Path, keys: Path) -> list[Receipt]:
    """The next writer of the log, and its answers."""
    async with writing(database, folder, keys, patience=3, coded=True) as writer:
        prepared = [
            answer(charged=charge(key=f"after-{n}", calls=10**9, subjects=(f"after-{n}",), subjects_limit=10**9),
                   subjects=(person(n),))
            for n in range(20)
        ]  # fmt: skip
        return await asyncio.gather(*map(writer.commit, prepared))


def kill_at_random(database: Database, folder: Path, keys: Path, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    database.compile()
    answers: list[Receipt] = []
    for _ in range(rounds):
        with load(database, folder, keys) as running:
            running.read(until=1)
            time.sleep(chance.uniform(0.0, 0.15))
            running.kill()
        assert running.answers
        answers += running.answers
    check(database, folder, keys, answers)


def test_a_writer_killed_at_random_moments_loses_no_answer(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    kill_at_random(database, tmp_path, keys, rounds=2, seed=2026)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_a_writer_killed_many_times_loses_no_answer(
    database: Database, tmp_path: Path, keys: Path, seed: int
) -> None:
    kill_at_random(database, tmp_path, keys, rounds=20, seed=seed)


def put_events(database: Database, count: int) -> None:
    with psycopg.connect(database.url) as connection:
        for number in range(count):
            entry = entry_of(Entry(event="grant-issued", request_id=f"evt-{number}", grant=GRANT))
            connection.execute("INSERT INTO journal_outbox (entry) VALUES (%s)", [entry])


async def notarise(database: Database, folder: Path, keys: Path) -> None:
    """The next notary, until everything is done."""
    notary = notary_of(database, folder, keys)
    work = asyncio.create_task(notary.run())
    await until(database, "SELECT coalesce(sum(rolled), 0) FROM journal_watermark", 300)
    notary.stop()
    await work


@pytest.mark.parametrize("point", NOTARY_POINTS)
def test_a_notary_killed_at_a_named_point_takes_each_event_once(
    database: Database, tmp_path: Path, keys: Path, point: str
) -> None:
    put_events(database, 300)
    visit = 2 if point in ("signed", "committed", "outbox-read") else 1
    with load(database, tmp_path, keys, log="office", faults=f"{point}@{visit}") as first:
        first.end()
    assert first.process.returncode == -signal.SIGKILL
    check(database, tmp_path, keys, [])
    asyncio.run(notarise(database, tmp_path, keys))
    check(database, tmp_path, keys, [])
    assert database.number("SELECT count(DISTINCT request_id) FROM journal_leaf") == 300
    assert database.number("SELECT count(*) FROM journal_leaf") == 300
    assert database.number("SELECT count(*) FROM journal_outbox") == 0
    assert database.number("SELECT count(*) FROM journal_node") == 1


def test_the_database_killed_under_load_loses_no_answer(tmp_path: Path, keys: Path) -> None:
    tmp_path.parent.chmod(0o755)
    tmp_path.chmod(0o755)
    server = EmbeddedServer(tmp_path / "pg", free_port())
    facts = server.start()
    try:
        with psycopg.connect(facts.url("postgres"), autocommit=True) as admin:
            admin.execute("CREATE DATABASE node")
        database = Database(facts.url("node"))
        migrate(database.url)
        database.compile()
        with load(database, tmp_path, keys) as running:
            running.read(until=100)
            for _ in range(2):
                server.stop(immediate=True)
                server.start()
                running.read(until=len(running.answers) + 200)
            running.kill()
        check(database, tmp_path, keys, running.answers)
        assert database.number("SELECT term FROM journal_lease") >= 3
    finally:
        server.stop()


def test_two_writing_processes_share_no_log(database: Database, tmp_path: Path, keys: Path) -> None:
    database.compile()
    with load(database, tmp_path, keys) as first:
        first.read(until=50)
        with load(database, tmp_path, keys) as second:
            second.end()
        assert second.process.returncode == 1
        assert second.answers == []
        first.read(until=len(first.answers) + 50)
        first.kill()
    check(database, tmp_path, keys, first.answers)


def test_a_new_writer_follows_at_once_when_the_old_one_was_killed(
    database: Database, tmp_path: Path, keys: Path
) -> None:
    database.compile()
    answers: list[Receipt] = []
    with load(database, tmp_path, keys) as running:
        running.read(until=30)
        running.process.send_signal(signal.SIGKILL)
        answers += asyncio.run(follow(database, tmp_path, keys))
        running.end()
    answers += running.answers
    check(database, tmp_path, keys, answers)


def test_faults_are_heeded_in_tests_only() -> None:
    code = "from yiwang.gateway.evidence.faults import FAULTS; print(FAULTS)"
    for mode, armed in (("production", False), ("demo", False), ("test", True)):
        done = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "YW_MODE": mode, "YW_FAULTS": "signed@1"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert (done.stdout.strip() != "None") is armed
