"""What a node asks a peer for, and what it is given: events, a lease, tree heads with their proofs."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from yiwang.blocks.cascade.domain.events import Run
from yiwang.blocks.cascade.domain.leases import SignedLease
from yiwang.vocabulary.evidence import SignedHead
from yiwang.vocabulary.evidence.leaf import Hex64

PULL_PATH = "/cascade/v1/pull"
KEPT_PATH = "/cascade/v1/kept"
MOST_LEAVES = 500
PURPOSE = "item:cascade"
"""The purpose of requests between nodes."""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events after `after`; consistency of the peer's logs with the heads of these sizes that the asker keeps."""

    after: Annotated[int, Meta(ge=0)]
    most: Annotated[int, Meta(ge=1, le=5000)] = 1000
    heads: dict[str, int] | None = None
    """Size of the latest head kept, by log; None: heads are not asked for this time."""
    leaves: Annotated[tuple[tuple[str, int, Hex64], ...], Meta(max_length=MOST_LEAVES)] = ()
    """Log, index and hash of leaves that the asker holds, to be compared along with the heads."""


class Damage(msgspec.Struct, frozen=True):
    """Damage that a node finds in its own log."""

    kind: str
    zh: str
    en: str
    start: int | None = None
    stop: int | None = None
    index: int | None = None


class LogPart(msgspec.Struct, frozen=True):
    """A log: its latest head; the head of the asked size as the node has it now; the proof between the two."""

    log: str
    latest: SignedHead
    first: SignedHead | None = None
    proof: tuple[Hex64, ...] | None = None
    damages: tuple[Damage, ...] = ()


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answer. `more`: ask again at once."""

    runs: tuple[Run, ...]
    more: bool
    lease: SignedLease
    logs: tuple[LogPart, ...] | None = None
    gone: tuple[str, ...] = ()
    """Logs asked about that the node does not have (any more)."""


class KeptHeads(msgspec.Struct, frozen=True):
    """Heads of the asker's logs that a peer keeps, and leaves of them that it holds: log, index, leaf hash."""

    heads: tuple[SignedHead, ...]
    leaves: tuple[tuple[str, int, Hex64], ...] = ()
