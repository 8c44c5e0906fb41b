"""A source with a table that has flaws and can be mended; everything runs as a role that row-level security binds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.conftest import Server
from tests.store.exchange.conftest import external, key_folder, node, source
from yiwang.vocabulary.crypto import FileKeyProvider, use_key_provider

__all__ = ["external", "key_folder", "node", "source"]

TABLE = """
CREATE SCHEMA IF NOT EXISTS zl; GRANT USAGE ON SCHEMA zl TO ext_reader;
DROP TABLE IF EXISTS zl.qyxx;
CREATE TABLE zl.qyxx (xydm character(18) PRIMARY KEY, mc varchar(200), xb character(1), clrq date, zczb numeric(16,2), gxsj timestamp);
GRANT SELECT ON zl.qyxx TO ext_reader;
INSERT INTO zl.qyxx VALUES
  ('91350100M000100Y43', '甲公司', '1', '2001-02-03', 10.5, '2026-11-19 08:00'),
  ('91110000600037341L', '乙公司', '2', '2002-02-03', 1, '2026-11-18 08:00'),
  ('914403001922038216', NULL, '7', '2003-02-03', 1, '2026-11-18 08:00'),
  ('914403001922038217', '丁公司', '1', '2099-01-01', 1, '2026-11-18 08:00');
"""
Mend = Callable[[str], None]


@pytest.fixture
def mend(external: Server) -> Iterator[Mend]:
    """The table `zl.qyxx` anew, and a hand that changes it: `mend("UPDATE …")`."""
    with psycopg.connect(external.url("ext_market"), autocommit=True) as owner:
        owner.execute(TABLE)

        def change(statement: str) -> None:
            owner.execute(statement.encode())

        yield change
        owner.execute("DROP SCHEMA zl CASCADE")


@pytest.fixture(autouse=True)
def keys(key_folder: Path) -> None:
    use_key_provider(FileKeyProvider(key_folder, create=True))


@pytest.fixture(autouse=True)
def application(db: None, node: None) -> Iterator[None]:
    del db, node
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE quality_test_app")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO quality_test_app")
        cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO quality_test_app")
        cursor.execute("SET LOCAL ROLE quality_test_app")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
