"""How long events are kept: until everybody has acknowledged them and some days, but not for ever. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

DAYS: Final = 7
"""Days that every event is kept, for replays."""
MOST_DAYS: Final = 30
"""Days that an event waits for a subscriber who does not acknowledge; then that subscription is paused, and its people are told."""
PAGE: Final = 500
"""Events of one answer at most."""
PERSONAL_PAGE: Final = 100
"""The same for resources about natural persons: each has a commitment in the evidence header."""
LONGEST_WAIT: Final = 30
"""Seconds that a call may wait for an event."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A subscription that events wait for: what it has acknowledged, and since when the next one has waited."""

    id: str
    acked: int
    waiting_since: datetime | None


def overdue(holdings: Iterable[Holding], now: datetime, most_days: int) -> list[str]:
    """Subscriptions for which an event has waited longer than the limit."""
    limit = now - timedelta(days=most_days)
    return [one.id for one in holdings if one.waiting_since is not None and one.waiting_since < limit]


def may_go(holdings: Iterable[Holding], last_old: int) -> int:
    """Position up to which events may go; `last_old` is the last one that is older than the days everything is kept."""
    return min([one.acked for one in holdings] + [last_old])
