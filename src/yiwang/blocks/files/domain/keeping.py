"""A file through its life, and how long it is kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, Literal

FileState = Literal["arriving", "checking", "ready", "refused", "ended"]
"""Arriving; whole and in quarantine; to be fetched; kept from everyone; bytes destroyed, the record kept."""
EndReason = Literal["", "expired", "withdrawn", "kept-long-enough", "refused", "joined"]
Finding = Literal["", "media", "digest", "malware", "damaged"]
UPLOAD_HOURS: Final = 72
"""An upload that stands still for so long is given up."""
OPEN_UPLOADS: Final = 50
"""Unfinished uploads of one agency."""
LONGEST_DAYS: Final = 3650
LARGEST_FILE: Final = 1 << 40
DAYS_AFTER_DELIVERY: Final = 30
DAYS_UNFETCHED: Final = 180


def upload_ends(last_piece: datetime) -> datetime:
    """When an upload is given up."""
    return last_piece + timedelta(hours=UPLOAD_HOURS)


def kept_until(
    ready_at: datetime,
    received: Collection[datetime],
    waiting: int,
    *,
    after_delivery: int,
    unfetched: int,
) -> datetime:
    """When a file may be destroyed.

    Args:
        ready_at: when it could be fetched first.
        received: when each agency that holds a grant confirmed it.
        waiting: agencies that hold a grant and have not.
        after_delivery: days after the last confirmation.
        unfetched: days that it waits for those who do not come.
    """
    longest = ready_at + timedelta(days=unfetched)
    if waiting or not received:
        return longest
    return max(received) + timedelta(days=after_delivery)
