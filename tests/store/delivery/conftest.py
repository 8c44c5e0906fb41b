"""A source of 250 rows, a target that the consumer may write to; everything runs as a role that row-level security binds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg.sql import SQL, Identifier

from tests.conftest import Server
from tests.store.delivery.cast import Clock, Stage, granted, mounted, target_form
from tests.store.exchange.cast import NOW, ZHOU_HANG
from tests.store.exchange.conftest import external, key_folder, node, source
from yiwang.blocks.delivery import tasks
from yiwang.blocks.delivery.public import add_target, use_rule_book
from yiwang.blocks.exchange.public import SourceForm
from yiwang.bootstrap.rulebook import QualityRules
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

__all__ = ["external", "key_folder", "node", "source"]

TABLE = """
DROP SCHEMA IF EXISTS kb CASCADE; CREATE SCHEMA kb; GRANT USAGE ON SCHEMA kb TO ext_reader;
CREATE TABLE kb.qy (bh varchar(10) PRIMARY KEY, mc varchar(100) NOT NULL, fr varchar(50), qh char(6), zczb numeric(12,2),
  gxsj timestamp, bz text);
GRANT SELECT ON kb.qy TO ext_reader;
INSERT INTO kb.qy SELECT 'B' || lpad(n::text, 6, '0'), '企业%' || n, '王小明', CASE WHEN n % 5 = 0 THEN '110101' ELSE '290102' END,
  n * 1.5, timestamp '2026-11-01' + n * interval '1 hour', '内部' FROM generate_series(1, 250) AS n;
"""


@pytest.fixture
def both(external: Server) -> Iterator[psycopg.Connection]:
    """The source anew, an empty target; the connection is the source's owner."""
    with psycopg.connect(external.admin, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS jobs_target WITH (FORCE)")
        if admin.execute("SELECT 1 FROM pg_roles WHERE rolname = 'jobs_writer'").fetchone() is None:
            admin.execute("CREATE ROLE jobs_writer LOGIN PASSWORD 'writes'")
        admin.execute("CREATE DATABASE jobs_target OWNER jobs_writer")
    with psycopg.connect(external.url("ext_market"), autocommit=True) as owner:
        owner.execute(TABLE)
        yield owner
        owner.execute("DROP SCHEMA kb CASCADE")
        for (name,) in owner.execute("SELECT pubname FROM pg_publication").fetchall():
            owner.execute(SQL("DROP PUBLICATION {}").format(Identifier(name)))
    with psycopg.connect(external.admin, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS jobs_target WITH (FORCE)")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of these tests has ended when its start returns: nothing has to pass before one looks again."""
    monkeypatch.setattr(tasks, "_LOOK_S", 0.0)


@pytest.fixture(autouse=True)
def application(db: None, node: None, key_folder: Path) -> Iterator[None]:
    del db, node
    use_key_provider(FileKeyProvider(key_folder, create=True))
    use_rule_book(QualityRules())
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE delivery_test_app")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO delivery_test_app")
        cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO delivery_test_app")
        cursor.execute("SET LOCAL ROLE delivery_test_app")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.fixture
def stage(source: SourceForm, external: Server, both: psycopg.Connection) -> Iterator[Stage]:
    """A grant of the whole table of 200 rows of one region, and where it may go."""
    code = mounted(source)
    target = add_target(ZHOU_HANG, target_form(external), NOW)
    with psycopg.connect(external.url("jobs_target"), autocommit=True) as there:

        def sql(statement: str) -> list[tuple[object, ...]]:
            connected = there if "jobs_target" in statement else both
            cursor = connected.execute(statement.replace("jobs_target.", "").encode())
            return cursor.fetchall() if cursor.description else []

        yield Stage(code, granted(code), target, external, Clock(), sql)
