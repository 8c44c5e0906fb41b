"""The provider's working days for a dispute: the rule in force in its region, data and not code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from yiwang.blocks.exchange.public import zone
from yiwang.blocks.organisation.public import agencies_by_uscc
from yiwang.vocabulary.sharing_deadlines import Step, sharing_deadlines


@dataclass(frozen=True)
class Due:
    """A deadline: it ends with its last day in the node's zone."""

    at: datetime
    days: int


def start_clock(provider: str, now: datetime) -> Due:
    """The deadline that begins now for an agency here. Raises: SharingDeadlineMissing."""
    facts = agencies_by_uscc({provider}).get(provider)
    region = facts.region.code if facts else ""
    today = now.astimezone(zone()).date()
    found = sharing_deadlines(region or "CN", today).find(Step.CORRECTION)
    term = found.term(today, region)
    return Due(datetime.combine(term.due, time(23, 59, 59), tzinfo=zone()), found.working_days)
