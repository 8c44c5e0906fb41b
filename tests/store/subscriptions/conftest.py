"""A table of 250 rows that is followed; everything runs as a role that row-level security binds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

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
