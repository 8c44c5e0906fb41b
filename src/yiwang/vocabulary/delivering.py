"""Words of delivering whole tables 库表交换: in which ways, and how often."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, get_args

Way = Literal["full", "incremental", "diff"]
WAYS: Final[tuple[Way, ...]] = get_args(Way)
"""All rows; those whose cursor has grown; all rows, compared, so that deleted ones are found."""
GrantedWay = Literal[Way, "changes"]
CHANGES: Final = "changes"
"""Changes as they happen, by subscription or by a job that captures them."""
GRANTED_WAYS: Final[tuple[GrantedWay, ...]] = (*WAYS, CHANGES)
"""Everything that a grant of whole tables may allow."""
JobWay = Literal[Way, "cdc"]
CAPTURE: Final = "cdc"
"""All rows once, then changes from the source's log."""
JOB_WAYS: Final[tuple[JobWay, ...]] = (*WAYS, CAPTURE)
"""Ways of a table job."""
Frequency = Literal["once", "monthly", "weekly", "daily", "hourly"]
FREQUENCIES: Final[tuple[Frequency, ...]] = get_args(Frequency)
"""From seldom to often."""


def granting(way: JobWay) -> GrantedWay:
    """What a grant has to allow for a job of this way."""
    return CHANGES if way == "cdc" else way


def period_of(frequency: Frequency, local: datetime) -> tuple[int, ...]:
    """What may hold one delivery: an hour, a day, a week (from Monday), a month, or all time."""
    match frequency:
        case "once":
            return ()
        case "monthly":
            return (local.year, local.month)
        case "weekly":
            return local.isocalendar()[:2]
        case "daily":
            return (local.year, local.month, local.day)
        case "hourly":
            return (local.year, local.month, local.day, local.hour)
