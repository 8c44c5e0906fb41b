"""A chart as its own table: the page carries the numbers, the script only draws what it reads there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.utils.translation import gettext

from yiwang.blocks.journal.public import Tally, UsageSums
from yiwang.portal import formats
from yiwang.portal.usage.period import Span


@dataclass(frozen=True)
class Line:
    """A row: its label, an address where it leads, and one number a column (None: nothing was measured)."""

    label: str
    values: tuple[int | float | None, ...]
    url: str = ""


@dataclass(frozen=True)
class Chart:
    """`heads` names the first column and then each column of numbers. At most six series are drawn."""

    kind: Literal["line", "bar"]
    title: str
    note: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def spoken(self) -> str:
        """What it shows, for who does not see it: the sum of its first numbers and the greatest."""
        first = [(line.values[0] or 0, line.label) for line in self.lines]
        if not first:
            return self.title
        most, label = max(first, key=lambda one: one[0])
        return gettext("%(title)s: most at %(label)s, %(n)s") % {
            "title": self.title,
            "label": label,
            "n": formats.number(most),
        }


def by_day(now: UsageSums, before: UsageSums, span: Span) -> Chart:
    """Calls of each day, beside those of as many days before where there were any."""
    calls = {one.key: one.calls for one in now.by["day"]}
    former = {one.key: one.calls for one in before.by["day"]}
    shift = timedelta(days=span.days)
    rows = [(day, calls.get(f"{day}", 0), former.get(f"{day - shift}", 0)) for day in span.dates]
    title, heads = gettext("Calls by day"), (gettext("Day"), gettext("Calls"))
    if not former:
        return Chart("line", title, "", heads, tuple(Line(f"{day}", (n,)) for day, n, _then in rows))
    return Chart(
        "line",
        title,
        gettext("beside the %(days)s days before") % {"days": span.days},
        (*heads, gettext("Before")),
        tuple(Line(f"{day}", (n, then)) for day, n, then in rows),
    )


def latency_by_day(now: UsageSums, span: Span) -> Chart:
    """P95 of each day on which there was a call."""
    return Chart(
        "line",
        gettext("Answer time by day"),
        gettext("95 of 100 answers took at most this many milliseconds"),
        (gettext("Day"), "P95 ms"),
        tuple(Line(day.isoformat(), (_whole(now.daily_p95.get(day)),)) for day in _measured(now, span)),
    )


def by_word(title: str, head: str, words: Sequence[tuple[str, Tally, str]], note: str = "") -> Chart:
    """One bar a value: label, numbers, address."""
    return Chart(
        "bar",
        title,
        note,
        (head, gettext("Calls")),
        tuple(Line(label, (tally.calls,), url) for label, tally, url in words),
    )


def _measured(sums: UsageSums, span: Span) -> tuple[date, ...]:
    return span.dates if sums.daily_p95 else ()


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
