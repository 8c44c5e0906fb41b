"""Rules of client applications and their keys, without any database."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.client_errors import (
    ClientNotActive,
    ClientNotSuspended,
    KeyNotActive,
    KeyTaken,
    KeyValidityBad,
    OverlapBad,
    ReasonMissing,
    TooManyKeys,
)
from yiwang.blocks.identity.domain.errors import NotAllowed
from yiwang.blocks.identity.domain.roles import APPROVER, AUDITOR, DATA_OFFICER, OPERATOR, SECURITY_ADMIN

APPLICATION, CONSOLE, EDGE, JOBS = "application", "console", "edge", "jobs"
WEAK_PREFIX = "edge_"
"""Begins the id of a client whose calls the edge signs: they came in by a shared secret (docs/specs/edge.md §5)."""
ACTIVE, SUSPENDED, REVOKED = "active", "suspended", "revoked"
UPLOADED, GENERATED, NODE = "uploaded", "generated", "node"
OFFICER, PLATFORM = "officer", "platform"
"""Who suspended: the agency itself, or the platform (operator, security administrator), which outranks it."""

LONGEST_VALIDITY = timedelta(days=730)
USUAL_VALIDITY = timedelta(days=365)
LONGEST_OVERLAP = timedelta(days=30)
USUAL_OVERLAP = timedelta(days=7)
MOST_KEYS = 5
"""Keys of one client that may be in force at a time."""
HANDOVER_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class Key:
    """A public key of a client, valid from `not_before` until `not_after` (not included) unless revoked."""

    kid: str
    suite: str
    not_before: datetime
    not_after: datetime | None
    state: str = ACTIVE

    def usable(self, now: datetime) -> bool:
        """Whether it counts now or will count."""
        return self.state == ACTIVE and (self.not_after is None or now < self.not_after)

    def in_force(self, now: datetime) -> bool:
        """Whether a signature of this moment counts."""
        return self.usable(now) and self.not_before <= now


def keeps(actor: Actor, agency: str) -> bool:
    """Whether the actor keeps the agency's own clients."""
    return actor.has(DATA_OFFICER) and actor.agency == agency


def sees_client(actor: Actor, agency: str, *, in_reach: bool) -> bool:
    """Whether the actor may know of the agency's clients: its own people with a role, and the platform's."""
    if actor.agency == agency and actor.has(DATA_OFFICER, APPROVER):
        return True
    return in_reach and actor.has(SECURITY_ADMIN, OPERATOR, AUDITOR)


def keeps_sessions(actor: Actor, agency: str, *, in_reach: bool) -> bool:
    """Whether the actor sees and ends the sessions of the agency's clients: its data officer, and the operator."""
    return keeps(actor, agency) or (in_reach and actor.has(OPERATOR))


def decide_end_session(actor: Actor, agency: str, reason: str, *, in_reach: bool) -> None:
    """Raises: NotAllowed, ReasonMissing."""
    if not keeps_sessions(actor, agency, in_reach=in_reach):
        raise NotAllowed(roles=[DATA_OFFICER, OPERATOR])
    _check_reason(reason)


def decide_keep(actor: Actor, agency: str) -> None:
    """Raises: NotAllowed, unless the actor is a data officer of this agency."""
    if not keeps(actor, agency):
        raise NotAllowed(roles=[DATA_OFFICER])


def decide_suspend(actor: Actor, agency: str, state: str, reason: str, *, in_reach: bool) -> str:
    """Who suspends, `officer` or `platform`. Raises: NotAllowed, ReasonMissing, ClientNotActive."""
    level = _level(actor, agency, in_reach=in_reach)
    _check_reason(reason)
    if state != ACTIVE:
        raise ClientNotActive()
    return level


def decide_resume(
    actor: Actor, agency: str, state: str, suspended_by: str, reason: str, *, in_reach: bool
) -> None:
    """Whether the client may go on; what the platform suspended, the platform resumes.

    Raises: NotAllowed, ReasonMissing, ClientNotSuspended.
    """
    level = _level(actor, agency, in_reach=in_reach)
    if suspended_by == PLATFORM and level != PLATFORM:
        raise NotAllowed(roles=[SECURITY_ADMIN, OPERATOR])
    _check_reason(reason)
    if state != SUSPENDED:
        raise ClientNotSuspended()


def decide_add_key(
    held: tuple[Key, ...], kid: str, suite: str, validity: timedelta, now: datetime, *, taken: bool
) -> Key:
    """A key that counts from now on. Raises: KeyTaken, KeyValidityBad, TooManyKeys."""
    if taken:
        raise KeyTaken(kid=kid)
    if not timedelta(days=1) <= validity <= LONGEST_VALIDITY:
        raise KeyValidityBad(days=LONGEST_VALIDITY.days)
    if sum(key.usable(now) for key in held) >= MOST_KEYS:
        raise TooManyKeys(most=MOST_KEYS)
    return Key(kid, suite, now, now + validity)


def decide_overlap(held: tuple[Key, ...], overlap: timedelta, now: datetime) -> tuple[Key, ...]:
    """The keys that a rotation shortens: each stays valid for `overlap` at most. Raises: OverlapBad."""
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise OverlapBad(days=LONGEST_OVERLAP.days)
    end = now + overlap
    return tuple(
        replace(key, not_after=end)
        for key in held
        if key.usable(now) and (key.not_after is None or key.not_after > end)
    )


def decide_revoke(key: Key, reason: str, now: datetime) -> Key:
    """The key, revoked at once and for good. Raises: ReasonMissing, KeyNotActive."""
    _check_reason(reason)
    if not key.usable(now):
        raise KeyNotActive(kid=key.kid)
    return replace(key, state=REVOKED)


def new_token() -> str:
    """The secret part of a one-time link: 256 bits."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """What is kept of a one-time link."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _level(actor: Actor, agency: str, *, in_reach: bool) -> str:
    if actor.has(SECURITY_ADMIN, OPERATOR) and in_reach:
        return PLATFORM
    if keeps(actor, agency):
        return OFFICER
    raise NotAllowed(roles=[DATA_OFFICER, SECURITY_ADMIN, OPERATOR])


def _check_reason(reason: str) -> None:
    if len(reason.strip()) < 2:
        raise ReasonMissing()
