"""Periods: when they begin, how many are kept of what is measured at their end, and how they are written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from yiwang.blocks.registry.domain.figures.declared import ZONE, Per

KEPT: Final[dict[Per, int]] = {"hour": 48, "day": 60, "week": 53, "month": 24, "quarter": 12, "year": 10}
"""Periods that a stock is measured for: the current one and those before it."""
CHINA: Final = ZoneInfo(ZONE)


def start_of(at: datetime, per: Per) -> datetime:
    """When the period of an instant began."""
    local = at.astimezone(CHINA).replace(minute=0, second=0, microsecond=0)
    if per == "hour":
        return local
    day = local.replace(hour=0)
    match per:
        case "day":
            return day
        case "week":
            return _on(day - timedelta(days=day.weekday()))
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case _:
            return day.replace(month=1, day=1)


def moved(start: datetime, per: Per, by: int) -> datetime:
    """The start of the period that is `by` later, or earlier where negative."""
    local = start.astimezone(CHINA)
    match per:
        case "hour":
            return (start + timedelta(hours=by)).astimezone(CHINA)
        case "day":
            return _on(local.replace(tzinfo=None) + timedelta(days=by))
        case "week":
            return _on(local.replace(tzinfo=None) + timedelta(weeks=by))
        case "year":
            return local.replace(year=local.year + by)
        case _:
            months = local.year * 12 + local.month - 1 + by * (3 if per == "quarter" else 1)
            return local.replace(year=months // 12, month=months % 12 + 1)


def between(first: datetime, last: datetime, per: Per) -> Iterator[datetime]:
    """Starts of the periods from one to another, both included."""
    at = start_of(first, per)
    while at <= last:
        yield at
        at = moved(at, per, 1)


def oldest(now: datetime, per: Per) -> datetime:
    """The start of the first period that a stock is measured for."""
    return moved(start_of(now, per), per, 1 - KEPT[per])


def written(start: datetime, per: Per) -> str:
    """A period as text: 2026, 2026-Q2, 2026-05, 2026-W07, 2026-05-03, 2026-05-03 14:00."""
    local = start.astimezone(CHINA)
    match per:
        case "hour":
            return f"{local:%Y-%m-%d %H:00}"
        case "day":
            return f"{local:%Y-%m-%d}"
        case "week":
            return f"{local:%G-W%V}"
        case "month":
            return f"{local:%Y-%m}"
        case "quarter":
            return f"{local.year}-Q{(local.month + 2) // 3}"
        case _:
            return f"{local.year}"


def _on(at: datetime) -> datetime:
    return at.replace(tzinfo=CHINA)
