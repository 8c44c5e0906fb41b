"""When jobs run: cron in the node's zone, working days of the yearly notices, never more often than granted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.delivery.domain.schedule import (
    Schedule,
    is_cron,
    next_after,
    opens_after,
    too_often,
    within_hours,
)
from yiwang.vocabulary.delivering import FREQUENCIES, period_of
from yiwang.vocabulary.working_days import working_calendar

ZONE = ZoneInfo("Asia/Shanghai")


def workday(day: date) -> bool:
    return working_calendar().is_workday(day)


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


def test_every_working_day_leaves_out_the_national_day_and_keeps_its_make_up_days() -> None:
    schedule = Schedule("30 22 * * *", workdays=True)
    # 国庆 2026: off from 1 to 7 October, Saturday 10 October is worked
    moment = local(2026, 9, 30, 23, 0)
    assert next_after(schedule, moment, ZONE, workday) == local(2026, 10, 8, 22, 30)
    assert next_after(schedule, local(2026, 10, 9, 23, 0), ZONE, workday) == local(2026, 10, 10, 22, 30)


def test_without_a_clock_a_job_never_runs_by_itself() -> None:
    assert next_after(Schedule(), local(2026, 1, 1), ZONE, workday) is None
    assert next_after(Schedule("0 0 30 2 *"), local(2026, 1, 1), ZONE, workday) is None


@given(
    st.integers(0, 59), st.integers(0, 23), st.booleans(),
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)),
)  # fmt: skip
def test_the_next_moment_lies_ahead_at_the_hour_named_on_a_day_that_counts(
    minute: int, hour: int, workdays: bool, moment: datetime
) -> None:
    found = next_after(Schedule(f"{minute} {hour} * * *", workdays), moment, ZONE, workday)
    assert found is not None
    there = found.astimezone(ZONE)
    assert found > moment
    assert (there.hour, there.minute, there.second) == (hour, minute, 0)
    assert not workdays or workday(there.date())
    between = (moment.astimezone(ZONE) + timedelta(days=n) for n in range((found - moment).days + 1))
    missed = [
        day for day in between
        if moment < day.replace(hour=hour, minute=minute, second=0, microsecond=0) < found
        and (not workdays or workday(day.date()))
    ]  # fmt: skip
    assert missed == []


@pytest.mark.parametrize(
    "text", ["", "30 22 * *", "* * * * * *", "60 1 * * *", "@daily", "３０ 22 * * *", "a b c d e"]
)
def test_what_is_no_expression_of_five_fields_is_refused(text: str) -> None:
    assert not is_cron(text)


@pytest.mark.parametrize(
    ("cron", "most"),
    [("0 * * * *", "hourly"), ("30 22 * * *", "daily"), ("0 6 * * 1", "weekly"), ("0 2 1 * *", "monthly")],
)
def test_a_clock_is_too_often_for_every_seldomer_frequency_and_for_no_other(cron: str, most: str) -> None:
    start = local(2026, 11, 20)
    fitting = [one for one in FREQUENCIES if not too_often(Schedule(cron), one, start, ZONE, workday)]
    assert fitting == list(FREQUENCIES[FREQUENCIES.index(most) :])


@given(st.sampled_from(FREQUENCIES), st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)))
def test_a_moment_falls_into_one_period_with_itself(frequency: str, moment: datetime) -> None:
    assert period_of(frequency, moment) == period_of(frequency, moment)  # type: ignore[arg-type]
    if frequency != "once":
        later = moment + timedelta(days=32)
        assert period_of(frequency, later) != period_of(frequency, moment)  # type: ignore[arg-type]


def test_hours_of_a_grant_open_and_shut() -> None:
    hours = (8 * 60, 18 * 60)
    assert within_hours(hours, True, local(2026, 11, 20, 8, 0), ZONE, workday)
    assert not within_hours(hours, True, local(2026, 11, 20, 18, 0), ZONE, workday)
    assert not within_hours(hours, True, local(2026, 11, 21, 9, 0), ZONE, workday)  # a Saturday
    assert opens_after(hours, True, local(2026, 11, 20, 18, 0), ZONE, workday) == local(2026, 11, 23, 8, 0)
