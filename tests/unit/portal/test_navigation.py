"""The head of the pages: few entries stand beside each other, many are grouped, and none is lost."""

from __future__ import annotations

import itertools

from yiwang.blocks.identity.public import (
    APPROVER,
    AUDIT_ADMIN,
    AUDITOR,
    DATA_OFFICER,
    OPERATOR,
    REVIEWER,
    SYSTEM_ADMIN,
)
from yiwang.portal import navigation

ROLES = (DATA_OFFICER, APPROVER, REVIEWER, OPERATOR, AUDITOR, SYSTEM_ADMIN, AUDIT_ADMIN)


def test_no_role_has_more_in_the_head_than_there_is_room_for_and_nothing_is_lost() -> None:
    for roles in itertools.chain.from_iterable(itertools.combinations(ROLES, n) for n in range(4)):
        drawn = navigation.links("share", "monitor", frozenset(roles))
        shown, more = navigation.headed(drawn)
        assert len(shown) <= navigation.MOST_IN_HEAD, roles
        assert sorted(one.label for one in (*shown, *more)) == sorted(one.label for one in drawn)


def test_few_entries_stand_beside_each_other() -> None:
    drawn = navigation.links("share", "home", None)
    assert navigation.headed(drawn) == (drawn, [])
