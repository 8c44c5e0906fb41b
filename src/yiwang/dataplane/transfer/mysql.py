"""MySQL and MariaDB as an end of a table job. The server turns GBK and other columns into UTF-8 on the way."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import ClassVar, Final

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor, SSCursor

from yiwang.dataplane.connectors import mysql as connector
from yiwang.dataplane.connectors.errors import ConnectorError, DatabaseUnreachable
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.transfer.ladder import Laddered
from yiwang.dataplane.transfer.shape import KEY_KINDS, Column, Kind, Refusal, Row, Shape, Value

_COLUMNS: Final = """
SELECT column_name, data_type, column_type, is_nullable, character_maximum_length, numeric_precision, numeric_scale
FROM information_schema.columns WHERE table_schema = coalesce(%s, database()) AND table_name = %s ORDER BY ordinal_position
"""
_JSON_CHECKS: Final = """
SELECT constraint_name FROM information_schema.check_constraints
WHERE constraint_schema = coalesce(%s, database()) AND table_name = %s AND check_clause LIKE 'json_valid(%%'
"""
_KEYS: Final = """
SELECT index_name, column_name, nullable FROM information_schema.statistics
WHERE table_schema = coalesce(%s, database()) AND table_name = %s AND non_unique = 0 ORDER BY index_name, seq_in_index
"""
_ROWS: Final = (
    "SELECT coalesce(table_rows, -1) FROM information_schema.tables"
    " WHERE table_schema = coalesce(%s, database()) AND table_name = %s"
)
_KINDS: Final[dict[str, Kind]] = {
    "tinyint": "integer", "smallint": "integer", "mediumint": "integer", "int": "integer", "bigint": "integer",
    "year": "integer", "decimal": "decimal", "float": "float", "double": "float", "date": "date", "datetime": "datetime",
    "timestamp": "moment", "time": "duration", "json": "json", "bit": "integer", "binary": "binary",
    "varbinary": "binary", "tinyblob": "binary", "blob": "binary", "mediumblob": "binary", "longblob": "binary",
}  # fmt: skip
_BITS: Final = {"tinyint": 16, "smallint": 16, "mediumint": 32, "int": 32, "year": 16, "float": 32}
_WIDER: Final = {"tinyint": 16, "smallint": 32, "mediumint": 32, "int": 64}
_NEW: Final[dict[Kind, str]] = {
    "text": "longtext", "boolean": "tinyint(1)", "date": "date", "time": "time(6)", "datetime": "datetime(6)",
    "moment": "datetime(6)", "duration": "time(6)", "json": "json", "uuid": "char(36)", "other": "longtext",
}  # fmt: skip
_ROW_BOUND: Final = frozenset({1048, 1062, 1264, 1265, 1292, 1366, 1406, 1451, 1452, 3140, 3819, 4025})
_MOST_BYTES: Final = 4 << 20
"""Below `max_allowed_packet` of every server in use."""
_KEY_CHARACTERS: Final = 190


class MySQL(Laddered):
    """One session in the database of its address."""

    scheme: ClassVar[str] = "mysql"
    mark: ClassVar[str] = "%s"
    holds_nul: ClassVar[bool] = True
    key_kinds: ClassVar[frozenset[Kind]] = KEY_KINDS
    guarantee_zh: ClassVar[str] = (
        "InnoDB 表在一次运行内来自同一个快照；MyISAM 表没有快照。中断后换新快照，重新核对已写各段。"
    )
    guarantee_en: ClassVar[str] = (
        "InnoDB tables are read from one snapshot within a run, MyISAM tables from none. A resumed run takes a new one"
        " and compares every chunk again."
    )

    def __init__(self, connection: Connection[Cursor], at: DatabasePlace) -> None:
        super().__init__(str(at))
        self._connection, self._at = connection, at

    @classmethod
    def open(cls, at: DatabasePlace) -> MySQL:
        """A session at the pinned address. Raises: ConnectorError."""
        try:
            connection = connector.connect(at.address, at.pinned, 3600, autocommit=False)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SET SESSION time_zone = '+00:00', net_write_timeout = 3600, sql_mode = 'STRICT_ALL_TABLES,"
                    "NO_ENGINE_SUBSTITUTION'"
                )
        except pymysql.err.MySQLError as error:
            raise connector.told(error, at.address) from None
        except (OSError, UnicodeError):
            raise DatabaseUnreachable(address=str(at)) from None
        return cls(connection, at)

    def shape(self, table: str) -> Shape | None:
        """As declared; MariaDB's JSON is long text with a check."""
        named = self._named(table)
        json = {str(name) for (name,) in self._json_columns(named)}
        columns = []
        for name, kind, full, nullable, length, precision, scale in self.query(_COLUMNS, named):
            columns.append(
                _column(str(name), str(kind).lower(), str(full).lower(), nullable == "YES", int(str(length or 0)),
                        int(str(precision or 0)), int(str(scale or 0)), json=str(name) in json)
            )  # fmt: skip
        if not columns:
            return None
        keys: dict[str, list[str]] = {}
        unfit = set()
        for index, name, nullable in self.query(_KEYS, named):
            keys.setdefault(str(index), []).append(str(name))
            if nullable == "YES" or name is None:
                unfit.add(str(index))
        order = sorted(keys, key=lambda index: (index != "PRIMARY", len(keys[index])))
        found = self.query(_ROWS, named)
        return Shape(
            tuple(columns), tuple(tuple(keys[index]) for index in order if index not in unfit),
            int(str(found[0][0])) if found else -1,
        )  # fmt: skip

    def _json_columns(self, named: tuple[str | None, str]) -> list[Row]:
        try:
            return self.query(_JSON_CHECKS, named)
        except ConnectorError:  # MySQL's own table of checks names no table
            return []

    def _named(self, table: str) -> tuple[str | None, str]:
        schema, _, name = table.rpartition(".")
        return schema or None, name

    def quoted(self, name: str) -> str:
        """As an identifier; a percent sign would be read as a parameter."""
        return "`" + name.replace("`", "``").replace("%", "%%") + "`"

    def declared(self, column: Column, *, key: bool = False) -> str:
        """The nearest type without loss; a key of text needs a length."""
        match column.kind:
            case "text" | "other" if key or 0 < column.length <= 500:
                return (
                    f"varchar({column.length or _KEY_CHARACTERS}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
                )
            case "text" | "other":
                return "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
            case "integer":
                return {16: "smallint", 32: "int"}.get(column.bits, "bigint")
            case "decimal":
                return f"decimal({column.precision or 65},{column.scale if column.precision else 30})"
            case "float":
                return "float" if column.bits == 32 else "double"
            case "binary":
                return "longblob"
            case kind:
                return _NEW[kind]

    def wanted(self, column: Column) -> str:
        """A float with all its digits, bits as a number, a timestamp with the session's zone, which is UTC."""
        name = self.quoted(column.name)
        if column.kind == "moment":
            return f"CONCAT({name}, '+00:00')"
        if column.kind == "float" and column.bits == 32:
            return f"({name} + 0e0)"
        return f"({name} + 0)" if column.native.startswith("bit") else name

    def ordered(self, column: Column) -> str:
        """Text by the bytes of its UTF-8."""
        name = self.quoted(column.name)
        return f"CAST(CONVERT({name} USING utf8mb4) AS BINARY)" if column.kind in {"text", "uuid"} else name

    def given(self, column: Column) -> str:
        """In the same form as the column."""
        return "CAST(CONVERT(%s USING utf8mb4) AS BINARY)" if column.kind in {"text", "uuid"} else "%s"

    def climbable(self, table: str, first: Column) -> bool:
        """Where rows can be numbered: MySQL since 8.0, MariaDB since 10.2."""
        del table, first
        ((version,),) = self.query("SELECT version()")
        found = re.match(r"(\d+)\.(\d+)", str(version))
        least = (10, 2) if "mariadb" in str(version).lower() else (8, 0)
        return found is not None and (int(found[1]), int(found[2])) >= least

    def plain(self, column: Column) -> str:
        """As the driver gives it: the column's order is stronger than that of a value."""
        del column
        return self.mark

    def begin_reading(self) -> None:
        """InnoDB's consistent snapshot."""
        self.forget()
        self.rollback()
        self.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def end_reading(self) -> None:
        """Let go of it."""
        self.rollback()

    def query(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """All rows."""
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement, _given(values))
                return [tuple(row) for row in cursor.fetchall()]
        except pymysql.err.MySQLError as error:
            raise connector.told(error, self._at.address) from None

    def stream(self, statement: str, values: Sequence[Value] = ()) -> Iterator[Row]:
        """Unbuffered: a row at a time."""
        try:
            with self._connection.cursor(SSCursor) as cursor:
                cursor.execute(statement, _given(values))
                while rows := cursor.fetchmany(1000):
                    yield from (tuple(row) for row in rows)
        except pymysql.err.MySQLError as error:
            raise connector.told(error, self._at.address) from None

    def execute(self, statement: str, values: Sequence[Value] = ()) -> int:
        """One statement."""
        try:
            with self._connection.cursor() as cursor:
                return int(cursor.execute(statement, _given(values)))
        except pymysql.err.MySQLError as error:
            raise _refused(error) from None

    def insert(self, table: str, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """Statements of many rows each."""
        names = ", ".join(self.quoted(column.name) for column in columns)
        one = "(" + ", ".join(["%s"] * len(columns)) + ")"
        head = f"INSERT INTO {self.place(table)} ({names}) VALUES "
        try:
            with self._connection.cursor() as cursor:
                held: list[str] = []
                size = 0
                for row in rows:
                    text = cursor.mogrify(one, _given(row))
                    held.append(text)
                    size += len(text) * 3
                    if size > _MOST_BYTES:
                        cursor.execute(head.replace("%%", "%") + ", ".join(held))
                        held, size = [], 0
                if held:
                    cursor.execute(head.replace("%%", "%") + ", ".join(held))
        except pymysql.err.MySQLError as error:
            raise _refused(error) from None

    def commit(self) -> None:
        """As a database does."""
        try:
            self._connection.commit()
        except pymysql.err.MySQLError as error:
            raise _refused(error) from None

    def rollback(self) -> None:
        """A lost connection has rolled back already."""
        with suppress(pymysql.err.OperationalError, pymysql.err.InterfaceError):
            if self._connection.open:
                self._connection.rollback()

    def close(self) -> None:
        """End the session."""
        if self._connection.open:
            self._connection.close()


def _given(values: Sequence[Value]) -> tuple[Value, ...]:
    """The server knows no zones: moments are given in UTC, as the session's zone is."""
    return tuple(
        v.astimezone(dt.UTC).replace(tzinfo=None) if isinstance(v, dt.datetime) and v.tzinfo else v
        for v in values
    )


def _refused(error: pymysql.err.MySQLError) -> Refusal:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    return Refusal(f"MySQL {number}", row_bound=number in _ROW_BOUND)


def _column(
    name: str, kind: str, full: str, nullable: bool, length: int, precision: int, scale: int, *, json: bool
) -> Column:
    if full in {"tinyint(1)", "bit(1)"}:
        return Column(name, "boolean", full, nullable)
    held: Kind = "json" if json else _KINDS.get(kind, "text")
    bits = _BITS.get(kind, 64)
    if "unsigned" in full and held == "integer":
        if kind == "bigint":
            return Column(name, "decimal", full, nullable, precision=20)
        bits = _WIDER[kind]
    if kind == "bit" and precision > 63:
        return Column(name, "decimal", full, nullable, precision=20)
    limited = held in {"text", "binary"} and kind in {"char", "varchar", "binary", "varbinary"}
    return Column(
        name, held, full, nullable, length if limited else 0, precision if held == "decimal" else 0,
        scale if held == "decimal" else 0, bits,
    )  # fmt: skip
