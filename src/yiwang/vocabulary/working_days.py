"""Working days: which days count, why, and when a term ends.

The arrangement of each year comes from a notice of the General Office of the State Council (days off and make-up
workdays) and is data: `data/day_changes.csv`, 2004 to the last year its head names. For a year without a notice the
calendar falls back to Monday to Friday without the statutory days (全国年节及纪念日放假办法, in its revision of the
day) and says so: every result that touches such a day carries `corrected=False` (“未按调休校正”).

Terms are counted as 行政许可法 art. 82 and common practice have it: the day of the event is not counted, the term ends
with its last working day. Regional holidays are a table of their own and win over the national arrangement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import ClassVar

from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.tables import Row, Table, data_table

ONE_DAY = dt.timedelta(days=1)
UNCORRECTED_ZH = "未按调休校正"
UNCORRECTED_EN = "not corrected for swapped weekends"


class WorkingDayError(YwError):
    """A term cannot be counted."""

    code: ClassVar[str] = "working-days-term"
    message_zh: ClassVar[str] = "无法计算 {days} 个工作日的期限。"
    message_en: ClassVar[str] = "A term of {days} working days cannot be counted."
    mend_zh: ClassVar[str] = "工作日数须为 0 至 100000 之间的整数。"
    mend_en: ClassVar[str] = "The number of working days must be between 0 and 100000."


class Reason(StrEnum):
    """Why a day counts or does not."""

    WEEKDAY = "weekday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make-up"
    STATUTORY = "statutory"
    REGIONAL = "regional"


_REASONS = {
    Reason.WEEKDAY: ("工作日", "ordinary weekday"),
    Reason.WEEKEND: ("周末", "weekend"),
    Reason.HOLIDAY: ("放假", "day off by the yearly notice"),
    Reason.MAKE_UP: ("调休上班", "make-up workday"),
    Reason.STATUTORY: ("法定节假日", "statutory day"),
    Reason.REGIONAL: ("地方安排", "regional arrangement"),
}


@dataclass(frozen=True, slots=True)
class Day:
    """One day and why it counts.

    Attributes:
        corrected: False when no yearly notice covers the day, so that it may yet change.
        number: its place among the working days of a term (1, 2, …), None for days not counted.
    """

    date: dt.date
    working: bool
    reason: Reason
    name: str = ""
    corrected: bool = True
    number: int | None = None

    def text(self, language: str) -> str:
        """Why, in `zh` or `en`, e.g. “调休上班（国庆节调休）”."""
        zh, en = _REASONS[self.reason]
        if language.startswith("zh"):
            return (f"{zh}（{self.name}）" if self.name else zh) + (
                "" if self.corrected else f"，{UNCORRECTED_ZH}"
            )
        return (f"{en} ({self.name})" if self.name else en) + (
            "" if self.corrected else f", {UNCORRECTED_EN}"
        )


@dataclass(frozen=True, slots=True)
class Term:
    """A term in working days and its ledger, which pages show as “why this date”.

    Attributes:
        start: day of the event, not counted.
        days: length in working days.
        due: last day of the term.
        ledger: every day from the day after `start` to `due`.
    """

    start: dt.date
    days: int
    due: dt.date
    ledger: tuple[Day, ...]

    @property
    def corrected(self) -> bool:
        """False when any day of the ledger is not covered by a yearly notice."""
        return all(day.corrected for day in self.ledger)


@dataclass(frozen=True, slots=True)
class Statutory:
    """A statutory holiday of one revision of the measures; `first` is MM-DD or a festival and an offset."""

    valid_from: dt.date
    valid_to: dt.date | None
    name: str
    first: str
    days: int


@dataclass(frozen=True)
class WorkingCalendar:
    """Working days of a region.

    Attributes:
        changes: day → (is it a working day, name), from the yearly notices.
        corrected_years: years the notices cover.
        statutory: rules for all other years.
        festivals: year → column of festivals.csv → day.
        regional: overrides of the region.
    """

    changes: Mapping[dt.date, tuple[bool, str]]
    corrected_years: range
    statutory: tuple[Statutory, ...]
    festivals: Mapping[int, Mapping[str, dt.date]]
    regional: Mapping[dt.date, tuple[bool, str]] = field(default_factory=dict)
    _statutory: dict[int, dict[dt.date, str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def day(self, date: dt.date) -> Day:
        """Whether the day is a working day, and why."""
        if date in self.regional:
            working, name = self.regional[date]
            return Day(date, working, Reason.REGIONAL, name)
        weekend = date.weekday() >= 5
        if date.year in self.corrected_years:
            if date in self.changes:
                working, name = self.changes[date]
                return Day(date, working, Reason.MAKE_UP if working else Reason.HOLIDAY, name)
            return Day(date, not weekend, Reason.WEEKEND if weekend else Reason.WEEKDAY)
        if date.year not in self._statutory:
            self._statutory[date.year] = _statutory_days(self, date.year)
        holiday = self._statutory[date.year].get(date)
        if holiday is not None:
            return Day(date, False, Reason.STATUTORY, holiday, corrected=False)
        return Day(date, not weekend, Reason.WEEKEND if weekend else Reason.WEEKDAY, corrected=False)

    def is_workday(self, date: dt.date) -> bool:
        """Whether the day is a working day; ask `day` for why and whether that is certain."""
        return self.day(date).working

    def add_workdays(self, start: dt.date, days: int) -> Term:
        """The term of `days` working days after `start`, `start` excluded. A term of 0 ends on `start` itself.

        Raises:
            WorkingDayError: `days` is negative or beyond 100000.
        """
        if not 0 <= days <= 100_000:
            raise WorkingDayError(days=days)
        ledger: list[Day] = []
        counted = 0
        date = start
        while counted < days:
            try:
                date += ONE_DAY
            except OverflowError as far:
                raise WorkingDayError(days=days) from far
            day = self.day(date)
            if day.working:
                counted += 1
                day = Day(day.date, True, day.reason, day.name, day.corrected, counted)
            ledger.append(day)
        return Term(start, days, date, tuple(ledger))

    def due(self, start: dt.date, days: int) -> dt.date:
        """The last day of the term alone."""
        return self.add_workdays(start, days).due

    def workdays_between(self, start: dt.date, end: dt.date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` comes first.

        It undoes `add_workdays`: `workdays_between(start, due(start, n)) == n`.
        """
        if end < start:
            return -self.workdays_between(end, start)
        return sum(self.is_workday(date) for date in _days_after(start, end))

    def ledger(self, start: dt.date, end: dt.date) -> tuple[Day, ...]:
        """Every day after `start` up to and including `end`, working days numbered."""
        days: list[Day] = []
        counted = 0
        for date in _days_after(start, end):
            day = self.day(date)
            if day.working:
                counted += 1
                day = Day(day.date, True, day.reason, day.name, day.corrected, counted)
            days.append(day)
        return tuple(days)

    def roll_forward(self, date: dt.date) -> dt.date:
        """The day itself when it is a working day, else the first one after: where a term in calendar days ends."""
        while not self.is_workday(date):
            date += ONE_DAY
        return date


@cache
def working_calendar(region: str = "") -> WorkingCalendar:
    """The calendar of a region (division code, any length), the national one without a region."""
    return read_calendar(
        changes=data_table("day_changes.csv", "date", "kind", "name"),
        statutory=data_table("statutory_days.csv", "valid_from", "valid_to", "name", "first", "days"),
        festivals=data_table(
            "festivals.csv", "year", "spring_festival", "qingming", "dragon_boat", "mid_autumn"
        ),
        regional=data_table("regional_days.csv", "region", "date", "kind", "name"),
        region=region,
    )


def read_calendar(
    *, changes: Table, statutory: Table, festivals: Table, regional: Table, region: str = ""
) -> WorkingCalendar:
    """A calendar from tables, for operators who keep their own.

    Raises:
        TableError: a table is broken.
    """
    first, _, last = changes.facts.get("years", "").partition("-")
    if not (first.isdecimal() and last.isdecimal()):
        raise Row(changes.name, 1, {}).broken("the head does not say `# years: 2004-2026`")
    return WorkingCalendar(
        changes={_date(row, "date"): (_working(row), row["name"]) for row in changes.rows},
        corrected_years=range(int(first), int(last) + 1),
        statutory=tuple(_statutory(row) for row in statutory.rows),
        festivals={
            int(row["year"]): {column: _date(row, column) for column in row.cells if column != "year"}
            for row in festivals.rows
        },
        regional={
            _date(row, "date"): (_working(row), row["name"])
            for row in regional.rows
            if region and region.startswith(row["region"])
        },
    )


def _days_after(start: dt.date, end: dt.date) -> Iterator[dt.date]:
    return (start + dt.timedelta(days=step) for step in range(1, (end - start).days + 1))


def _statutory_days(calendar: WorkingCalendar, year: int) -> dict[dt.date, str]:
    days: dict[dt.date, str] = {}
    for rule in calendar.statutory:
        first = _first_day(calendar, rule.first, year)
        if first is None:
            continue
        for step in range(rule.days):
            day = first + dt.timedelta(days=step)
            if rule.valid_from <= day and (rule.valid_to is None or day < rule.valid_to):
                days.setdefault(day, rule.name)
    return days


def _first_day(calendar: WorkingCalendar, first: str, year: int) -> dt.date | None:
    if first[0].isdecimal():
        return dt.date(year, int(first[:2]), int(first[3:]))
    cut = max(first.find("+"), first.find("-"))
    festival = calendar.festivals.get(year, {}).get(first[:cut])
    return None if festival is None else festival + dt.timedelta(days=int(first[cut:]))


def _statutory(row: Row) -> Statutory:
    if not row["days"].isdecimal() or not row["first"]:
        raise row.broken("first and days must be given")
    to = _date(row, "valid_to") if row["valid_to"] else None
    return Statutory(_date(row, "valid_from"), to, row["name"], row["first"], int(row["days"]))


def _working(row: Row) -> bool:
    if row["kind"] not in ("rest", "work"):
        raise row.broken(f"kind must be rest or work, not {row['kind']!r}")
    return row["kind"] == "work"


def _date(row: Row, column: str) -> dt.date:
    try:
        return dt.date.fromisoformat(row[column])
    except ValueError as wrong:
        raise row.broken(f"{column} must be a date, not {row[column]!r}") from wrong
