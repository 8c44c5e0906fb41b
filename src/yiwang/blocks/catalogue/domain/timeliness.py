"""Whether the data of an entry are as fresh as its update cycle promises 更新及时."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from yiwang.blocks.catalogue.domain.resource import UpdateCycle

DAYS: dict[UpdateCycle, int] = {
    "realtime": 1, "daily": 2, "weekly": 8, "monthly": 33, "quarterly": 95, "half_yearly": 187, "yearly": 370,
}  # fmt: skip
"""Days after which data of a cycle are late: the cycle and a little grace; 不定期 is never late."""
Timeliness = Literal["timely", "late", "unknown"]


@dataclass(frozen=True)
class LateEntry:
    """A published entry whose data are older than its cycle allows; `since` is when they became so."""

    code: str
    title: str
    agency: str
    agency_name: str
    update_cycle: UpdateCycle
    since: datetime


def late_since(
    cycle: UpdateCycle, changed: datetime | None, unchanged: datetime | None, now: datetime
) -> datetime | None:
    """When the data became late, None while they are not or nothing is known.

    `changed` is when they last changed; `unchanged`, since when no change was seen, where none ever was.
    """
    last = changed if changed is not None else unchanged
    if last is None or cycle not in DAYS:
        return None
    limit = last + timedelta(days=DAYS[cycle])
    return limit if now > limit else None


def timeliness(
    cycle: UpdateCycle, changed: datetime | None, unchanged: datetime | None, now: datetime
) -> Timeliness:
    """How the data are; unknown as well while a table is watched for less than its cycle."""
    if late_since(cycle, changed, unchanged, now) is not None:
        return "late"
    return "timely" if changed is not None and cycle in DAYS else "unknown"
