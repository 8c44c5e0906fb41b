"""A source whose log may be read, a target, a grant of changes; slots wait for open transactions, so tests commit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.conftest import Server
from tests.store.capturing.cast import SLOTS
from tests.store.delivery.cast import Clock, Stage, granted, mounted, target_form
from tests.store.delivery.conftest import both, no_pause
from tests.store.exchange.cast import NOW, ZHOU_HANG
from tests.store.exchange.conftest import external, key_folder, node
from yiwang.blocks.delivery.public import add_target, use_rule_book
from yiwang.blocks.exchange.public import Delivery, SourceForm
from yiwang.bootstrap.rulebook import QualityRules
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

__all__ = ["both", "external", "key_folder", "no_pause", "node"]
APP = "capturing_test_app"


@pytest.fixture(autouse=True)
def application(transactional_db: None, node: None, key_folder: Path) -> Iterator[None]:
    """As a role that row-level security binds."""
    del transactional_db, node
    use_key_provider(FileKeyProvider(key_folder, create=True))
    use_rule_book(QualityRules())
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {APP}")
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {APP}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP}")
        cursor.execute(f"SET ROLE {APP}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(f"DROP OWNED BY {APP}")
        cursor.execute(f"DROP ROLE {APP}")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(settings, "YW_DATA", tmp_path)
    return tmp_path / "capture"


@pytest.fixture
def logged(external: Server, both: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A source that bounds its log, with a role that may read it and owns the table."""
    with psycopg.connect(external.admin, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '512MB'")
        admin.execute("SELECT pg_reload_conf()")
        admin.execute("DROP ROLE IF EXISTS ext_logged")
        admin.execute("CREATE ROLE ext_logged LOGIN REPLICATION PASSWORD 'logs'")
        try:
            both.execute("GRANT CREATE ON DATABASE ext_market TO ext_logged")
            both.execute("GRANT USAGE ON SCHEMA kb TO ext_logged; ALTER TABLE kb.qy OWNER TO ext_logged")
            yield both
        finally:
            for (slot,) in admin.execute(SLOTS).fetchall():
                admin.execute("SELECT pg_drop_replication_slot(%s)", (slot,))
            both.execute("DROP OWNED BY ext_logged CASCADE")
            admin.execute("DROP ROLE ext_logged")
            admin.execute("ALTER SYSTEM RESET max_slot_wal_keep_size")
            admin.execute("SELECT pg_reload_conf()")
            both.execute("CREATE SCHEMA IF NOT EXISTS kb")


@pytest.fixture
def stage(logged: psycopg.Connection, external: Server) -> Iterator[Stage]:
    """A grant of 200 rows of one region and of their changes, and where they may go."""
    source = SourceForm(
        "业务库", external.host, "ext_market", "ext_logged", "logs", external.port, accept_writable=True
    )
    code = mounted(source)
    target = add_target(ZHOU_HANG, target_form(external), NOW)
    with psycopg.connect(external.url("jobs_target"), autocommit=True) as there:

        def sql(statement: str) -> list[tuple[object, ...]]:
            connected = there if "jobs_target" in statement else logged
            cursor = connected.execute(statement.replace("jobs_target.", "").encode())
            return cursor.fetchall() if cursor.description else []

        grant = granted(code, delivery=Delivery(("full", "changes"), "monthly"))
        yield Stage(code, grant, target, external, Clock(), sql)
