"""Actors: the person behind a request or a command, with the roles that count now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.http import HttpRequest

from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.deputies import Colleague
from yiwang.blocks.identity.domain.errors import UnknownAccount
from yiwang.blocks.identity.domain.roles import HeldRole, in_force
from yiwang.blocks.identity.domain.sign_ins import address_of
from yiwang.blocks.identity.store.deputies import standing_of
from yiwang.blocks.identity.store.models import User
from yiwang.blocks.identity.store.roles import held_roles


def actor_of(request: HttpRequest) -> Actor | None:
    """Who is behind a request, as the middleware found; None for a visitor who has not signed in."""
    found = getattr(request, "actor", None)
    return found if isinstance(found, Actor) else None


_FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")


def caller_address(request: HttpRequest) -> str | None:
    """The peer's address, or None when a proxy stands between: a proxied caller never counts as this machine."""
    return peer_address(request.META)


def peer_address(facts: Mapping[str, object]) -> str | None:
    """The same from the facts that a web server gives of a request (PEP 3333)."""
    if any(name in facts for name in _FORWARDED):
        return None
    return address_of(str(facts.get("REMOTE_ADDR", "")))


def actor_for(username: str, now: datetime) -> Actor:
    """The actor of an account with all its roles, as after a second factor: for commands and tests, not for requests.

    Raises: UnknownAccount.
    """
    user = User.objects.select_related("person__agency").filter(username=username, is_active=True).first()
    if user is None:
        raise UnknownAccount()
    return actor_of_user(user, held_roles(user.pk), now, second_factor=True)


def actor_of_user(user: User, held: tuple[HeldRole, ...], now: datetime, *, second_factor: bool) -> Actor:
    """The actor of an account whose person and agency are selected with it: own roles, and those of a deputy."""
    person = user.person
    standing = standing_of(Colleague(user.pk, person.agency_id, user.is_active, held), now)
    own = in_force(held, now, second_factor=second_factor)
    return Actor(
        user_id=user.pk,
        username=user.username,
        name=person.name,
        agency=person.agency_id,
        agency_name=person.agency.name_zh,
        region=person.agency.region_id,
        roles=own.union(*(one.roles for one in standing.on_behalf)),
        second_factor=second_factor,
        on_behalf=standing.on_behalf,
        apart=standing.apart,
    )
