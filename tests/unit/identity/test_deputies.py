"""Deputies during leave: who may be named, what counts when, and whose requests they keep away from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.identity.domain import roles
from yiwang.blocks.identity.domain.actor import Actor, Principal
from yiwang.blocks.identity.domain.deputies import (
    KEPT_APART,
    LONGEST,
    Colleague,
    Deputyship,
    decide_answer,
    decide_ending,
    decide_naming,
    deputy_shown,
    kept_apart,
    role_shown,
    standing_in,
)
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
from yiwang.blocks.identity.domain.roles import APPROVER, DATA_OFFICER, REVIEWER, SECURITY_ADMIN, HeldRole

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
WEEK = NOW + timedelta(days=7)
SECURITY = frozenset({SECURITY_ADMIN})


def person(number: int, *held: str, agency: str = "A", active: bool = True) -> Colleague:
    return Colleague(number, agency, active, tuple(HeldRole(role, LONG_AGO) for role in held))


WANG_MIN = person(1, DATA_OFFICER, APPROVER)
ZHAO_LIU = person(2)


def named(
    *wanted: str,
    by: Colleague = WANG_MIN,
    deputy: Colleague = ZHAO_LIU,
    since: datetime = NOW,
    until: datetime = WEEK,
    others: tuple[Deputyship, ...] = (),
) -> Deputyship:
    return decide_naming(by, deputy, frozenset(wanted or (DATA_OFFICER,)), since, until, others, NOW)


def acting(
    matter: Deputyship, at: datetime = NOW, *, by: Colleague = WANG_MIN, deputy: Colleague = ZHAO_LIU
) -> frozenset[str]:
    found = standing_in(deputy, [(matter, by, "王敏")], at)
    return frozenset().union(*(one.roles for one in found))


def answered(matter: Deputyship, *, approve: bool = True, by: int = 9, reach: bool = True) -> Deputyship:
    return decide_answer(by, SECURITY, matter, NOW, approve=approve, in_reach=reach)


def test_a_data_officers_deputy_acts_at_once_and_an_approvers_after_approval() -> None:
    matter = named(DATA_OFFICER, APPROVER)
    assert acting(matter) == {DATA_OFFICER}
    assert matter.waits
    approved = answered(matter)
    assert acting(approved) == {DATA_OFFICER, APPROVER}
    assert not approved.waits
    assert not named(DATA_OFFICER).waits


def test_it_begins_and_ends_by_itself() -> None:
    matter = named(since=NOW + timedelta(days=1))
    assert acting(matter) == frozenset()
    assert acting(matter, NOW + timedelta(days=1)) == {DATA_OFFICER}
    assert acting(matter, WEEK - timedelta(seconds=1)) == {DATA_OFFICER}
    assert acting(matter, WEEK) == frozenset()


@pytest.mark.parametrize(
    "deputy",
    [WANG_MIN, person(2, agency="B"), person(2, active=False)],
    ids=["oneself", "elsewhere", "closed"],
)
def test_only_another_person_of_the_agency_with_an_open_account(deputy: Colleague) -> None:
    with pytest.raises(DeputyUnfit):
        named(deputy=deputy)


def test_only_own_business_roles_are_handed_over() -> None:
    for wanted in ((REVIEWER,), (SECURITY_ADMIN,), ("emperor",)):
        with pytest.raises(DeputyRoleBad):
            named(*wanted, by=person(1, DATA_OFFICER, SECURITY_ADMIN))
    with pytest.raises(DeputyRoleBad):
        decide_naming(WANG_MIN, ZHAO_LIU, frozenset(), NOW, WEEK, (), NOW)
    laid_down = Colleague(1, "A", True, (HeldRole(DATA_OFFICER, LONG_AGO, NOW),))
    with pytest.raises(DeputyRoleBad):
        named(by=laid_down)


@pytest.mark.parametrize("role", sorted(roles.ADMINISTRATORS | roles.AUDITING))
def test_whoever_administers_or_audits_stands_in_for_nobody(role: str) -> None:
    with pytest.raises(DeputySeparated):
        named(deputy=person(2, role))
    # nor does one who gets such a duty afterwards
    assert acting(named(), deputy=person(2, role)) == frozenset()


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (NOW - timedelta(seconds=1), WEEK),
        (WEEK, NOW),
        (NOW, NOW),
        (NOW, NOW + LONGEST + timedelta(seconds=1)),
    ],
)
def test_periods_are_bounded(since: datetime, until: datetime) -> None:
    with pytest.raises(DeputyPeriodBad):
        named(since=since, until=until)
    assert named(until=NOW + LONGEST).until == NOW + LONGEST


def test_one_role_has_one_deputy_at_a_time() -> None:
    first = named(DATA_OFFICER)
    with pytest.raises(DeputyOverlaps):
        named(DATA_OFFICER, others=(first,), deputy=person(3))
    assert named(APPROVER, others=(first,), deputy=person(3))
    assert named(others=(first,), since=WEEK, until=WEEK + timedelta(days=1))
    assert named(others=(replace(first, state="ended"),))


def test_a_deputys_deputy_acts_not() -> None:
    to_zhao = named(DATA_OFFICER)
    third = person(3)
    with pytest.raises(DeputyRoleBad):
        named(DATA_OFFICER, by=ZHAO_LIU, deputy=third)
    # even a row that says so gives nothing: only roles of the own right are lent
    passed_on = replace(to_zhao, person=2, deputy=3)
    assert acting(passed_on, by=ZHAO_LIU, deputy=third) == frozenset()


def test_what_the_person_loses_the_deputy_loses() -> None:
    matter = named(DATA_OFFICER)
    assert acting(matter, by=person(1, APPROVER)) == frozenset()
    assert acting(matter, by=person(1, DATA_OFFICER, active=False)) == frozenset()
    assert acting(matter, by=person(1, DATA_OFFICER, agency="B")) == frozenset()
    assert acting(matter, deputy=person(2, agency="B")) == frozenset()
    assert acting(matter, deputy=person(3)) == frozenset()


def test_an_own_role_is_not_lent() -> None:
    assert acting(named(DATA_OFFICER), deputy=person(2, DATA_OFFICER)) == frozenset()


def test_a_security_administrator_of_reach_answers_and_not_in_an_own_matter() -> None:
    matter = named(APPROVER)
    for role in sorted(roles.ALL - SECURITY):
        with pytest.raises(NotAllowed):
            decide_answer(9, frozenset({role}), matter, NOW, approve=True, in_reach=True)
    for one_of_the_two in (1, 2):
        with pytest.raises(DeputyOwnMatter):
            answered(matter, by=one_of_the_two)
    with pytest.raises(AgencyOutOfReach):
        answered(matter, reach=False)


def test_an_answer_is_given_once_and_only_where_one_is_asked_for() -> None:
    matter = named(DATA_OFFICER, APPROVER)
    for settled in (answered(matter), answered(matter, approve=False), named(DATA_OFFICER)):
        with pytest.raises(DeputySettled):
            answered(settled)
    with pytest.raises(DeputySettled):
        decide_answer(9, SECURITY, matter, WEEK, approve=True, in_reach=True)
    assert acting(answered(matter, approve=False)) == frozenset()


@pytest.mark.parametrize("by", [1, 2])
def test_either_of_the_two_ends_it_early(by: int) -> None:
    later = NOW + timedelta(days=2)
    ended = decide_ending(by, named(), later)
    assert ended.until == later
    assert acting(ended, later) == frozenset()
    with pytest.raises(DeputySettled):
        decide_ending(by, ended, later)


def test_nobody_else_ends_it_and_nobody_after_its_end() -> None:
    with pytest.raises(NotAllowed):
        decide_ending(3, named(), NOW)
    with pytest.raises(DeputySettled):
        decide_ending(1, named(), WEEK)


def test_the_two_keep_apart_until_long_after() -> None:
    matter = named()
    assert kept_apart(2, [matter], NOW) == {1}
    assert kept_apart(1, [matter], WEEK + KEPT_APART - timedelta(seconds=1)) == {2}
    assert kept_apart(1, [matter], WEEK + KEPT_APART) == frozenset()
    assert kept_apart(3, [matter], NOW) == frozenset()


def test_one_that_never_began_keeps_nobody_apart() -> None:
    never = decide_ending(1, named(since=NOW + timedelta(days=1)), NOW)
    assert kept_apart(1, [never], NOW + timedelta(days=2)) == frozenset()


def test_two_deputies_of_one_person_keep_apart_too() -> None:
    both = [named(DATA_OFFICER), named(APPROVER, deputy=person(3))]
    assert kept_apart(2, both, NOW) == {1, 3}
    assert kept_apart(1, both, NOW) == {2, 3}


def test_every_state_has_its_word() -> None:
    assert deputy_shown(named(DATA_OFFICER), NOW) == "runs"
    assert deputy_shown(named(since=NOW + timedelta(days=1)), NOW) == "named"
    assert deputy_shown(named(APPROVER), NOW) == "waits"
    assert deputy_shown(named(APPROVER), WEEK) == "over"
    assert deputy_shown(answered(named(APPROVER), approve=False), NOW) == "refused"
    assert deputy_shown(decide_ending(1, named(), NOW), NOW) == "ended"


def test_of_two_roles_one_may_act_while_the_other_waits() -> None:
    both = named(DATA_OFFICER, APPROVER)
    assert [role_shown(both, role, NOW) for role in (DATA_OFFICER, APPROVER)] == ["runs", "waits"]
    later = named(DATA_OFFICER, APPROVER, since=NOW + timedelta(days=1))
    assert [role_shown(later, role, NOW) for role in (DATA_OFFICER, APPROVER)] == ["named", "waits"]
    for settled in (answered(both, approve=True), answered(both, approve=False), decide_ending(1, both, NOW)):
        assert {role_shown(settled, role, NOW) for role in both.roles} == {deputy_shown(settled, NOW)}
    assert {role_shown(both, role, WEEK) for role in both.roles} == {"over"}


def actor(*own: str, lent: tuple[Principal, ...] = ()) -> Actor:
    held = frozenset(own).union(*(one.roles for one in lent))
    return Actor(2, "zhao.liu", "赵六", "A", "", "290100", held, on_behalf=lent)


def test_an_act_by_a_lent_role_bears_both_names() -> None:
    lent = (Principal(1, "王敏", frozenset({APPROVER}), WEEK),)
    assert actor(lent=lent).signature(APPROVER) == "赵六（代王敏）"
    assert actor(lent=lent).signature(DATA_OFFICER, APPROVER) == "赵六（代王敏）"
    assert actor(lent=lent).signature(REVIEWER) == "赵六"
    assert actor(DATA_OFFICER, lent=lent).signature(DATA_OFFICER, APPROVER) == "赵六"
    two = (*lent, Principal(3, "李雷", frozenset({APPROVER}), WEEK))
    assert actor(lent=two).signature(APPROVER) == "赵六（代王敏、李雷）"


@given(
    st.frozensets(st.sampled_from(sorted(roles.ALL))), st.frozensets(st.sampled_from(sorted(roles.ALL))),
    st.sampled_from(["named", "approved", "refused", "ended"]), st.integers(-5, 15),
)  # fmt: skip
def test_no_deputy_ever_has_more_than_the_business_roles_of_the_person(
    wanted: frozenset[str], held: frozenset[str], state: str, days: int
) -> None:
    try:
        matter = named(*sorted(wanted), by=person(1, *held))
    except DeputyRoleBad:
        return
    at = NOW + timedelta(days=days)
    got = acting(replace(matter, state=state), at, by=person(1, *held))  # type: ignore[arg-type]
    assert got <= roles.BUSINESS & held & (wanted or {DATA_OFFICER})
    assert not got or (NOW <= at < WEEK and state in {"named", "approved"})
    assert state == "approved" or got <= {DATA_OFFICER}
