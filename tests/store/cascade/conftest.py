"""Three nodes, each with its own database and keys, joined as nation, province and city."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connections
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from tests.conftest import Server
from tests.store.cascade.network import LEVELS, Network, database_names
from tests.store.exchange.conftest import external, source
from yiwang.vocabulary.crypto import FileKeyProvider

__all__ = ["external", "source"]
ROLE = "cascade_test_app"


@pytest.fixture(scope="session")
def template(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The migrated database that every node's is copied from; made here where no other test has asked for it."""
    del django_db_setup
    made = None
    if not str(connections["default"].settings_dict["NAME"]).startswith("test_"):
        with django_db_blocker.unblock():
            made = setup_databases(verbosity=0, interactive=False, aliases={"default": None})
    yield str(connections["default"].settings_dict["NAME"])
    if made is not None:
        with django_db_blocker.unblock():
            teardown_databases(made, verbosity=0)


@pytest.fixture
def nodes(
    pg_server: Server,
    template: str,
    django_db_blocker: DjangoDbBlocker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Network]:
    """Three nodes that are not joined yet."""
    monkeypatch.setenv("YW_SOURCE_HOSTS", "127.0.0.1")
    monkeypatch.delenv("YW_AUTOMATIC_REVIEW", raising=False)
    connection = connections["default"]
    options = connection.settings_dict.get("OPTIONS", {})
    connection.close()
    names = database_names(tuple(LEVELS))
    with psycopg.connect(pg_server.admin, autocommit=True) as admin:
        if admin.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone() is None:
            admin.execute(f"CREATE ROLE {ROLE}")
        for database in names.values():
            admin.execute(f"CREATE DATABASE {database} TEMPLATE {template}")
            with psycopg.connect(pg_server.url(database), autocommit=True) as made:
                made.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE}")
                made.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    keys = {
        name: FileKeyProvider(
            tmp_path / name, create=True, suite_name="ed25519" if name == "gansu" else "sm2-sm3"
        )
        for name in names
    }
    try:
        with django_db_blocker.unblock():
            connection.settings_dict["OPTIONS"] = {**options, "options": f"-c role={ROLE}"}
            network = Network(names, keys, tmp_path)
            try:
                yield network
            finally:
                network.close()
    finally:
        connections["default"] = connection
        connection.settings_dict["NAME"] = template
        connection.settings_dict["OPTIONS"] = options
        with psycopg.connect(pg_server.admin, autocommit=True) as admin:
            for database in names.values():
                admin.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


@pytest.fixture
def joined(nodes: Network) -> Network:
    """Nation over province over city."""
    nodes.join("nation", "gansu")
    nodes.join("gansu", "lanzhou")
    return nodes
