"""What an audit reads: one log's rows, each kind in order, as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from yiwang.vocabulary.evidence import SignedHead


@dataclass(frozen=True, slots=True)
class LeafRow:
    """A stored leaf."""

    index: int
    text: str
    stored: bytes


@dataclass(frozen=True, slots=True)
class HeadRow:
    """A stored head with the columns beside its text."""

    size: int
    epoch: int
    signed: SignedHead


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A stored node."""

    level: int
    index: int
    hash: bytes


class LogRows(Protocol):
    """The rows of one log as they were at one moment."""

    name: str
    node: str
    suite: str
    rolled: int
    noded: int

    def leaves(self) -> Iterator[LeafRow]:
        """By index."""

    def heads(self) -> Iterator[HeadRow]:
        """By size."""

    def nodes(self) -> Iterator[NodeRow]:
        """In the order in which growing the tree completes them: by (index+1)·2^level, then level."""

    def acks(self) -> Iterator[tuple[int, bytes]]:
        """Index and acknowledged leaf hash, by index."""
