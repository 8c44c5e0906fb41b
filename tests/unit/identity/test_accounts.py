"""Accounts: who makes them, and that no administrator takes one over alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.identity.domain import accounts
from yiwang.blocks.identity.domain.actor import Actor, node_actor
from yiwang.blocks.identity.domain.errors import (
    AgencyOutOfReach,
    BadUsername,
    DemoOnly,
    HatsConflict,
    NotAllowed,
    SelfReset,
)


def person(*roles: str) -> Actor:
    return Actor(1, "p", "p", "", "", "290100", frozenset(roles), second_factor=True)


def test_only_a_system_administrator_creates_accounts_and_only_nearby() -> None:
    accounts.decide_create(person("system_admin"), in_reach=True)
    with pytest.raises(NotAllowed):
        accounts.decide_create(person("security_admin"), in_reach=True)
    with pytest.raises(AgencyOutOfReach):
        accounts.decide_create(person("system_admin"), in_reach=False)


def test_whoever_resets_passwords_cannot_reset_second_factors() -> None:
    accounts.decide_new_password(person("system_admin"), 2, in_reach=True)
    with pytest.raises(NotAllowed):
        accounts.decide_reset_factor(person("system_admin"), 2, in_reach=True)
    accounts.decide_reset_factor(person("security_admin"), 2, in_reach=True)
    with pytest.raises(NotAllowed):
        accounts.decide_new_password(person("security_admin"), 2, in_reach=True)


def test_nobody_resets_their_own() -> None:
    with pytest.raises(SelfReset):
        accounts.decide_new_password(person("system_admin"), 1, in_reach=True)
    with pytest.raises(SelfReset):
        accounts.decide_reset_factor(person("security_admin"), 1, in_reach=True)


@pytest.mark.parametrize("name", ["Wang.Min", " wangmin ", "w-1.a"])
def test_a_username_has_one_form(name: str) -> None:
    assert accounts.decide_username(name) == name.strip().lower()


@pytest.mark.parametrize(
    "name", ["", "ab", "1ab", "wang..min", "wang_min", "王敏敏", "a" * 41, "wang min", ".wang", "wang."]
)
def test_what_is_no_username_is_refused(name: str) -> None:
    with pytest.raises(BadUsername):
        accounts.decide_username(name)


@given(st.text(max_size=50))
def test_every_accepted_username_is_plain_ascii(text: str) -> None:
    try:
        name = accounts.decide_username(text)
    except BadUsername:
        return
    assert name.isascii()
    assert name == name.lower()
    assert accounts.decide_username(name) == name


def test_demo_accounts_exist_in_demo_mode_only() -> None:
    accounts.decide_demo("demo")
    with pytest.raises(DemoOnly):
        accounts.decide_demo("production")


def test_the_separation_of_duties_holds_from_the_first_account() -> None:
    assert accounts.decide_first_roles(frozenset({"data_officer", "approver"}))
    with pytest.raises(HatsConflict):
        accounts.decide_first_roles(frozenset({"system_admin", "audit_admin"}))


def test_first_passwords_are_long_and_never_the_same() -> None:
    made = {accounts.first_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(one) >= 16 for one in made)


def test_the_nodes_own_hand_is_no_account_and_gives_no_roles() -> None:
    hand = node_actor("290000")
    assert hand.user_id == 0
    assert not hand.has("security_admin", "audit_admin", "operator", "auditor")
