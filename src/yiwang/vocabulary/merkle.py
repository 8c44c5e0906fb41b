"""The Merkle tree of RFC 9162 §2 with a suite's hash: leaf H(0x00 ‖ data), node H(0x01 ‖ left ‖ right).

`node(level, index)` names the root of the perfect subtree over leaves [index·2^level, (index+1)·2^level); such a
node never changes once its leaves exist, so it may be stored, and every proof is made from such nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from yiwang.vocabulary.crypto.suites import Suite
from yiwang.vocabulary.errors import YwError

NodeSource: TypeAlias = Callable[[int, int], bytes]
"""Gives the hash of a perfect subtree by (level, index); level 0 are the leaf hashes."""

Proof: TypeAlias = tuple[bytes, ...]
"""Sibling hashes from the leaf upwards."""

MAX_PROOF = 64
_HASH_SIZE = 32


class MerkleError(YwError):
    """A tree or a proof was asked for that cannot exist."""

    code = "merkle-impossible"
    message_zh = "日志树请求无效:{reason}"
    message_en = "No such log tree or proof: {reason}"
    mend_zh = "请核对序号与树的大小。"
    mend_en = "Check the index and the size of the tree."


class Node(NamedTuple):
    """One perfect subtree that an append completed."""

    level: int
    position: int
    hash: bytes


class Growth(NamedTuple):
    """What an append made.

    Attributes:
        frontier: the new tree.
        proofs: for each appended leaf its inclusion proof in the new tree; none where none were asked for.
        nodes: the perfect subtrees completed by it, the leaves among them, lowest level first.
        root: the new tree's root.
    """

    frontier: Frontier
    proofs: list[Proof]
    nodes: list[Node]
    root: bytes


def leaf_hash(suite: Suite, data: bytes) -> bytes:
    """H(0x00 ‖ data)."""
    return suite.digest(b"\0" + data)


def node_hash(suite: Suite, left: bytes, right: bytes) -> bytes:
    """H(0x01 ‖ left ‖ right)."""
    return suite.digest(b"\1" + left + right)


class Frontier:
    """A tree reduced to what appending needs: its size and the roots of its maximal perfect subtrees.

    Immutable. Attributes:
        suite: whose hash the tree uses.
        size: number of leaves.
        peaks: roots of the maximal perfect subtrees from left (largest) to right, one a set bit of `size`.
    """

    __slots__ = ("peaks", "size", "suite")

    def __init__(self, suite: Suite, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """Take up a stored tree, or an empty one.

        Raises:
            MerkleError: the number or the length of the peaks does not fit the size.
        """
        if not 0 <= size < 1 << 62 or len(peaks) != size.bit_count():
            raise MerkleError(reason=f"{len(peaks)} peaks for {size} leaves")
        if any(len(peak) != _HASH_SIZE for peak in peaks):
            raise MerkleError(reason="a peak is not 32 bytes long")
        self.suite = suite
        self.size = size
        self.peaks = tuple(peaks)

    def root(self) -> bytes:
        """The root hash; of the empty tree, the hash of nothing."""
        return _fold(self.suite, self.peaks)

    def append_many(self, leaf_hashes: Sequence[bytes]) -> tuple[Frontier, list[Proof]]:
        """The tree with these leaves added, and each one's inclusion proof in it."""
        grown = self.grow(leaf_hashes)
        return grown.frontier, grown.proofs

    def grow(self, leaf_hashes: Sequence[bytes], *, proving: bool = True) -> Growth:
        """Append leaves: about one hash a leaf, and one a level; `proving` whether their proofs are wanted.

        Raises:
            MerkleError: a leaf hash is not 32 bytes long.
        """
        if any(len(leaf) != _HASH_SIZE for leaf in leaf_hashes):
            raise MerkleError(reason="a leaf hash is not 32 bytes long")
        count = len(leaf_hashes)
        if count == 0:
            return Growth(self, [], [], self.root())
        size = self.size + count
        start = self.suite.new_hash()
        start.update(b"\1")
        left_peaks, new_peaks, completed = list(self.peaks), list[bytes](), list[Node]()
        # First the levels at which the new leaves are several nodes. `row` is what is new at a level, the ragged
        # right edge included; it begins at node `first`, whose parity says whether an old peak stands before it.
        rows: list[list[bytes]] = []
        row, first, level = list(leaf_hashes), self.size, 0
        while len(row) > 1:
            perfect = size >> level
            completed += [Node(level, first + at, row[at]) for at in range(perfect - first)]
            if perfect & 1:
                new_peaks.append(row[perfect - 1 - first] if perfect > first else left_peaks[-1])
            if first & 1:
                row.insert(0, left_peaks.pop())
            rows.append(row)
            above: list[bytes] = []
            for at in range(0, len(row) - 1, 2):
                state = start.copy()
                state.update(row[at] + row[at + 1])
                above.append(state.digest())
            if len(row) & 1:
                above.append(row[-1])
            row, first, level = above, first >> 1, level + 1
        # Above, they share one node at each level, and so the rest of their proofs.
        root, shared = row[0], list[bytes]()
        while True:
            perfect = size >> level
            if perfect > first:
                completed.append(Node(level, first, root))
            if perfect & 1:
                new_peaks.append(root if perfect > first else left_peaks[-1])
            if size - 1 >> level == 0:
                break
            if first & 1:
                peak = left_peaks.pop()
                shared.append(peak)
                state = start.copy()
                state.update(peak + root)
                root = state.digest()
            first, level = first >> 1, level + 1
        proofs = _descend(rows, self.size, tuple(shared)) if proving else []
        return Growth(Frontier(self.suite, size, new_peaks[::-1]), proofs, completed, root)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frontier):
            return NotImplemented
        return (self.suite, self.size, self.peaks) == (other.suite, other.size, other.peaks)

    def __hash__(self) -> int:
        return hash((self.suite, self.size, self.peaks))

    def __repr__(self) -> str:
        return f"<Frontier {self.suite.hash_name} size={self.size}>"


def _descend(rows: list[list[bytes]], old: int, shared: Proof) -> list[Proof]:
    """The proofs of the new leaves, from the rows above them downwards; a row may begin with an old peak."""
    proofs = [shared]
    for level in range(len(rows) - 1, -1, -1):
        row = rows[level]
        proofs = [
            (row[at ^ 1], *proofs[at >> 1]) if at ^ 1 < len(row) else proofs[at >> 1]
            for at in range(old >> level & 1, len(row))
        ]
    return proofs


def root_at(suite: Suite, size: int, node: NodeSource) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return _fold(suite, [node(level, index) for level, index in perfect_parts(0, size)])


def inclusion_plan(index: int, size: int) -> list[list[tuple[int, int]]]:
    """For each hash of an inclusion proof, the perfect subtrees (level, index) that fold into it.

    For callers that must fetch nodes first: ask for all, then `proof_from`.

    Raises:
        MerkleError: the leaf is not in the tree.
    """
    if not 0 <= index < size:
        raise MerkleError(reason=f"leaf {index} in a tree of {size}")
    plan: list[list[tuple[int, int]]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            plan.append(perfect_parts(middle, end))
            end = middle
        else:
            plan.append(perfect_parts(start, middle))
            start = middle
    return plan[::-1]


def consistency_plan(old: int, new: int) -> list[list[tuple[int, int]]]:
    """As `inclusion_plan`, for the proof that the tree of `new` leaves begins with that of `old`.

    Raises:
        MerkleError: not 0 < old <= new.
    """
    if not 0 < old <= new:
        raise MerkleError(reason=f"consistency from {old} to {new}")
    plan: list[list[tuple[int, int]]] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            plan.append(perfect_parts(middle, end))
            end = middle
        else:
            plan.append(perfect_parts(start, middle))
            start, whole = middle, False
    if not whole:
        plan.append(perfect_parts(start, end))
    return plan[::-1]


def proof_from(suite: Suite, plan: Sequence[Sequence[tuple[int, int]]], node: NodeSource) -> Proof:
    """The proof that a plan describes."""
    return tuple(_fold(suite, [node(level, index) for level, index in parts]) for parts in plan)


def inclusion_proof(suite: Suite, index: int, size: int, node: NodeSource) -> Proof:
    """PATH(index, D[size]) of RFC 9162 §2.1.3.1."""
    return proof_from(suite, inclusion_plan(index, size), node)


def consistency_proof(suite: Suite, old: int, new: int, node: NodeSource) -> Proof:
    """PROOF(old, D[new]) of RFC 9162 §2.1.4.1."""
    return proof_from(suite, consistency_plan(old, new), node)


def verify_inclusion(
    suite: Suite, leaf: bytes, index: int, size: int, *, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether the leaf hash is at `index` of the tree of that size and root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size or len(proof) > MAX_PROOF:
        return False
    at, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0 or len(sibling) != _HASH_SIZE:
            return False
        if at & 1 or at == last:
            value = node_hash(suite, sibling, value)
            while not at & 1 and at:
                at >>= 1
                last >>= 1
        else:
            value = node_hash(suite, value, sibling)
        at >>= 1
        last >>= 1
    return last == 0 and value == root


def verify_consistency(
    suite: Suite, old: int, new: int, *, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162 §2.1.4.2).

    The empty tree is a beginning of every tree, with an empty proof.
    """
    if not 0 <= old <= new or len(proof) > MAX_PROOF or any(len(part) != _HASH_SIZE for part in proof):
        return False
    if old == 0:
        return not proof and old_root == suite.digest(b"")
    if old == new:
        return not proof and old_root == new_root
    if not proof:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    at, last = old - 1, new - 1
    while at & 1:
        at >>= 1
        last >>= 1
    first = second = path[0]
    for part in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first = node_hash(suite, part, first)
            second = node_hash(suite, part, second)
            while not at & 1 and at:
                at >>= 1
                last >>= 1
        else:
            second = node_hash(suite, second, part)
        at >>= 1
        last >>= 1
    return last == 0 and first == old_root and second == new_root


def perfect_parts(start: int, end: int) -> list[tuple[int, int]]:
    """The maximal perfect subtrees (level, index) that make up leaves [start, end), left to right.

    `start` must be a multiple of every power of two that the range needs, as it is for every subtree of the tree.
    """
    parts: list[tuple[int, int]] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append((level, start >> level))
        start += 1 << level
    return parts


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _fold(suite: Suite, peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return suite.digest(b"")
    value = peaks[-1]
    for peak in reversed(peaks[:-1]):
        value = node_hash(suite, peak, value)
    return value
