"""Reads of accounts and roles; each takes the actor and shows only what that person may see."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.errors import UnknownAccount
from yiwang.blocks.identity.domain.roles import HeldRole, in_force
from yiwang.blocks.identity.store.models import RoleGrant, User


def actor_of(request: HttpRequest) -> Actor | None:
    """Who is behind a request, as the middleware found; None for a visitor who has not signed in."""
    found = getattr(request, "actor", None)
    return found if isinstance(found, Actor) else None


def actor_for(username: str, now: datetime) -> Actor:
    """The actor of an account with all its roles, as after a second factor: for commands and tests, not for requests.

    Raises: UnknownAccount.
    """
    user = User.objects.select_related("person__agency").filter(username=username, is_active=True).first()
    if user is None:
        raise UnknownAccount()
    return actor_of_user(user, now, second_factor=True)


def actor_of_user(user: User, now: datetime, *, second_factor: bool) -> Actor:
    """The actor of an account whose person and agency are selected with it."""
    person = user.person
    roles = in_force(held_roles(user.pk), now, second_factor=second_factor)
    return Actor(
        user.pk, user.username, person.name, person.agency_id, person.agency.name_zh, person.agency.region_id,
        roles, second_factor,
    )  # fmt: skip


def held_roles(user_id: int) -> tuple[HeldRole, ...]:
    """All roles an account has, had or will have."""
    return tuple(
        HeldRole(row.role, row.since, row.until) for row in RoleGrant.objects.filter(user_id=user_id)
    )
