"""Grants after their birth: suspend, resume, revoke, renew. Gateways follow within a second."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.exchange.actions.forms import LookupForm, RequestInput
from yiwang.blocks.exchange.actions.requests import check_may_ask, start_request
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.grant import (
    GrantCommand,
    Resume,
    Revoke,
    Suspend,
    allowed_on_grant,
    decide_grant,
)
from yiwang.blocks.exchange.store import models
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.compiled import store_grant
from yiwang.blocks.exchange.store.news import grant_event, tell_of_grant
from yiwang.blocks.exchange.store.reach import grants_in_reach, served
from yiwang.blocks.exchange.store.rows import PLATFORM, grant_of, person_of, still_served, terms_of
from yiwang.blocks.identity.public import Actor


@as_actor
def revoke_grant(actor: Actor, grant_id: str, reason: str, now: datetime) -> None:
    """End a grant for good; gateways refuse within a second.

    Raises: GrantUnknown, NotAllowed, GrantStateWrong, ReasonMissing.
    """
    change_grant(_locked(actor, grant_id), Revoke(reason), actor, now)


@as_actor
def suspend_grant(actor: Actor, grant_id: str, reason: str, now: datetime) -> None:
    """Stop a grant for a while. Raises: GrantUnknown, NotAllowed, GrantStateWrong, ReasonMissing."""
    change_grant(_locked(actor, grant_id), Suspend(reason), actor, now)


@as_actor
def resume_grant(actor: Actor, grant_id: str, now: datetime) -> None:
    """Let a suspended grant run again. Raises: GrantUnknown, NotAllowed, GrantStateWrong."""
    change_grant(_locked(actor, grant_id), Resume(), actor, now)


@as_actor
def renew_grant(actor: Actor, grant_id: str, now: datetime) -> str:
    """Start a new request with the terms of a grant, as a draft to be handed in; returns its number.

    Items that are no longer served fall away; masks are those of today.

    Raises: GrantUnknown, NotAllowed, NotMounted, NotShared, FormInvalid.
    """
    row = _locked(actor, grant_id)
    if "renew" not in allowed_on_grant(grant_of(row), person_of(actor)):
        raise errors.NotAllowed(needs_zh="申请部门的数据专员", needs_en="a data officer of the consumer")
    entry = check_may_ask(actor, row.resource)
    service = served({entry.code}).get(entry.code)
    if service is None:
        raise errors.NotMounted(resource=entry.code)
    terms = still_served(terms_of(row.terms), service.items(entry))
    form = RequestInput(
        reason=row.request.reason, modes=terms.modes, fields=tuple(field.name for field in terms.fields),
        lookups=tuple(LookupForm(p.name, p.operators) for p in terms.predicates), purposes=terms.purposes,
        required=terms.required, claims=terms.claims, rows=terms.rows, case_required=terms.case_required,
        rows_per_call=terms.rows_per_call, calls_per_day=terms.calls_per_day,
        subjects_per_day=terms.subjects_per_day, attempts_per_subject=terms.attempts_per_subject,
        hours=terms.hours, workdays_only=terms.workdays_only, days=terms.days,
    )  # fmt: skip
    return start_request(actor, row.resource, form, now, renews=row.id)


def change_grant(row: models.Grant, command: GrantCommand, actor: Actor, now: datetime) -> None:
    """Decide a command on a locked grant and write, compile, record and tell what follows."""
    by = PLATFORM if actor.user_id == 0 else person_of(actor)
    decision = decide_grant(grant_of(row), command, by)
    row.state, row.version, row.reason = decision.grant.state, decision.grant.version, decision.text
    row.ended_at = now if row.state in {"revoked", "expired"} else None
    row.save()
    models.GrantStep.objects.create(
        grant=row, version=row.version, step=decision.step, at=now, person=decision.signed,
        agency=by.agency, text=decision.text,
    )  # fmt: skip
    store_grant(row)
    grant_event(decision.step, row, now)
    tell_of_grant(f"grant-{decision.step}", row, now, to="consumer", text=decision.text)
    if by.agency != row.provider:
        tell_of_grant(f"grant-{decision.step}", row, now, to="provider", text=decision.text)


def _locked(actor: Actor, grant_id: str) -> models.Grant:
    row = grants_in_reach(actor).select_for_update().filter(pk=grant_id).first()
    if row is None:
        raise errors.GrantUnknown(grant=grant_id)
    return row
