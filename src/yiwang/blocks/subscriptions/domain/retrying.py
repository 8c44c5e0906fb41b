"""When a webhook is tried again, and when its receiver counts as dead. Pure: chance is given."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

FIRST: Final = timedelta(seconds=5)
LONGEST: Final = timedelta(hours=2)
DEAD_AFTER: Final = 10
"""Failures in a row after which a receiver counts as dead: its people are told, and one event is sent to see whether it lives."""
BATCH: Final = 100
"""Events of one delivery."""
SECONDS: Final = 10.0
"""What a receiver has for one delivery, from the first byte to its status."""


def again_at(now: datetime, failures: int, chance: float) -> datetime:
    """The next try after so many failures in a row: twice as long each time, and between half and all of that.

    `chance` is in 0 … 1; without it, all receivers behind one broken network would be tried in the same second.
    """
    whole = min(FIRST * (1 << min(max(failures, 1) - 1, 20)), LONGEST)
    return now + whole * (0.5 + chance / 2)


def batch_size(failures: int) -> int:
    """How many events are tried."""
    return 1 if failures >= DEAD_AFTER else BATCH


def is_taken(status: int) -> bool:
    """Whether a receiver has said that it has the events; a redirect is no such word."""
    return 200 <= status < 300


def is_unwanted(status: int) -> bool:
    """410 Gone: the receiver asks for no more."""
    return status == 410
