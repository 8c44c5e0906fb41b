"""Working days: the yearly notices, the fallback, terms and why they end when they do."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.vocabulary import working_days as wd
from yiwang.vocabulary.tables import Table, TableError, data_table, parse_table

CALENDAR = wd.working_calendar()
dates = st.dates(dt.date(2000, 1, 1), dt.date(2035, 12, 31))
HEAD = b"# title: t\n# source: s\n# edition: e\n# verified: false\n"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def days(year: int, spans: str) -> set[dt.date]:
    found = set()
    for span in spans.split():
        first, _, last = span.partition("…")
        start = day(f"{year}-{first}")
        end = day(f"{year}-{last}") if last else start
        found |= {start + dt.timedelta(days=step) for step in range((end - start).days + 1)}
    return found


@pytest.mark.parametrize(
    ("start", "length", "due"),
    [
        ("2026-02-12", 10, "2026-03-04"),
        ("2025-09-26", 10, "2025-10-16"),
        ("2026-04-30", 5, "2026-05-11"),
        ("2026-09-18", 7, "2026-09-29"),
    ],
)
def test_the_vectors_of_the_standard_hold(start: str, length: int, due: str) -> None:
    term = CALENDAR.add_workdays(day(start), length)
    assert term.due == day(due)
    assert term.corrected
    assert CALENDAR.workdays_between(day(start), day(due)) == length


@pytest.mark.parametrize(
    ("year", "off", "work"),
    [
        (
            2024,
            "01-01 02-10…02-17 04-04…04-06 05-01…05-05 06-10 09-15…09-17 10-01…10-07",
            "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
        ),
        (
            2025,
            "01-01 01-28…02-04 04-04…04-06 05-01…05-05 05-31…06-02 10-01…10-08",
            "01-26 02-08 04-27 09-28 10-11",
        ),
        (
            2026,
            "01-01…01-03 02-15…02-23 04-04…04-06 05-01…05-05 06-19…06-21 09-25…09-27 10-01…10-07",
            "01-04 02-14 02-28 05-09 09-20 10-10",
        ),
    ],
)
def test_the_arrangement_of_a_year_is_that_of_its_notice(year: int, off: str, work: str) -> None:
    free, extra = days(year, off), days(year, work)
    date = dt.date(year, 1, 1)
    while date.year == year:
        expected = date in extra or (date.weekday() < 5 and date not in free)
        assert CALENDAR.is_workday(date) is expected, date
        date += dt.timedelta(days=1)


def test_every_day_says_why() -> None:
    assert CALENDAR.day(day("2026-02-14")).reason is wd.Reason.MAKE_UP
    assert CALENDAR.day(day("2026-02-17")).reason is wd.Reason.HOLIDAY
    assert CALENDAR.day(day("2026-02-17")).text("zh") == "放假（春节）"
    assert CALENDAR.day(day("2026-03-07")).text("en") == "weekend"
    assert CALENDAR.day(day("2026-03-06")).reason is wd.Reason.WEEKDAY


def test_the_ledger_numbers_the_working_days_and_shows_the_others() -> None:
    ledger = CALENDAR.add_workdays(day("2026-04-30"), 5).ledger
    assert [(entry.date.isoformat()[5:], entry.number) for entry in ledger] == [
        ("05-01", None),
        ("05-02", None),
        ("05-03", None),
        ("05-04", None),
        ("05-05", None),
        ("05-06", 1),
        ("05-07", 2),
        ("05-08", 3),
        ("05-09", 4),
        ("05-10", None),
        ("05-11", 5),
    ]
    assert ledger == CALENDAR.ledger(day("2026-04-30"), day("2026-05-11"))


def test_a_year_without_a_notice_is_flagged_and_never_guessed_silently() -> None:
    new_year = CALENDAR.day(day("2027-01-01"))
    assert (new_year.working, new_year.reason, new_year.corrected) == (False, wd.Reason.STATUTORY, False)
    ordinary = CALENDAR.day(day("2027-03-02"))
    assert (ordinary.working, ordinary.corrected) == (True, False)
    assert ordinary.text("zh") == "工作日，未按调休校正"
    term = CALENDAR.add_workdays(day("2026-12-28"), 5)
    assert not term.corrected, "part of the term lies in a year without a notice"


@pytest.mark.parametrize(
    ("date", "name"),
    [
        ("2027-02-05", "春节"),
        ("2027-02-08", "春节"),
        ("2027-04-05", "清明节"),
        ("2027-05-02", "劳动节"),
        ("2027-06-09", "端午节"),
        ("2027-09-15", "中秋节"),
        ("2027-10-03", "国庆节"),
    ],
)
def test_statutory_days_of_a_year_without_a_notice_follow_the_measures(date: str, name: str) -> None:
    found = CALENDAR.day(day(date))
    assert (found.working, found.name) == (False, name)


def test_the_measures_of_2025_name_thirteen_days_and_those_before_eleven() -> None:
    bare = wd.WorkingCalendar({}, range(0), CALENDAR.statutory, CALENDAR.festivals)
    counts = {}
    for year in (2003, 2013, 2024, 2025, 2030):
        every = (dt.date(year, 1, 1) + dt.timedelta(days=step) for step in range(365))
        counts[year] = sum(bare.day(date).reason is wd.Reason.STATUTORY for date in every)
    assert counts == {2003: 10, 2013: 11, 2024: 11, 2025: 13, 2030: 13}


def test_what_the_notices_give_as_statutory_days_is_never_a_working_day_in_the_fallback() -> None:
    """Every statutory day by the measures is a day off in the notice of its year."""
    bare = wd.WorkingCalendar({}, range(0), CALENDAR.statutory, CALENDAR.festivals)
    for year in range(2008, 2027):
        for step in range(365):
            date = dt.date(year, 1, 1) + dt.timedelta(days=step)
            if bare.day(date).reason is wd.Reason.STATUTORY:
                assert not CALENDAR.is_workday(date), date


def test_the_notices_of_the_package_and_of_the_table_agree() -> None:
    chinese_calendar = pytest.importorskip("chinese_calendar")
    date = dt.date(2004, 1, 1)
    while date.year <= 2026:
        assert CALENDAR.is_workday(date) == chinese_calendar.is_workday(date), date
        date += dt.timedelta(days=1)


def test_a_term_of_no_days_ends_at_once_and_an_absurd_one_is_refused() -> None:
    assert CALENDAR.due(day("2026-10-01"), 0) == day("2026-10-01")
    for length in (-1, 100_001):
        with pytest.raises(wd.WorkingDayError):
            CALENDAR.add_workdays(day("2026-10-01"), length)
    with pytest.raises(wd.WorkingDayError):
        CALENDAR.add_workdays(dt.date.max - dt.timedelta(days=1), 10)


def test_a_term_in_calendar_days_moves_to_the_next_working_day() -> None:
    assert CALENDAR.roll_forward(day("2026-10-01")) == day("2026-10-08")
    assert CALENDAR.roll_forward(day("2026-09-20")) == day("2026-09-20")


def regional(rows: bytes) -> Table:
    return parse_table("regional_days.csv", HEAD + b"region,date,kind,name\n" + rows, ())


def calendar_with(table: Table, region: str) -> wd.WorkingCalendar:
    return wd.read_calendar(
        changes=data_table("day_changes.csv"),
        statutory=data_table("statutory_days.csv"),
        festivals=data_table("festivals.csv"),
        regional=table,
        region=region,
    )


def test_a_region_may_have_holidays_of_its_own() -> None:
    table = regional("45,2026-04-20,rest,三月三\n".encode())
    found = calendar_with(table, "450100").day(day("2026-04-20"))
    assert (found.working, found.reason, found.name) == (False, wd.Reason.REGIONAL, "三月三")
    assert calendar_with(table, "370100").is_workday(day("2026-04-20"))
    assert calendar_with(table, "").is_workday(day("2026-04-20"))


@pytest.mark.parametrize("row", [b"45,2026-04-31,rest,x\n", b"45,2026-04-20,holiday,x\n"])
def test_a_broken_row_is_named_with_its_line(row: bytes) -> None:
    with pytest.raises(TableError) as raised:
        calendar_with(regional(row), "45")
    assert raised.value.facts["line"] == 6


@given(dates, st.integers(0, 400))
def test_counting_undoes_adding(start: dt.date, length: int) -> None:
    due = CALENDAR.due(start, length)
    assert CALENDAR.workdays_between(start, due) == length
    assert length == 0 or CALENDAR.is_workday(due)


@given(dates, st.integers(0, 200), st.integers(0, 200))
def test_longer_terms_end_later_and_terms_add_up(start: dt.date, first: int, second: int) -> None:
    due = CALENDAR.due(start, first)
    assert due <= CALENDAR.due(start, first + second)
    assert CALENDAR.due(due, second) == CALENDAR.due(start, first + second)


@given(dates, dates, st.integers(1, 60))
def test_a_later_start_never_ends_earlier(one: dt.date, other: dt.date, length: int) -> None:
    early, late = sorted((one, other))
    assert CALENDAR.due(early, length) <= CALENDAR.due(late, length)


@given(dates, dates)
def test_counting_backwards_is_counting_forwards_with_a_minus(one: dt.date, other: dt.date) -> None:
    near = one + (other - one) // 20
    assert CALENDAR.workdays_between(one, near) == -CALENDAR.workdays_between(near, one)
