"""The live numbers of the monitor: of today beside the same weekday a week before, and of the whole period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.journal import public as journal
from yiwang.portal import formats
from yiwang.portal.console.period import Period
from yiwang.portal.drawings import HeatTable, heat_table
from yiwang.portal.evidence.words import agency
from yiwang.vocabulary.evidence import parse_head

MOST_ROWS = 14
"""Departments that the heat table shows; the export holds all."""


@dataclass(frozen=True)
class Figures:
    """What the strip of numbers shows. `change` is today against a week ago in per cent, None without a comparison."""

    today: int
    week_ago: int
    change: str
    rising: bool
    rows_today: int
    calls: int
    refused: int
    failed: int
    answered: str
    p95_ms: int | None
    p95_day: int | None
    records: int
    series: tuple[int, ...]


def figures(me: Actor, period: Period) -> Figures:
    """Numbers of the calls that concern the person's agency, or of all for those who watch the node."""
    days = {one.day: one for one in journal.daily(me, period.since, period.until)}
    today = days.get(period.until)
    before = days.get(period.until - timedelta(days=7))
    calls = sum(one.calls for one in days.values())
    refused = sum(one.refused for one in days.values())
    failed = sum(one.failed for one in journal.outages(me, period.since, period.until))
    now, then = (today.calls if today else 0), (before.calls if before else 0)
    slowest = [one.p95_ms for one in days.values() if one.p95_ms is not None]
    return Figures(
        today=now,
        week_ago=then,
        change=f"{100 * (now - then) / then:+.1f}" if then and now else "",
        rising=now >= then,
        rows_today=today.rows if today else 0,
        calls=calls,
        refused=refused - failed,
        failed=failed,
        answered=formats.percent(calls - failed, calls),
        p95_ms=round(today.p95_ms) if today and today.p95_ms is not None else None,
        p95_day=round(sorted(slowest)[len(slowest) // 2]) if slowest else None,
        records=sum(parse_head(one.head).size for one in journal.heads()),
        series=tuple(
            days[day].calls if day in days else 0
            for day in (period.since + timedelta(days=i) for i in range(period.days))
        ),
    )


def heat(me: Actor, period: Period, unit: str) -> HeatTable:
    """Consumers × days, the busiest first; a day on which a source failed is flagged."""
    counts: dict[str, dict[date, int]] = {}
    for one in journal.heat(me, period.since, period.until):
        counts.setdefault(one.consumer, {})[one.day] = one.calls
    busiest = sorted(counts, key=lambda uscc: (-sum(counts[uscc].values()), uscc))[:MOST_ROWS]
    flagged = frozenset(
        (agency(one.consumer), one.day) for one in journal.outages(me, period.since, period.until)
    )
    values = [(agency(uscc), counts[uscc]) for uscc in busiest]
    return heat_table(values, period.until, period.days, unit, flagged)
