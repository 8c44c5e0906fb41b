"""Requests."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, QuerySet

from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange.domain import deadline, errors
from yiwang.blocks.exchange.domain.request import OPEN, allowed
from yiwang.blocks.exchange.queries.shaping import field_options, pages_of, request_row, step_of
from yiwang.blocks.exchange.queries.views import RequestPage, RequestView
from yiwang.blocks.exchange.store import models
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.clock import zone
from yiwang.blocks.exchange.store.reach import OFFICE, requests_in_reach, served
from yiwang.blocks.exchange.store.rows import person_of, request_of, terms_of
from yiwang.blocks.identity.public import REVIEWER, Actor

_FIRST_DUE = (F("due_at").asc(nulls_last=True), "-updated_at", "id")


@as_actor
def my_requests(
    actor: Actor, now: datetime, *, state: str = "", page: int = 1, per_page: int = 20
) -> RequestPage:
    """Requests that the actor's agency made, latest first; in one state, or `open` for all that go on."""
    rows = requests_in_reach(actor).filter(consumer=actor.agency)
    if state == "open":
        rows = rows.filter(state__in=OPEN)
    elif state:
        rows = rows.filter(state=state)
    return _page(rows.order_by("-updated_at", "-id"), now, page, per_page)


@as_actor
def renewals_under_way(actor: Actor) -> dict[str, str]:
    """By number of a grant of the actor's agency, the renewal of it that is a draft or waits for its answer."""
    rows = requests_in_reach(actor).filter(consumer=actor.agency, renews__isnull=False, state__in=OPEN)
    return {str(grant): number for grant, number in rows.values_list("renews", "id")}


@as_actor
def review_queue(actor: Actor, now: datetime, *, page: int = 1, per_page: int = 20) -> RequestPage:
    """Requests that wait for formal review, first due first; empty for others than reviewers."""
    rows = requests_in_reach(actor).filter(state="submitted")
    if not actor.has(REVIEWER):
        rows = rows.none()
    return _page(rows.order_by(*_FIRST_DUE), now, page, per_page)


@as_actor
def decision_queue(
    actor: Actor, now: datetime, *, done: bool = False, page: int = 1, per_page: int = 20
) -> RequestPage:
    """Requests that wait for the actor's agency as provider, first due first; `done`: those already answered."""
    rows = (
        requests_in_reach(actor).filter(provider=actor.agency)
        if actor.agency
        else models.Request.objects.none()
    )
    if not actor.has(*OFFICE):
        rows = rows.none()
    if done:
        rows = rows.filter(state__in=("granted", "refused")).order_by("-decided_at", "-id")
    else:
        rows = rows.filter(state="deciding").order_by(*_FIRST_DUE)
    return _page(rows, now, page, per_page)


@as_actor
def request(actor: Actor, request_id: str, now: datetime) -> RequestView:
    """One request with its ledger and what the actor may do. Raises: RequestUnknown."""
    row = requests_in_reach(actor).filter(pk=request_id).first()
    if row is None:
        raise errors.RequestUnknown(request=request_id)
    entry = resources_by_code({row.resource}).get(row.resource)
    service = served({row.resource}).get(row.resource)
    running = row.deadline_from is not None and row.due_at is not None
    return RequestView(
        **vars(request_row(row, now)),
        terms=terms_of(row.terms),
        options=field_options(entry, service) if entry else (),
        share_type=row.share_type,
        reason=row.reason,
        answer=row.answer,
        answer_basis=row.answer_basis,
        steps=tuple(step_of(step) for step in row.steps.all()),
        allowed=allowed(request_of(row), person_of(actor)),
        created_at=row.created_at,
        decided_at=row.decided_at,
        days=deadline.ledger(row.deadline_from, row.due_at, row.provider_region, zone())
        if running and row.deadline_from and row.due_at
        else (),
    )


def _page(rows: QuerySet[models.Request], now: datetime, page: int, per_page: int) -> RequestPage:
    total = rows.count()
    pages, shown, start = pages_of(total, page, per_page)
    return RequestPage(
        tuple(request_row(row, now) for row in rows[start : start + per_page]), total, shown, pages
    )
