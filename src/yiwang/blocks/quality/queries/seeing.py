"""Resources with their quality, by resource and by department."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import msgspec
from django.db.models import Avg, Count, F, Q

from yiwang.blocks.exchange.public import SYSTEM, as_actor
from yiwang.blocks.identity.public import AUDITOR, DATA_OFFICER, OPERATOR, REVIEWER, Actor, acting
from yiwang.blocks.quality.actions.planning import columns_of
from yiwang.blocks.quality.actions.tables import judged_table
from yiwang.blocks.quality.domain import errors
from yiwang.blocks.quality.domain.outcomes import Trigger
from yiwang.blocks.quality.domain.planning import Cadence, Origin, spelled
from yiwang.blocks.quality.domain.ticket import OPEN
from yiwang.blocks.quality.queries.ticketing import ticket_row
from yiwang.blocks.quality.queries.views import (
    AgencyQuality,
    Badge,
    ResourceQuality,
    RunView,
    Standing,
    StandingPage,
)
from yiwang.blocks.quality.store import models
from yiwang.blocks.quality.store.rows import results_of, tickets_in_reach, watched_in_reach
from yiwang.dataplane.quality.contracts import to_contract
from yiwang.dataplane.quality.rules import Dimension

TREND, RUNS, TICKETS = 30, 30, 50
_LOGICAL = {
    "numeric": "number", "real": "number", "double": "number", "small": "integer", "integer": "integer", "bigint": "integer",
    "bool": "boolean", "date": "date", "timestamp": "timestamp",
}  # fmt: skip


def badges(codes: set[str]) -> dict[str, Badge]:
    """Quality of resources by code, read as the platform: whoever sees an entry may see its score."""
    with acting(SYSTEM):
        rows = models.Watched.objects.filter(pk__in=codes, active=True, level__isnull=False)
        return {
            row.pk: Badge(
                row.pk,
                row.score,
                row.level,
                row.coverage,
                dimensions_of(row.dimensions),
                row.measured_at,
                row.rows,
            )
            for row in rows
            if row.score is not None and row.level is not None and row.measured_at is not None
        }


def scores_of(code: str, most: int = TREND) -> tuple[tuple[datetime, float], ...]:
    """When a resource was measured and its scores, the oldest first; for everybody who sees its entry."""
    with acting(SYSTEM):
        rows = models.Run.objects.filter(resource=code, score__isnull=False).order_by("-at")
        found = list(rows.values_list("at", "score")[:most])
    return tuple((at, score) for at, score in reversed(found) if score is not None)


@as_actor
def watched(
    actor: Actor, *, agency: str = "", text: str = "", page: int = 1, per_page: int = 50
) -> StandingPage:
    """Watched resources in the actor's reach, the worst first, those not measured at the end."""
    rows = watched_in_reach(actor).filter(active=True)
    if agency:
        rows = rows.filter(agency=agency)
    if text:
        rows = rows.filter(Q(title__icontains=text) | Q(pk__startswith=text))
    told = rows.aggregate(
        all=Count("pk"), measured=Count("score"), mean=Avg("score"), low=Count("pk", filter=Q(level__lte=2))
    )
    pages = max(1, -(-told["all"] // per_page))
    shown = min(max(1, page), pages)
    ordered = rows.order_by(F("score").asc(nulls_last=True), "pk")
    found = list(ordered[(shown - 1) * per_page : shown * per_page])
    return StandingPage(
        _standings(actor, found), told["all"], shown, pages, told["measured"], told["mean"], told["low"]
    )


def levels() -> tuple[tuple[str, str, str, int], ...]:
    """Code, title, agency and level of what was measured; the caller acts as the platform."""
    rows = models.Watched.objects.filter(active=True, level__isnull=False).order_by("pk")
    found = rows.values_list("pk", "title", "agency", "level")
    return tuple((code, title, agency, level) for code, title, agency, level in found if level is not None)


@as_actor
def resource_quality(actor: Actor, code: str, now: datetime) -> ResourceQuality:
    """Everything about a resource's quality. Raises: WatchUnknown."""
    row = _seen(actor, code)
    last = models.Run.objects.filter(pk=row.run).first() if row.run is not None else None
    runs = models.Run.objects.filter(resource=code).order_by("-at", "-pk")[:RUNS]
    tickets = tickets_in_reach(actor).filter(resource=code).order_by("closed_at", "due_at", "pk")[:TICKETS]
    return ResourceQuality(
        standing=_standings(actor, [row])[0], dimensions=dimensions_of(row.dimensions),
        results=results_of(last) if last else (), runs=tuple(_run(one) for one in runs),
        tickets=tuple(ticket_row(one, now) for one in tickets), entries=spelled(row.entries),
        origin=msgspec.convert(row.origin, Origin), cadence=msgspec.convert(row.cadence, Cadence),
        timeout_s=row.timeout_s, revision=row.revision, changed_at=row.changed_at, changed_by=row.changed_by,
        next_at=row.next_at, running=row.running_since is not None, active=row.active,
        may_edit=row.active and row.agency == actor.agency and actor.has(DATA_OFFICER),
    )  # fmt: skip


@as_actor
def contract_of(actor: Actor, code: str) -> dict[str, object]:
    """The rules of a resource as an Open Data Contract, columns named as items. Raises: WatchUnknown."""
    row = _seen(actor, code)
    table = judged_table(code)
    columns = {} if table is None else {item: _logical(one.type) for item, one in columns_of(table).items()}
    name = table.relation if table else code
    return to_contract(code, name, columns, spelled(row.entries))


@as_actor
def by_agency(actor: Actor, now: datetime) -> tuple[AgencyQuality, ...]:
    """Departments by quality, the best first: all for the bureau, auditors and operators, their own for others."""
    rows = list(watched_in_reach(actor).filter(active=True))
    held: defaultdict[tuple[str, str], list[models.Watched]] = defaultdict(list)
    for row in rows:
        held[row.agency, row.agency_name].append(row)
    tickets = {}
    if actor.has(REVIEWER, AUDITOR, DATA_OFFICER, OPERATOR):
        counted = models.Ticket.objects if actor == SYSTEM else tickets_in_reach(actor)
        for one in counted.values("agency").annotate(
            open=Count("pk", filter=Q(state__in=OPEN)), closed=Count("pk", filter=Q(state="closed")),
            late=Count("pk", filter=Q(state__in=("dispatched", "mending"), due_at__lt=now)),
        ):  # fmt: skip
            tickets[one["agency"]] = (one["open"], one["late"], one["closed"])
    found = [_agency(agency, name, listed, tickets) for (agency, name), listed in held.items()]
    return tuple(sorted(found, key=lambda one: (one.score is None, -(one.score or 0), one.agency_name)))


def dimensions_of(document: object) -> dict[Dimension, float]:
    """D_d by dimension, 0 to 1."""
    return msgspec.convert(document, dict[Dimension, float])


def _agency(
    agency: str, name: str, listed: list[models.Watched], tickets: dict[str, tuple[int, int, int]]
) -> AgencyQuality:
    scores = [row.score for row in listed if row.score is not None]
    measured = [row for row in listed if row.score is not None]
    opened, late, closed = tickets.get(agency, (0, 0, 0))
    return AgencyQuality(
        agency, name, len(listed), len(scores), sum(scores) / len(scores) if scores else None,
        sum(row.coverage for row in measured) / len(measured) if measured else None,
        sum(row.level is not None and row.level <= 2 for row in listed), opened, late, closed,
    )  # fmt: skip


def entries_of(code: str) -> tuple[object, ...]:
    """The rules of a resource in plain form, read as the platform: for table jobs that check rows on the way."""
    with acting(SYSTEM):
        row = models.Watched.objects.filter(pk=code, active=True).first()
    return () if row is None else spelled(row.entries)


def _seen(actor: Actor, code: str) -> models.Watched:
    row = watched_in_reach(actor).filter(pk=code).first()
    if row is None:
        raise errors.WatchUnknown(resource=code)
    return row


def _standings(actor: Actor, rows: list[models.Watched]) -> tuple[Standing, ...]:
    codes = [row.pk for row in rows]
    opened = dict(
        tickets_in_reach(actor).filter(resource__in=codes, state__in=OPEN).values_list("resource")
        .annotate(n=Count("pk"))
    )  # fmt: skip
    trend: defaultdict[str, list[float]] = defaultdict(list)
    runs = models.Run.objects.filter(resource__in=codes, score__isnull=False).order_by("-at")
    for code, score in runs.values_list("resource", "score")[: TREND * max(1, len(codes))]:
        if score is not None and len(trend[code]) < TREND:
            trend[code].append(score)
    return tuple(
        Standing(
            row.pk, row.title, row.agency, row.agency_name, row.score, row.level, row.coverage, row.rows,
            row.measured_at, row.problem, opened.get(row.pk, 0), tuple(reversed(trend[row.pk])),
        )
        for row in rows
    )  # fmt: skip


def _run(row: models.Run) -> RunView:
    return RunView(
        row.pk, row.at, msgspec.convert(row.cause, Trigger), row.by, row.problem, row.took_ms, row.rows, row.score,
        row.level,
    )  # fmt: skip


def _logical(engine_type: str) -> str:
    return next((word for start, word in _LOGICAL.items() if engine_type.startswith(start)), "string")
