"""Requests through their life: each function is one action of a person, in one transaction.

`seen` is the revision that the person's page showed; when the request has moved on since, nothing is done and
they are told (`RequestChanged`).
"""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.catalogue.public import ResourceView
from yiwang.blocks.catalogue.public import resource as catalogue_resource
from yiwang.blocks.exchange.actions.deciding import locked_request, take_step, write_step
from yiwang.blocks.exchange.actions.forms import Approval, RequestInput
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain import request as decisions
from yiwang.blocks.exchange.domain.asking import Wish, decided_problems, problems
from yiwang.blocks.exchange.domain.asking import terms_of as terms_of_wish
from yiwang.blocks.exchange.domain.terms import Terms
from yiwang.blocks.exchange.store import models
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.numbers import next_number
from yiwang.blocks.exchange.store.policy import review_is_automatic
from yiwang.blocks.exchange.store.reach import served
from yiwang.blocks.exchange.store.rows import json_of, person_of, refuse_if
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.blocks.organisation.public import agencies_by_uscc
from yiwang.vocabulary.forms import Problem


@as_actor
def create_request(actor: Actor, resource: str, form: RequestInput, now: datetime) -> str:
    """Start a request of the actor's agency as a draft; returns its number.

    Raises: NotAllowed, ResourceUnknown, OwnResource, NotShared, NotMounted, FormInvalid.
    """
    return start_request(actor, resource, form, now, renews=None)


def start_request(
    actor: Actor, resource: str, form: RequestInput, now: datetime, *, renews: str | None
) -> str:
    """As `create_request`, perhaps as the renewal of a grant; within the caller's transaction."""
    entry = check_may_ask(actor, resource)
    terms = _checked(form, entry)
    provider = agencies_by_uscc({entry.provider}).get(entry.provider)
    row = models.Request.objects.create(
        id=next_number("R", now), resource=entry.code, resource_title=entry.title,
        resource_version=entry.version, share_type=entry.share_type, provider=entry.provider,
        provider_name=entry.provider_name, provider_region=provider.region.code if provider else "",
        consumer=actor.agency, consumer_name=actor.agency_name, applicant=actor.user_id,
        applicant_name=actor.signature(DATA_OFFICER), terms=json_of(terms), reason=form.reason.strip(), renews=renews,
        created_at=now, updated_at=now,
    )  # fmt: skip
    step = decisions.Step("created", "draft", signed=row.applicant_name)
    write_step(row, step, person_of(actor), now)
    return row.id


@as_actor
def edit_request(
    actor: Actor, request_id: str, form: RequestInput, now: datetime, *, seen: int | None = None
) -> None:
    """Change a draft or a returned request.

    Raises: RequestUnknown, RequestChanged, RequestStateWrong, NotAllowed, FormInvalid.
    """
    row = locked_request(actor, request_id, seen)
    entry = check_may_ask(actor, row.resource)
    row.reason = form.reason.strip()
    row.resource_version, row.share_type = entry.version, entry.share_type
    take_step(row, decisions.Edit(_checked(form, entry)), actor, now)


@as_actor
def submit_request(actor: Actor, request_id: str, now: datetime, *, seen: int | None = None) -> None:
    """Hand a request in. Where the node reviews unconditional resources by itself, it is granted at once.

    Raises: RequestUnknown, RequestChanged, RequestStateWrong, NotAllowed, NotMounted, NotShared, FormInvalid.
    """
    row = locked_request(actor, request_id, seen)
    entry = check_may_ask(actor, row.resource)
    row.share_type = entry.share_type
    _check_still_served(row, entry)
    row.applicant, row.applicant_name = actor.user_id, actor.signature(DATA_OFFICER)
    take_step(row, decisions.Submit(automatic_review=review_is_automatic()), actor, now)


@as_actor
def withdraw_request(
    actor: Actor, request_id: str, now: datetime, *, text: str = "", seen: int | None = None
) -> None:
    """Take a request back. Raises: RequestUnknown, RequestChanged, RequestStateWrong, NotAllowed."""
    row = locked_request(actor, request_id, seen)
    take_step(row, decisions.Withdraw(text), actor, now)


@as_actor
def accept_request(
    actor: Actor, request_id: str, now: datetime, *, text: str = "", seen: int | None = None
) -> str | None:
    """The bureau finds it in order; returns the grant's number where that grants it (unconditional).

    Raises: RequestUnknown, RequestChanged, RequestStateWrong, NotAllowed, OwnRequest.
    """
    row = locked_request(actor, request_id, seen)
    grant = take_step(row, decisions.Accept(text.strip()), actor, now)
    return grant.pk if grant else None


@as_actor
def return_request(
    actor: Actor, request_id: str, text: str, now: datetime, *, seen: int | None = None
) -> None:
    """Give it back for correction: the bureau at review, the provider when deciding.

    Raises: RequestUnknown, RequestChanged, RequestStateWrong, NotAllowed, OwnRequest, ReasonMissing.
    """
    row = locked_request(actor, request_id, seen)
    take_step(row, decisions.Return(text), actor, now)


@as_actor
def reject_request(
    actor: Actor, request_id: str, text: str, now: datetime, *, seen: int | None = None
) -> None:
    """The bureau ends it.

    Raises: RequestUnknown, RequestChanged, RequestStateWrong, NotAllowed, OwnRequest, ReasonMissing.
    """
    row = locked_request(actor, request_id, seen)
    take_step(row, decisions.Reject(text), actor, now)


@as_actor
def approve_request(
    actor: Actor, request_id: str, approval: Approval, now: datetime, *, seen: int | None = None
) -> str:
    """The provider grants it, as asked or narrower; returns the grant's number.

    Raises: RequestUnknown, RequestChanged, RequestStateWrong, NotAllowed, OwnRequest, GrantWider,
        MaskReasonMissing, FormInvalid.
    """
    row = locked_request(actor, request_id, seen)
    if approval.terms is not None:
        service, entry = served({row.resource}).get(row.resource), catalogue_resource(actor, row.resource)
        refuse_if(decided_problems(approval.terms, service.items(entry) if service else ()))
    command = decisions.Approve(approval.text, approval.terms, approval.mask_reason)
    grant = take_step(row, command, actor, now)
    if grant is None:
        raise errors.RequestUnknown(request=request_id)
    return grant.pk


@as_actor
def refuse_request(
    actor: Actor, request_id: str, text: str, basis: str, now: datetime, *, seen: int | None = None
) -> None:
    """The provider refuses, with reason and legal basis.

    Raises: RequestUnknown, RequestChanged, RequestStateWrong, NotAllowed, OwnRequest, ReasonMissing,
        RefusalWithoutBasis.
    """
    row = locked_request(actor, request_id, seen)
    take_step(row, decisions.Refuse(text, basis), actor, now)


@as_actor
def extend_request(
    actor: Actor, request_id: str, text: str, consent: str, now: datetime, *, seen: int | None = None
) -> None:
    """The provider extends the deadline once; `consent` names the head who agreed.

    Raises: RequestUnknown, RequestChanged, RequestStateWrong, NotAllowed, OwnRequest, ReasonMissing,
        ConsentMissing, ExtendedAlready.
    """
    row = locked_request(actor, request_id, seen)
    take_step(row, decisions.Extend(text, consent), actor, now)


def check_may_ask(actor: Actor, resource: str) -> ResourceView:
    """The entry, when the actor may ask for it. Raises: NotAllowed, ResourceUnknown, OwnResource, NotShared."""
    if not (actor.agency and actor.has(DATA_OFFICER)):
        raise errors.NotAllowed(
            needs_zh="申请部门的数据专员", needs_en="a data officer of the requesting agency"
        )
    entry = catalogue_resource(actor, resource)
    if entry.provider == actor.agency:
        raise errors.OwnResource(resource=resource)
    if entry.share_type == "none":
        raise errors.NotShared(resource=resource, basis=entry.share_basis)
    return entry


def _checked(form: RequestInput, entry: ResourceView) -> Terms:
    service = served({entry.code}).get(entry.code)
    if service is None:
        raise errors.NotMounted(resource=entry.code)
    wish = Wish(
        modes=form.modes, fields=form.fields,
        lookups=tuple((lookup.name, lookup.operators) for lookup in form.lookups), purposes=form.purposes,
        required=form.required, claims=form.claims, rows=form.rows, case_required=form.case_required,
        rows_per_call=form.rows_per_call, calls_per_day=form.calls_per_day,
        subjects_per_day=form.subjects_per_day, attempts_per_subject=form.attempts_per_subject,
        hours=form.hours, workdays_only=form.workdays_only, days=form.days, reason=form.reason, delivery=form.delivery,
    )  # fmt: skip
    items = service.items(entry)
    refuse_if(problems(wish, items, service.modes))
    return terms_of_wish(wish, items)


def _check_still_served(row: models.Request, entry: ResourceView) -> None:
    """A draft may be older than the mount: what is no longer served is told before anybody reviews it."""
    service = served({entry.code}).get(entry.code)
    if service is None:
        raise errors.NotMounted(resource=entry.code)
    known = {item.name for item in service.items(entry)}
    gone = [field["name"] for field in row.terms["fields"] if field["name"] not in known]
    gone += [one["name"] for one in row.terms["predicates"] if one["name"] not in known]
    refuse_if(
        tuple(
            Problem("fields", f"数据项“{name}”已不再提供。", f"Item “{name}” is no longer served.")
            for name in dict.fromkeys(gone)
        )
    )
