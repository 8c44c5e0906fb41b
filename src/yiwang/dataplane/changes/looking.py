"""All rows of a table, or those whose cursor has grown, as text in one snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from yiwang.dataplane.changes.errors import TableGone
from yiwang.dataplane.changes.watched import Texts, Watched
from yiwang.dataplane.connectors.errors import ConnectorError, RelationMissing, RightMissing
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.connectors.postgresql import Connection, connect, told
from yiwang.dataplane.transfer.postgresql import FETCH, SETTINGS


@dataclass(frozen=True)
class Look:
    """One look at a table.

    Attributes:
        snapshot: `pg_current_snapshot()` of the source.
        cursor: the greatest value of the cursor in it, as text.
        rows: to be read once, while the look is open.
    """

    snapshot: str
    cursor: str
    rows: Iterator[Texts]


@contextmanager
def looking(place: DatabasePlace, watched: Watched, *, cursor: str = "", after: str = "") -> Iterator[Look]:
    """Look at every row, or at those whose field `cursor` is `after` or greater, where `after` is given.

    Raises: ConnectorError, TableGone.
    """
    connection = connect(place.address, place.pinned, str(place))
    try:
        for name, value in SETTINGS.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield _look(connection, watched, cursor, after)
    except psycopg.Error as error:
        raise _told(error, place, watched) from None
    finally:
        connection.close()


def _look(connection: Connection, watched: Watched, cursor: str, after: str) -> Look:
    schema, _, name = watched.table.rpartition(".")
    table = sql.Identifier(schema, name)
    (snapshot,) = connection.execute("SELECT pg_current_snapshot()::text").fetchone() or ("",)
    greatest = ""
    if cursor:
        column = sql.Identifier(watched.columns[cursor])
        found = connection.execute(sql.SQL("SELECT max({})::text FROM {}").format(column, table)).fetchone()
        greatest = str(found[0]) if found and found[0] is not None else after
    texts = sql.SQL(", ").join(
        sql.SQL("{}::text").format(sql.Identifier(column)) for column in watched.columns.values()
    )
    statement = sql.SQL("SELECT {} FROM {}").format(texts, table)
    if cursor and after:
        # the literal takes the type of the column beside it
        statement += sql.SQL(" WHERE {} >= {}").format(
            sql.Identifier(watched.columns[cursor]), sql.Literal(after)
        )
    return Look(str(snapshot), greatest, _rows(connection, statement, tuple(watched.columns)))


def _rows(connection: Connection, statement: sql.Composed, fields: tuple[str, ...]) -> Iterator[Texts]:
    with connection.cursor(name="yw_look") as cursor:
        cursor.itersize = FETCH
        cursor.execute(statement)
        for row in cursor:
            yield dict(zip(fields, (None if one is None else str(one) for one in row), strict=True))


def _told(error: psycopg.Error, place: DatabasePlace, watched: Watched) -> ConnectorError | TableGone:
    found = told(error, place.address, str(place))
    if isinstance(found, RelationMissing | RightMissing):
        return TableGone(table=watched.table, place=str(place))
    return found
