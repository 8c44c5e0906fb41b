"""SQLite as an end of a table job, and the scratch table in which files are sorted, resumed and compared.

SQLite has five storage classes and no types: the declared type keeps the kind (`DECIMAL TEXT(12,2)` has the affinity
of text, so that no digit of a decimal is lost to a floating point number).
"""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import quote

from yiwang.dataplane.connectors.errors import DatabaseFault, FileMissing, RightMissing
from yiwang.dataplane.transfer.database import Database
from yiwang.dataplane.transfer.shape import Column, Kind, Refusal, Row, Shape, Value
from yiwang.dataplane.transfer.values import written

_NEW: Final[dict[Kind, str]] = {
    "text": "TEXT", "decimal": "DECIMAL TEXT", "boolean": "BOOLEAN", "date": "DATE TEXT", "time": "TIME TEXT",
    "datetime": "DATETIME TEXT", "moment": "MOMENT TEXT", "duration": "DURATION TEXT", "json": "JSON TEXT",
    "binary": "BLOB", "uuid": "UUID TEXT", "other": "TEXT",
}  # fmt: skip
_READ: Final[tuple[tuple[str, Kind], ...]] = (
    ("DATETIME", "datetime"), ("TIMESTAMP", "datetime"), ("MOMENT", "moment"), ("DURATION", "duration"),
    ("DATE", "date"), ("TIME", "time"), ("DECIMAL", "decimal"), ("NUMERIC", "decimal"), ("JSON", "json"), ("UUID", "uuid"),
    ("BOOL", "boolean"), ("INT", "integer"), ("CHAR", "text"), ("CLOB", "text"), ("TEXT", "text"), ("BLOB", "binary"),
    ("REAL", "float"), ("FLOA", "float"), ("DOUB", "float"),
)  # fmt: skip
_LIMITS: Final = re.compile(r"\((\d+)(?:\s*,\s*(\d+))?\)")
_INTEGERS: Final = {"SMALLINT": 16, "INT": 32}


class SQLite(Database):
    """One file."""

    scheme: ClassVar[str] = "sqlite"
    mark: ClassVar[str] = "?"
    holds_nul: ClassVar[bool] = True
    key_kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"text", "integer", "date", "datetime", "moment", "uuid"}
    )
    guarantee_zh: ClassVar[str] = "整次读取在同一个读事务里；中断后重新核对已写各段。"
    guarantee_en: ClassVar[str] = (
        "All is read in one read transaction; a resumed run compares every chunk again."
    )

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        super().__init__(name)
        self._connection = connection

    @classmethod
    def open(cls, path: Path, *, write: bool) -> SQLite:
        """The file; it is made when `write` and it is not there. Raises: FileMissing, DatabaseFault."""
        return cls(connected(path, write=write), path.name)

    def shape(self, table: str) -> Shape | None:
        """As declared; a column without a type is text."""
        found = self.query(f'SELECT name, type, "notnull", pk FROM pragma_table_info({self.mark})', (table,))
        if not found:
            return None
        primary = [str(name) for name, _, _, at in sorted(found, key=lambda row: int(str(row[3]))) if at]
        columns = tuple(
            _column(str(name), str(kind), nullable=not filled and not at) for name, kind, filled, at in found
        )
        filled = {column.name for column in columns if not column.nullable}
        keys = [tuple(primary)] if primary else []
        for (index,) in self.query(
            'SELECT name FROM pragma_index_list(?) WHERE "unique" = 1 AND partial = 0 ORDER BY seq', (table,)
        ):
            names = tuple(
                str(name) for (name,) in self.query("SELECT name FROM pragma_index_info(?)", (index,))
            )
            if names not in keys and filled.issuperset(names):
                keys.append(names)
        return Shape(columns, tuple(keys), self.count(table))

    def quoted(self, name: str) -> str:
        """As an identifier."""
        return '"' + name.replace('"', '""') + '"'

    def place(self, table: str) -> str:
        """The whole name: a file has no schemas."""
        return self.quoted(table)

    def beside(self, table: str, name: str) -> str:
        """In the same file."""
        del table
        return name

    def declared(self, column: Column, *, key: bool = False) -> str:
        """The kind with its limits, in the affinity that loses nothing."""
        del key
        match column.kind:
            case "text" if column.length:
                return f"VARCHAR({column.length})"
            case "decimal" if column.precision:
                return f"DECIMAL TEXT({column.precision},{column.scale})"
            case "integer":
                return {16: "SMALLINT", 32: "INT"}.get(column.bits, "INTEGER")
            case "float":
                return "FLOAT" if column.bits == 32 else "DOUBLE"
            case kind:
                return _NEW[kind]

    def begin_reading(self) -> None:
        """One read transaction."""
        self.query("BEGIN")
        self.query("SELECT count(*) FROM sqlite_master")

    def end_reading(self) -> None:
        """Let writers go on."""
        self.rollback()

    def query(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """All rows."""
        return list(self.stream(statement, values))

    def stream(self, statement: str, values: Sequence[Value] = ()) -> Iterator[Row]:
        """A row at a time."""
        try:
            yield from self._connection.execute(statement, _given(values))
        except sqlite3.Error as error:
            raise DatabaseFault(address=self.name, state=_code(error)) from None

    def execute(self, statement: str, values: Sequence[Value] = ()) -> int:
        """One statement, in a transaction that begins with the first."""
        try:
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
            return self._connection.execute(statement, _given(values)).rowcount
        except sqlite3.Error as error:
            raise _refused(error, self.name) from None

    def insert(self, table: str, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """One prepared statement."""
        names = ", ".join(self.quoted(column.name) for column in columns)
        marks = ", ".join("?" * len(columns))
        try:
            self._connection.executemany(
                f"INSERT INTO {self.place(table)} ({names}) VALUES ({marks})", map(_given, rows)
            )
        except sqlite3.Error as error:
            raise _refused(error, self.name) from None

    def commit(self) -> None:
        """As a database does."""
        try:
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise _refused(error, self.name) from None

    def rollback(self) -> None:
        """Back to the last commit."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """End the session."""
        self._connection.close()


def connected(path: Path, *, write: bool) -> sqlite3.Connection:
    """A session on the file. Raises: FileMissing, DatabaseFault."""
    if not write and not path.is_file():
        raise FileMissing(file=path.name)
    try:
        mode = "rwc" if write else "ro"
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}",
            uri=True,
            isolation_level=None,
            timeout=60,
            check_same_thread=False,
        )
        connection.text_factory = _text
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.Error as error:
        raise DatabaseFault(address=path.name, state=_code(error)) from None
    return connection


def _text(data: bytes) -> str | bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _given(values: Sequence[Value]) -> tuple[Value, ...]:
    return tuple(
        written(v) if isinstance(v, Decimal | dt.date | dt.time | dt.timedelta) else v for v in values
    )


def _refused(error: sqlite3.Error, name: str) -> Refusal | RightMissing:
    if isinstance(error, sqlite3.OperationalError) and "readonly" in str(error):
        return RightMissing(user="-", relation=name)
    bound = isinstance(error, sqlite3.IntegrityError | sqlite3.DataError | sqlite3.InterfaceError)
    return Refusal(_code(error), row_bound=bound)


def _code(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", "") or type(error).__name__


def _column(name: str, declared: str, *, nullable: bool) -> Column:
    upper = declared.upper()
    kind: Kind = next((kind for word, kind in _READ if word in upper), "text")
    found = _LIMITS.search(upper)
    first, second = (int(found[1]), int(found[2] or 0)) if found else (0, 0)
    bits = _INTEGERS.get(upper, 32 if upper == "FLOAT" else 64)
    return Column(
        name, kind, declared, nullable, first if kind == "text" else 0, first if kind == "decimal" else 0,
        second if kind == "decimal" else 0, bits,
    )  # fmt: skip
