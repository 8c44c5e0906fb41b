"""The tree as an audit grows it, with stored nodes to stand in for a block that is damaged."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from yiwang.blocks.journal.domain.proofs import NODE_LEVEL
from yiwang.vocabulary.crypto import Suite
from yiwang.vocabulary.merkle import Frontier

BLOCK = 1 << NODE_LEVEL
Completed = list[tuple[int, int, bytes]]
"""Nodes (level, index, hash) that came into being."""


class AuditTree:
    """Complete blocks of 256 leaves as a tree of their roots, and the block under way."""

    def __init__(self, suite: Suite) -> None:
        """An empty tree."""
        self._suite = suite
        self._blocks = Frontier(suite)
        self._part = Frontier(suite)

    def copy(self) -> AuditTree:
        """The same tree, to grow another way."""
        twin = AuditTree(self._suite)
        twin._blocks, twin._part = self._blocks, self._part
        return twin

    @property
    def size(self) -> int:
        """Leaves so far."""
        return (self._blocks.size << NODE_LEVEL) + self._part.size

    def root_with(self, hashes: Sequence[bytes]) -> bytes:
        """The root if these leaves were added."""
        blocks, part = self._blocks, self._part
        for piece in self._pieces(hashes):
            part = part.grow(piece).frontier
            if part.size == BLOCK:
                blocks, part = blocks.grow([part.root()]).frontier, Frontier(self._suite)
        size = (blocks.size << NODE_LEVEL) + part.size
        return Frontier(self._suite, size, (*blocks.peaks, *part.peaks)).root()

    def add(self, hashes: Sequence[bytes], instead: dict[int, bytes]) -> Completed:
        """Add leaves. A block whose number is in `instead` is taken up under that root and not under its own."""
        completed: Completed = []
        for piece in self._pieces(hashes):
            self._part = self._part.grow(piece).frontier
            if self._part.size == BLOCK:
                grown = self._blocks.grow([instead.get(self._blocks.size, self._part.root())])
                self._blocks, self._part = grown.frontier, Frontier(self._suite)
                completed += [(NODE_LEVEL + level, index, value) for level, index, value in grown.nodes]
        return completed

    def _pieces(self, hashes: Sequence[bytes]) -> list[Sequence[bytes]]:
        """The leaves, cut where blocks end."""
        first = BLOCK - self._part.size
        cuts = [0, *range(first, len(hashes), BLOCK), len(hashes)]
        return [hashes[start:stop] for start, stop in pairwise(cuts) if start < stop]
