"""What waits: the to-do list by urgency, the queue of formal reviews, the queue of the provider's decisions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import REVIEWER, Actor
from yiwang.portal.account.access import actor, requires
from yiwang.portal.clocks import DayClock
from yiwang.portal.deadlines import clock_of
from yiwang.portal.delivery.words import job_words
from yiwang.portal.desk.page import DESK, OFFICE, draw
from yiwang.portal.problems import explained
from yiwang.portal.share import wording
from yiwang.portal.share.catalogue import page_number

Kind = Literal["review", "decide"]
SHOWN = 100
"""Most urgent jobs that lists beside a case hold; the queue's own page turns through all."""


@dataclass(frozen=True)
class Job:
    """One thing to do: what, for whom, until when, and where."""

    id: str
    title: str
    what: str
    who: str
    who_name: str
    url: str
    resource: str = ""
    clock: DayClock | None = None


@dataclass(frozen=True)
class Group:
    """Jobs of one urgency."""

    title: str
    jobs: tuple[Job, ...]


def request_job(row: exchange.RequestRow, kind: Kind) -> Job:
    """A request that waits for a review or a decision."""
    return Job(
        row.id, row.resource_title, str(wording.WAITING[kind]), row.consumer, row.consumer_name,
        reverse("desk:review" if kind == "review" else "desk:decision", args=[row.id]), row.resource,
        clock_of(row.due),
    )  # fmt: skip


def waiting(me: Actor, kind: Kind, now: datetime) -> tuple[Job, ...]:
    """The most urgent jobs of a kind."""
    queue = exchange.review_queue if kind == "review" else exchange.decision_queue
    return tuple(request_job(row, kind) for row in queue(me, now, per_page=SHOWN).rows)


def by_urgency(jobs: Iterable[Job]) -> tuple[Group, ...]:
    """Overdue, due today, the next two days, later, and what has no date; groups without jobs fall away."""
    heads = (
        gettext("Overdue"), gettext("Due today"), gettext("Due within two days"), gettext("In time"),
        gettext("Without a date"),
    )  # fmt: skip
    groups: tuple[list[Job], ...] = ([], [], [], [], [])
    for job in jobs:
        groups[_urgency(job.clock)].append(job)
    return tuple(Group(head, tuple(found)) for head, found in zip(heads, groups, strict=True) if found)


def _urgency(clock: DayClock | None) -> int:
    if clock is None:
        return 4
    if clock.remaining < 0:
        return 0
    return 1 if clock.remaining == 0 else 2 if clock.remaining <= 2 else 3


@require_GET
@requires(*DESK)
@explained
def home(request: HttpRequest) -> HttpResponse:
    """Everything that waits for this person, most urgent first."""
    me = actor(request)
    now = timezone.now()
    view = exchange.home(me, now)
    jobs = [*waiting(me, "review", now), *waiting(me, "decide", now)]
    others = [
        Job(todo.id, todo.title, wording.todo_words(todo), "", todo.other_name, wording.todo_url(todo))
        for todo in view.todo
        if todo.kind in {"drift", "expiring", "correct"}
    ]
    others += [
        Job(
            row.id,
            row.name,
            job_words(row),
            row.provider,
            row.provider_name,
            reverse("delivery:job", args=[row.id]),
        )
        for row in delivery.waiting_for(me)
    ]
    given = exchange.grants(me, side="provider", state="active") if me.has(*OFFICE) else ()
    facts = {
        "view": view,
        "groups": by_urgency(jobs),
        "others": others,
        "given": len(given),
        "late": sum(1 for job in jobs if job.clock is not None and job.clock.remaining < 0),
        "reviews": me.has(REVIEWER),
        "decides": me.has(*OFFICE),
    }
    return draw(request, me, "desk/home.html", "todo", facts)


@require_GET
@requires(REVIEWER)
@explained
def reviews(request: HttpRequest) -> HttpResponse:
    """Requests that wait for the formal review, first due first."""
    me = actor(request)
    found = exchange.review_queue(me, timezone.now(), page=page_number(request))
    return draw(request, me, "desk/queue.html", "reviews", {"found": found, "kind": "review", "done": False})


@require_GET
@requires(*OFFICE)
@explained
def decisions(request: HttpRequest) -> HttpResponse:
    """Requests for my agency's data, those to be answered or those answered."""
    me = actor(request)
    done = request.GET.get("state") == "done"
    found = exchange.decision_queue(me, timezone.now(), done=done, page=page_number(request))
    return draw(request, me, "desk/queue.html", "decisions", {"found": found, "kind": "decide", "done": done})
