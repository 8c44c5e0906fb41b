"""Who holds which role of a system: given and ended by those who manage people."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from yiwang.blocks.identity.public import SYSTEM_ADMIN, Actor
from yiwang.blocks.registry.domain.errors import RoleApart, RoleUnknown
from yiwang.blocks.registry.store.models import RoleHolder
from yiwang.blocks.registry.store.systems import system_of


@transaction.atomic
def give_role(actor: Actor, system: str, role: str, holder: Actor, now: datetime) -> None:
    """Give a person a role of a system, in the agency that they act for; nothing happens where they hold it.

    Raises: NotAllowed, SystemUnknown, RoleUnknown, RoleApart.
    """
    actor.require(SYSTEM_ADMIN)
    declared = {one.id: one for one in system_of(system).roles}
    if role not in declared:
        raise RoleUnknown(system=system, role=role, known=sorted(declared))
    held = set(_held(system, holder, now).values_list("role", flat=True))
    if role in held:
        return
    apart = {
        other for other in held if other in declared[role].apart_from or role in declared[other].apart_from
    }
    if apart:
        raise RoleApart(role=role, other=sorted(apart))
    RoleHolder.objects.create(
        system=system,
        role=role,
        user=holder.user_id,
        agency=holder.agency,
        since=now,
        given_by=actor.username,
    )


@transaction.atomic
def end_role(actor: Actor, system: str, role: str, holder: Actor, now: datetime) -> None:
    """Take a role back. Raises: NotAllowed, SystemUnknown, RoleUnknown."""
    actor.require(SYSTEM_ADMIN)
    declared = sorted(one.id for one in system_of(system).roles)
    if role not in declared:
        raise RoleUnknown(system=system, role=role, known=declared)
    _held(system, holder, now).filter(role=role).update(until=now)


def _held(system: str, holder: Actor, now: datetime) -> QuerySet[RoleHolder]:
    return RoleHolder.objects.filter(
        Q(until__isnull=True) | Q(until__gt=now), system=system, user=holder.user_id, agency=holder.agency
    )
