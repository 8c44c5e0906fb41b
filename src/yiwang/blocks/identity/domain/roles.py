"""Roles and the rules of their separation (三员分立: system, security and audit administration are three people).

Separation follows GB/T 22239-2019 §8.1.5 (system, audit and security management at the third protection level).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.identity.domain.errors import (
    AgencyOutOfReach,
    HatsConflict,
    NotAllowed,
    RoleAlreadyHeld,
    RolePeriodBad,
    SelfGrant,
    UnknownRole,
)

DATA_OFFICER = "data_officer"
APPROVER = "approver"
REVIEWER = "reviewer"
OPERATOR = "operator"
AUDITOR = "auditor"
SYSTEM_ADMIN = "system_admin"
SECURITY_ADMIN = "security_admin"
AUDIT_ADMIN = "audit_admin"

ADMINISTRATORS = frozenset({SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN})
"""The three hats of which nobody wears two."""
BUSINESS = frozenset({DATA_OFFICER, APPROVER, REVIEWER})
ALL = BUSINESS | ADMINISTRATORS | {OPERATOR, AUDITOR}
AUDITING = frozenset({AUDITOR, AUDIT_ADMIN})
RUNNING = frozenset({OPERATOR, SYSTEM_ADMIN, SECURITY_ADMIN})
STRONG = ADMINISTRATORS | {OPERATOR, AUDITOR}
"""Roles that act only after a second factor."""


@dataclass(frozen=True)
class Role:
    """A role with its names."""

    key: str
    name_zh: str
    name_en: str

    def name(self, language: str) -> str:
        """The role's name in `zh…` or `en`."""
        return self.name_zh if language.startswith("zh") else self.name_en


ROLES: dict[str, Role] = {
    role.key: role
    for role in (
        Role(DATA_OFFICER, "数据专员", "Data officer"),
        Role(APPROVER, "审批人", "Approver"),
        Role(REVIEWER, "数据局审查员", "Data bureau reviewer"),
        Role(OPERATOR, "运维人员", "Operator"),
        Role(AUDITOR, "审计人员", "Auditor"),
        Role(SYSTEM_ADMIN, "系统管理员", "System administrator"),
        Role(SECURITY_ADMIN, "安全管理员", "Security administrator"),
        Role(AUDIT_ADMIN, "审计管理员", "Audit administrator"),
    )
}


@dataclass(frozen=True)
class HeldRole:
    """A role of a person in an agency from `since` until `until` (not included; none: open)."""

    role: str
    since: datetime
    until: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        """Whether the role counts at `now`."""
        return self.since <= now and (self.until is None or now < self.until)

    def overlaps(self, since: datetime, until: datetime | None) -> bool:
        """Whether the role counts at any moment of [since, until)."""
        return (self.until is None or since < self.until) and (until is None or self.since < until)


@dataclass(frozen=True)
class GrantRole:
    """The wish to give a role to a person."""

    role: str
    to_user: int
    since: datetime
    until: datetime | None = None


def decide_grant(
    by_user: int,
    by_roles: frozenset[str],
    held: tuple[HeldRole, ...],
    wish: GrantRole,
    now: datetime,
    *,
    in_reach: bool,
) -> HeldRole:
    """Whether the role may be given: `held` are all roles the person has or will have; returns the new one.

    Raises: UnknownRole, NotAllowed, SelfGrant, AgencyOutOfReach, RolePeriodBad, HatsConflict, RoleAlreadyHeld.
    """
    if wish.role not in ALL:
        raise UnknownRole(role=wish.role)
    if SECURITY_ADMIN not in by_roles:
        raise NotAllowed(roles=[SECURITY_ADMIN])
    if wish.to_user == by_user:
        raise SelfGrant()
    if not in_reach:
        raise AgencyOutOfReach()
    if wish.until is not None and (wish.until <= wish.since or wish.until <= now):
        raise RolePeriodBad()
    for one in held:
        if not one.overlaps(wish.since, wish.until):
            continue
        if one.role == wish.role:
            raise RoleAlreadyHeld(role=wish.role)
        if conflict(one.role, wish.role):
            raise HatsConflict(held=one.role, role=wish.role)
    return HeldRole(wish.role, wish.since, wish.until)


def conflict(one: str, other: str) -> bool:
    """Whether one person may not hold both roles.

    Nobody wears two of the three hats, and nobody audits what they run or administer themselves.
    """
    if one == other:
        return False
    pair = {one, other}
    return pair <= ADMINISTRATORS or bool(pair & AUDITING and pair & RUNNING)


def decide_end(by_user: int, by_roles: frozenset[str], of_user: int, *, in_reach: bool) -> None:
    """Whether a role may be taken away. Raises: NotAllowed, SelfGrant, AgencyOutOfReach."""
    if SECURITY_ADMIN not in by_roles:
        raise NotAllowed(roles=[SECURITY_ADMIN])
    if by_user == of_user:
        raise SelfGrant()
    if not in_reach:
        raise AgencyOutOfReach()


def in_force(held: tuple[HeldRole, ...], now: datetime, *, second_factor: bool) -> frozenset[str]:
    """The roles that count at `now`; strong ones only behind a second factor."""
    names = frozenset(one.role for one in held if one.in_force(now))
    return names if second_factor else names - STRONG


def needs_second_factor(held: tuple[HeldRole, ...], now: datetime) -> bool:
    """Whether the person must show a second factor before anything else."""
    return any(one.role in STRONG for one in held if one.in_force(now))
