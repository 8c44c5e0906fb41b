"""Numbers and to-do of the sharing home page."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange.queries.catalogue import OPEN
from yiwang.blocks.exchange.queries.notices import unread_count
from yiwang.blocks.exchange.queries.shaping import due_of
from yiwang.blocks.exchange.queries.views import HomeView, TodoView
from yiwang.blocks.exchange.store import models
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.reach import (
    OFFICE,
    grants_in_reach,
    mounts_in_reach,
    requests_in_reach,
)
from yiwang.blocks.exchange.store.rows import SYSTEM
from yiwang.blocks.identity.public import DATA_OFFICER, REVIEWER, Actor, acting

EXPIRING = timedelta(days=30)
MOST_TODO = 10


@as_actor
def home(actor: Actor, now: datetime) -> HomeView:
    """Numbers of the catalogue, what waits for the actor, and the first ten things to do, most urgent first."""
    totals = catalogue.totals(actor)
    with acting(SYSTEM):
        mounted = models.CompiledResourceRow.objects.exclude(state="withdrawn").count()
    requests = requests_in_reach(actor)
    review = requests.filter(state="submitted") if actor.has(REVIEWER) else requests.none()
    officer = bool(actor.agency) and actor.has(*OFFICE)
    decide = requests.filter(state="deciding", provider=actor.agency) if officer else requests.none()
    mine = requests.filter(consumer=actor.agency, state__in=OPEN) if officer else requests.none()
    late = (review | decide).filter(due_at__lt=now).count()
    live = grants_in_reach(actor).filter(consumer=actor.agency, state="active", not_after__gt=now)
    return HomeView(
        resources=totals.resources,
        mounted=mounted,
        mount_permille=mounted * 1000 // totals.resources if totals.resources else 0,
        providers=totals.by_provider,
        share_types=totals.by_share_type,
        to_review=review.count(),
        to_decide=decide.count(),
        my_open_requests=mine.count(),
        my_grants=live.count() if officer else 0,
        overdue=late,
        unread=unread_count(actor),
        todo=_todo(actor, now),
    )


def _todo(actor: Actor, now: datetime) -> tuple[TodoView, ...]:
    waiting = Q(pk__in=[])
    if actor.has(REVIEWER):
        waiting |= Q(state="submitted")
    if actor.agency and actor.has(*OFFICE):
        waiting |= Q(state="deciding", provider=actor.agency)
    if actor.agency and actor.has(DATA_OFFICER):
        waiting |= Q(state__in=("returned", "draft"), consumer=actor.agency)
    rows = requests_in_reach(actor).filter(waiting).order_by(F("due_at").asc(nulls_last=True), "-updated_at")
    todo = [_request_todo(row, now) for row in rows[:MOST_TODO]]
    if actor.agency and actor.has(*OFFICE):
        ending = grants_in_reach(actor).filter(
            consumer=actor.agency, state="active", not_after__gt=now, not_after__lte=now + EXPIRING
        )
        todo += [
            TodoView("expiring", row.id, row.resource_title, row.provider_name, None, row.not_after)
            for row in ending.order_by("not_after")[:MOST_TODO]
        ]
        drifted = mounts_in_reach(actor).filter(agency=actor.agency, state="drifted").order_by("-checked_at")
        todo += [
            TodoView("drift", row.id, row.resource, row.source.name, None, row.checked_at or now)
            for row in drifted[:MOST_TODO]
        ]
    return tuple(todo[:MOST_TODO])


def _request_todo(row: models.Request, now: datetime) -> TodoView:
    kinds = {"submitted": "review", "deciding": "decide", "returned": "correct", "draft": "draft"}
    other = row.consumer_name if row.state in {"submitted", "deciding"} else row.provider_name
    return TodoView(kinds[row.state], row.id, row.resource_title, other, due_of(row, now), row.updated_at)
