"""Databases with made content for the census, on the test server."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

import psycopg
import pytest

from tests.conftest import Server
from yiwang.bootstrap.demo import enterprises, residents

TODAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
READER = "census_reader"
SECRET = "reads-only"


@pytest.fixture(scope="package")
def demo_database(pg_server: Server) -> Iterator[str]:
    """The demo's two source databases in one, 800 rows each, and a role that may read them."""
    name = f"census_{random.SystemRandom().randrange(10**9)}"
    with psycopg.connect(pg_server.admin, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        admin.execute(f"DROP ROLE IF EXISTS {READER}")
        admin.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{SECRET}'")
    with psycopg.connect(pg_server.url(name), autocommit=True) as held:
        for module, table in ((enterprises, "scjg.qy_jbxx"), (residents, "hj.rk_jbxx")):
            held.execute(module.TABLE.encode())
            with held.cursor().copy(
                f"COPY {table} ({', '.join(module.COLUMNS)}) FROM STDIN".encode()
            ) as copy:
                for row in module.rows(800, TODAY):
                    copy.write_row(row)
        held.execute(f"GRANT USAGE ON SCHEMA scjg, hj TO {READER}")
        held.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA scjg, hj TO {READER}")
        held.execute("ANALYZE")
    yield name
    with psycopg.connect(pg_server.admin, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        admin.execute(f"DROP ROLE {READER}")


@pytest.fixture
def reader_url(pg_server: Server, demo_database: str) -> str:
    return pg_server.url(demo_database, READER, SECRET)
