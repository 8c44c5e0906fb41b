"""Looking into an external PostgreSQL database: who we are there, which tables, columns and keys it has.

Every connection is read-only, has time limits and goes to a pinned address of the operator's list. Openly
compatible kin (openGauss, Kingbase) answer the same catalogue queries.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import psycopg
from psycopg import sql

from yiwang.dataplane.connectors import errors
from yiwang.dataplane.connectors.facts import (
    ColumnFacts,
    RelationFacts,
    RelationName,
    ServerFacts,
    SourceAddress,
)
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.dataplane.connectors.types import column_type, length

Connection = psycopg.Connection[tuple[object, ...]]
Value = str | None
_KINDS: dict[str, Literal["table", "view", "materialized_view", "foreign_table", "partitioned_table"]] = {
    "r": "table", "v": "view", "m": "materialized_view", "f": "foreign_table", "p": "partitioned_table",
}  # fmt: skip
_OWN = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%%'"
_READABLE = (
    "has_schema_privilege(n.oid, 'USAGE') AND (has_table_privilege(c.oid, 'SELECT')"
    " OR has_any_column_privilege(c.oid, 'SELECT'))"
)
_KEY = (
    "i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND (i.indisprimary OR"
    " NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
    " AND NOT a.attnotnull))"
)
_RELATIONS = f"""
SELECT n.nspname, c.relname, c.relkind, coalesce(obj_description(c.oid, 'pg_class'), ''), c.reltuples::bigint,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND {_KEY})
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND {_OWN} AND {_READABLE}
"""  # noqa: S608 - fixed text
_COLUMNS = """
SELECT a.attname, format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END,
           CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END),
       coalesce(b.typtype, t.typtype), NOT (a.attnotnull OR t.typnotnull),
       coalesce(col_description(a.attrelid, a.attnum), '')
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = nullif(t.typbasetype, 0)
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped
      AND has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY a.attnum
"""
_KEYS = f"""
SELECT ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, at)
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
             WHERE k.at <= i.indnkeyatts ORDER BY k.at)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND {_KEY}
ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid
"""  # noqa: S608
_WRITES = """
WITH RECURSIVE base AS (
    SELECT c.oid, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relname = %s
  UNION
    SELECT r.oid, r.relkind FROM base b CROSS JOIN LATERAL (
        SELECT i.inhrelid AS oid FROM pg_inherits i WHERE i.inhparent = b.oid AND b.relkind IN ('r', 'p')
      UNION ALL
        SELECT d.refobjid FROM pg_rewrite w JOIN pg_depend d
            ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
        WHERE w.ev_class = b.oid AND b.relkind = 'v'
    ) AS below JOIN pg_class r ON r.oid = below.oid
)
SELECT bool_and(relkind IN ('r', 'p', 'v')) AND bool_or(relkind = 'r'),
    sum(pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid) + pg_stat_get_tuples_deleted(oid))
        FILTER (WHERE relkind = 'r')::bigint
FROM base
"""
_WRITABLE = f"""
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'f') AND {_OWN} AND has_schema_privilege(n.oid, 'USAGE')
      AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
ORDER BY 1, 2 LIMIT 10
"""  # noqa: S608
_UNKNOWN_ENCODINGS = {"SQL_ASCII", "MULE_INTERNAL"}
_PATIENCE = 4
"""Time limits of one statement after which a whole look is cut off, should the server ignore its own limit."""


class Database:
    """An open, read-only look into one external database. Get one from `opened`."""

    def __init__(self, connection: Connection, address: SourceAddress) -> None:
        """Wrap a connection made by `opened`."""
        self._connection = connection
        self._address = address
        self.encoding = connection.info.parameter_status("server_encoding") or ""

    @property
    def declares_encoding(self) -> bool:
        """Whether the server knows what its bytes mean; with SQL_ASCII it does not."""
        return self.encoding not in _UNKNOWN_ENCODINGS

    @property
    def lost(self) -> bool:
        """Whether the connection is gone."""
        return self._connection.closed

    def server(self) -> ServerFacts:
        """Version, encoding, and what the role could change."""
        start = time.monotonic()
        one = self._rows("SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user")
        writable = [f"{_text(schema)}.{_text(name)}" for schema, name in self._rows(_WRITABLE)]
        version = self._connection.info.parameter_status("server_version") or ""
        spent = int((time.monotonic() - start) * 1000)
        return ServerFacts(version, self.encoding, bool(one and one[0][0]), tuple(writable), spent)

    def relations(self) -> tuple[RelationName, ...]:
        """Tables and views that the role may read, by schema and name; names that are not UTF-8 are left out."""
        return self._relations(_RELATIONS, None)

    def _relations(self, query: str, only: tuple[str, ...] | None) -> tuple[RelationName, ...]:
        found = []
        for schema, name, kind, comment, rows, keyed in self._rows(query, only):
            if _text(schema) and _text(name):
                found.append(
                    RelationName(_text(schema), _text(name), _KINDS[_text(kind)], _text(comment),
                                 int(str(rows)), bool(keyed))
                )  # fmt: skip
        return tuple(sorted(found, key=lambda relation: (relation.schema, relation.name)))

    def relation(self, schema: str, name: str) -> RelationFacts:
        """One table or view with its columns and keys. Raises: RelationMissing."""
        one = self._relations(_RELATIONS + " AND n.nspname = %s AND c.relname = %s", (schema, name))
        if not one:
            raise errors.RelationMissing(user=self._address.user, relation=f"{schema}.{name}")
        about = one[0]
        columns = tuple(
            ColumnFacts(_text(column), _text(kind), column_type(_text(kind), _text(typtype)),
                        length(_text(kind)), bool(nullable), _text(comment))
            for column, kind, typtype, nullable, comment in self._rows(_COLUMNS, (schema, name))
            if _text(column)
        )  # fmt: skip
        keys = []
        for (key,) in self._rows(_KEYS, (schema, name)):
            if isinstance(key, list):
                keys.append(tuple(_text(part) for part in key))
        readable = {column.name for column in columns}
        return RelationFacts(about, columns, tuple(key for key in keys if readable.issuperset(key)))

    def writes(self, schema: str, name: str) -> int | None:
        """Rows that the server counted as inserted, changed or deleted in a table, or in all tables under a view.

        It grows with every change and begins anew when the server's statistics are reset. None where it cannot be
        told: foreign tables and materialised views.
        """
        ((told, count),) = self._rows(_WRITES, (schema, name))
        return int(str(count)) if told and count is not None else None

    def sample(self, schema: str, name: str, columns: Sequence[str], limit: int) -> list[tuple[Value, ...]]:
        """The first rows of some columns as text, as proof that they can be read.

        Raises: RightMissing, RelationMissing, TextGarbled, DatabaseSlow.
        """
        wanted = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(column)) for column in columns)
        query = sql.SQL("SELECT {} FROM {} LIMIT {}").format(
            wanted, sql.Identifier(schema, name), sql.Literal(limit)
        )
        try:
            rows = self._rows(query)
        except UnicodeDecodeError:
            raise self._garbled(schema, name, columns) from None
        garbled = sorted({
            column for row in rows for column, value in zip(columns, row, strict=True) if not _readable(value)
        })  # fmt: skip
        if garbled:
            raise self._garbled(schema, name, garbled)
        return [tuple(None if value is None else _text(value) for value in row) for row in rows]

    def unique(self, schema: str, name: str, columns: Sequence[str]) -> bool:
        """Whether these columns are filled and distinct in every row now (a scan, under the time limit)."""
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        empty = sql.SQL(" OR ").join(sql.SQL("{} IS NULL").format(sql.Identifier(c)) for c in columns)
        query = sql.SQL(
            "SELECT EXISTS (SELECT FROM {relation} WHERE {empty})"
            " OR EXISTS (SELECT FROM {relation} GROUP BY {names} HAVING count(*) > 1)"
        ).format(relation=sql.Identifier(schema, name), empty=empty, names=names)
        return not self._rows(query)[0][0]

    def read(
        self, query: str | sql.Composed, parameters: tuple[str, ...] | None = None
    ) -> list[tuple[object, ...]]:
        """Rows of a query of our own, under the connection's limits. Text may come as bytes: see `declares_encoding`."""
        return self._rows(query, parameters)

    def _rows(
        self, query: str | sql.Composed, parameters: tuple[str, ...] | None = None
    ) -> list[tuple[object, ...]]:
        text = sql.SQL(query) if isinstance(query, str) else query
        return self._connection.execute(text, parameters or ()).fetchall()

    def _garbled(self, schema: str, name: str, columns: Sequence[str]) -> errors.TextGarbled:
        return errors.TextGarbled(relation=f"{schema}.{name}", columns=list(columns), encoding=self.encoding)


@contextmanager
def opened(address: SourceAddress, allowed: AllowedHosts) -> Iterator[Database]:
    """Connect, read-only and with time limits; faults of the database inside the block are told by name too.

    Raises: ConnectorError.
    """
    pinned = allowed.pin(address.host, address.port)
    where = f"{address.host}:{address.port}/{address.database}"
    if "\0" in address.user + address.password + address.database:
        raise errors.LoginRefused(address=where, user=address.user.replace("\0", ""))
    connection = connect(address, pinned, where)
    with _Patience(connection.fileno(), address.timeout_ms * _PATIENCE / 1000) as patience:
        try:
            _limit(connection, address)
            yield Database(connection, address)
        except psycopg.Error as error:
            if patience.ended:
                raise errors.DatabaseSlow(address=where, timeout_ms=address.timeout_ms) from None
            raise told(error, address, where) from None
        finally:
            connection.close()


class _Patience:
    """Cuts a connection off from outside: a server that stopped answering obeys no limit of its own."""

    def __init__(self, descriptor: int, seconds: float) -> None:
        self._socket = socket.socket(fileno=os.dup(descriptor))
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self.ended = False

    def __enter__(self) -> _Patience:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        self._socket.close()

    def _cut(self) -> None:
        self.ended = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def connect(address: SourceAddress, pinned: str, where: str) -> Connection:
    """A session at the pinned address, in autocommit. Raises: ConnectorError."""
    try:
        connection: Connection = psycopg.connect(
            host=address.host, hostaddr=pinned, port=address.port, dbname=address.database, user=address.user,
            password=address.password, passfile="/dev/null", sslmode="prefer", gssencmode="disable",
            connect_timeout=max(2, -(-address.connect_timeout_ms // 1000)), application_name="yiwang",
            client_encoding="UTF8", autocommit=True, prepare_threshold=None,
        )  # fmt: skip
    except psycopg.Error as error:
        raise told(error, address, where) from None
    return connection


def _limit(connection: Connection, address: SourceAddress) -> None:
    if connection.info.parameter_status("server_encoding") in _UNKNOWN_ENCODINGS:
        # the server would pass bytes through unchecked: take them as bytes and look ourselves
        connection.execute("SET client_encoding TO SQL_ASCII")
    connection.execute("SET default_transaction_read_only TO on")
    connection.execute(sql.SQL("SET statement_timeout TO {}").format(sql.Literal(address.timeout_ms)))
    connection.execute(sql.SQL("SET lock_timeout TO {}").format(sql.Literal(address.timeout_ms)))


_LOGIN = ("password authentication failed", "authentication failed", "pg_hba.conf", "no password supplied",
          "is not permitted to log in", "认证失败", "不允许登录")  # fmt: skip
_ABSENT = ("does not exist", "不存在")


def told(error: psycopg.Error, address: SourceAddress, where: str) -> errors.ConnectorError:
    """The database's complaint in our words; its own text may quote data and is not passed on."""
    state = error.sqlstate
    if state is None:
        return _told_at_connect(error, address, where)
    if state in {"57014", "55P03"}:
        return errors.DatabaseSlow(address=where, timeout_ms=address.timeout_ms)
    if state.startswith("28"):
        return errors.LoginRefused(address=where, user=address.user)
    if state == "42501":
        return errors.RightMissing(user=address.user, relation=where)
    if state in {"42P01", "3F000", "42703"}:
        return errors.RelationMissing(user=address.user, relation=where)
    if state == "3D000":
        return errors.DatabaseMissing(address=where, database=address.database)
    if state == "53300":
        return errors.DatabaseCrowded(address=where)
    return errors.DatabaseFault(address=where, state=state)


def _told_at_connect(error: psycopg.Error, address: SourceAddress, where: str) -> errors.ConnectorError:
    # before a session stands there is no SQLSTATE, only the server's text in its own language
    text = str(error)
    if isinstance(error, psycopg.errors.ConnectionTimeout) or "timeout expired" in text:
        return errors.DatabaseSlow(address=where, timeout_ms=address.connect_timeout_ms)
    if any(mark in text for mark in _LOGIN):
        return errors.LoginRefused(address=where, user=address.user)
    if "too many connections" in text or "remaining connection slots" in text or "too many clients" in text:
        return errors.DatabaseCrowded(address=where)
    if any(mark in text for mark in _ABSENT):
        return errors.DatabaseMissing(address=where, database=address.database)
    if any(mark in text for mark in ("Connection refused", "No route", "unreachable", "could not connect")):
        return errors.DatabaseUnreachable(address=where)
    if "closed the connection" in text:
        return errors.NoPostgreSQL(address=where, reason="connection closed")
    if "invalid response" in text or "protocol" in text or "SSL" in text:
        return errors.NoPostgreSQL(address=where, reason="protocol")
    return errors.DatabaseUnreachable(address=where)


def _text(value: object) -> str:
    """Text of a name or value; empty where bytes of an undeclared encoding are not UTF-8."""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return ""
    return str(value)


def _readable(value: object) -> bool:
    return not isinstance(value, bytes) or not value or bool(_text(value))
