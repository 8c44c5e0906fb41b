"""Roles: given and taken by a security administrator, never by the person who holds them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yiwang.blocks.identity.actions.accounts import locked_account
from yiwang.blocks.identity.actions.recording import record
from yiwang.blocks.identity.actions.sign_ins import close_sign_ins
from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.errors import RoleNotHeld
from yiwang.blocks.identity.domain.roles import GrantRole, HeldRole, decide_end, decide_grant
from yiwang.blocks.identity.store.models import RoleGrant
from yiwang.blocks.organisation.public import covers


@transaction.atomic
def grant_role(
    actor: Actor, user_id: int, role: str, *, until: datetime | None = None, reason: str = "", now: datetime
) -> int:
    """Give a person a role in their agency from now on; returns the grant's number. Their browsers are signed out.

    Raises: UnknownAccount, UnknownRole, NotAllowed, SelfGrant, AgencyOutOfReach, RolePeriodBad, HatsConflict,
        RoleAlreadyHeld.
    """
    user = locked_account(user_id)
    uscc = user.person.agency_id
    held = tuple(HeldRole(row.role, row.since, row.until) for row in user.role_grants.all())
    wish = GrantRole(role, user_id, now, until)
    in_reach = covers(actor.region, user.person.agency.region_id)
    new = decide_grant(actor.user_id, actor.roles, held, wish, now, in_reach=in_reach)
    row = RoleGrant.objects.create(
        user=user, role=new.role, agency_id=uscc, since=new.since, until=new.until,
        granted_by_id=actor.user_id, granted_at=now, reason=reason[:200],
    )  # fmt: skip
    close_sign_ins(user_id, "roles", now)
    record("role-granted", actor, now, of_user=user_id, agency=uscc, role=role)
    return row.pk


@transaction.atomic
def end_role(actor: Actor, grant_id: int, *, reason: str = "", now: datetime) -> None:
    """Take a role away at once; the person's browsers are signed out.

    Raises: RoleNotHeld, NotAllowed, SelfGrant, AgencyOutOfReach.
    """
    row = (
        RoleGrant.objects.select_for_update(of=("self",)).select_related("agency").filter(pk=grant_id).first()
    )
    if row is None:
        raise RoleNotHeld()
    in_reach = covers(actor.region, row.agency.region_id)
    decide_end(actor.user_id, actor.roles, row.user_id, in_reach=in_reach)
    if row.until is not None and row.until <= now:
        raise RoleNotHeld()
    row.until, row.ended_by_id = max(row.since, now), actor.user_id
    row.save(update_fields=["until", "ended_by"])
    close_sign_ins(row.user_id, "roles", now)
    record(
        "role-ended",
        actor,
        now,
        of_user=row.user_id,
        agency=row.agency_id,
        role=row.role,
        note=reason[:200],
    )
