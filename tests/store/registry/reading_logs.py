"""What the test server wrote into its log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from yiwang.blocks.registry.public import Owner

_FILE = "current_setting('data_directory') || '/../postgres.log'"
EVERYTHING = {
    "log_statement": "all", "log_min_duration_statement": "0", "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1", "log_min_error_statement": "info", "log_error_verbosity": "verbose",
}  # fmt: skip
"""Settings under which a server's log tells all it can."""


def end_of_log(made: Owner) -> int:
    """How long the log is."""
    row = made.execute(f"SELECT size FROM pg_stat_file({_FILE})".encode()).fetchone()
    assert row is not None
    return int(row[0])


def logged(made: Owner, start: int) -> str:
    """What was logged since it was so long."""
    size = end_of_log(made) - start
    row = made.execute(f"SELECT pg_read_binary_file({_FILE}, %s, %s)".encode(), [start, size]).fetchone()
    assert row is not None
    return bytes(row[0]).decode("utf-8", "replace")


@contextmanager
def everything_logged(made: Owner) -> Iterator[None]:
    """A server that logs every statement with its values, for this connection and for new ones."""
    name = made.info.dbname
    connection.close()
    for setting, value in EVERYTHING.items():
        made.execute(f"ALTER DATABASE {name} SET {setting} = '{value}'".encode())
        made.execute(f"SET {setting} = '{value}'".encode())
    try:
        yield
    finally:
        made.execute(f"ALTER DATABASE {name} RESET ALL".encode())
        made.execute(b"RESET ALL")
        connection.close()
