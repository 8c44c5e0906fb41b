"""Proofs from stored rows are those of the whole tree; the audit's tree is the tree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiwang.blocks.journal.domain.audit.streams import Order
from yiwang.blocks.journal.domain.audit.trees import AuditTree
from yiwang.blocks.journal.domain.proofs import (
    NODE_LEVEL,
    Needs,
    consistency_needs,
    inclusion_needs,
    new_nodes,
    proof_of,
)
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.merkle import Frontier, verify_consistency, verify_inclusion

USED = SUITES["ed25519"]
LEAVES = [USED.digest(number.to_bytes(4, "big")) for number in range(2100)]
BLOCK = 1 << NODE_LEVEL


def stored(noded: int) -> dict[tuple[int, int], bytes]:
    nodes: dict[tuple[int, int], bytes] = {}
    for first in range(0, noded, 2 * BLOCK):  # two blocks a step, as a notary that fell behind
        upto = min(noded, first + 2 * BLOCK)
        blocks = Frontier(USED)
        for at in range(0, first, BLOCK):
            blocks = blocks.grow([Frontier(USED).grow(LEAVES[at : at + BLOCK]).root]).frontier
        nodes |= {
            (level, index): value
            for level, index, value in new_nodes(USED, first, LEAVES[first:upto], blocks)
        }
    return nodes


NODES = stored(8 * BLOCK)


def prove(needs: Needs) -> list[bytes]:
    nodes = {one: NODES[one] for one in needs.nodes}
    leaves = {(start, stop): LEAVES[start:stop] for start, stop in needs.ranges}
    assert all(stop - start <= BLOCK for start, stop in needs.ranges)
    return [bytes.fromhex(part) for part in proof_of(USED, needs, nodes, leaves)]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_leaf_is_proven_however_far_the_stored_nodes_reach(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    noded = data.draw(st.integers(0, size // BLOCK)) * BLOCK
    root = Frontier(USED).grow(LEAVES[:size]).root
    proof = prove(inclusion_needs(index, size, noded))
    assert verify_inclusion(USED, LEAVES[index], index, size, proof=proof, root=root)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_two_heads_are_proven_consistent(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, len(LEAVES)))
    old = data.draw(st.integers(1, new))
    noded = data.draw(st.integers(0, new // BLOCK)) * BLOCK
    roots = [Frontier(USED).grow(LEAVES[:size]).root for size in (old, new)]
    proof = prove(consistency_needs(old, new, noded))
    assert verify_consistency(USED, old, new, old_root=roots[0], new_root=roots[1], proof=proof)


def test_a_missing_row_is_noticed_and_not_proven_around() -> None:
    needs = inclusion_needs(5, 300, 0)
    leaves = {(start, stop): LEAVES[start:stop][:-1] for start, stop in needs.ranges}
    with pytest.raises(KeyError):
        proof_of(USED, needs, {}, leaves)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 300), max_size=8))
def test_the_audits_tree_is_the_tree(steps: list[int]) -> None:
    tree, plain = AuditTree(USED), Frontier(USED)
    nodes: dict[tuple[int, int], bytes] = {}
    for step in steps:
        hashes = LEAVES[plain.size : plain.size + step]
        plain = plain.grow(hashes).frontier
        assert tree.root_with(hashes) == plain.root()
        nodes |= {(level, index): value for level, index, value in tree.add(hashes, {})}
        assert tree.size == plain.size
    assert nodes == {one: value for one, value in NODES.items() if (one[1] + 1) << one[0] <= plain.size}


def test_a_stand_in_heals_a_damaged_block() -> None:
    damaged = [b"\0" * 32, *LEAVES[1:BLOCK]]
    tree = AuditTree(USED)
    tree.add(damaged, {0: NODES[NODE_LEVEL, 0]})
    assert tree.root_with(LEAVES[BLOCK : BLOCK + 9]) == Frontier(USED).grow(LEAVES[: BLOCK + 9]).root


@pytest.mark.parametrize(
    ("times", "found"),
    [
        ("abcdefg", []),
        ("acbdefg", [(1, 2)]),
        ("bacdefg", [(0, 1)]),
        ("abcdegf", [(5, 6)]),
        ("aecdbfg", [(1,), (4,)]),
        ("abdefgc", [(6,)]),
    ],
)
def test_a_leaf_out_of_order_is_the_one_without_which_its_neighbours_fit(
    times: str, found: list[tuple[int, ...]]
) -> None:
    order = Order()
    named = [order.see(index, time) for index, time in enumerate(times)]
    assert [one for one in [*named, order.end()] if one] == found
