"""Deputies during leave (代办): a person hands business roles to a colleague for some days, as pure decisions.

A data officer's deputy acts at once. An approver's or reviewer's acts after a security administrator approved it,
because these two roles give data away. What is handed over is a person's own role: a deputy's deputy acts not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from yiwang.blocks.identity.domain.actor import Principal
from yiwang.blocks.identity.domain.deputy_errors import (
    DeputyOverlaps,
    DeputyOwnMatter,
    DeputyPeriodBad,
    DeputyRoleBad,
    DeputySeparated,
    DeputySettled,
    DeputyUnfit,
)
from yiwang.blocks.identity.domain.errors import AgencyOutOfReach, NotAllowed
from yiwang.blocks.identity.domain.roles import (
    ADMINISTRATORS,
    AUDITING,
    BUSINESS,
    DATA_OFFICER,
    SECURITY_ADMIN,
    HeldRole,
    in_force,
)

LONGEST = timedelta(days=90)
"""The longest period of one deputy."""
KEPT_APART = timedelta(days=90)
"""So long after its end the two still do not review or decide each other's requests."""
AT_ONCE = frozenset({DATA_OFFICER})
"""Roles that a deputy exercises without anybody's approval."""
SEPARATED = ADMINISTRATORS | AUDITING
"""Whoever holds one of these stands in for nobody."""

DeputyState = Literal["named", "approved", "refused", "ended"]
LIVE: frozenset[DeputyState] = frozenset({"named", "approved"})


@dataclass(frozen=True)
class Colleague:
    """One of the two: the account, the agency it belongs to, whether it is open, and the roles of its own."""

    user_id: int
    agency: str
    active: bool
    held: tuple[HeldRole, ...] = ()


@dataclass(frozen=True)
class Deputyship:
    """Who stands in for whom, with which roles, from `since` until `until` (not included)."""

    person: int
    deputy: int
    agency: str
    roles: frozenset[str]
    since: datetime
    until: datetime
    state: DeputyState = "named"

    @property
    def waits(self) -> bool:
        """Whether a security administrator has yet to approve some of the roles."""
        return self.state == "named" and not self.roles <= AT_ONCE

    @property
    def effective(self) -> frozenset[str]:
        """The roles that the deputy exercises within the period, as far as it is approved."""
        match self.state:
            case "approved":
                return self.roles
            case "named":
                return self.roles & AT_ONCE
            case "refused" | "ended":
                return frozenset()

    def open(self, now: datetime) -> bool:
        """Whether it counts now or may count later."""
        return self.state in LIVE and now < self.until

    def runs(self, now: datetime) -> bool:
        """Whether `now` lies in the period."""
        return self.state in LIVE and self.since <= now < self.until


def deputy_shown(matter: Deputyship, now: datetime) -> str:
    """The state in one word: `refused`, `ended`, `over`, `waits` (for approval), `runs` or `named` (for later)."""
    if matter.state not in LIVE:
        return matter.state
    if now >= matter.until:
        return "over"
    if matter.waits:
        return "waits"
    return "runs" if matter.runs(now) else "named"


def role_shown(matter: Deputyship, role: str, now: datetime) -> str:
    """The same word for one of the roles: a data officer's part runs while the approver's still waits."""
    shown = deputy_shown(matter, now)
    if shown == "waits" and role in matter.effective:
        return "runs" if matter.runs(now) else "named"
    return shown


def decide_naming(
    person: Colleague,
    deputy: Colleague,
    roles: frozenset[str],
    since: datetime,
    until: datetime,
    others: Iterable[Deputyship],
    now: datetime,
) -> Deputyship:
    """Whether `person` may name `deputy`; `others` are all deputies the person has named.

    Raises: DeputyUnfit, DeputyRoleBad, DeputyPeriodBad, DeputySeparated, DeputyOverlaps.
    """
    if deputy.user_id == person.user_id or deputy.agency != person.agency or not deputy.active:
        raise DeputyUnfit()
    if not roles or not roles <= BUSINESS & in_force(person.held, now, second_factor=True):
        raise DeputyRoleBad()
    if not now <= since < until or until - since > LONGEST:
        raise DeputyPeriodBad(days=LONGEST.days)
    for one in deputy.held:
        if one.role in SEPARATED and one.overlaps(since, until):
            raise DeputySeparated(held=one.role)
    for other in others:
        shared = other.roles & roles
        if shared and other.open(now) and other.since < until and since < other.until:
            raise DeputyOverlaps(role=min(shared))
    return Deputyship(person.user_id, deputy.user_id, person.agency, roles, since, until)


def decide_answer(
    by_user: int,
    by_roles: frozenset[str],
    matter: Deputyship,
    now: datetime,
    *,
    approve: bool,
    in_reach: bool,
) -> Deputyship:
    """What a security administrator's answer makes of it; a refusal ends it.

    Raises: NotAllowed, DeputyOwnMatter, AgencyOutOfReach, DeputySettled.
    """
    if SECURITY_ADMIN not in by_roles:
        raise NotAllowed(roles=[SECURITY_ADMIN])
    if by_user in {matter.person, matter.deputy}:
        raise DeputyOwnMatter()
    if not in_reach:
        raise AgencyOutOfReach()
    if not matter.waits or not matter.open(now):
        raise DeputySettled()
    if approve:
        return replace(matter, state="approved")
    return replace(matter, state="refused", until=max(matter.since, now))


def decide_ending(by_user: int, matter: Deputyship, now: datetime) -> Deputyship:
    """Either of the two ends it early. Raises: NotAllowed, DeputySettled."""
    if by_user not in {matter.person, matter.deputy}:
        raise NotAllowed(roles=[])
    if not matter.open(now):
        raise DeputySettled()
    return replace(matter, state="ended", until=max(matter.since, now))


def standing_in(
    own: Colleague, found: Iterable[tuple[Deputyship, Colleague, str]], now: datetime
) -> tuple[Principal, ...]:
    """For whom a deputy acts now, each with the roles held only through them.

    `found`: the matters in which `own` is the deputy, each with the person who named them, and that person's name. A
    role counts as long as the person holds it themselves; never for one who meanwhile administers or audits.
    """
    mine = in_force(own.held, now, second_factor=True)
    if mine & SEPARATED:
        return ()
    principals = []
    for matter, person, name in found:
        if not matter.runs(now) or matter.deputy != own.user_id or not person.active:
            continue
        if not matter.agency == own.agency == person.agency:
            continue
        roles = matter.effective & in_force(person.held, now, second_factor=True) - mine
        if roles:
            principals.append(Principal(person.user_id, name, roles, matter.until))
    return tuple(sorted(principals, key=lambda one: one.user_id))


def kept_apart(user_id: int, matters: Iterable[Deputyship], now: datetime) -> frozenset[int]:
    """Accounts whose requests this one neither reviews nor decides.

    They are the deputies of `user_id`, those it stands in for, and their other deputies: what two deputies of one
    person do is that person's matter on both sides. It holds from the start of a period until `KEPT_APART` after its
    end, since a request outlives a leave. `matters` are all in which `user_id` or a person it stands in for has part.
    """
    tied = [one for one in matters if one.since < one.until and one.since <= now < one.until + KEPT_APART]
    persons = {one.person for one in tied if one.deputy == user_id} | {user_id}
    return frozenset(persons | {one.deputy for one in tied if one.person in persons}) - {user_id}
