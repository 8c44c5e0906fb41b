"""An SQLite file under census: opened read-only, without extensions, and stopped when a statement takes too long."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from yiwang.dataplane.census.errors import FileBroken, FileMissing
from yiwang.dataplane.census.pace import Pace
from yiwang.dataplane.census.source import (
    LONGEST_VALUE,
    Column,
    ForeignKey,
    Letter,
    Limits,
    Table,
    TableKind,
)
from yiwang.dataplane.census.sources.dialect import PlainDatabase, Row, Unreadable

_DECLARED: Final = re.compile(r"^\s*([A-Za-z_ ]+?)\s*(?:\((\d+)(?:\s*,\s*(\d+))?\))?\s*$")
_STEPS: Final = 10_000
_LARGEST: Final = 64 << 20
_MAGIC: Final = b"SQLite format 3\0"
_LETTERS: Final[tuple[tuple[str, Letter], ...]] = (
    ("BOOL", "L"), ("DATETIME", "T"), ("TIMESTAMP", "T"), ("DATE", "D"), ("INT", "I"), ("CHAR", "C"), ("CLOB", "C"),
    ("TEXT", "C"), ("UUID", "C"), ("DEC", "N"), ("NUM", "N"), ("MONEY", "Y"), ("REAL", "B"), ("DOUB", "B"),
    ("FLOA", "F"), ("BLOB", "G"), ("JSON", "M"),
)  # fmt: skip


class SQLite(PlainDatabase):
    """One SQLite file."""

    def __init__(self, connection: sqlite3.Connection, path: Path, limits: Limits, pace: Pace) -> None:
        super().__init__(limits, pace)
        self._connection = connection
        self.address = f"sqlite:{path.name}"
        self.format = ("数据库", "SQLite")
        self._until = 0.0
        connection.set_progress_handler(lambda: int(time.monotonic() > self._until), _STEPS)

    def tables(self) -> Sequence[Table]:
        """Tables and views; SQLite keeps no comments, and no estimate of rows but the highest rowid."""
        made = []
        listed = self._fetch(
            "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
            (),
        )
        for raw, kind in listed:
            name = self._text(raw)
            try:
                made.append(self._table(name, "view" if kind in {"view", b"view"} else "table"))
            except Unreadable as why:
                self._noticed.add(
                    "table-unreadable", name, f"表结构读不到：{why.zh}", f"Not readable: {why.en}"
                )
        return made

    def _table(self, name: str, kind: TableKind) -> Table:
        quoted = self._quoted(name)
        facts = self._fetch(f"PRAGMA table_info({quoted})", ())
        columns = tuple(
            _column(self._text(fact[1]), self._text(fact[2] or ""), not fact[3]) for fact in facts
        )
        ranked = sorted((int(str(fact[5])), self._text(fact[1])) for fact in facts if fact[5])
        unique = []
        for index in self._fetch(f"PRAGMA index_list({quoted})", ()):
            if index[2] and not index[4] and self._text(index[3]) != "pk":
                parts = self._fetch(f"PRAGMA index_info({self._quoted(self._text(index[1]))})", ())
                unique.append(tuple(self._text(part[2]) for part in parts if part[2] is not None))
        foreign: dict[str, list[Row]] = {}
        for fact in self._fetch(f"PRAGMA foreign_key_list({quoted})", ()):
            foreign.setdefault(str(fact[0]), []).append(fact)
        rows = -1
        if kind == "table":
            try:
                highest = self._fetch(f"SELECT max(rowid) FROM {quoted}", ())[0][0]  # noqa: S608 - quoted
                rows = int(str(highest or 0))
            except Unreadable:
                rows = self._limits.exact_rows
        return Table(
            "", name, kind, "", rows, columns, tuple(column for _, column in ranked),
            tuple(key for key in unique if key),
            tuple(
                ForeignKey(
                    tuple(self._text(part[3]) for part in parts), self._text(parts[0][2]),
                    tuple(self._text(part[4]) for part in parts if part[4] is not None),
                )
                for parts in foreign.values()
            ),
        )  # fmt: skip

    def _spread(self, table: Table, limit: int) -> str:
        if table.kind != "table" or table.rows <= 5 * limit:
            return ""
        step = max(1, table.rows // (2 * limit))
        return (
            f" WHERE rowid % {step} = 0"
            if table.rows <= self._limits.exact_rows
            else self._slices(table, limit)
        )

    def _slices(self, table: Table, limit: int) -> str:
        """Ten runs of neighbouring rows: cheap however big the table is."""
        length = limit // 10 + 1
        starts = [1 + at * (table.rows // 10) for at in range(10)]
        return " WHERE " + " OR ".join(f"rowid BETWEEN {s} AND {s + length}" for s in starts)

    def _fetch(self, statement: str, parameters: Sequence[object]) -> Sequence[Row]:
        self._until = time.monotonic() + self._limits.timeout_ms / 1000
        try:
            return self._connection.execute(statement, parameters).fetchall()
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                told = (
                    f"{self._limits.timeout_ms} 毫秒内没有读完",
                    f"not done within {self._limits.timeout_ms} ms",
                )
                raise Unreadable(*told) from None
            raise Unreadable("表或视图有误", "the table or view is broken") from None
        except (sqlite3.DatabaseError, OverflowError):
            raise Unreadable("文件这一部分已损坏", "this part of the file is damaged") from None

    def _text(self, value: object) -> str:
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

    def _quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def _as_text(self, expression: str) -> str:
        return f"substr(CAST({expression} AS TEXT), 1, {LONGEST_VALUE})"


@contextmanager
def opened(path: Path, limits: Limits, pace: Pace) -> Iterator[SQLite]:
    """The file, which is never written, not even a journal beside it.

    Raises: FileMissing, FileBroken.
    """
    if not path.is_file():
        raise FileMissing(address=path.name)
    with path.open("rb") as file:
        if file.read(16) != _MAGIC:
            raise FileBroken(
                address=path.name, problem_zh="不是 SQLite 数据库", problem_en="it is no SQLite database"
            )
    place = quote(str(path.resolve()))
    connection = sqlite3.connect(f"file:{place}?mode=ro", uri=True)
    try:
        connection.text_factory = bytes
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST)
        for pragma in ("query_only = ON", "trusted_schema = OFF", "mmap_size = 0"):
            connection.execute(f"PRAGMA {pragma}")
        yield SQLite(connection, path, limits, pace)
    except Unreadable as why:
        raise FileBroken(address=path.name, problem_zh=why.zh, problem_en=why.en) from None
    finally:
        connection.close()


def _column(name: str, declared: str, nullable: bool) -> Column:
    found = _DECLARED.match(declared.upper())
    if not found:
        return Column(name, declared, None, nullable=nullable)
    base, length, scale = found.group(1), int(found.group(2) or 0), int(found.group(3) or 0)
    letter = next((letter for part, letter in _LETTERS if part in base), None)
    # SQLite enforces no type: only a text's length is a statement of the designer
    return Column(name, declared, letter, length if letter in {"C", "N"} else 0, scale, nullable)
