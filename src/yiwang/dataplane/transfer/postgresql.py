"""PostgreSQL as an end of a table job, by rows; `wire` carries tables between two of them faster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count
from typing import ClassVar, Final

import psycopg
from psycopg import sql

from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.connectors.postgresql import Connection, connect, told
from yiwang.dataplane.transfer.ladder import Laddered
from yiwang.dataplane.transfer.shape import KEY_KINDS, Column, Kind, Refusal, Row, Shape, Value

_COLUMNS: Final = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), format_type(a.atttypid, NULL), a.attnotnull,
       information_schema._pg_char_max_length(a.atttypid, a.atttypmod),
       CASE WHEN a.atttypid = 'numeric'::regtype AND a.atttypmod >= 0 THEN (a.atttypmod - 4) >> 16 & 65535 END,
       CASE WHEN a.atttypid = 'numeric'::regtype AND a.atttypmod >= 0 THEN (a.atttypmod - 4) & 2047 END,
       t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype = 'b' AND a.attgenerated = '', a.attgenerated <> ''
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
      AND has_column_privilege(a.attrelid, a.attnum, 'SELECT') ORDER BY a.attnum
"""
_KEYS: Final = """
SELECT array_to_json(ARRAY(SELECT a.attname FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, at)
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
             WHERE k.at <= i.indnkeyatts ORDER BY k.at))
FROM pg_index i WHERE i.indrelid = to_regclass(%s) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
     AND i.indexprs IS NULL AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid
     AND a.attnum = ANY (i.indkey) AND NOT a.attnotnull)
ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid
"""
_BY_BYTES: Final = """
SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
JOIN pg_collation c ON c.oid = i.indcollation[0]
WHERE i.indrelid = to_regclass(%s) AND i.indisvalid AND i.indpred IS NULL AND a.attname = %s AND c.collname IN ('C', 'POSIX')
LIMIT 1
"""
_KINDS: Final[dict[str, Kind]] = {
    "smallint": "integer", "integer": "integer", "bigint": "integer", "numeric": "decimal", "real": "float",
    "double precision": "float", "boolean": "boolean", "date": "date", "time without time zone": "time",
    "timestamp without time zone": "datetime", "timestamp with time zone": "moment", "interval": "duration",
    "json": "json", "jsonb": "json", "bytea": "binary", "uuid": "uuid", "text": "text", "character varying": "text",
    "character": "text",
}  # fmt: skip
_BITS: Final = {"smallint": 16, "integer": 32, "real": 32}
_AS_TEXT: Final[frozenset[Kind]] = frozenset(
    {"date", "time", "datetime", "moment", "duration", "json", "uuid", "other"}
)
_NEW: Final[dict[Kind, str]] = {
    "text": "text", "decimal": "numeric", "boolean": "boolean", "date": "date", "time": "time", "datetime": "timestamp",
    "moment": "timestamptz", "duration": "interval", "json": "json", "binary": "bytea", "uuid": "uuid", "other": "text",
}  # fmt: skip
ROW_BOUND: Final = ("22", "23", "44")
"""SQLSTATE classes that are about the data of a row."""
SETTINGS: Final = {
    "TimeZone": "UTC", "DateStyle": "ISO, YMD", "IntervalStyle": "postgres", "bytea_output": "hex", "extra_float_digits": "1",
    "statement_timeout": "0", "idle_in_transaction_session_timeout": "0", "lock_timeout": "60s",
}  # fmt: skip
FETCH: Final = 5_000
_STREAMS: Final = count(1)


class PostgreSQL(Laddered):
    """One session. A source is read in one exported snapshot."""

    scheme: ClassVar[str] = "postgresql"
    mark: ClassVar[str] = "%s"
    holds_nul: ClassVar[bool] = False
    key_kinds: ClassVar[frozenset[Kind]] = KEY_KINDS
    guarantee_zh: ClassVar[str] = (
        "整次读取来自同一个快照（REPEATABLE READ）；中断后换新快照，重新核对已写各段。"
    )
    guarantee_en: ClassVar[str] = (
        "All is read from one snapshot (REPEATABLE READ); a resumed run takes a new one and compares every chunk again."
    )

    def __init__(self, connection: Connection, at: DatabasePlace) -> None:
        super().__init__(str(at))
        self._connection, self.at = connection, at
        self.snapshot = ""
        self.wirable: dict[str, frozenset[str]] = {}
        self._kept: dict[str, str] = {}

    @classmethod
    def open(cls, at: DatabasePlace) -> PostgreSQL:
        """A session at the pinned address. Raises: ConnectorError."""
        connection = connect(at.address, at.pinned, str(at))
        try:
            for name, value in SETTINGS.items():
                connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        except psycopg.Error as error:
            connection.close()
            raise told(error, at.address, str(at)) from None
        connection.autocommit = False
        return cls(connection, at)

    def hurry(self, seconds: float) -> None:
        """End statements of the present transaction that take longer. Raises: ConnectorError."""
        self.query("SELECT set_config('statement_timeout', %s, true)", (str(round(seconds * 1000)),))

    def shape(self, table: str) -> Shape | None:
        """As declared; generated columns of a target are left to it."""
        place = self.place(table).replace("%%", "%")
        columns, wirable = [], set()
        for name, native, plain, filled, length, precision, scale, builtin, generated in self.query(
            _COLUMNS, (place,)
        ):
            if generated and not self.snapshot:
                continue
            kind = _KINDS.get(str(plain), "other")
            columns.append(
                Column(str(name), kind, str(native), not filled, int(str(length or 0)) if kind == "text" else 0,
                       int(str(precision or 0)), int(str(scale or 0)), _BITS.get(str(plain), 64))
            )  # fmt: skip
            if builtin:
                wirable.add(str(name))
        if not columns:
            return None
        self.wirable[table] = frozenset(wirable)
        keys = tuple(tuple(map(str, key)) for (key,) in self.query(_KEYS, (place,)) if isinstance(key, list))
        ((rows,),) = self.query(
            "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)", (place,)
        )
        return Shape(tuple(columns), keys, int(str(rows)))

    def quoted(self, name: str) -> str:
        """As an identifier; a percent sign would be read as a parameter."""
        return '"' + name.replace('"', '""').replace("%", "%%") + '"'

    def place(self, table: str) -> str:
        """`public` unless a schema is named."""
        schema, _, name = table.rpartition(".")
        return f"{self.quoted(schema or 'public')}.{self.quoted(name)}"

    def declared(self, column: Column, *, key: bool = False) -> str:
        """The nearest type without loss; text of a key in the order of its bytes, in which chunks are read."""
        native = self._kept.get(column.name) or self._nearest(column)
        return f'{native} COLLATE "C"' if key and column.kind == "text" else native

    def _nearest(self, column: Column) -> str:
        match column.kind:
            case "text" if column.length:
                return f"varchar({column.length})"
            case "integer":
                return {16: "smallint", 32: "integer"}.get(column.bits, "bigint")
            case "decimal" if column.precision:
                return f"numeric({column.precision},{column.scale})"
            case "float":
                return "real" if column.bits == 32 else "double precision"
            case kind:
                return _NEW[kind]

    def keep_types(self, native: dict[str, str]) -> None:
        """New columns of these names get these types of PostgreSQL, as their source has them."""
        self._kept = native

    def wanted(self, column: Column) -> str:
        """Dates and times as text: Python has no infinity, and no year 0."""
        name = self.quoted(column.name)
        return f"{name}::text" if column.kind in _AS_TEXT else name

    def ordered(self, column: Column) -> str:
        """Text by its bytes."""
        name = self.quoted(column.name)
        return f'{name} COLLATE "C"' if column.kind == "text" else name

    def given(self, column: Column) -> str:
        """With its type, since the driver sends text."""
        return f"%s::{column.native}" if column.native else "%s"

    def climbable(self, table: str, first: Column) -> bool:
        """In a snapshot, where no index is in the order of bytes."""
        return bool(self.snapshot) and not self.query(_BY_BYTES, self.indexed(table, first))

    def indexed(self, table: str, column: Column) -> tuple[str, str]:
        """The relation and the column that an index would be of."""
        return self.place(table).replace("%%", "%"), column.name

    def begin_reading(self) -> None:
        """A snapshot that other sessions may share."""
        self.forget()
        try:
            self._connection.rollback()
            self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self._connection.read_only = True
        except psycopg.Error as error:
            raise self._told(error) from None
        self.snapshot = str(self.query("SELECT pg_export_snapshot()")[0][0])

    def end_reading(self) -> None:
        """Forget the snapshot."""
        self.rollback()

    def query(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """All rows."""
        try:
            return self._connection.execute(_sql(statement), list(values)).fetchall()
        except psycopg.Error as error:
            raise self._told(error) from None

    def stream(self, statement: str, values: Sequence[Value] = ()) -> Iterator[Row]:
        """By a cursor of the server."""
        try:
            # two threads may read at once: rows of a chunk, and those of the next that may not pass
            with self._connection.cursor(name=f"yw_rows_{next(_STREAMS)}") as cursor:
                cursor.itersize = FETCH
                cursor.execute(_sql(statement), list(values))
                yield from cursor
        except psycopg.Error as error:
            raise self._told(error) from None

    def execute(self, statement: str, values: Sequence[Value] = ()) -> int:
        """One statement."""
        try:
            return self._connection.execute(_sql(statement), list(values)).rowcount
        except psycopg.Error as error:
            raise refused(error) from None

    def insert(self, table: str, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """By COPY in text form."""
        names = ", ".join(self.quoted(column.name) for column in columns).replace("%%", "%")
        statement = f"COPY {self.place(table).replace('%%', '%')} ({names}) FROM STDIN"
        try:
            with self._connection.cursor() as cursor, cursor.copy(_sql(statement)) as copy:
                for row in rows:
                    copy.write_row(row)
        except psycopg.Error as error:
            raise refused(error) from None

    def commit(self) -> None:
        """As a database does."""
        try:
            self._connection.commit()
        except psycopg.Error as error:
            raise refused(error) from None

    def rollback(self) -> None:
        """A lost connection has rolled back already."""
        with suppress(psycopg.OperationalError):
            if not self._connection.closed:
                self._connection.rollback()

    def close(self) -> None:
        """End the session."""
        self._connection.close()

    def inline(self, statement: str, values: Sequence[Value] = ()) -> str:
        """The statement with its values written in, for commands that take no parameters."""
        with self._connection.lock:  # the driver asks the session how to quote
            return psycopg.ClientCursor(self._connection).mogrify(_sql(statement), list(values))

    def _told(self, error: psycopg.Error) -> ConnectorError:
        return told(error, self.at.address, self.name)


def refused(error: psycopg.Error) -> Refusal:
    """Why; the server's own words may quote data and are left out."""
    state = error.sqlstate or "connection"
    constraint = error.diag.constraint_name if error.sqlstate else None
    return Refusal(f"{state} {constraint}" if constraint else state, row_bound=state.startswith(ROW_BOUND))


def _sql(statement: str) -> sql.SQL:
    return sql.SQL(statement)
