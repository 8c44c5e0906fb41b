"""Sampling and counting in plain SQL, for databases that are reached through a Python DB-API driver."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from yiwang.dataplane.census.errors import TableUnreadable
from yiwang.dataplane.census.pace import Pace
from yiwang.dataplane.census.source import (
    LONGEST_VALUE,
    MOST_ENTRIES,
    Asked,
    Column,
    Limits,
    Measure,
    Notice,
    Noticed,
    Sample,
    Table,
    Value,
)

Row = tuple[object, ...]


class Unreadable(Exception):
    """Why a statement gave nothing, in both languages; raised by a dialect, told of a table here."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class PlainDatabase(ABC):
    """Everything but the catalogue queries; a dialect says how names are quoted and how rows are limited."""

    mark = "?"

    def __init__(self, limits: Limits, pace: Pace) -> None:
        self._limits, self._pace = limits, pace
        self._noticed = Noticed()

    @abstractmethod
    def _fetch(self, statement: str, parameters: Sequence[object]) -> Sequence[Row]:
        """Run one statement. Raises: Unreadable."""

    @abstractmethod
    def _quoted(self, name: str) -> str:
        """A name as an identifier."""

    @abstractmethod
    def _as_text(self, expression: str) -> str:
        """The value as text of at most `LONGEST_VALUE` characters."""

    def _limited(self, query: str, limit: int) -> str:
        return f"{query} LIMIT {limit}"

    def _spread(self, table: Table, limit: int) -> str:
        """A condition that picks rows all over a big table, or nothing."""
        del table, limit
        return ""

    def _place(self, table: Table) -> str:
        return ".".join(self._quoted(part) for part in (table.schema, table.name) if part)

    def notices(self) -> Sequence[Notice]:
        """What was noticed so far."""
        return tuple(self._noticed.items)

    def sample(self, table: Table, limit: int) -> Sample:
        """The first rows, or rows all over the table where the dialect can tell how."""
        wanted = ", ".join(self._wanted(column) for column in table.columns)
        query = f"SELECT {wanted} FROM {self._place(table)}"  # noqa: S608 - quoted names
        spread = self._spread(table, limit)
        rows = self._of(table, self._limited(query + spread, limit + 1))
        if spread and len(rows) < limit // 2:
            spread = ""
            rows = self._of(table, self._limited(query, limit + 1))
        whole = not spread and len(rows) <= limit
        return Sample([tuple(self._value(table, v) for v in row) for row in rows[:limit]], whole)

    def measure(self, table: Table, columns: Sequence[str]) -> Mapping[str, Measure]:
        """Counted exactly for tables that are not big."""
        if not columns or not self._countable(table):
            return {}
        parts = ["count(*)"]
        for name in columns:
            held = self._quoted(name)
            parts.append(f"count({held}), count(DISTINCT {held}), max(length({self._as_text(held)}))")
        query = f"SELECT {', '.join(parts)} FROM {self._place(table)}"  # noqa: S608
        row = [int(str(value or 0)) for value in self._of(table, query)[0]]
        return {name: Measure(row[0], *row[1 + 3 * at : 4 + 3 * at]) for at, name in enumerate(columns)}

    def entries(self, table: Table, columns: Sequence[str]) -> Mapping[str, Mapping[str, int]] | None:
        """Distinct values, one statement a column."""
        if not self._countable(table):
            return None
        held: dict[str, dict[str, int]] = {}
        for name in columns:
            text = self._as_text(self._quoted(name))
            query = f"SELECT {text}, count(*) FROM {self._place(table)} GROUP BY {text}"  # noqa: S608
            counts = {
                value: int(str(count))
                for raw, count in self._of(table, self._limited(query, MOST_ENTRIES + 2))
                if (value := self._value(table, raw)) is not None
            }
            if len(counts) <= MOST_ENTRIES:
                held[name] = counts
        return held

    def found(self, questions: Sequence[Asked]) -> Sequence[int | None]:
        """Asked of the server, of tables that are not big or have a key on the column."""
        return [self._found(asked.table, asked.column, asked.values) for asked in questions]

    def _found(self, table: Table, column: str, values: Sequence[str]) -> int | None:
        keyed = any(key[:1] == (column,) for key in (table.primary, *table.unique))
        if not values or not (keyed or self._countable(table)):
            return None
        held = self._quoted(column)
        marks = ", ".join(self._marks(len(values)))
        query = f"SELECT count(DISTINCT {held}) FROM {self._place(table)} WHERE {held} IN ({marks})"  # noqa: S608
        try:
            return int(str(self._of(table, query, tuple(values))[0][0]))
        except TableUnreadable:
            return None

    def _marks(self, count: int) -> list[str]:
        return [self.mark] * count

    def _wanted(self, column: Column) -> str:
        held = self._quoted(column.name)
        if column.letter == "G":
            return f"CASE WHEN {held} IS NULL THEN NULL ELSE '' END"
        return self._as_text(held)

    def _countable(self, table: Table) -> bool:
        return table.kind == "table" and 0 <= table.rows <= self._limits.exact_rows

    def _of(self, table: Table, statement: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        self._pace.step()
        try:
            return self._fetch(statement, parameters)
        except Unreadable as why:
            raise TableUnreadable(table=table.path, reason_zh=why.zh, reason_en=why.en) from None

    def _value(self, table: Table, value: object) -> Value:
        if value is None:
            return None
        if isinstance(value, bytes):
            for encoding in ("utf-8", "gb18030"):
                try:
                    return value.decode(encoding)[:LONGEST_VALUE]
                except UnicodeDecodeError:
                    continue
            self._noticed.add(
                "mixed-encodings", table.path, "部分文字既不是 UTF-8 也不是 GB18030，已跳过",
                "Some text is neither UTF-8 nor GB18030 and is left out",
            )  # fmt: skip
            return None
        return str(value)[:LONGEST_VALUE]
