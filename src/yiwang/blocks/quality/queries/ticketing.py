"""Tickets as pages show them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.db.models import F, Q, QuerySet

from yiwang.blocks.exchange.public import DueView, as_actor, remaining, zone
from yiwang.blocks.identity.public import DATA_OFFICER, REVIEWER, Actor
from yiwang.blocks.quality.actions.planning import codes_of, columns_of, key_of, known_conditions, verdicts_of
from yiwang.blocks.quality.actions.tables import judged_table
from yiwang.blocks.quality.domain import errors
from yiwang.blocks.quality.domain.planning import compiled, table_sql
from yiwang.blocks.quality.domain.ticket import OPEN, TicketState, allowed
from yiwang.blocks.quality.queries.views import TicketPage, TicketRow, TicketStep, TicketView
from yiwang.blocks.quality.store import models
from yiwang.blocks.quality.store.rows import by_of, due_rule, finding_of, ticket_of, tickets_in_reach
from yiwang.dataplane.quality.compiling import failing
from yiwang.dataplane.quality.rules import Recent

TABS = ("open", "mine", "new", "asked", "late", "exempt", "closed")
FOUND = 100
"""Rows that the statement for the source lists."""


@as_actor
def tickets(
    actor: Actor,
    now: datetime,
    *,
    tab: str = "open",
    text: str = "",
    agency: str = "",
    page: int = 1,
    per_page: int = 20,
) -> TicketPage:
    """Tickets in the actor's reach.

    `tab`: `open`, `mine` (the actor's agency mends), `new` (to be dispatched), `asked` (exemptions to be decided), `late`,
    `exempt`, `closed`. First due first, closed ones latest first.
    """
    reach = tickets_in_reach(actor)
    if agency:
        reach = reach.filter(agency=agency)
    if text:
        reach = reach.filter(Q(resource_title__icontains=text) | Q(pk__iexact=text) | Q(rule__icontains=text))
    sets = {name: _tab(actor, reach, name, now) for name in TABS}
    rows = sets.get(tab, sets["open"])
    order = ("-closed_at", "-pk") if tab == "closed" else (F("due_at").asc(nulls_last=True), "pk")
    total = rows.count()
    pages = max(1, -(-total // per_page))
    shown = min(max(1, page), pages)
    found = rows.order_by(*order)[(shown - 1) * per_page : shown * per_page]
    counts = {name: one.count() for name, one in sets.items()}
    return TicketPage(tuple(ticket_row(row, now) for row in found), total, shown, pages, counts)


@as_actor
def ticket(actor: Actor, ticket_id: str, now: datetime) -> TicketView:
    """One ticket with its story. Raises: TicketUnknown."""
    row = tickets_in_reach(actor).filter(pk=ticket_id).first()
    if row is None:
        raise errors.TicketUnknown(ticket=ticket_id)
    own = actor.agency == row.provider and actor.has(DATA_OFFICER)
    return TicketView(
        row=ticket_row(row, now),
        steps=tuple(
            TicketStep(one.step, one.at, one.person, one.agency_name, one.text) for one in row.steps.all()
        ),
        asked_reason=row.asked_reason if row.asked_until else "",
        revision=row.revision,
        allowed=allowed(ticket_of(row), by_of(actor)),
        finding_sql=_statement(row, now) if own else "",
    )


def late_tickets(now: datetime) -> tuple[TicketRow, ...]:
    """Tickets whose day has passed; the caller acts as the platform."""
    rows = models.Ticket.objects.filter(state__in=("dispatched", "mending"), due_at__lt=now)
    return tuple(ticket_row(row, now) for row in rows.order_by("due_at", "pk"))


def ticket_row(row: models.Ticket, now: datetime) -> TicketRow:
    """A ticket in a list."""
    result = finding_of(row)
    return TicketRow(
        id=row.pk, resource=row.resource, resource_title=row.resource_title, provider=row.provider,
        provider_name=row.provider_name, agency=row.agency, agency_name=row.agency_name, rule=row.rule, result=result,
        severity=result.severity, state=msgspec.convert(row.state, TicketState), due=_due(row, now),
        relapses=row.relapses, first_failed=row.first_failed, opened_at=row.opened_at, seen_at=row.seen_at,
        closed_at=row.closed_at, exempt_until=row.exempt_until, asked_until=row.asked_until,
    )  # fmt: skip


def _due(row: models.Ticket, now: datetime) -> DueView | None:
    if row.due_at is None or row.clock_from is None:
        return None
    rule = due_rule(row.region, row.clock_from)
    return DueView(
        start=row.clock_from, at=row.due_at, total=row.due_days,
        remaining=remaining(row.due_at, now, row.region, zone()), rule="correction",
        rule_source_zh=rule.basis.text("zh") if rule.basis else rule.source,
        rule_source_en=rule.basis.text("en") if rule.basis else rule.source, certain=row.due_certain,
        escalated=row.escalated_at is not None, extended=False,
    )  # fmt: skip


def _tab(actor: Actor, reach: QuerySet[models.Ticket], name: str, now: datetime) -> QuerySet[models.Ticket]:
    match name:
        case "mine":
            mine = reach.filter(agency=actor.agency, state__in=("dispatched", "mending"))
            return mine if actor.agency and actor.has(DATA_OFFICER) else reach.none()
        case "new":
            return reach.filter(state="new") if actor.has(REVIEWER) else reach.none()
        case "asked":
            return reach.filter(asked_until__isnull=False)
        case "late":
            return reach.filter(state__in=("dispatched", "mending"), due_at__lt=now)
        case "exempt":
            return reach.filter(state="exempt")
        case "closed":
            return reach.filter(state="closed")
        case _:
            return reach.filter(state__in=OPEN)


def _statement(row: models.Ticket, now: datetime) -> str:
    """What finds the rows in the provider's own database; empty where no row breaks the rule by itself."""
    plan = models.Watched.objects.filter(pk=row.resource).first()
    table = judged_table(row.resource)
    if plan is None or table is None:
        return ""
    columns = columns_of(table)
    rules = compiled(plan.entries, columns, now, codes_of, known_conditions(table)).rules
    rule = next((one for one in rules if one.id == row.rule), None)
    keys = key_of(table, columns)
    if rule is None or isinstance(rule, Recent) or not keys:
        return ""
    needed = {item: one for item, one in columns.items() if item in {*rule.fields, *keys}}
    needed |= verdicts_of(table, rule)
    return failing(rule, "postgres", table_sql(table.schema, table.relation, needed), keys, FOUND)
