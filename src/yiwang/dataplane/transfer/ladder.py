"""Chunks of a table whose text key no index orders by its bytes: all bounds by one sort, and where their rows lie.

Both sides of a job order text by its bytes, and most databases index it in the order of a language instead. So to look for
each next bound, and to read each chunk, they would go through the whole table. Instead the bounds are found together; and of
each chunk the least and the greatest key *in the index's own order*, which no row of it lies outside of: the index leads to a
chunk of identifiers at once, since these are ordered alike either way (docs/adr/0331).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from yiwang.dataplane.transfer.database import NOTHING, Condition, Database, Window
from yiwang.dataplane.transfer.shape import Column, Key, Kind, Row, Span, Value

MOST: Final = 10_000
"""Bounds that are looked for together."""
_KINDS: Final[frozenset[Kind]] = frozenset({"text", "integer"})
"""Kinds of a key's columns that a driver gives in the one form that they have everywhere."""


class Rung(NamedTuple):
    """One chunk: the key it ends with, None for a last one that is not full; and the range of its keys' first column."""

    high: Key | None
    least: Value
    greatest: Value


_END: Final = Rung(None, None, None)


class Ladder:
    """The chunks of one table, in the order in which they are asked for."""

    def __init__(self, climb: Callable[[Key | None], Sequence[Rung]]) -> None:
        """`climb` finds up to `MOST` chunks after a key."""
        self._climb = climb
        self._after: dict[Key | None, Rung] = {}

    def bound(self, low: Key | None) -> Key | None:
        """The key that the chunk after `low` ends with; None for the last."""
        if low not in self._after:
            at, found = low, self._climb(low)
            for rung in found:
                self._after[at] = rung
                at = rung.high
            if not found or (
                at is not None and len(found) < MOST
            ):  # the last one is full: nothing comes after it
                self._after[at] = _END
        return self._after[low].high

    def rung(self, low: Key | None) -> Rung | None:
        """The chunk after `low`, where it is known and not empty."""
        found = self._after.get(low)
        return None if found is _END else found


class Laddered(Database):
    """A database that finds the chunks of such a table by a ladder."""

    def __init__(self, name: str) -> None:
        """As `Database`."""
        super().__init__(name)
        self._ladders: dict[str, tuple[int, Ladder | None]] = {}

    @abstractmethod
    def climbable(self, table: str, first: Column) -> bool:
        """Whether a ladder is needed for this table, by the first column of its key, and can be made."""

    def forget(self) -> None:
        """Another snapshot begins, in which other chunks may stand."""
        self._ladders.clear()

    def bound(
        self, table: str, key: Sequence[Column], low: Key | None, window: Window | None, size: int
    ) -> Key | None:
        """The key of the `size`-th row after `low`; None when there are fewer."""
        ladder = None if window is not None else self._ladder(table, key, size)
        return super().bound(table, key, low, window, size) if ladder is None else ladder.bound(low)

    def near(self, table: str, key: Sequence[Column], span: Span) -> Condition:
        """Where an index finds the rows of a span that `bound` gave."""
        _, ladder = self._ladders.get(table, (0, None))
        rung = None if ladder is None else ladder.rung(span.low)
        if rung is None or rung.high != span.high:
            return NOTHING
        name, mark = self.quoted(key[0].name), self.plain(key[0])
        return Condition(f"{name} >= {mark} AND {name} <= {mark}", (rung.least, rung.greatest))

    def plain(self, column: Column) -> str:
        """The mark of a parameter that is compared with a column in the column's own order."""
        return self.given(column)

    def _ladder(self, table: str, key: Sequence[Column], size: int) -> Ladder | None:
        held, ladder = self._ladders.get(table, (0, None))
        if held != size:
            needed = key[0].kind == "text" and {column.kind for column in key} <= _KINDS
            ladder = (
                Ladder(lambda low: self._climbed(table, key, low, size))
                if needed and self.climbable(table, key[0])
                else None
            )
            self._ladders[table] = size, ladder
        return ladder

    def _climbed(self, table: str, key: Sequence[Column], low: Key | None, size: int) -> list[Rung]:
        """By one sort; rows of a chunk are told by their numbers without what is over a multiple of `size`."""
        condition = self.within(key, Span(low))
        where = f" WHERE {condition.sql}" if condition.sql else ""
        order = ", ".join(map(self.ordered, key))
        names = [f"key_{at}" for at in range(len(key))]
        held = ", ".join(f"{self.wanted(c)} AS {name}" for c, name in zip(key, names, strict=True))
        over = f"MOD(row_at, {size})"
        ends = ", ".join(f"MAX(CASE WHEN {over} = {size - 1} THEN {name} END)" for name in names)
        numbered = self.limited(
            f"SELECT {held}, row_number() OVER (ORDER BY {order}) - 1 AS row_at FROM {self.readable(table)}{where}"
            f" ORDER BY {order}",
            size * MOST,
        )
        found = self.query(
            f"SELECT MIN(key_0), MAX(key_0), {ends} FROM ({numbered}) numbered GROUP BY row_at - {over}"
            f" ORDER BY row_at - {over}",
            condition.values,
        )
        return rungs(found)


def rungs(found: Sequence[Row]) -> list[Rung]:
    """From rows of least, greatest and the columns of the key that a chunk ends with, all NULL where it is not full."""
    return [Rung(None if None in row[2:] else tuple(row[2:]), row[0], row[1]) for row in found]
