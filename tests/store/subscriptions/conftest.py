"""A table of 250 rows that is followed; everything runs as a role that row-level security binds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.conftest import Server
from tests.store.delivery.cast import Clock, mounted
from tests.store.delivery.conftest import both
from tests.store.exchange.cast import CONSUMER
from tests.store.exchange.conftest import external, key_folder, node, source
from tests.store.subscriptions.cast import CLIENT, Stage, granted
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.subscriptions.actions import subscribing
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

__all__ = ["both", "external", "key_folder", "node", "source"]


@pytest.fixture(autouse=True)
def clients(key_folder: Path, node: None, monkeypatch: pytest.MonkeyPatch) -> None:
    del node
    use_key_provider(FileKeyProvider(key_folder, create=True))
    known = {CONSUMER: [CLIENT, "minzheng-2"]}
    monkeypatch.setattr(subscribing, "clients_of_agency", lambda agency: known.get(agency, []))
    monkeypatch.delenv("YW_WEBHOOK_HOSTS", raising=False)


@pytest.fixture
def application(db: None) -> Iterator[None]:
    del db
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE subscriptions_test_app")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO subscriptions_test_app")
        cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO subscriptions_test_app")
        cursor.execute("SET LOCAL ROLE subscriptions_test_app")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.fixture
def stage(application: None, source: SourceForm, both: psycopg.Connection) -> Stage:
    """A grant of the changes of one region's rows, to a source that cannot be captured."""
    del application
    code = mounted(source)

    def sql(statement: str) -> object:
        cursor = both.execute(statement.encode())
        return cursor.fetchall() if cursor.description else None

    return Stage(code, granted(code), Clock(), sql)


@pytest.fixture
def captured(external: Server, both: psycopg.Connection) -> Iterator[Stage]:
    """A source whose log may be read, which bounds what it keeps of it."""
    with psycopg.connect(external.admin, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '512MB'")
        admin.execute("SELECT pg_reload_conf()")
        admin.execute("DROP ROLE IF EXISTS ext_logged")
        admin.execute("CREATE ROLE ext_logged LOGIN REPLICATION PASSWORD 'logs'")
        try:
            for statement in (
                "GRANT CREATE ON DATABASE ext_market TO ext_logged", "GRANT USAGE ON SCHEMA kb TO ext_logged",
                "ALTER TABLE kb.qy OWNER TO ext_logged",
            ):  # fmt: skip
                both.execute(statement.encode())
            source = SourceForm(
                "业务库",
                external.host,
                "ext_market",
                "ext_logged",
                "logs",
                external.port,
                accept_writable=True,
            )
            code = mounted(source)

            def sql(statement: str) -> object:
                cursor = both.execute(statement.encode())
                return cursor.fetchall() if cursor.description else None

            yield Stage(code, granted(code, rows=()), Clock(), sql)
        finally:
            for (slot,) in admin.execute(
                "SELECT slot_name FROM pg_replication_slots WHERE database = 'ext_market'"
            ).fetchall():
                admin.execute("SELECT pg_drop_replication_slot(%s)", (slot,))
            both.execute("DROP OWNED BY ext_logged CASCADE")
            admin.execute("DROP ROLE ext_logged")
            admin.execute("ALTER SYSTEM RESET max_slot_wal_keep_size")
            admin.execute("SELECT pg_reload_conf()")
            both.execute("CREATE SCHEMA IF NOT EXISTS kb")
