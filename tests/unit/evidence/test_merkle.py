from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiwang.vocabulary.crypto import SUITES, Suite, suite
from yiwang.vocabulary.merkle import (
    Frontier,
    MerkleError,
    NodeSource,
    consistency_plan,
    consistency_proof,
    inclusion_plan,
    inclusion_proof,
    leaf_hash,
    node_hash,
    perfect_parts,
    proof_from,
    root_at,
    verify_consistency,
    verify_inclusion,
)

SHA = suite("ed25519")


def naive_root(one: Suite, leaves: Sequence[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else one.digest(b"")
    k = split(len(leaves))
    return node_hash(one, naive_root(one, leaves[:k]), naive_root(one, leaves[k:]))


def naive_path(one: Suite, index: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*naive_path(one, index, leaves[:k]), naive_root(one, leaves[k:])]
    return [*naive_path(one, index - k, leaves[k:]), naive_root(one, leaves[:k])]


def naive_subproof(one: Suite, m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    n = len(leaves)
    if m == n:
        return [] if whole else [naive_root(one, leaves)]
    k = split(n)
    if m <= k:
        return [*naive_subproof(one, m, leaves[:k], whole), naive_root(one, leaves[k:])]
    return [*naive_subproof(one, m - k, leaves[k:], False), naive_root(one, leaves[:k])]


def split(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def leaves_of(one: Suite, count: int) -> list[bytes]:
    return [leaf_hash(one, b"%d" % n) for n in range(count)]


def source(one: Suite, leaves: Sequence[bytes]) -> NodeSource:
    def node(level: int, index: int) -> bytes:
        part = leaves[index << level : (index + 1) << level]
        assert len(part) == 1 << level
        return naive_root(one, part)

    return node


batches = st.lists(st.integers(0, 20), min_size=1, max_size=6)
suites = st.sampled_from([SUITES[name] for name in sorted(SUITES)])


@settings(deadline=None)
@given(suites, batches)
def test_appending_in_batches_equals_the_recursive_definition(one: Suite, sizes: list[int]) -> None:
    leaves = leaves_of(one, sum(sizes))
    frontier = Frontier(one)
    stored: dict[tuple[int, int], bytes] = {}
    for size in sizes:
        at = frontier.size
        new = leaves[at : at + size]
        grown = frontier.grow(new)
        assert frontier.append_many(new) == (grown.frontier, grown.proofs)
        frontier = grown.frontier
        so_far = leaves[: frontier.size]
        assert frontier.root() == grown.root == naive_root(one, so_far)
        assert grown.proofs == [tuple(naive_path(one, at + n, so_far)) for n in range(size)]
        for node in grown.nodes:
            assert (node.level, node.position) not in stored
            stored[node.level, node.position] = node.hash
        assert Frontier(one, frontier.size, frontier.peaks) == frontier
    expected = {
        (level, position): source(one, leaves)(level, position)
        for level in range(8)
        for position in range(len(leaves) >> level)
    }
    assert stored == expected


@pytest.mark.parametrize("size", range(1, 34))
def test_every_inclusion_proof_equals_the_recursive_one_and_verifies(size: int) -> None:
    leaves = leaves_of(SHA, size)
    root = naive_root(SHA, leaves)
    for index in range(size):
        proof = inclusion_proof(SHA, index, size, source(SHA, leaves))
        assert list(proof) == naive_path(SHA, index, leaves)
        assert verify_inclusion(SHA, leaves[index], index, size, proof=proof, root=root)
    assert root_at(SHA, size, source(SHA, leaves)) == root


@pytest.mark.parametrize("new", range(1, 26))
def test_every_consistency_proof_equals_the_recursive_one_and_verifies(new: int) -> None:
    leaves = leaves_of(SHA, new)
    root = naive_root(SHA, leaves)
    for old in range(1, new + 1):
        proof = consistency_proof(SHA, old, new, source(SHA, leaves))
        assert list(proof) == naive_subproof(SHA, old, leaves, True)
        old_root = naive_root(SHA, leaves[:old])
        assert verify_consistency(SHA, old, new, old_root=old_root, new_root=root, proof=proof)
        wrong = naive_root(SHA, [*leaves[: old - 1], b"x" * 32])
        assert not verify_consistency(SHA, old, new, old_root=wrong, new_root=root, proof=proof)
        assert not verify_consistency(SHA, old, new, old_root=old_root, new_root=wrong, proof=proof)
        assert not verify_consistency(SHA, old, new, old_root=old_root, new_root=root, proof=(*proof, root))
        if proof:
            assert not verify_consistency(SHA, old, new, old_root=old_root, new_root=root, proof=proof[:-1])


@given(st.integers(1, 40), st.data())
def test_a_proof_fits_one_leaf_one_index_and_one_size_only(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(SHA, size)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(SHA, index, size, source(SHA, leaves))
    root = naive_root(SHA, leaves)
    other = data.draw(st.integers(0, 2 * size))
    if other != index:
        assert not verify_inclusion(SHA, leaves[index], other, size, proof=proof, root=root)
    assert not verify_inclusion(SHA, b"x" * 32, index, size, proof=proof, root=root)
    assert not verify_inclusion(SHA, leaves[index], index, size, proof=(*proof, root), root=root)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        changed = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
        assert not verify_inclusion(SHA, leaves[index], index, size, proof=changed, root=root)
        assert not verify_inclusion(SHA, leaves[index], index, size, proof=proof[:-1], root=root)
        short = [*proof[:at], proof[at][:-1], *proof[at + 1 :]]
        assert not verify_inclusion(SHA, leaves[index], index, size, proof=short, root=root)


def test_plans_name_each_node_that_a_caller_must_fetch() -> None:
    leaves = leaves_of(SHA, 7)
    node = source(SHA, leaves)
    plan = inclusion_plan(2, 7)
    assert plan == [[(0, 3)], [(1, 0)], [(1, 2), (0, 6)]]
    fetched = {part: node(*part) for parts in plan for part in parts}
    proof = proof_from(SHA, plan, lambda level, index: fetched[level, index])
    assert proof == inclusion_proof(SHA, 2, 7, node)
    assert consistency_plan(7, 7) == []
    assert perfect_parts(4, 7) == [(1, 2), (0, 6)]


def test_the_empty_tree_is_a_beginning_of_every_tree() -> None:
    empty = Frontier(SHA).root()
    assert empty == SHA.digest(b"")
    root = naive_root(SHA, leaves_of(SHA, 3))
    assert verify_consistency(SHA, 0, 3, old_root=empty, new_root=root, proof=())
    assert not verify_consistency(SHA, 0, 3, old_root=root, new_root=root, proof=())
    assert Frontier(SHA).grow([]).proofs == []


def test_what_cannot_exist_is_refused() -> None:
    leaves = leaves_of(SHA, 4)
    node = source(SHA, leaves)
    for size, peaks in ((1, []), (3, [leaves[0]]), (-1, []), (1, [b"short"])):
        with pytest.raises(MerkleError):
            Frontier(SHA, size, peaks)
    with pytest.raises(MerkleError):
        Frontier(SHA).grow([b"short"])
    for index, size in ((4, 4), (-1, 4), (0, 0)):
        with pytest.raises(MerkleError):
            inclusion_proof(SHA, index, size, node)
    for old, new in ((0, 4), (5, 4), (-1, 4)):
        with pytest.raises(MerkleError):
            consistency_proof(SHA, old, new, node)
    assert not verify_inclusion(SHA, leaves[0], 0, 1 << 70, proof=[leaves[0]] * 70, root=leaves[0])
    assert not verify_consistency(SHA, 3, 2, old_root=leaves[0], new_root=leaves[0], proof=())


def test_frontiers_are_compared_by_what_they_hold() -> None:
    grown = Frontier(SHA).grow(leaves_of(SHA, 6)).frontier
    assert grown == Frontier(SHA, 6, grown.peaks)
    assert hash(grown) == hash(Frontier(SHA, 6, grown.peaks))
    assert grown != Frontier(SHA)
    assert grown != 6
    assert "size=6" in repr(grown)
