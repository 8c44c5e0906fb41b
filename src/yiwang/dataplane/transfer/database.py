"""A database as both ends of a table job: one class for all of them, what differs is in each dialect.

The order of keys is that of bytes for text, so that spans mean the same rows on every database.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from yiwang.dataplane.transfer.shape import Column, Key, Kind, Refusal, Row, Shape, Span, Value

BATCH = 200
"""Keys asked for in one statement."""


@dataclass(frozen=True, slots=True)
class Window:
    """Rows whose cursor column lies within [`low`, `high`]; `low` None: from the beginning."""

    column: Column
    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL with its parameters."""

    sql: str
    values: tuple[Value, ...] = ()

    def __and__(self, other: Condition) -> Condition:
        if not self.sql or not other.sql:
            return self if self.sql else other
        return Condition(f"{self.sql} AND {other.sql}", self.values + other.values)


NOTHING = Condition("")


class Database(ABC):
    """An open session. Every table is named as its users name it (`schema.table` or `table`)."""

    scheme: ClassVar[str]
    mark: ClassVar[str]
    holds_nul: ClassVar[bool]
    guarantee_zh: ClassVar[str]
    guarantee_en: ClassVar[str]
    key_kinds: ClassVar[frozenset[Kind]]

    def __init__(self, name: str) -> None:
        """`name` is the address without user and password."""
        self.name = name

    @abstractmethod
    def shape(self, table: str) -> Shape | None:
        """Columns and keys; None where there is no such table."""

    @abstractmethod
    def quoted(self, name: str) -> str:
        """A name as an identifier."""

    @abstractmethod
    def declared(self, column: Column, *, key: bool = False) -> str:
        """The type of a new column for such values."""

    @abstractmethod
    def begin_reading(self) -> None:
        """From here on every read sees the same state, as far as the guarantee goes."""

    @abstractmethod
    def end_reading(self) -> None:
        """Let go of that state."""

    @abstractmethod
    def query(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """All rows of a statement. Raises: ConnectorError."""

    @abstractmethod
    def stream(self, statement: str, values: Sequence[Value] = ()) -> Iterator[Row]:
        """Rows of a statement, a bounded number in memory. Raises: ConnectorError."""

    @abstractmethod
    def execute(self, statement: str, values: Sequence[Value] = ()) -> int:
        """Run a statement; gives the rows that it changed. Raises: Refusal."""

    @abstractmethod
    def insert(self, table: str, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """Add rows, inside of a transaction. Raises: Refusal."""

    @abstractmethod
    def commit(self) -> None:
        """Make it last. Raises: Refusal."""

    @abstractmethod
    def rollback(self) -> None:
        """Take it back."""

    @abstractmethod
    def close(self) -> None:
        """End the session."""

    def place(self, table: str) -> str:
        """The table as SQL."""
        schema, _, name = table.rpartition(".")
        return f"{self.quoted(schema)}.{self.quoted(name)}" if schema else self.quoted(name)

    def limited(self, statement: str, rows: int, skipped: int = 0) -> str:
        """A statement that gives no more than so many rows, after so many."""
        return f"{statement} LIMIT {rows}" + (f" OFFSET {skipped}" if skipped else "")

    def readable(self, table: str) -> str:
        """The table as it stands behind FROM where rows are read."""
        return self.place(table)

    def beside(self, table: str, name: str) -> str:
        """Another table where this one is."""
        schema, _, _ = table.rpartition(".")
        return f"{schema}.{name}" if schema else name

    def wanted(self, column: Column) -> str:
        """The expression by which a column is read without loss."""
        return self.quoted(column.name)

    def ordered(self, column: Column) -> str:
        """The expression by which a key column is compared and ordered."""
        return self.quoted(column.name)

    def given(self, column: Column) -> str:
        """The mark of a parameter that is compared with a key column."""
        del column
        return self.mark

    def within(self, key: Sequence[Column], span: Span) -> Condition:
        """The rows of a span."""
        low = self._beyond(key, span.low, ">") if span.low is not None else NOTHING
        high = self._beyond(key, span.high, "<", last="<=") if span.high is not None else NOTHING
        return low & high

    def near(self, table: str, key: Sequence[Column], span: Span) -> Condition:
        """What is true of all rows of a span and leads an index to them, where `within` alone would not."""
        del table, key, span
        return NOTHING

    def _beyond(self, key: Sequence[Column], bound: Key, sign: str, last: str = "") -> Condition:
        """Lexicographic comparison, spelled so that an index on the first column is used."""
        parts, values = [], []
        for at in range(len(key)):
            compared = (last or sign) if at == len(key) - 1 else sign
            same = [f"{self.ordered(c)} = {self.given(c)}" for c in key[:at]]
            parts.append(" AND ".join([*same, f"{self.ordered(key[at])} {compared} {self.given(key[at])}"]))
            values += [*bound[:at], bound[at]]
        if len(parts) == 1:
            return Condition(parts[0], tuple(values))
        outer = f"{self.ordered(key[0])} {sign}= {self.given(key[0])}"
        return Condition(f"{outer} AND (({') OR ('.join(parts)}))", (bound[0], *values))

    def moved(self, window: Window | None) -> Condition:
        """The rows of a window of the cursor."""
        if window is None:
            return NOTHING
        column, mark = self.quoted(window.column.name), self.mark
        high = Condition(f"{column} <= {mark}", (window.high,))
        return high if window.low is None else high & Condition(f"{column} >= {mark}", (window.low,))

    def among(self, key: Sequence[Column], keys: Sequence[Key]) -> Condition:
        """The rows with these keys."""
        values = tuple(value for one in keys for value in one)
        if len(key) == 1:
            marks = ", ".join([self.given(key[0])] * len(keys))
            return Condition(f"{self.ordered(key[0])} IN ({marks})", values)
        one = " AND ".join(f"{self.ordered(c)} = {self.given(c)}" for c in key)
        return Condition("(" + " OR ".join([f"({one})"] * len(keys)) + ")", values)

    def rows(
        self, table: str, columns: Sequence[Column], key: Sequence[Column], condition: Condition
    ) -> Iterator[Row]:
        """Rows in the order of the key."""
        wanted = ", ".join(map(self.wanted, columns))
        order = ", ".join(map(self.ordered, key))
        statement = f"SELECT {wanted} FROM {self.readable(table)}{_where(condition)} ORDER BY {order}"
        return self.stream(statement, condition.values)

    def rows_by_key(
        self, table: str, columns: Sequence[Column], key: Sequence[Column], keys: Sequence[Key]
    ) -> Iterator[Row]:
        """Rows with these keys, which are in order."""
        for start in range(0, len(keys), BATCH):
            yield from self.rows(table, columns, key, self.among(key, keys[start : start + BATCH]))

    def bound(
        self, table: str, key: Sequence[Column], low: Key | None, window: Window | None, size: int
    ) -> Key | None:
        """The key of the `size`-th row after `low`; None when there are fewer."""
        condition = self.within(key, Span(low)) & self.moved(window)
        wanted = ", ".join(map(self.wanted, key))
        order = ", ".join(map(self.ordered, key))
        statement = f"SELECT {wanted} FROM {self.readable(table)}{_where(condition)} ORDER BY {order}"
        found = self.query(self.limited(statement, 1, size - 1), condition.values)
        return found[0] if found else None

    def count(self, table: str, condition: Condition = NOTHING) -> int:
        """How many rows there are."""
        ((number,),) = self.query(
            f"SELECT count(*) FROM {self.readable(table)}{_where(condition)}", condition.values
        )
        return int(str(number))

    def top(self, table: str, column: Column) -> Value:
        """The greatest value of a column."""
        held = self.wanted(Column(column.name, column.kind, column.native))
        name = self.quoted(column.name)
        statement = f"SELECT {held} FROM {self.readable(table)} WHERE {name} IS NOT NULL ORDER BY {name} DESC"
        found = self.query(self.limited(statement, 1))
        return found[0][0] if found else None

    def unfit_key(self, table: str, key: Sequence[Column]) -> bool:
        """Whether some row has no key, or two have the same."""
        names = ", ".join(self.quoted(c.name) for c in key)
        empty = " OR ".join(f"{self.quoted(c.name)} IS NULL" for c in key)
        place = self.readable(table)
        return bool(
            self.query(self.limited(f"SELECT 1 FROM {place} WHERE {empty}", 1))
            or self.query(self.limited(f"SELECT 1 FROM {place} GROUP BY {names} HAVING count(*) > 1", 1))
        )

    def create(self, table: str, columns: Sequence[Column], key: Sequence[Column]) -> None:
        """Make the table, with the key as its primary key."""
        names = {column.name for column in key}
        parts = [
            f"{self.quoted(c.name)} {self.declared(c, key=c.name in names)}{'' if c.nullable and c.name not in names else ' NOT NULL'}"
            for c in columns
        ]
        parts.append(f"PRIMARY KEY ({', '.join(self.quoted(column.name) for column in key)})")
        self.execute(f"CREATE TABLE {self.place(table)} ({', '.join(parts)})")

    def add_column(self, table: str, column: Column) -> None:
        """Add a column that may be NULL."""
        self.execute(
            f"ALTER TABLE {self.place(table)} ADD COLUMN {self.quoted(column.name)} {self.declared(column)}"
        )

    def delete(self, table: str, condition: Condition) -> int:
        """Delete rows. Raises: Refusal."""
        return self.execute(f"DELETE FROM {self.place(table)}{_where(condition)}", condition.values)

    def delete_keys(self, table: str, key: Sequence[Column], keys: Sequence[Key]) -> int:
        """Delete the rows with these keys. Raises: Refusal."""
        starts = range(0, len(keys), BATCH)
        return sum(self.delete(table, self.among(key, keys[start : start + BATCH])) for start in starts)

    def insert_isolating(
        self, table: str, columns: Sequence[Column], rows: Sequence[Row], bad: Callable[[int, str], None]
    ) -> None:
        """Add all rows that the target takes; tell `bad` of each other row by its place, with the reason.

        Raises: Refusal, for what is not about single rows.
        """
        pending = [(0, len(rows))]
        while pending:
            start, stop = pending.pop()
            if start == stop:
                continue
            self.execute("SAVEPOINT yw_rows")
            try:
                self.insert(table, columns, rows[start:stop])
            except Refusal as refusal:
                if not refusal.row_bound:
                    raise
                self.execute("ROLLBACK TO SAVEPOINT yw_rows")
                if stop - start == 1:
                    bad(start, refusal.reason)
                else:
                    middle = (start + stop) // 2
                    pending += [(middle, stop), (start, middle)]
            self.execute("RELEASE SAVEPOINT yw_rows")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done inside lasts together or not at all."""
        try:
            yield
            self.commit()
        except BaseException:
            self.rollback()
            raise


def _where(condition: Condition) -> str:
    return f" WHERE {condition.sql}" if condition.sql else ""
