"""A server that is given is told to keep rows out of its log, as far as the account may say so. ADR 0286."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from yiwang.bootstrap.database import prepare_given
from yiwang.bootstrap.embedded import QUIET, EmbeddedServer, ServerFacts, free_port
from yiwang.bootstrap.node import NodeFolder

NOISY = {
    "fsync": "off", "log_min_error_statement": "error", "log_error_verbosity": "default", "log_statement": "ddl",
    "log_parameter_max_length": "-1", "log_parameter_max_length_on_error": "-1",
}  # fmt: skip


@pytest.fixture
def server() -> Iterator[ServerFacts]:
    with TemporaryDirectory(prefix="yw-given-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        made = EmbeddedServer(Path(name), free_port(), settings=NOISY)
        try:
            yield made.start()
        finally:
            made.stop()


def told(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", [list(QUIET)]
        )
        return {str(name): str(value) for name, value in found.fetchall()}


def test_the_roles_of_the_node_log_quietly_in_its_database_and_nowhere_else(
    server: ServerFacts, tmp_path: Path
) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE node")
    folder = NodeFolder(tmp_path)
    folder.prepare()
    urls = prepare_given(server.url("node"), folder)
    for url in (urls.owner, urls.app, urls.gateway, urls.share):
        assert told(url) == QUIET
    assert told(server.url("postgres"))["log_error_verbosity"] == "default"


def test_an_account_that_may_not_say_so_prepares_the_database_all_the_same(
    server: ServerFacts, tmp_path: Path
) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE keeper LOGIN CREATEROLE PASSWORD 'of a test'")
        connection.execute("CREATE DATABASE node OWNER keeper")
        connection.execute("GRANT SET ON PARAMETER log_error_verbosity TO keeper")
    folder = NodeFolder(tmp_path)
    folder.prepare()
    urls = prepare_given(server.url("node", "keeper", "of a test"), folder)
    found = told(urls.app)
    assert found["log_error_verbosity"] == "terse"  # the one that the account was granted
    assert found["log_min_error_statement"] == "error"
