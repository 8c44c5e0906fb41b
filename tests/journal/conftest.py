"""Databases for the writer's tests: copies of one migrated template, each test its own, with committed data."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Server
from tests.journal.cases import Database, migrate
from yiwang.vocabulary.crypto import FileKeyProvider

_numbers = itertools.count(1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def journal_template(pg_server: Server) -> Iterator[str]:
    with psycopg.connect(pg_server.admin, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS journal_template WITH (FORCE)")
        admin.execute("CREATE DATABASE journal_template")
        migrate(pg_server.url("journal_template"))
        yield "journal_template"
        admin.execute("DROP DATABASE IF EXISTS journal_template WITH (FORCE)")


@pytest.fixture
def new_database(pg_server: Server, journal_template: str) -> Iterator[Callable[[], Database]]:
    made: list[str] = []
    with psycopg.connect(pg_server.admin, autocommit=True) as admin:

        def create() -> Database:
            name = f"journal_{next(_numbers)}"
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {journal_template}")
            made.append(name)
            return Database(pg_server.url(name))

        yield create
        for name in made:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def database(new_database: Callable[[], Database]) -> Database:
    return new_database()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys") / "keys"
    FileKeyProvider(folder, create=True).signing_key("evidence")
    return folder


@pytest.fixture(scope="session")
def session_database(pg_server: Server, journal_template: str) -> Iterator[Database]:
    with psycopg.connect(pg_server.admin, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE journal_filled TEMPLATE {journal_template}")
        yield Database(pg_server.url("journal_filled"))
        admin.execute("DROP DATABASE IF EXISTS journal_filled WITH (FORCE)")
