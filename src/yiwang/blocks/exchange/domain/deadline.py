"""Deadlines of requests in working days, by the rules in force (data of `vocabulary.sharing_deadlines`).

A deadline ends with its last day in the node's zone. The day of the event is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from yiwang.vocabulary.sharing_deadlines import Deadline, Step, sharing_deadlines
from yiwang.vocabulary.working_days import Day, working_calendar

Clock = Literal["review", "reply-conditional", "reply-unconditional", "extension"]
_STEPS: dict[Clock, Step] = {
    "review": Step.FORMAL_REVIEW,
    "reply-conditional": Step.CONDITIONAL_REPLY,
    "reply-unconditional": Step.UNCONDITIONAL_REPLY,
    "extension": Step.EXTENSION,
}
SOON_DAYS = 2
"""Working days before a deadline from which it counts as soon; in a shorter term, once a day of it has passed."""


@dataclass(frozen=True)
class Due:
    """A deadline. `certain` is False when a year it crosses has no published holidays yet."""

    at: datetime
    days: int
    certain: bool


def rule(clock: Clock, region: str, on: datetime, zone: ZoneInfo) -> Deadline:
    """The rule in force for a step in a region (division code, "" for the nation) at a moment."""
    return sharing_deadlines(region or "CN", on.astimezone(zone).date()).find(_STEPS[clock])


def start(clock: Clock, event: datetime, region: str, zone: ZoneInfo, *, ruled_on: datetime) -> Due:
    """The deadline that an event starts. `ruled_on` chooses the rule: for an extension, when it was asked."""
    found = rule(clock, region, ruled_on, zone)
    term = found.term(event.astimezone(zone).date(), region)
    end = datetime.combine(term.due, time(23, 59, 59), tzinfo=zone)
    return Due(end, found.working_days, term.corrected)


def remaining(due_at: datetime, now: datetime, region: str, zone: ZoneInfo) -> int:
    """Working days left: 0 on the last day, negative (at least -1) once the deadline has passed."""
    left = working_calendar(region).workdays_between(
        now.astimezone(zone).date(), due_at.astimezone(zone).date()
    )
    return left if now <= due_at else min(-1, left)


def is_soon(left: int, total: int) -> bool:
    """Whether a deadline with `left` of `total` working days is near enough for a reminder."""
    return left <= min(SOON_DAYS, total - 1)


def ledger(event: datetime, due_at: datetime, region: str, zone: ZoneInfo) -> tuple[Day, ...]:
    """Every day of a deadline with why it counts or does not."""
    days = working_calendar(region).ledger(event.astimezone(zone).date(), due_at.astimezone(zone).date())
    return tuple(days)
