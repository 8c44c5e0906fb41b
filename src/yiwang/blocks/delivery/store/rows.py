"""Between rows and delivery's own values, and which rows an actor may see."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from django.db.models import Q, QuerySet

from yiwang.blocks.delivery.domain.job import OPEN_RUNS, By, Job
from yiwang.blocks.delivery.domain.schedule import IsWorkday, Schedule, next_after
from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.sealing import open_password
from yiwang.blocks.exchange.public import SYSTEM, zone
from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, OPERATOR, REVIEWER, Actor
from yiwang.dataplane.connectors.facts import SourceAddress
from yiwang.dataplane.connectors.places import SERVERS, DatabasePlace, Reach
from yiwang.vocabulary.working_days import working_calendar

OFFICE = (DATA_OFFICER, APPROVER)
OVERSIGHT = (REVIEWER, AUDITOR, OPERATOR)
WRITING_MS = 600_000


def by_of(actor: Actor) -> By:
    """The actor as decisions know people."""
    return By(actor.agency, actor.has(DATA_OFFICER), actor.has(OPERATOR))


def job_of(row: models.Job) -> Job:
    """The facts of a job that a decision takes."""
    busy = row.runs.filter(state__in=OPEN_RUNS).exists()
    mended = row.held_rows.filter(state="mended").count()
    return msgspec.convert(
        {"id": row.pk, "consumer": row.consumer, "state": row.state, "reason": row.reason, "busy": busy, "mended": mended},
        Job,
    )  # fmt: skip


def jobs_in_reach(actor: Actor) -> QuerySet[models.Job]:
    """Jobs of the actor's agency on either side; oversight and operators see all."""
    rows = models.Job.objects.all()
    if actor == SYSTEM or actor.has(*OVERSIGHT):
        return rows
    if not actor.agency or not actor.has(*OFFICE):
        return rows.none()
    # the provider of another node's table is not here, whatever its code
    return rows.filter(Q(consumer=actor.agency) | Q(provider=actor.agency, owner=""))


def targets_in_reach(actor: Actor) -> QuerySet[models.Target]:
    """Targets of the actor's agency."""
    rows = models.Target.objects.all()
    if actor == SYSTEM:
        return rows
    if not actor.agency or not actor.has(*OFFICE):
        return rows.none()
    return rows.filter(agency=actor.agency)


def is_workday(region: str) -> IsWorkday:
    """Working days of a region."""
    calendar = working_calendar(region)

    def told(day: date) -> bool:
        return calendar.is_workday(day)

    return told


def next_of(row: models.Job, now: datetime) -> datetime | None:
    """When a job runs next by itself."""
    if row.follow:
        return now
    return next_after(Schedule(row.cron, row.workdays), now, zone(), is_workday(row.region))


def place_of(row: models.Target, password: str | None, reach: Reach) -> DatabasePlace:
    """Where a target is; `password` None: the one that is sealed. Raises: HostNotAllowed, HostUnknown, SealBroken."""
    secret = open_password(row.pk, row.sealed_password) if password is None else password
    address = SourceAddress(
        row.host, row.port, row.database, row.user, secret, connect_timeout_ms=10_000, timeout_ms=WRITING_MS
    )
    server, _ = SERVERS[row.server]
    return DatabasePlace(server, address, reach.pin(address))
