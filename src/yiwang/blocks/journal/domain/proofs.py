"""Proofs from stored rows: which nodes and leaf hashes must be read, and what they make.

Only perfect subtrees of 2^NODE_LEVEL leaves and more are stored; what lies below them is made from at most 256
leaf hashes. A plan is asked for first, so that one or two queries fetch everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from yiwang.vocabulary.crypto import Suite
from yiwang.vocabulary.merkle import Frontier, consistency_plan, inclusion_plan, node_hash, proof_from

NODE_LEVEL = 8
"""The lowest level that is stored."""

Plan = Sequence[Sequence[tuple[int, int]]]


@dataclass(frozen=True)
class Needs:
    """What a proof needs: stored nodes (level, index), and ranges [start, stop) of leaf hashes."""

    plan: Plan
    nodes: list[tuple[int, int]]
    ranges: list[tuple[int, int]]


def inclusion_needs(index: int, size: int, noded: int) -> Needs:
    """For the inclusion of a leaf in the tree of `size`, when nodes over the first `noded` leaves are stored."""
    return _needs(inclusion_plan(index, size), noded)


def consistency_needs(old: int, new: int, noded: int) -> Needs:
    """For the consistency of two trees. Raises: MerkleError."""
    return _needs(consistency_plan(old, new), noded)


def _needs(plan: Plan, noded: int) -> Needs:
    nodes: list[tuple[int, int]] = []
    ranges: list[tuple[int, int]] = []
    for part in plan:
        for level, index in part:
            _split(level, index, noded, nodes, ranges)
    return Needs(plan, nodes, ranges)


def _split(
    level: int, index: int, noded: int, nodes: list[tuple[int, int]], ranges: list[tuple[int, int]]
) -> None:
    if level >= NODE_LEVEL and (index + 1) << level <= noded:
        nodes.append((level, index))
    elif level > NODE_LEVEL:
        _split(level - 1, 2 * index, noded, nodes, ranges)
        _split(level - 1, 2 * index + 1, noded, nodes, ranges)
    else:
        ranges.append((index << level, (index + 1) << level))


def proof_of(
    suite: Suite,
    needs: Needs,
    nodes: Mapping[tuple[int, int], bytes],
    leaves: Mapping[tuple[int, int], Sequence[bytes]],
) -> list[str]:
    """The proof as hex, from the rows that `needs` named. Raises: KeyError when a row is missing."""

    def node(level: int, index: int) -> bytes:
        stored = nodes.get((level, index))
        if stored is not None:
            return stored
        if level > NODE_LEVEL:
            return node_hash(suite, node(level - 1, 2 * index), node(level - 1, 2 * index + 1))
        hashes = leaves[index << level, (index + 1) << level]
        if len(hashes) != 1 << level:
            raise KeyError((level, index))
        return Frontier(suite).grow(hashes).root

    return [part.hex() for part in proof_from(suite, needs.plan, node)]


def new_nodes(
    suite: Suite, first: int, hashes: Iterable[bytes], frontier: Frontier
) -> list[tuple[int, int, bytes]]:
    """The stored nodes (level, index, hash) that complete blocks of leaf hashes add.

    `hashes` are the leaves from `first` (a multiple of 256) on, whole blocks only; `frontier` is the tree of the
    blocks before, one leaf a block.
    """
    width = 1 << NODE_LEVEL
    every = list(hashes)
    roots = [Frontier(suite).grow(every[at : at + width]).root for at in range(0, len(every), width)]
    if frontier.size != first >> NODE_LEVEL:
        raise ValueError("the frontier is not that of the blocks before")
    return [(NODE_LEVEL + level, index, root) for level, index, root in frontier.grow(roots).nodes]
