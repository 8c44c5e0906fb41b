"""Days of supply and demand: rules by jurisdiction and date, in working days of the author's region."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from yiwang.blocks.exchange.public import zone
from yiwang.vocabulary.sharing_deadlines import Deadline, Step, sharing_deadlines

_STEPS = {"reply": Step.DEMAND_REPLY, "arbitration": Step.DEMAND_ARBITRATION}


@dataclass(frozen=True)
class Due:
    """A deadline: it ends with its last day in the node's zone."""

    at: datetime
    days: int
    certain: bool


def rule(clock: str, region: str, on: datetime) -> Deadline:
    """The rule in force for the clock `reply` or `arbitration`. Raises: SharingDeadlineMissing."""
    return _rule(_STEPS[clock], region, on)


def start(clock: str, region: str, now: datetime) -> Due:
    """The deadline that begins now. Raises: SharingDeadlineMissing."""
    found = rule(clock, region, now)
    term = found.term(now.astimezone(zone()).date(), region)
    return Due(end_of(term.due), found.working_days, term.corrected)


def cataloguing_day(region: str, now: datetime) -> date:
    """The day that a promise to catalogue is proposed for. Raises: SharingDeadlineMissing."""
    found = _rule(Step.DEMAND_CATALOGUING, region, now)
    return found.term(now.astimezone(zone()).date(), region).due


def end_of(day: date) -> datetime:
    """The last second of a day."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone())


def _rule(step: Step, region: str, on: datetime) -> Deadline:
    return sharing_deadlines(region or "CN", on.astimezone(zone()).date()).find(step)
