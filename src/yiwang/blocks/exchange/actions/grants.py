"""Grants after their birth: suspend, resume, revoke. Gateways follow within a second."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.grant import (
    GrantCommand,
    Resume,
    Revoke,
    Suspend,
    decide_grant,
)
from yiwang.blocks.exchange.store import models
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.compiled import store_grant
from yiwang.blocks.exchange.store.news import grant_event, tell_of_grant
from yiwang.blocks.exchange.store.reach import grants_in_reach
from yiwang.blocks.exchange.store.rows import PLATFORM, grant_of, person_of
from yiwang.blocks.identity.public import Actor


@as_actor
def revoke_grant(actor: Actor, grant_id: str, reason: str, now: datetime) -> None:
    """End a grant for good; gateways refuse within a second.

    Raises: GrantUnknown, NotAllowed, GrantStateWrong, ReasonMissing.
    """
    change_grant(locked_grant(actor, grant_id), Revoke(reason), actor, now)


@as_actor
def suspend_grant(actor: Actor, grant_id: str, reason: str, now: datetime) -> None:
    """Stop a grant for a while. Raises: GrantUnknown, NotAllowed, GrantStateWrong, ReasonMissing."""
    change_grant(locked_grant(actor, grant_id), Suspend(reason), actor, now)


@as_actor
def resume_grant(actor: Actor, grant_id: str, now: datetime) -> None:
    """Let a suspended grant run again. Raises: GrantUnknown, NotAllowed, GrantStateWrong."""
    change_grant(locked_grant(actor, grant_id), Resume(), actor, now)


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


def locked_grant(actor: Actor, grant_id: str) -> models.Grant:
    """The grant, locked until the transaction ends. Raises: GrantUnknown."""
    row = grants_in_reach(actor).select_for_update().filter(pk=grant_id).first()
    if row is None:
        raise errors.GrantUnknown(grant=grant_id)
    return row
