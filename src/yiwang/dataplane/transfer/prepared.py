"""Rows on their way between two tables, in the order of their keys."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from yiwang.dataplane.transfer.shape import BadRow, Key, Row, Value


@dataclass
class Prepared:
    """Rows as the target will hold them, with their keys and as the source holds them."""

    rows: list[Row] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    sources: list[Row] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)

    def add(self, row: Row, key: Key, source: Row) -> None:
        """One that may pass."""
        self.rows.append(row)
        self.keys.append(key)
        self.sources.append(source)

    def join(self, other: Prepared) -> None:
        """Rows of the other that may pass, each in its place."""
        self.rows += other.rows
        self.keys += other.keys
        self.sources += other.sources
        self.sort()

    def without(self, places: Container[int]) -> None:
        """Take out the rows at these places."""
        self._only([at for at in range(len(self.rows)) if at not in places])

    def sort(self) -> None:
        """Back into the order of the keys."""
        self._only(sorted(range(len(self.keys)), key=lambda at: comparable(self.keys[at])))

    def _only(self, places: Sequence[int]) -> None:
        self.rows, self.keys = [self.rows[at] for at in places], [self.keys[at] for at in places]
        self.sources = [self.sources[at] for at in places]


def comparable(key: Key) -> tuple[tuple[bool, Value], ...]:
    """A key in the order of the databases: texts by their bytes, which is the order of code points."""
    return tuple((part is not None, part) for part in key)
