"""Deadlines follow the rules in force and the working days of the region."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.exchange.domain import deadline

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("clock", "event", "due"),
    [
        # vectors of field-standards §15.1: Spring Festival 2026 and the swapped weekends around it
        ("reply-conditional", "2026-02-12T09:00", "2026-03-04"),
        ("reply-conditional", "2025-09-26T23:59", "2025-10-16"),
        ("review", "2026-11-20T17:00", "2026-11-24"),
        ("reply-unconditional", "2026-11-20T17:00", "2026-11-23"),
    ],
)
def test_a_deadline_ends_with_its_last_working_day(clock: deadline.Clock, event: str, due: str) -> None:
    found = deadline.start(clock, at(event), "", ZONE, ruled_on=at(event))
    assert found.at == at(f"{due}T23:59:59")
    assert found.certain


def test_a_province_with_shorter_days_is_obeyed() -> None:
    event = at("2026-11-20T09:00")
    assert deadline.start("reply-conditional", event, "140100", ZONE, ruled_on=event).days == 5


def test_the_rule_is_that_of_the_day_of_the_event() -> None:
    before, after = at("2025-07-31T09:00"), at("2025-08-01T09:00")
    assert deadline.rule("reply-conditional", "", before, ZONE).jurisdiction == "CN"
    assert deadline.rule("review", "", after, ZONE).working_days == 2


def test_a_year_without_published_holidays_is_marked_uncertain() -> None:
    event = at("2026-12-25T09:00")
    assert not deadline.start("reply-conditional", event, "", ZONE, ruled_on=event).certain


def test_the_day_is_that_of_the_nodes_zone() -> None:
    late_in_utc = datetime(2026, 11, 19, 17, tzinfo=UTC)  # already the 20th, a Friday, in China
    found = deadline.start("reply-unconditional", late_in_utc, "", ZONE, ruled_on=late_in_utc)
    assert found.at.date().isoformat() == "2026-11-23"


def test_remaining_days_end_at_zero_and_turn_negative_when_late() -> None:
    due = at("2026-11-24T23:59:59")
    assert deadline.remaining(due, at("2026-11-20T12:00"), "", ZONE) == 2
    assert deadline.remaining(due, at("2026-11-24T12:00"), "", ZONE) == 0
    assert deadline.remaining(due, at("2026-11-25T00:00"), "", ZONE) == -1
    assert deadline.remaining(at("2026-11-20T23:59:59"), at("2026-11-21T10:00"), "", ZONE) == -1
    assert deadline.remaining(due, at("2026-11-27T12:00"), "", ZONE) == -3


moments = st.datetimes(datetime(2025, 8, 2), datetime(2029, 12, 1), timezones=st.just(UTC))
clocks = st.sampled_from(["review", "reply-conditional", "reply-unconditional", "extension"])


@given(clocks, moments, st.integers(0, 60 * 24 * 30))
def test_who_starts_later_is_never_due_earlier(clock: deadline.Clock, event: datetime, minutes: int) -> None:
    later = event + timedelta(minutes=minutes)
    first = deadline.start(clock, event, "", ZONE, ruled_on=event)
    second = deadline.start(clock, later, "", ZONE, ruled_on=later)
    assert event < first.at <= second.at


@given(clocks, moments)
def test_days_count_down_to_the_deadline(clock: deadline.Clock, event: datetime) -> None:
    due = deadline.start(clock, event, "", ZONE, ruled_on=event)
    assert deadline.remaining(due.at, event, "", ZONE) == due.days
    assert deadline.remaining(due.at, due.at, "", ZONE) == 0
    days = deadline.ledger(event, due.at, "", ZONE)
    assert [day.number for day in days if day.working] == list(range(1, due.days + 1))


@pytest.mark.parametrize(
    ("left", "total", "soon"),
    [(3, 10, False),
     (2, 10, True),
     (2, 2, False),
     (1, 2, True),
     (1, 1, False),
     (0, 1, True),
     (-1, 1, True)],
)  # fmt: skip
def test_a_reminder_comes_near_the_end_and_never_on_the_first_day(left: int, total: int, soon: bool) -> None:
    assert deadline.is_soon(left, total) is soon
