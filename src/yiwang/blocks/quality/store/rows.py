"""Between rows and quality's own values, which rows an actor may see, and the days of a ticket."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zlib import crc32

import msgspec
from django.db.models import Q, QuerySet

from yiwang.blocks.exchange.public import SYSTEM, zone
from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, OPERATOR, REVIEWER, Actor
from yiwang.blocks.quality.domain.outcomes import RuleResult
from yiwang.blocks.quality.domain.ticket import By, Ticket
from yiwang.blocks.quality.store import models
from yiwang.vocabulary.sharing_deadlines import Deadline, Step, sharing_deadlines

OFFICE = (DATA_OFFICER, APPROVER)
OVERSIGHT = (REVIEWER, AUDITOR)
FIRST_HOUR, SPREAD_MINUTES = 1, 240
"""Runs by the clock begin at night, in the node's zone, spread over four hours."""


def by_of(actor: Actor) -> By:
    """The actor as decisions know people."""
    return By(actor.agency, actor.roles)


def ticket_of(row: models.Ticket) -> Ticket:
    """The facts of a ticket that a decision takes."""
    return msgspec.convert(
        {
            "id": row.pk, "agency": row.agency, "state": row.state, "relapses": row.relapses,
            "exempt_until": row.exempt_until, "asked_until": row.asked_until,
        },
        Ticket,
    )  # fmt: skip


def finding_of(row: models.Ticket) -> RuleResult:
    """What the last run found of a ticket's rule."""
    return msgspec.convert(row.finding, RuleResult)


def results_of(row: models.Run) -> tuple[RuleResult, ...]:
    """The rules of a run."""
    return msgspec.convert(row.results, tuple[RuleResult, ...])


def watched_in_reach(actor: Actor) -> QuerySet[models.Watched]:
    """Resources of the actor's agency; oversight and operators see all."""
    rows = models.Watched.objects.all()
    if actor == SYSTEM or actor.has(*OVERSIGHT, OPERATOR):
        return rows
    if not actor.agency or not actor.has(*OFFICE):
        return rows.none()
    return rows.filter(agency=actor.agency)


def tickets_in_reach(actor: Actor) -> QuerySet[models.Ticket]:
    """Tickets that the actor's agency mends, or about what it provides; oversight sees all."""
    rows = models.Ticket.objects.all()
    if actor == SYSTEM or actor.has(*OVERSIGHT):
        return rows
    if not actor.agency or not actor.has(*OFFICE):
        return rows.none()
    return rows.filter(Q(agency=actor.agency) | Q(provider=actor.agency))


def due_rule(region: str, on: datetime) -> Deadline:
    """Working days to mend in: those of correction 校核. Raises: SharingDeadlineMissing."""
    return sharing_deadlines(region or "CN", on.astimezone(zone()).date()).find(Step.CORRECTION)


def next_night(resource: str, cadence: str, now: datetime) -> datetime | None:
    """When the clock runs a resource next; each has its own minute of the night. None: never by the clock."""
    days = {"daily": 1, "weekly": 7}.get(cadence)
    if days is None:
        return None
    minute = crc32(resource.encode("utf-8")) % SPREAD_MINUTES
    day = now.astimezone(zone()).date() + timedelta(days=days)
    return datetime.combine(day, time(FIRST_HOUR), tzinfo=zone()) + timedelta(minutes=minute)
