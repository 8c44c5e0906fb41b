"""One step of a request, whoever takes it: locked, decided, written to the ledger, told and recorded."""

from __future__ import annotations

from datetime import datetime, timedelta

from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.request import Command, Decision, Person, Step, decide
from yiwang.blocks.exchange.store import models
from yiwang.blocks.exchange.store.clock import start_clock
from yiwang.blocks.exchange.store.compiled import store_grant
from yiwang.blocks.exchange.store.news import grant_event, request_event, tell_of_grant, tell_of_request
from yiwang.blocks.exchange.store.numbers import next_number
from yiwang.blocks.exchange.store.reach import requests_in_reach
from yiwang.blocks.exchange.store.rows import PLATFORM, json_of, person_of, request_of, terms_of
from yiwang.blocks.identity.public import Actor

_TELLS: dict[str, tuple[tuple[str, str], ...]] = {
    "submitted": (("request-submitted", "bureau"),),
    "accepted": (("request-accepted", "consumer"), ("request-to-decide", "provider")),
    "returned": (("request-returned", "consumer"),),
    "rejected": (("request-rejected", "consumer"),),
    "granted": (("request-granted", "consumer"),),
    "refused": (("request-refused", "consumer"),),
    "extended": (("request-extended", "consumer"),),
    "escalated": (("request-overdue", "bureau"), ("request-overdue", "provider"), ("request-overdue", "consumer")),
}  # fmt: skip
_SILENT = frozenset({"created", "edited"})


def locked_request(actor: Actor, request_id: str, seen: int | None) -> models.Request:
    """The request, locked until the transaction ends, so that of two people one comes second and is told.

    Raises: RequestUnknown, RequestChanged.
    """
    row = requests_in_reach(actor).select_for_update().filter(pk=request_id).first()
    if row is None:
        raise errors.RequestUnknown(request=request_id)
    if seen is not None and row.revision != seen:
        last = row.steps.order_by("-revision").first()
        raise errors.RequestChanged(request=row.id, person=last.person if last else "")
    return row


def take_step(row: models.Request, command: Command, actor: Actor, now: datetime) -> models.Grant | None:
    """Decide the command and write everything that follows; the grant, where it led to one.

    Raises: what `decide` raises.
    """
    by = PLATFORM if actor.user_id == 0 else person_of(actor)
    decision = decide(request_of(row), command, by)
    return write_decision(row, decision, by, now)


def write_decision(row: models.Request, decision: Decision, by: Person, now: datetime) -> models.Grant | None:
    """Write a decision to the row and the ledger, tell people, record events, start and stop the clock."""
    request, was = decision.request, row.state
    if not decision.steps:
        return None
    row.state, row.terms, row.updated_at = request.state, json_of(request.terms), now
    row.extended = request.extended
    _set_clock(row, decision, now)
    last = decision.steps[-1]
    match last.name:
        case "submitted":
            row.submitted_at, row.answer, row.answer_basis = now, "", ""
        case "returned" | "rejected" | "refused" | "granted":
            row.answer, row.answer_basis = last.text, last.basis
        case "escalated":
            row.escalated_at = now
        case _:
            pass
    if row.submitted_at is None and any(step.name == "submitted" for step in decision.steps):
        row.submitted_at = now
    if request.state in {"rejected", "granted", "refused", "withdrawn"}:
        row.decided_at = now
    grant = _issue(row, by, last.signed or by.name, now) if last.name == "granted" else None
    row.grant = grant.pk if grant else row.grant
    for step in decision.steps:
        row.revision += 1
        write_step(row, step, by, now)
    row.save()
    for step in decision.steps:
        if step.name in _SILENT or row.submitted_at is None:
            continue
        request_event(step.name, row, now)
        for kind, to in _tells(row, step, was):
            tell_of_request(kind, row, now, to=to, text=step.text)
    return grant


def write_step(row: models.Request, step: Step, by: Person, now: datetime) -> None:
    """Add one entry to the ledger under the row's revision."""
    who = PLATFORM if step.automatic else by
    models.Step.objects.create(
        request=row, revision=row.revision, step=step.name, state=step.state, at=now,
        person=step.signed or who.name,
        agency=who.agency, agency_name=who.agency_name, text=step.text, basis=step.basis,
    )  # fmt: skip


def _tells(row: models.Request, step: Step, was: str) -> tuple[tuple[str, str], ...]:
    if step.name == "withdrawn":
        return (("request-withdrawn", "provider" if was == "deciding" else "bureau"),)
    if step.name == "accepted" and row.state == "granted":
        return ()
    if step.name == "granted" and step.automatic:
        # what is shared unconditionally is granted without the provider: it is told
        return (("request-granted", "consumer"), ("request-granted", "provider"))
    return _TELLS.get(step.name, ())


def _set_clock(row: models.Request, decision: Decision, now: datetime) -> None:
    match decision.clock:
        case "keep":
            return
        case "stop":
            row.due_at, row.deadline_rule, row.due_days = None, "", 0
        case "extension":
            start = row.due_at or now
            due = start_clock("extension", start, row.provider_region, ruled_on=now)
            row.due_at, row.due_days = due.at, row.due_days + due.days
            row.due_certain = row.due_certain and due.certain
        case clock:
            due = start_clock(clock, now, row.provider_region, ruled_on=now)
            row.deadline_rule, row.deadline_from = clock, now
            row.due_at, row.due_days, row.due_certain = due.at, due.days, due.certain
    row.reminded_at = row.escalated_at = None


def _issue(row: models.Request, by: Person, signed: str, now: datetime) -> models.Grant:
    terms = terms_of(row.terms)
    grant = models.Grant.objects.create(
        id=next_number("G", now), request=row, resource=row.resource, resource_title=row.resource_title,
        provider=row.provider, provider_name=row.provider_name, consumer=row.consumer,
        consumer_name=row.consumer_name, terms=row.terms, not_before=now,
        not_after=now + timedelta(days=terms.days), created_at=now, created_by=signed,
    )  # fmt: skip
    models.GrantStep.objects.create(
        grant=grant, version=1, step="issued", at=now, person=signed, agency=by.agency
    )
    store_grant(grant)
    grant_event("issued", grant, now)
    tell_of_grant("grant-issued", grant, now, to="consumer")
    return grant
