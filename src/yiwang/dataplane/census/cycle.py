"""How often a table changes, from the days in the column that says when a row did."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from yiwang.dataplane.census.draft import Cycle
from yiwang.dataplane.census.identify import Identity
from yiwang.dataplane.census.profile import Profile
from yiwang.dataplane.census.source import Text

_DAY: Final = re.compile(r"((?:19|20)\d{2})\D?(\d{1,2})\D?(\d{1,2})")
_LEAST: Final = 5
_BY_AGE: Final[tuple[tuple[int, Cycle], ...]] = (
    (3, "daily"), (10, "weekly"), (45, "monthly"), (135, "quarterly"), (400, "yearly"),
)  # fmt: skip
_BY_GAP: Final[tuple[tuple[float, Cycle], ...]] = (
    (3.0, "daily"), (14.0, "weekly"), (45.0, "monthly"), (135.0, "quarterly"), (240.0, "half_yearly"), (500.0, "yearly"),
)  # fmt: skip
_RANK: Final = {"update_time": 3, "datetime": 2, "date": 1}


def cycle_of(
    profiles: Sequence[Profile], identities: Sequence[Identity], today: dt.date
) -> tuple[Cycle, float, Text]:
    """The proposed cycle, how sure it is, and why. Days themselves are not told, only how they lie."""
    best: tuple[int, int] | None = None
    for at, (profile, identity) in enumerate(zip(profiles, identities, strict=True)):
        rank = _RANK.get(identity.concept, 0)
        if rank and profile.filled and (best is None or rank > best[0]):
            best = (rank, at)
    if best is None:
        return "irregular", 0.3, Text("没有表示更新的日期列", "no column tells when a row changed")
    profile = profiles[best[1]]
    days = _days(profile.values, today)
    name = profile.column.name
    if len(days) < _LEAST:
        return "irregular", 0.3, Text(f"“{name}”中日期太少", f"“{name}” holds too few dates")
    age = (today - days[-1]).days
    regular = _regular(days)
    sure = 0.75 if best[0] == 3 else 0.5
    if regular is not None:
        return regular[0], sure, Text(f"“{name}”中{regular[1].zh}", f"in “{name}” {regular[1].en}")
    for limit, cycle in _BY_AGE:
        if age <= limit:
            told = Text(
                f"“{name}”中最近一次变更在 {limit} 天以内",
                f"the last change in “{name}” is within {limit} days",
            )
            return cycle, sure - 0.1, told
    return (
        "irregular",
        0.5,
        Text(f"“{name}”已一年多没有变更", f"“{name}” has not changed for more than a year"),
    )


def _days(values: Sequence[str], today: dt.date) -> list[dt.date]:
    found = set()
    for value in values:
        match = _DAY.match(value)
        if match:
            try:
                day = dt.date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                continue
            if day <= today:
                found.add(day)
    return sorted(found)


def _regular(days: Sequence[dt.date]) -> tuple[Cycle, Text] | None:
    """A cycle when the days lie evenly; a sample of single days all over the calendar shows none."""
    gaps = sorted((b - a).days for a, b in pairwise(days))
    middle = gaps[len(gaps) // 2]
    even = sum(0.6 * middle <= gap <= 1.6 * middle + 1 for gap in gaps) >= 0.8 * len(gaps)
    if not even:
        return None
    for limit, cycle in _BY_GAP:
        if middle <= limit:
            return cycle, Text(
                f"各次变更大多相隔约 {middle} 天", f"changes mostly lie about {middle} days apart"
            )
    return None
