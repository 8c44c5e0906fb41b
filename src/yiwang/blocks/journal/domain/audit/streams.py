"""Streams of rows that can be looked into before they are taken."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from yiwang.blocks.journal.domain.audit.intervals import Read
from yiwang.blocks.journal.domain.audit.rows import NodeRow
from yiwang.blocks.journal.domain.proofs import NODE_LEVEL


class Leaves:
    """Leaves in order. `shift` is subtracted from stored indexes: one for every inserted leaf that was passed."""

    def __init__(self, rows: Iterator[Read]) -> None:
        """Nothing is read yet."""
        self._rows = rows
        self._ahead: deque[Read] = deque()
        self.shift = 0

    def peek(self) -> Read | None:
        """The next leaf, which stays."""
        if not self._ahead:
            row = next(self._rows, None)
            if row is None:
                return None
            self._ahead.append(row)
        return self._ahead[0]

    def take(self) -> None:
        """Pass the next leaf."""
        if self.peek() is not None:
            self._ahead.popleft()

    def exchange(self, row: Read) -> None:
        """Let `row` stand where the next leaf stands."""
        if (next_one := self.peek()) is not None:
            self._ahead[0] = replace(row, index=next_one.index)

    def below(self, size: int) -> list[Read]:
        """The leaves of the tree of that size, which stay."""
        while not self._ahead or self._ahead[-1].index - self.shift < size:
            row = next(self._rows, None)
            if row is None:
                break
            self._ahead.append(row)
        return [row for row in self._ahead if row.index - self.shift < size]

    def take_below(self, size: int) -> list[Read]:
        """The leaves of the tree of that size."""
        found = self.below(size)
        for _ in found:
            self._ahead.popleft()
        return found


class Nodes:
    """Stored nodes in the order in which a growing tree completes them."""

    def __init__(self, rows: Iterator[NodeRow]) -> None:
        """Nothing is read yet."""
        self._rows = rows
        self._ahead: deque[NodeRow] = deque()
        self.odd: list[NodeRow] = []
        """Rows that no tree of this log has."""

    def take(self, level: int, index: int) -> NodeRow | None:
        """The row of a node, or None when there is none; rows before it are odd."""
        wanted = ((index + 1) << level, level)
        while (row := self._peek()) is not None and _place(row) <= wanted:
            self._ahead.popleft()
            if (row.level, row.index) == (level, index):
                return row
            self.odd.append(row)
        return None

    def roots(self, first: int, stop: int) -> dict[int, bytes]:
        """The stored roots of the blocks from `first` to `stop` (not included), which stay."""
        while not self._ahead or _place(self._ahead[-1])[0] <= stop << NODE_LEVEL:
            row = next(self._rows, None)
            if row is None:
                break
            self._ahead.append(row)
        return {
            row.index: row.hash
            for row in self._ahead
            if row.level == NODE_LEVEL and first <= row.index < stop
        }

    def rest(self) -> Iterator[NodeRow]:
        """What nobody took."""
        yield from self._ahead
        self._ahead.clear()
        yield from self._rows

    def _peek(self) -> NodeRow | None:
        if not self._ahead:
            row = next(self._rows, None)
            if row is None:
                return None
            self._ahead.append(row)
        return self._ahead[0]


class Acks:
    """Acknowledged leaf hashes by index."""

    def __init__(self, rows: Iterator[tuple[int, bytes]]) -> None:
        """Nothing is read yet."""
        self._rows = rows
        self._next = next(rows, None)

    def below(self, size: int) -> dict[int, bytes]:
        """Those of leaves below `size` that were not given yet."""
        found: dict[int, bytes] = {}
        while self._next is not None and self._next[0] < size:
            found[self._next[0]] = bytes(self._next[1])
            self._next = next(self._rows, None)
        return found

    def last(self) -> int | None:
        """The largest index left."""
        last = None
        while self._next is not None:
            last = self._next[0]
            self._next = next(self._rows, None)
        return last


def _place(row: NodeRow) -> tuple[int, int]:
    return ((row.index + 1) << row.level, row.level)


class Order:
    """Watches that times grow strictly; a leaf that was moved is the one without which its neighbours fit."""

    def __init__(self) -> None:
        """Before the first leaf."""
        self._seen: list[tuple[int, str]] = [(-1, "")]

    def see(self, index: int, time: str) -> tuple[int, ...]:
        """The leaves out of order that this one lets us name: none, one that was moved, or two that changed places."""
        seen = self._seen
        seen.append((index, time))
        if len(seen) < 4:
            return ()
        (_, a), (i, b), (j, c), (_, d) = seen[-4:]
        del seen[:-3]
        if b < c:
            return ()
        if a < c and b >= d:
            return (i,)
        return (j,) if b < d and a >= c else (i, j)

    def end(self) -> tuple[int, ...]:
        """After the last leaf."""
        return self.see(-1, "~")
