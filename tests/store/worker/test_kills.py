"""`kill -9` of the worker and of the process of a run, at random moments of one table job of the server."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg
import pytest
from django.db import connection

from tests.conftest import Server
from tests.store.delivery import cast
from tests.store.delivery.conftest import both
from tests.store.exchange.cast import ZHOU_HANG
from tests.store.exchange.conftest import external, key_folder, node, source
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.delivery.store import models
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.identity.public import acting
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

__all__ = ["both", "external", "key_folder", "node", "source"]

ROWS, CHUNK = 6_000, 300
MORE = """
INSERT INTO kb.qy SELECT 'N' || lpad(n::text, 6, '0'), '企业' || n, '王小明', '290102', n * 1.5,
  timestamp '2026-11-01' + n * interval '1 s', '内部' FROM generate_series(1, 5800) AS n
"""
TARGET = """
CREATE TABLE qy ("编号" varchar(10) PRIMARY KEY, "名称" varchar(100), "法人" varchar(50), "资本" numeric(12,2), "更新" timestamp);
CREATE SEQUENCE writes;
CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM nextval('writes'); RETURN NEW; END$$;
CREATE TRIGGER counted BEFORE INSERT ON qy FOR EACH ROW EXECUTE FUNCTION counted();
ALTER TABLE qy OWNER TO jobs_writer; ALTER SEQUENCE writes OWNER TO jobs_writer
"""
WORKER = """
import django
django.setup()
from django.utils import timezone
from yiwang.blocks.delivery.public import deliver
from yiwang.bootstrap.delivering import start
deliver(timezone.now, start, lambda: False, 2)
"""


@pytest.fixture
def job(
    transactional_db: None, source: SourceForm, external: Server, both: psycopg.Connection, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> str:  # fmt: skip
    """One that was made a moment ago and waits for a worker."""
    now = datetime.now(UTC) - timedelta(minutes=5)  # the processes have the true time
    monkeypatch.setattr(cast, "NOW", now)
    use_key_provider(FileKeyProvider(tmp_path / "keys", create=True))
    both.execute(MORE)
    with psycopg.connect(external.url("jobs_target"), autocommit=True) as there:
        there.execute(TARGET)
    code = cast.mounted(source)
    target = delivery.add_target(ZHOU_HANG, cast.target_form(external), now)
    form = delivery.JobForm(cast.granted(code), target, "每晚同步", "qy", rate=4_000)
    return delivery.create_job(ZHOU_HANG, form, now, run=True)


@pytest.fixture
def words(pg_server: Server, tmp_path: Path) -> dict[str, str]:
    """The environment of a worker on the test's own database."""
    return os.environ | {
        "YW_DATABASE_URL": pg_server.url(str(connection.settings_dict["NAME"])), "YW_DATA": str(tmp_path),
        "YW_TABLE_CHUNK": str(CHUNK), "DJANGO_SETTINGS_MODULE": "yiwang.bootstrap.settings",
    }  # fmt: skip


@contextlib.contextmanager
def worker(words: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", WORKER], env=words)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until_rows(server: Server, rows: int, at: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 180
    with psycopg.connect(server.url("jobs_target"), autocommit=True) as there:
        while time.monotonic() < end:
            found = there.execute("SELECT count(*) FROM qy").fetchone()
            if found is not None and found[0] >= rows:
                return
            if at.poll() is not None:
                break
            time.sleep(0.03)
    with acting(ZHOU_HANG):
        told = list(models.Run.objects.values("state", "error", "facts", "rows", "attempts"))
    raise AssertionError(f"the job does not go on: {told}")


def survived(job: str, server: Server, words: dict[str, str], owner: psycopg.Connection, kills: int) -> None:
    moments, hits, number = random.Random(5), 0, 0
    while number < kills:
        with worker(words) as living:
            while number < kills:
                rows = round((ROWS - 2 * CHUNK) * (number + moments.random()) / kills)
                until_rows(server, rows, living)
                time.sleep(moments.random() / 10)
                number += 1
                victims = psutil.Process(living.pid).children()
                hits += bool(victims)
                if number % 2:
                    break  # the worker itself
                for victim in victims:
                    victim.kill()
    assert hits, "no process was hit"
    with worker(words) as living:
        living.wait(180)
    view = delivery.job(ZHOU_HANG, job)
    assert (view.row.state, len(view.runs)) == ("active", 1)
    run = view.runs[0]
    assert (run.state, run.proven, run.passed) == ("done", True, ROWS)
    assert run.attempts > 1
    there = psycopg.connect(server.url("jobs_target"), autocommit=True)
    with there:
        stands = there.execute('SELECT "编号", "名称", "资本", "更新", "法人" FROM qy ORDER BY 1').fetchall()
        writes = there.execute("SELECT last_value FROM writes").fetchone()
    wanted = owner.execute(
        "SELECT bh, mc, zczb, gxsj, '王**' FROM kb.qy WHERE qh LIKE '2901%' ORDER BY 1"
    ).fetchall()
    assert stands == wanted
    assert writes is not None
    assert ROWS <= writes[0] <= ROWS + kills * CHUNK
    with acting(ZHOU_HANG), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM journal_outbox WHERE entry::jsonb ->> 'event' = 'table-delivered'"
        )
        assert cursor.fetchone() == (1,)
        assert models.HeldRow.objects.count() == 0


def test_a_run_whose_worker_and_whose_process_are_killed_goes_on_by_itself(
    job: str, external: Server, words: dict[str, str], both: psycopg.Connection
) -> None:
    survived(job, external, words, both, 3)


@pytest.mark.long
def test_twenty_kills_of_worker_and_process_at_random_moments_of_one_run(
    job: str, external: Server, words: dict[str, str], both: psycopg.Connection
) -> None:
    survived(job, external, words, both, 20)
