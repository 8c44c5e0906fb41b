"""Jobs that somebody has to look at: for the watch of the node and for the desks."""

from __future__ import annotations

from dataclasses import dataclass

from yiwang.blocks.delivery.queries.jobs import job_row
from yiwang.blocks.delivery.queries.views import JobRow
from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.rows import jobs_in_reach
from yiwang.blocks.exchange.public import SYSTEM, as_actor
from yiwang.blocks.identity.public import DATA_OFFICER, Actor, acting

MOST = 50


@dataclass(frozen=True)
class StoppedJob:
    """A job that stands until a person acts. `why` is the code of an error, or `schema`."""

    id: str
    name: str
    resource: str
    resource_title: str
    consumer: str
    provider: str
    why: str


def stopped_jobs() -> tuple[StoppedJob, ...]:
    """Every job of the node that failed or met a narrowed source, read as the platform."""
    with acting(SYSTEM):
        rows = (
            models.Job.objects.filter(state__in=("failed", "paused")).exclude(reason="person").order_by("pk")
        )
        return tuple(
            StoppedJob(
                row.pk, row.name, row.resource, row.resource_title, row.consumer, row.provider, row.reason
            )
            for row in rows
        )


@as_actor
def waiting_for(actor: Actor) -> tuple[JobRow, ...]:
    """Jobs of the actor's agency, as consumer, that failed, met a narrowed source or hold rows in quarantine."""
    if not actor.has(DATA_OFFICER):
        return ()
    rows = jobs_in_reach(actor).filter(consumer=actor.agency).exclude(state="ended")
    held = (
        rows.filter(held__gt=0) | rows.filter(state="failed") | rows.filter(state="paused", reason="schema")
    )
    return tuple(job_row(row, actor) for row in held.order_by("-created_at")[:MOST])
