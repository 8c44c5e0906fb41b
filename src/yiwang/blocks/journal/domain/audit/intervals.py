"""One interval between two heads: do its leaves give the head's root, and if not, which of them is wrong?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yiwang.blocks.journal.domain.audit.trees import AuditTree

LARGEST = 4096
"""Leaves of an interval that are tried out in detail; a batch has at most 256."""


@dataclass(frozen=True, slots=True)
class Read:
    """A leaf that was read: what its text hashes to, what stands beside it, and its time."""

    index: int
    computed: bytes
    stored: bytes
    time: str


@dataclass(frozen=True, slots=True)
class Solved:
    """Leaf hashes that give the root, with the places (from the interval's start) found wrong and how."""

    hashes: list[bytes]
    changed: tuple[int, ...] = ()
    """The text is wrong; the hash beside it or in an acknowledgement is the true one."""
    restored: tuple[int, ...] = ()
    """Only the hash beside the text is wrong."""
    moved: tuple[int, ...] = ()
    inserted: int | None = None
    crossed: bool = False
    """The last leaf and the one after the interval changed places."""


def solve(
    tree: AuditTree, rows: Sequence[Read], root: bytes, acks: Mapping[int, bytes], after: Sequence[Read]
) -> Solved | None:
    """The hashes that make the tree give `root`; None when nothing tried does.

    Tried in order: the texts; the stored hashes; hashes that callers acknowledged; the order of the leaves' times;
    the first of `after` (the rows that follow) in the place of the last; the interval without one leaf, that first
    one moving up.
    """
    computed = [row.computed for row in rows]
    differing = tuple(at for at, row in enumerate(rows) if row.computed != row.stored)
    if tree.root_with(computed) == root:
        return Solved(computed, restored=differing)
    if len(rows) > LARGEST:
        return None
    stored = [row.stored for row in rows]
    if differing and tree.root_with(stored) == root:
        return Solved(stored, changed=differing)
    for base in (computed, stored):
        told = [acks.get(row.index, base[at]) for at, row in enumerate(rows)]
        if told != base and tree.root_with(told) == root:
            return Solved(told, changed=tuple(at for at, row in enumerate(rows) if told[at] != row.computed))
    by_time = sorted(rows, key=lambda row: row.time)
    moved = tuple(at for at, row in enumerate(rows) if by_time[at] is not row)
    if moved and tree.root_with([row.computed for row in by_time]) == root:
        return Solved([row.computed for row in by_time], moved=moved)
    if after:
        longer = [*computed, after[0].computed]
        crossed = [*computed[:-1], after[0].computed]
        if rows[-1].time > after[0].time and tree.root_with(crossed) == root:
            return Solved(crossed, crossed=True)
        for at in range(len(rows)):
            without = [*longer[:at], *longer[at + 1 :]]
            if tree.root_with(without) == root:
                return Solved(without, inserted=at)
    return None
