"""The record of the calls that a caller countersigns: a Merkle tree over what it asked and what it was answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from yiwang.vocabulary.crypto import Suite
from yiwang.vocabulary.merkle import Frontier, Proof, leaf_hash


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One call. Without index and response: it was asked, but no answer arrived.

    Attributes:
        request: request digest, lower-case hexadecimal.
        index: place of its leaf in the log.
        response: digest of the answer's body by the log's suite, lower-case hexadecimal.
    """

    request: str
    index: int | None = None
    response: str | None = None

    def text(self) -> bytes:
        """The canonical text; its members are in canonical order, and none needs escaping."""
        if self.index is None or self.response is None:
            return b'{"index":null,"request":"%s","response":null}' % self.request.encode("ascii")
        return b'{"index":%d,"request":"%s","response":"%s"}' % (
            self.index, self.request.encode("ascii"), self.response.encode("ascii")
        )  # fmt: skip


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Entries as a record has them: by index, then those without an answer by request."""
    return sorted(entries, key=lambda one: (one.index is None, one.index or 0, one.request))


def record_of(suite: Suite, entries: Sequence[Entry]) -> str:
    """The root over entries that are in order, lower-case hexadecimal."""
    hashes = [leaf_hash(suite, entry.text()) for entry in entries]
    return Frontier(suite).grow(hashes, proving=False).root.hex()


def record_proof(suite: Suite, entries: Sequence[Entry], place: int) -> Proof:
    """The inclusion proof of the entry at `place`."""
    return Frontier(suite).grow([leaf_hash(suite, entry.text()) for entry in entries]).proofs[place]
