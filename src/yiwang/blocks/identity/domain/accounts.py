"""Rules of accounts, without any database."""

from __future__ import annotations

import base64
import re
import secrets

from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.errors import (
    AgencyOutOfReach,
    BadUsername,
    DemoOnly,
    HatsConflict,
    NotAllowed,
    SelfReset,
)
from yiwang.blocks.identity.domain.roles import (
    ADMINISTRATORS,
    SECURITY_ADMIN,
    SYSTEM_ADMIN,
    conflict,
)

_USERNAME = re.compile(r"[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*")
DEMO = "demo"


def decide_username(wish: str) -> str:
    """The username in its one form. Raises: BadUsername."""
    name = wish.strip().lower()
    if not 3 <= len(name) <= 40 or not _USERNAME.fullmatch(name):
        raise BadUsername()
    return name


def decide_create(actor: Actor, *, in_reach: bool) -> None:
    """Only a system administrator creates accounts, and without any role. Raises: NotAllowed, AgencyOutOfReach."""
    actor.require(SYSTEM_ADMIN)
    if not in_reach:
        raise AgencyOutOfReach()


def decide_new_password(actor: Actor, of_user: int, *, in_reach: bool) -> None:
    """A system administrator hands out a new first password, to others only.

    Raises: NotAllowed, SelfReset, AgencyOutOfReach.
    """
    actor.require(SYSTEM_ADMIN)
    if actor.user_id == of_user:
        raise SelfReset()
    if not in_reach:
        raise AgencyOutOfReach()


def decide_reset_factor(actor: Actor, of_user: int, *, in_reach: bool) -> None:
    """A security administrator resets a second factor: whoever resets passwords cannot, so nobody takes an account alone.

    Raises: NotAllowed, SelfReset, AgencyOutOfReach.
    """
    actor.require(SECURITY_ADMIN)
    if actor.user_id == of_user:
        raise SelfReset()
    if not in_reach:
        raise AgencyOutOfReach()


def decide_demo(mode: str) -> None:
    """Demo accounts exist in demo mode only. Raises: DemoOnly."""
    if mode != DEMO:
        raise DemoOnly()


def decide_first_roles(roles: frozenset[str]) -> frozenset[str]:
    """Roles that come with an account when a node is installed; the separation of duties holds from the start.

    Raises: HatsConflict.
    """
    for one in sorted(roles):
        for other in sorted(roles):
            if conflict(one, other):
                raise HatsConflict(held=one, role=other)
    return roles


def sees_people(actor: Actor) -> bool:
    """Whether the actor may look at accounts at all. Raises nothing: lists are empty for others."""
    return actor.has(*ADMINISTRATORS)


def require_sight(actor: Actor) -> None:
    """Raises: NotAllowed, unless the actor administers or audits accounts."""
    if not sees_people(actor):
        raise NotAllowed(roles=sorted(ADMINISTRATORS))


def first_password() -> str:
    """A password of 80 bits for the first login, in groups that can be read out."""
    text = base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))
