"""Roles of systems are given by system administrators alone, and kept apart as declared."""

from __future__ import annotations

import pytest

from tests.store.registry.applied import NOW, applied
from yiwang.blocks.identity.public import Actor, NotAllowed, node_actor
from yiwang.blocks.registry.public import RoleApart, RoleUnknown, end_role, give_role
from yiwang.blocks.registry.store.models import RoleHolder

pytestmark = pytest.mark.django_db
ADMIN = node_actor("290000")
WANG_MIN = Actor(1, "wangmin", "王敏", "11290100MB00000011", "热线中心", "290100", frozenset())


def test_a_role_is_given_once_and_taken_back() -> None:
    applied("hotline")
    give_role(ADMIN, "hotline", "call_taker", WANG_MIN, NOW)
    give_role(ADMIN, "hotline", "call_taker", WANG_MIN, NOW)
    assert RoleHolder.objects.count() == 1
    end_role(ADMIN, "hotline", "call_taker", WANG_MIN, NOW)
    assert RoleHolder.objects.filter(until__isnull=True).count() == 0


def test_roles_that_the_declaration_keeps_apart_are_not_given_to_one_person() -> None:
    applied("hotline")
    give_role(ADMIN, "hotline", "unit_clerk", WANG_MIN, NOW)
    with pytest.raises(RoleApart):
        give_role(ADMIN, "hotline", "visitor", WANG_MIN, NOW)


def test_nobody_gives_roles_but_a_system_administrator() -> None:
    applied("hotline")
    with pytest.raises(NotAllowed):
        give_role(WANG_MIN, "hotline", "call_taker", WANG_MIN, NOW)
    with pytest.raises(RoleUnknown):
        give_role(ADMIN, "hotline", "king", WANG_MIN, NOW)
