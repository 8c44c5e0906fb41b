"""Reads a file's rows once: a fair sample of them, and counts of every column, in bounded memory."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from yiwang.dataplane.census.source import LONGEST_VALUE, MOST_ENTRIES, Measure, Sample, Table, Value

NOTHING: Final = frozenset(
    {"", "N/A", "n/a", "NA", "NULL", "null", "None", "none", "\\N", "-", "--", "—", "无", "/"}
)
"""What people write where there is no value."""
_MOST_HASHES: Final = 4_000_000


class Gathered:
    """Rows of one table of a file; fed once, then asked."""

    def __init__(self, width: int, limit: int) -> None:
        self._width, self._limit = width, limit
        self._draw = random.Random(7)  # noqa: S311 - a fair sample, not a secret
        self._kept: list[tuple[Value, ...]] = []
        self.rows = 0
        self._filled = [0] * width
        self._longest = [0] * width
        self._counts: list[dict[str, int] | None] = [{} for _ in range(width)]
        self._hashes: list[set[int] | None] = [set() for _ in range(width)]
        self._room = _MOST_HASHES

    def feed(self, rows: Iterable[Sequence[Value]]) -> None:
        """Take rows; short ones are filled up, what stands beyond the last column is left out."""
        for raw in rows:
            row = tuple(
                None if value is None or value.strip() in NOTHING else value[:LONGEST_VALUE]
                for value in raw[: self._width]
            )
            if len(row) < self._width:
                row += (None,) * (self._width - len(row))
            self.rows += 1
            if len(self._kept) < self._limit:
                self._kept.append(row)
            elif (at := self._draw.randrange(self.rows)) < self._limit:
                self._kept[at] = row
            self._count(row)

    def _count(self, row: tuple[Value, ...]) -> None:
        for at, value in enumerate(row):
            if value is None:
                continue
            self._filled[at] += 1
            self._longest[at] = max(self._longest[at], len(value))
            counts = self._counts[at]
            if counts is not None:
                counts[value] = counts.get(value, 0) + 1
                if len(counts) > MOST_ENTRIES:
                    self._counts[at] = None
            hashes = self._hashes[at]
            if hashes is not None:
                mark = hash(value)
                if mark in hashes or self._room <= 0:
                    self._room += len(hashes)
                    self._hashes[at] = None
                else:
                    hashes.add(mark)
                    self._room -= 1

    def sample(self, limit: int) -> Sample:
        """The rows kept."""
        return Sample(self._kept[:limit], self.rows <= min(limit, self._limit))

    def measure(self, table: Table, columns: Sequence[str]) -> Mapping[str, Measure]:
        """Counts; distinct values are known where they are few or all different."""
        places = {column.name: at for at, column in enumerate(table.columns)}
        return {name: self._measured(places[name]) for name in columns}

    def _measured(self, at: int) -> Measure:
        counts, hashes = self._counts[at], self._hashes[at]
        distinct = len(counts) if counts is not None else len(hashes) if hashes is not None else None
        return Measure(self.rows, self._filled[at], distinct, self._longest[at])

    def entries(self, table: Table, columns: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Distinct values of columns that have few."""
        places = {column.name: at for at, column in enumerate(table.columns)}
        return {name: counts for name in columns if (counts := self._counts[places[name]]) is not None}

    def found(self, table: Table, column: str, values: Sequence[str]) -> int | None:
        """How many of the values a column holds whose values are few or all different."""
        at = next(at for at, held in enumerate(table.columns) if held.name == column)
        counts, hashes = self._counts[at], self._hashes[at]
        if counts is not None:
            return sum(value in counts for value in values)
        return sum(hash(value) in hashes for value in values) if hashes is not None else None
