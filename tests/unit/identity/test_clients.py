"""Client applications and keys: who may do what, and how long a key counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from yiwang.blocks.identity.domain import clients
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
from yiwang.blocks.identity.domain.clients import ACTIVE, SUSPENDED, Key
from yiwang.blocks.identity.domain.errors import NotAllowed

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
OURS, THEIRS = "11290100MB0000001X", "11290100MB00000028"
YEAR = timedelta(days=365)


def person(role: str, agency: str = OURS) -> Actor:
    return Actor(1, "p", "p", agency, "", "290100", frozenset({role}), second_factor=True)


def key(kid: str = "k", since: datetime = NOW, until: datetime | None = None, state: str = ACTIVE) -> Key:
    return Key(kid, "ed25519", since, until, state)


def test_only_a_data_officer_of_the_agency_keeps_its_clients() -> None:
    clients.decide_keep(person("data_officer"), OURS)
    for stranger in (person("data_officer", THEIRS), person("approver"), person("security_admin")):
        with pytest.raises(NotAllowed):
            clients.decide_keep(stranger, OURS)


@pytest.mark.parametrize("role", ["security_admin", "operator"])
def test_the_platform_suspends_within_its_region(role: str) -> None:
    by = person(role, THEIRS)
    assert clients.decide_suspend(by, OURS, ACTIVE, "leaked", in_reach=True) == "platform"
    with pytest.raises(NotAllowed):
        clients.decide_suspend(by, OURS, ACTIVE, "leaked", in_reach=False)


def test_what_the_platform_suspended_the_agency_cannot_resume() -> None:
    officer = person("data_officer")
    assert clients.decide_suspend(officer, OURS, ACTIVE, "rest", in_reach=True) == "officer"
    clients.decide_resume(officer, OURS, SUSPENDED, "officer", "again", in_reach=True)
    with pytest.raises(NotAllowed):
        clients.decide_resume(officer, OURS, SUSPENDED, "platform", "again", in_reach=True)
    clients.decide_resume(person("operator", THEIRS), OURS, SUSPENDED, "platform", "again", in_reach=True)


def test_stopping_and_resuming_want_a_reason_and_the_right_state() -> None:
    officer = person("data_officer")
    with pytest.raises(ReasonMissing):
        clients.decide_suspend(officer, OURS, ACTIVE, " ", in_reach=True)
    with pytest.raises(ClientNotActive):
        clients.decide_suspend(officer, OURS, SUSPENDED, "again", in_reach=True)
    with pytest.raises(ClientNotSuspended):
        clients.decide_resume(officer, OURS, ACTIVE, "", "again", in_reach=True)


def test_a_key_counts_from_now_for_its_time() -> None:
    made = clients.decide_add_key((), "k", "ed25519", YEAR, NOW, taken=False)
    assert made == key(until=NOW + YEAR)
    assert made.in_force(NOW)
    assert not made.in_force(NOW + YEAR)


def test_a_key_is_never_used_twice_nor_for_ever() -> None:
    with pytest.raises(KeyTaken):
        clients.decide_add_key((), "k", "ed25519", YEAR, NOW, taken=True)
    for days in (0, 731):
        with pytest.raises(KeyValidityBad):
            clients.decide_add_key((), "k", "ed25519", timedelta(days=days), NOW, taken=False)


def test_revoked_and_expired_keys_do_not_fill_the_handful() -> None:
    dead = (*(key(str(n), state="revoked") for n in range(9)), key("old", until=NOW))
    clients.decide_add_key(dead, "k", "ed25519", YEAR, NOW, taken=False)
    with pytest.raises(TooManyKeys):
        clients.decide_add_key(tuple(key(str(n)) for n in range(5)), "k", "ed25519", YEAR, NOW, taken=False)


def test_a_rotation_shortens_what_is_longer_and_leaves_the_rest() -> None:
    week = timedelta(days=7)
    long, short, gone = (
        key("a", until=NOW + YEAR),
        key("b", until=NOW + timedelta(days=1)),
        key("c", state="revoked"),
    )
    shortened = clients.decide_overlap((long, short, gone, key("d")), week, NOW)
    assert [(one.kid, one.not_after) for one in shortened] == [("a", NOW + week), ("d", NOW + week)]
    for days in (-1, 31):
        with pytest.raises(OverlapBad):
            clients.decide_overlap((long,), timedelta(days=days), NOW)


def test_a_key_is_revoked_once_with_a_reason() -> None:
    assert clients.decide_revoke(key(), "lost", NOW).state == "revoked"
    with pytest.raises(ReasonMissing):
        clients.decide_revoke(key(), "", NOW)
    with pytest.raises(KeyNotActive):
        clients.decide_revoke(key(state="revoked"), "lost", NOW)


def test_outsiders_do_not_know_of_a_client() -> None:
    assert clients.sees_client(person("data_officer"), OURS, in_reach=True)
    assert not clients.sees_client(person("data_officer", THEIRS), OURS, in_reach=True)
    assert not clients.sees_client(person("operator", THEIRS), OURS, in_reach=False)
    assert not clients.sees_client(person("system_admin"), OURS, in_reach=True)
