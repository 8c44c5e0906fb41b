"""A node without accounts gets its first three administrators."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.store.identity import cast
from tests.store.identity.cast import CITY, MARKET
from yiwang.blocks.identity import public as identity
from yiwang.blocks.identity.store.models import User


@pytest.mark.django_db
def test_the_first_administrators_are_three_people_with_one_hat_each() -> None:
    cast.city()
    made = identity.install_administrators(
        identity.node_actor(CITY), agency_uscc=MARKET, system=("a.aa", "甲"), security=("b.bb", "乙"),
        audit=("c.cc", "丙"), now=timezone.now(),
    )  # fmt: skip
    roles = [identity.actor_for(username, timezone.now()).roles for username, _ in made]
    assert roles == [{"system_admin"}, {"security_admin"}, {"audit_admin"}]
    for username, password in made:
        user = User.objects.get(username=username)
        assert user.check_password(password)
        assert user.must_change_password
        assert not user.is_demo
