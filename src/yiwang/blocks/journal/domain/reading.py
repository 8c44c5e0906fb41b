"""What is proven from stored rows: a leaf against the latest head, one head against another.

The rows come from a `Source`: a gateway's own connections or Django's. Its methods are coroutines so that both can
serve; `at_once` runs what never waits.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Protocol, TypeVar

import msgspec

from yiwang.blocks.journal.domain.proofs import Needs, consistency_needs, inclusion_needs, proof_of
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.evidence import Receipt, SignedHead, parse_head

T = TypeVar("T")


class Source(Protocol):
    """Rows of the journal."""

    async def leaf(self, log: str, index: int) -> str | None:
        """The text of a leaf."""

    async def head(self, log: str, size: int | None) -> SignedHead | None:
        """The head of exactly that size; without a size the latest one."""

    async def noded(self, log: str) -> int:
        """How many leaves the stored nodes reach."""

    async def nodes(self, log: str, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Stored nodes by (level, index)."""

    async def hashes(self, log: str, start: int, stop: int) -> list[bytes]:
        """Leaf hashes from `start` to `stop` (not included)."""


class Consistency(msgspec.Struct, frozen=True):
    """Two signed heads of a log, and the proof (hex) that the second continues the first."""

    first: SignedHead
    second: SignedHead
    proof: list[str]


async def receipt_of(source: Source, log: str, index: int, size: int | None = None) -> Receipt | None:
    """The leaf with its proof in the latest tree, or in that of a head's size; None when there is no such leaf."""
    text, signed = await source.leaf(log, index), await source.head(log, size)
    if text is None or signed is None:
        return None
    head = parse_head(signed.head)
    if index >= head.size:
        return None
    proof = await _proof(source, log, inclusion_needs(index, head.size, await source.noded(log)), head.suite)
    return Receipt(text, index, tuple(proof), signed.head, signed.signature)


async def consistency_of(source: Source, log: str, old: int, new: int | None) -> Consistency | None:
    """The proof between two heads, by their sizes (`new` None: the latest); None when one does not exist."""
    first, second = await source.head(log, old), await source.head(log, new)
    if first is None or second is None:
        return None
    head = parse_head(second.head)
    if not 0 < old <= head.size:
        return None
    needs = consistency_needs(old, head.size, await source.noded(log))
    return Consistency(first, second, await _proof(source, log, needs, head.suite))


async def _proof(source: Source, log: str, needs: Needs, suite_name: str) -> list[str]:
    nodes = await source.nodes(log, needs.nodes) if needs.nodes else {}
    leaves = {(start, stop): await source.hashes(log, start, stop) for start, stop in needs.ranges}
    return proof_of(SUITES[suite_name], needs, nodes, leaves)


def at_once(coroutine: Coroutine[object, None, T]) -> T:
    """The result of a coroutine that never waits. Raises: RuntimeError when it does."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    coroutine.close()
    raise RuntimeError("the source waited")
