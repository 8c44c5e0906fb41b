"""Roles, and the three hats of which nobody wears two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.identity.domain import roles
from yiwang.blocks.identity.domain.errors import (
    AgencyOutOfReach,
    HatsConflict,
    NotAllowed,
    RoleAlreadyHeld,
    RolePeriodBad,
    SelfGrant,
    UnknownRole,
)
from yiwang.blocks.identity.domain.roles import GrantRole, HeldRole, decide_end, decide_grant

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
SECURITY = frozenset({roles.SECURITY_ADMIN})


def grant(
    role: str, *held: HeldRole, by: int = 1, to: int = 2, until: datetime | None = None, reach: bool = True
) -> HeldRole:
    return decide_grant(by, SECURITY, held, GrantRole(role, to, NOW, until), NOW, in_reach=reach)


def test_a_security_administrator_gives_a_role_from_now_on() -> None:
    assert grant(roles.REVIEWER) == HeldRole(roles.REVIEWER, NOW)


@pytest.mark.parametrize("role", sorted(roles.ALL - {roles.SECURITY_ADMIN}))
def test_nobody_else_gives_roles(role: str) -> None:
    with pytest.raises(NotAllowed):
        decide_grant(1, frozenset({role}), (), GrantRole(roles.REVIEWER, 2, NOW), NOW, in_reach=True)
    with pytest.raises(NotAllowed):
        decide_end(1, frozenset({role}), 2, in_reach=True)


def test_nobody_gives_a_role_to_oneself_or_takes_one_from_oneself() -> None:
    with pytest.raises(SelfGrant):
        grant(roles.DATA_OFFICER, by=2, to=2)
    with pytest.raises(SelfGrant):
        decide_end(2, SECURITY, 2, in_reach=True)


def test_a_security_administrator_stays_in_the_own_region() -> None:
    with pytest.raises(AgencyOutOfReach):
        grant(roles.DATA_OFFICER, reach=False)
    with pytest.raises(AgencyOutOfReach):
        decide_end(1, SECURITY, 2, in_reach=False)


@pytest.mark.parametrize(("one", "other"), list(combinations(sorted(roles.ADMINISTRATORS), 2)))
def test_nobody_wears_two_of_the_three_hats(one: str, other: str) -> None:
    for first, second in ((one, other), (other, one)):
        with pytest.raises(HatsConflict):
            grant(second, HeldRole(first, NOW - timedelta(days=9)))


def test_a_hat_that_is_laid_down_frees_the_head() -> None:
    past = HeldRole(roles.SYSTEM_ADMIN, NOW - timedelta(days=9), NOW)
    assert grant(roles.AUDIT_ADMIN, past).role == roles.AUDIT_ADMIN


def test_a_hat_that_is_promised_for_later_counts_too() -> None:
    later = HeldRole(roles.SYSTEM_ADMIN, NOW + timedelta(days=9))
    with pytest.raises(HatsConflict):
        grant(roles.AUDIT_ADMIN, later)
    assert grant(roles.AUDIT_ADMIN, later, until=NOW + timedelta(days=9))


def test_nobody_audits_what_they_run() -> None:
    with pytest.raises(HatsConflict):
        grant(roles.AUDITOR, HeldRole(roles.OPERATOR, NOW))


def test_a_role_is_given_once_and_not_backwards() -> None:
    with pytest.raises(RoleAlreadyHeld):
        grant(roles.APPROVER, HeldRole(roles.APPROVER, NOW))
    with pytest.raises(RolePeriodBad):
        grant(roles.APPROVER, until=NOW)
    with pytest.raises(UnknownRole):
        grant("emperor")


def test_a_role_ends_at_its_end() -> None:
    held = (HeldRole(roles.APPROVER, NOW, NOW + timedelta(hours=1)),)
    assert roles.in_force(held, NOW, second_factor=False) == {roles.APPROVER}
    assert roles.in_force(held, NOW + timedelta(hours=1), second_factor=False) == frozenset()
    assert roles.in_force(held, NOW - timedelta(seconds=1), second_factor=False) == frozenset()


@pytest.mark.parametrize("role", sorted(roles.STRONG))
def test_a_strong_role_sleeps_until_the_second_factor(role: str) -> None:
    held = (HeldRole(role, NOW), HeldRole(roles.DATA_OFFICER, NOW))
    assert roles.in_force(held, NOW, second_factor=False) == {roles.DATA_OFFICER}
    assert roles.in_force(held, NOW, second_factor=True) == {role, roles.DATA_OFFICER}
    assert roles.needs_second_factor(held, NOW)


@given(st.lists(st.sampled_from(sorted(roles.ALL)), max_size=12))
def test_no_order_of_grants_makes_a_person_of_two_hats(wishes: list[str]) -> None:
    held: tuple[HeldRole, ...] = ()
    for wish in wishes:
        try:
            held += (grant(wish, *held),)
        except (HatsConflict, RoleAlreadyHeld):
            continue
    names = {one.role for one in held}
    assert len(names & roles.ADMINISTRATORS) <= 1
    assert not (names & roles.AUDITING and names & roles.RUNNING)


def test_every_role_has_a_name_in_both_languages() -> None:
    assert set(roles.ROLES) == roles.ALL
    assert all(role.name("zh-hans") != role.name("en") for role in roles.ROLES.values())
