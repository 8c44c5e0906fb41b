"""Live numbers and recent calls, out of the journal's own counts; nothing is shown that was not counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.identity.public import Actor


@dataclass(frozen=True)
class Traffic:
    """Calls of today and of the days before, oldest first."""

    today: int
    series: tuple[int, ...]
    note: str


@dataclass(frozen=True)
class CallRow:
    """One call as its leaf records it."""

    time: datetime
    kind: str
    status: int | None
    rows: int | None
    took_ms: int
    purpose: str
    code: str
    words: str
    log: str
    index: int
    request_id: str


@dataclass(frozen=True)
class GrantCalls:
    """Recent calls of a grant and what it has used today."""

    rows: tuple[CallRow, ...]
    today: int
    refused: int
    subjects: int


def traffic(me: Actor, now: datetime) -> Traffic | None:
    """Calls that concern the person's agency."""
    del me, now
    return None


def of_resource(me: Actor, code: str, now: datetime) -> Traffic | None:
    """Calls of one resource."""
    del me, code, now
    return None


def of_grant(me: Actor, grant_id: str, now: datetime) -> GrantCalls | None:
    """Calls under one grant."""
    del me, grant_id, now
    return None
