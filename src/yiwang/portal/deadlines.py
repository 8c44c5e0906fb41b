"""Deadlines of the exchange as pages draw them: the clock, and the ledger of why it is that date."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from yiwang.blocks.exchange.public import DueView
from yiwang.portal import formats
from yiwang.portal.clocks import DayClock
from yiwang.portal.ledgers import Ledger, Line
from yiwang.vocabulary.working_days import UNCORRECTED_EN, UNCORRECTED_ZH, Day, working_calendar


def clock_of(due: DueView | None) -> DayClock | None:
    """The clock of a deadline that runs."""
    return None if due is None else DayClock(due.total, due.remaining)


def promise(days: int) -> DayClock:
    """The clock of an answer that would be due after so many working days, were it asked for today."""
    return DayClock(days, days, started=False)


def ledger(
    start: datetime, days: int, due: datetime, basis: str, region: str, *, certain: bool = True
) -> Ledger:
    """Day by day from the event to the due date, in spans: why this date.

    Args:
        start: the event that starts the term; its own day is not counted.
        days: working days of the term.
        due: the date the deadline block worked out; an extension moves it past the term.
        basis: the rule, in the language of the page.
        region: division code whose calendar counts.
        certain: whether the calendar of every year touched is published.
    """
    first, last = formats.local(start).date(), formats.local(due).date()
    term = working_calendar(region).add_workdays(first, days)
    lines = [
        Line(first.strftime("%m-%d"), gettext("Handed in; counting starts the next day"), gettext("day 0"))
    ]
    lines += _spans(tuple(day for day in term.ledger if day.date <= last))
    note = "" if certain and term.corrected else formats.pick(UNCORRECTED_ZH, UNCORRECTED_EN)
    said = gettext("Working day %(n)s is %(day)s") % {"n": days, "day": formats.day_words(last)}
    return Ledger(due, basis, tuple(lines), said, note)


def _spans(days: tuple[Day, ...]) -> list[Line]:
    """Runs of counted and of not counted days; an ordinary weekend is one run with no name of its own."""
    lines: list[Line] = []
    run: list[Day] = []
    for day in (*days, None):
        if run and (day is None or _kind(day) != _kind(run[-1])):
            lines.append(_line(run))
            run = []
        if day is not None:
            run.append(day)
    return lines


def _kind(day: Day) -> tuple[bool, str]:
    return day.working, "" if day.working else day.text("en")


def _line(run: list[Day]) -> Line:
    first, last = run[0], run[-1]
    if not first.working:
        return Line(
            _span(first.date, last.date), first.text(formats.language()), gettext("not counted"), held=True
        )
    if first.number == last.number:
        counted = gettext("day %(n)s") % {"n": first.number}
    else:
        counted = gettext("day %(first)s–%(last)s") % {"first": first.number, "last": last.number}
    return Line(_span(first.date, last.date), gettext("Working days"), counted)


def _span(first: date, last: date) -> str:
    start = first.strftime("%m-%d")
    if first == last:
        return start
    return gettext("%(first)s to %(last)s") % {"first": start, "last": last.strftime("%m-%d")}
