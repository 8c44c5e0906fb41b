"""One step of a ticket, whoever takes it: locked, decided, written to its story, told and recorded."""

from __future__ import annotations

from datetime import datetime, time

from yiwang.blocks.exchange.public import OFFICERS, REVIEWERS, SYSTEM, tell, zone
from yiwang.blocks.identity.public import Actor, acting
from yiwang.blocks.journal.public import record_event
from yiwang.blocks.organisation.public import agencies_by_uscc
from yiwang.blocks.quality.domain import errors
from yiwang.blocks.quality.domain.ticket import By, Command, Decision, Step, decide
from yiwang.blocks.quality.store import models
from yiwang.blocks.quality.store.rows import by_of, due_rule, ticket_of, tickets_in_reach

_TELLS: dict[str, tuple[tuple[str, str], ...]] = {
    "opened": (("quality-to-dispatch", "bureau-if-new"),),
    "dispatched": (("quality-dispatched", "source"),),
    "relapsed": (("quality-relapsed", "source"), ("quality-to-dispatch", "bureau-if-new")),
    "still-failing": (("quality-still-failing", "source"),),
    "exemption-over": (("quality-dispatched", "source"),),
    "passed": (("quality-closed", "source"),),
    "exemption-asked": (("quality-exemption-asked", "bureau"),),
    "exempted": (("quality-exempted", "source"),),
    "exemption-declined": (("quality-exemption-declined", "source"),),
    "overdue": (("quality-overdue", "bureau"), ("quality-overdue", "source")),
}
SYSTEM_BY = By("", frozenset({"system"}))


def locked_ticket(actor: Actor, ticket_id: str, seen: int | None) -> models.Ticket:
    """The ticket, locked until the transaction ends. Raises: TicketUnknown, TicketChanged."""
    row = tickets_in_reach(actor).select_for_update().filter(pk=ticket_id).first()
    if row is None:
        raise errors.TicketUnknown(ticket=ticket_id)
    if seen is not None and row.revision != seen:
        raise errors.TicketChanged(ticket=ticket_id)
    return row


def take_step(row: models.Ticket, command: Command, actor: Actor, now: datetime) -> Decision:
    """Decide the command and write everything that follows, as the platform. Raises: what `decide` raises."""
    with acting(SYSTEM):
        decision = decide(ticket_of(row), command, SYSTEM_BY if actor == SYSTEM else by_of(actor))
        if decision.steps:
            write_decision(row, decision, actor, now)
    return decision


def write_decision(row: models.Ticket, decision: Decision, actor: Actor, now: datetime) -> None:
    """Write a decision to the ticket and its story; start or stop the clock; tell people. As the platform."""
    ticket = decision.ticket
    row.state, row.relapses = ticket.state, ticket.relapses
    row.exempt_until, row.asked_until = ticket.exempt_until, ticket.asked_until
    if row.agency != ticket.agency or not row.region:
        _name(row, ticket.agency)
    names = [step.name for step in decision.steps]
    if "exemption-asked" in names:
        row.asked_reason = decision.steps[0].text
    if "overdue" in names:
        row.escalated_at = now
    row.closed_at = now if ticket.state == "closed" else None
    if decision.clock == "start":
        _start(row, now)
    elif decision.clock == "stop":
        row.clock_from = row.due_at = row.escalated_at = None
    begun = row.revision
    row.revision += len(decision.steps)
    row.save()
    for offset, step in enumerate(decision.steps, 1):
        _write_step(row, step, begun + offset, SYSTEM if step.automatic else actor, now)
    for step in decision.steps:
        for kind, to in _TELLS.get(step.name, ()):
            _tell(kind, to, row, step, now)
        record_event(
            f"quality-{step.name}", now, provider=row.provider, resource=row.resource,
            detail={"ticket": row.pk, "rule": row.rule},
        )  # fmt: skip


def _name(row: models.Ticket, agency: str) -> None:
    facts = agencies_by_uscc({agency}).get(agency) if agency else None
    row.agency = agency
    row.agency_name = facts.name_zh if facts else row.provider_name if agency == row.provider else agency
    row.region = facts.region.code if facts else ""


def _start(row: models.Ticket, now: datetime) -> None:
    if not row.agency:
        return
    rule = due_rule(row.region, now)
    term = rule.term(now.astimezone(zone()).date(), row.region)
    row.clock_from, row.due_days, row.due_certain = now, rule.working_days, term.corrected
    row.due_at = datetime.combine(term.due, time(23, 59, 59), tzinfo=zone())
    row.escalated_at = None


def _write_step(row: models.Ticket, step: Step, revision: int, actor: Actor, now: datetime) -> None:
    models.Step.objects.create(
        ticket=row, revision=revision, step=step.name, at=now, person=actor.name, agency=actor.agency,
        agency_name=actor.agency_name, text=step.text,
    )  # fmt: skip


def _tell(kind: str, to: str, row: models.Ticket, step: Step, now: datetime) -> None:
    if to == "bureau-if-new" and row.state != "new":
        return
    if to == "source" and not row.agency:
        return
    agency, roles = (row.agency, OFFICERS) if to == "source" else ("", REVIEWERS)
    tell(
        kind, now, agency=agency, roles=roles, link=f"ticket:{row.pk}", ticket=row.pk, resource=row.resource_title,
        rule=row.finding.get("message") or row.rule, who=row.agency_name, text=step.text[:300],
    )  # fmt: skip
