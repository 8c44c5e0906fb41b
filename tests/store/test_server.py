"""The embedded server itself."""

from __future__ import annotations

import psycopg

from tests.conftest import Server


def test_the_server_speaks_utf8_and_sorts_by_code_point(pg_server: Server) -> None:
    with psycopg.connect(pg_server.admin) as connection:
        row = connection.execute("SELECT getdatabaseencoding(), 'B' < 'a'").fetchone()
    assert row == ("UTF8", True)
