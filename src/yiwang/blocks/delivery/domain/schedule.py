"""When a job runs: a cron expression of five fields in the node's zone, on every day or on working days alone.

The zone has had no summer time since 1991; a moment that a zone skips or repeats is taken once, at its first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from croniter import CroniterBadDateError, croniter

from yiwang.vocabulary.delivering import Frequency, period_of

MOST_DAYS: Final = 800
"""How far ahead a moment is looked for: 29 February on a working day may be years away and counts as never."""
LOOKED_AHEAD: Final = 60
"""Moments compared with the granted frequency."""
IsWorkday = Callable[[date], bool]


class Schedule(msgspec.Struct, frozen=True):
    """`cron` empty: only when a person says so. `workdays`: days off and on by the yearly notices are known."""

    cron: str = ""
    workdays: bool = False


def is_cron(text: str) -> bool:
    """Whether it is an expression of five fields."""
    return len(text.split()) == 5 and text.isascii() and bool(croniter.is_valid(text))


def next_after(
    schedule: Schedule, moment: datetime, zone: ZoneInfo, is_workday: IsWorkday
) -> datetime | None:
    """The first moment after `moment` at which the job runs; None: never by the clock."""
    if not schedule.cron:
        return None
    local = moment.astimezone(zone).replace(tzinfo=None)
    last = local + timedelta(days=MOST_DAYS)
    moments = croniter(schedule.cron, local, max_years_between_matches=4)
    while True:
        try:
            found: datetime = moments.get_next(datetime)
        except CroniterBadDateError:  # 30 February
            return None
        if found > last:
            return None
        at = found.replace(tzinfo=zone)
        if at > moment and (not schedule.workdays or is_workday(found.date())):
            return at
        if schedule.workdays and not is_workday(found.date()):
            # the whole day is off: go on from its end
            moments.set_current(datetime.combine(found.date(), datetime.max.time()), force=True)


def too_often(
    schedule: Schedule, frequency: Frequency, start: datetime, zone: ZoneInfo, is_workday: IsWorkday
) -> bool:
    """Whether two of the coming moments fall into one period of the granted frequency."""
    moment, before = start, None
    for _ in range(LOOKED_AHEAD):
        found = next_after(schedule, moment, zone, is_workday)
        if found is None:
            return False
        period = period_of(frequency, found.astimezone(zone))
        if period == before:
            return True
        moment, before = found, period
    return False


def within_hours(
    hours: tuple[int, int] | None, workdays: bool, moment: datetime, zone: ZoneInfo, is_workday: IsWorkday
) -> bool:
    """Whether a grant with these hours (minutes of the day, the end excluded) allows reading now."""
    local = moment.astimezone(zone)
    if workdays and not is_workday(local.date()):
        return False
    return hours is None or hours[0] <= local.hour * 60 + local.minute < hours[1]


def opens_after(
    hours: tuple[int, int] | None, workdays: bool, moment: datetime, zone: ZoneInfo, is_workday: IsWorkday
) -> datetime:
    """When such a grant allows reading again."""
    begin = hours[0] if hours else 0
    local = moment.astimezone(zone)
    for ahead in range(MOST_DAYS):
        day = local.date() + timedelta(days=ahead)
        at = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=begin)
        if at > moment and (not workdays or is_workday(day)):
            return at
    return moment + timedelta(days=1)
