"""What pages show of the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from yiwang.vocabulary.evidence import Leaf, Receipt


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The caller's countersignature of a leaf."""

    client: str
    kid: str
    time: datetime


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A leaf with its proof in the latest tree.

    `state` is `prepared` (committed before the answer left) or `acknowledged` (the caller countersigned).
    """

    log: str
    index: int
    leaf: Leaf
    receipt: Receipt
    acknowledged: Acknowledged | None

    @property
    def state(self) -> Literal["prepared", "acknowledged"]:
        """How far the exchange got."""
        return "prepared" if self.acknowledged is None else "acknowledged"


@dataclass(frozen=True, slots=True)
class Countersigned:
    """What a caller signed in a session: the `number`th time, over the head of a log with `size` records."""

    number: int
    size: int
    time: datetime


@dataclass(frozen=True, slots=True)
class SessionView:
    """The session that a leaf belongs to.

    `opening` is the place of its handshake, where the reader may see that; `calls` how many are countersigned by now.
    `countersigned` is over this leaf, where it is a call's (`call`), else the latest; None: there is none yet.
    """

    id: str
    opening: tuple[str, int] | None
    opened: datetime
    call: bool
    calls: int
    countersigned: Countersigned | None


@dataclass(frozen=True, slots=True)
class CallView:
    """One leaf in a list."""

    log: str
    index: int
    leaf: Leaf
    took_ms: float
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class DayView:
    """The calls of a day; `p95_ms` is rounded up to a bucket's end (a factor of 1.4 at most), None without calls."""

    day: date
    calls: int
    refused: int
    rows: int
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class HeatView:
    """The calls of one agency as consumer on one day."""

    day: date
    consumer: str
    calls: int
    refused: int


@dataclass(frozen=True, slots=True)
class FailureView:
    """How often an error was given, and when last."""

    code: str
    calls: int
    last_day: date


@dataclass(frozen=True, slots=True)
class ResourceView:
    """The calls of one resource by one consumer."""

    resource: str
    provider: str
    consumer: str
    calls: int
    refused: int


@dataclass(frozen=True, slots=True)
class ServiceView:
    """How one resource answered. `refused` by rule, `failed` because its source did not answer.

    `p95_ms` as in `DayView`.
    """

    resource: str
    provider: str
    calls: int
    refused: int
    failed: int
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class OutageView:
    """Calls of a consumer that failed on a day because a source did not answer."""

    day: date
    consumer: str
    provider: str
    resource: str
    failed: int


@dataclass(frozen=True, slots=True)
class UsageView:
    """What a grant has used on a day."""

    calls: int
    subjects: int
