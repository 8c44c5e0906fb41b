"""Two databases of one PostgreSQL server, a MariaDB, and a job between any two addresses."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import Server
from tests.store.mariadb import MariaDB, running
from yiwang.dataplane.connectors.places import Reach, place_of
from yiwang.dataplane.transfer.keeping import JobFolder
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.report import Report
from yiwang.dataplane.transfer.running import copy

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Pair:
    """Addresses of a source and a target database."""

    source: str
    target: str

    def at_source(self, statement: str) -> list[tuple[object, ...]]:
        return _run(self.source, statement)

    def at_target(self, statement: str) -> list[tuple[object, ...]]:
        return _run(self.target, statement)

    def same(self, table: str, order: str = "1") -> bool:
        """Whether both tables hold the same rows, column by column."""
        asked = f"SELECT * FROM {table} ORDER BY {order}"
        return self.at_source(asked) == self.at_target(asked)


def _run(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as held:
        done = held.execute(statement.encode())
        return done.fetchall() if done.description else []


@pytest.fixture(scope="package")
def databases(pg_server: Server) -> Iterator[Pair]:
    names = [f"transfer_{random.SystemRandom().randrange(10**9)}" for _ in range(2)]
    with psycopg.connect(pg_server.admin, autocommit=True) as admin:
        for name in names:
            admin.execute(f"CREATE DATABASE {name}".encode())
    yield Pair(pg_server.url(names[0]), pg_server.url(names[1]))
    with psycopg.connect(pg_server.admin, autocommit=True) as admin:
        for name in names:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def pair(databases: Pair) -> Pair:
    """Both empty."""
    for at in (databases.at_source, databases.at_target):
        at("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return databases


@pytest.fixture
def capturable(databases: Pair) -> Iterator[Pair]:
    """A filled source, an empty target; afterwards no slot is left."""
    from tests.store.transfer import capturing  # it uses `run` of this module

    for at in (databases.at_source, databases.at_target):
        at("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    databases.at_source(capturing.TABLE)
    databases.at_source(capturing.FILL)
    yield databases
    databases.at_source(capturing.DROP_SLOTS)
    for (name,) in databases.at_source("SELECT pubname FROM pg_publication"):
        databases.at_source(f'DROP PUBLICATION "{name}"')


@pytest.fixture(scope="package")
def maria() -> Iterator[MariaDB]:
    with running() as server:
        yield server


def run(folder: Path, source: str, target: str, table: str, **words: Any) -> Report:
    """A job between two addresses."""
    words.setdefault("job", "job")
    words.setdefault("target_table", table)
    progress = words.pop("progress", lambda _: None)
    reach = Reach()
    order = Order(table=table, **words)
    return copy(
        place_of(source, reach), place_of(target, reach), order, JobFolder(folder, order.job), progress
    )
