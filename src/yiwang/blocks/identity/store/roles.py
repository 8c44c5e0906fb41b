"""Role grants as the rules know them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F

from yiwang.blocks.identity.domain.roles import HeldRole
from yiwang.blocks.identity.store.models import RoleGrant


def held_roles(user_id: int) -> tuple[HeldRole, ...]:
    """All roles an account has, had or will have in the agency its person belongs to."""
    return held_by([user_id]).get(user_id, ())


def held_by(user_ids: Iterable[int]) -> dict[int, tuple[HeldRole, ...]]:
    """The same of several accounts; those without a role are missing."""
    held: dict[int, tuple[HeldRole, ...]] = {}
    for row in RoleGrant.objects.filter(user_id__in=set(user_ids), agency=F("user__person__agency")):
        one = HeldRole(row.role, row.since, row.until)
        held[row.user_id] = (*held.get(row.user_id, ()), one)
    return held
