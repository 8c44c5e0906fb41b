"""Actors: the person behind a request or a command, with the roles that count now."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F
from django.http import HttpRequest

from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.errors import UnknownAccount
from yiwang.blocks.identity.domain.roles import HeldRole, in_force
from yiwang.blocks.identity.domain.sign_ins import address_of
from yiwang.blocks.identity.store.models import RoleGrant, User


def actor_of(request: HttpRequest) -> Actor | None:
    """Who is behind a request, as the middleware found; None for a visitor who has not signed in."""
    found = getattr(request, "actor", None)
    return found if isinstance(found, Actor) else None


_FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")


def caller_address(request: HttpRequest) -> str | None:
    """The peer's address, or None when a proxy stands between: a proxied caller never counts as this machine."""
    if any(name in request.META for name in _FORWARDED):
        return None
    return address_of(str(request.META.get("REMOTE_ADDR", "")))


def actor_for(username: str, now: datetime) -> Actor:
    """The actor of an account with all its roles, as after a second factor: for commands and tests, not for requests.

    Raises: UnknownAccount.
    """
    user = User.objects.select_related("person__agency").filter(username=username, is_active=True).first()
    if user is None:
        raise UnknownAccount()
    return actor_of_user(user, in_force(held_roles(user.pk), now, second_factor=True), second_factor=True)


def actor_of_user(user: User, roles: frozenset[str], *, second_factor: bool) -> Actor:
    """The actor of an account whose person and agency are selected with it."""
    person = user.person
    return Actor(
        user_id=user.pk,
        username=user.username,
        name=person.name,
        agency=person.agency_id,
        agency_name=person.agency.name_zh,
        region=person.agency.region_id,
        roles=roles,
        second_factor=second_factor,
    )


def held_roles(user_id: int) -> tuple[HeldRole, ...]:
    """All roles an account has, had or will have in the agency its person belongs to."""
    rows = RoleGrant.objects.filter(user_id=user_id, agency=F("user__person__agency"))
    return tuple(HeldRole(row.role, row.since, row.until) for row in rows)
