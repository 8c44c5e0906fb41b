"""A connection to MySQL or MariaDB at a pinned address; files of this side are never offered to the server."""

from __future__ import annotations

from typing import Final

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from yiwang.dataplane.connectors import errors
from yiwang.dataplane.connectors.facts import SourceAddress

REFUSED: Final = frozenset({1044, 1045, 1698})
NO_DATABASE: Final = 1049
NO_RIGHT: Final = frozenset({1142, 1143, 1227, 1356})
SLOW: Final = frozenset({1205, 1317, 1969, 3024})
LOST: Final = frozenset({2006, 2013, 2055})


def connect(
    address: SourceAddress, pinned: str, read_seconds: int, *, autocommit: bool
) -> Connection[Cursor]:
    """Open a session. Raises: pymysql.err.MySQLError, OSError, UnicodeError."""
    return pymysql.connect(
        host=pinned, port=address.port, user=address.user, password=address.password, database=address.database,
        charset="utf8mb4", connect_timeout=max(1, address.connect_timeout_ms // 1000), local_infile=False,
        read_timeout=read_seconds, autocommit=autocommit,
    )  # fmt: skip


def told(error: pymysql.err.MySQLError, address: SourceAddress) -> errors.ConnectorError:
    """The server's complaint in our words; its own text may quote data and is not passed on."""
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    where = f"{address.host}:{address.port}/{address.database}"
    if number in REFUSED:
        return errors.LoginRefused(address=where, user=address.user)
    if number == NO_DATABASE:
        return errors.DatabaseMissing(address=where, database=address.database)
    if number in NO_RIGHT:
        return errors.RightMissing(user=address.user, relation=where)
    if number in SLOW:
        return errors.DatabaseSlow(address=where, timeout_ms=address.timeout_ms)
    if number == 0 or number >= 2000:
        return errors.DatabaseUnreachable(address=where)
    return errors.DatabaseFault(address=where, state=f"MySQL {number}")
