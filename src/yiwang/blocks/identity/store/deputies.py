"""Deputies as the rules know them, and for whom an account stands in now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db.models import Q

from yiwang.blocks.identity.domain.actor import Principal
from yiwang.blocks.identity.domain.deputies import (
    KEPT_APART,
    Colleague,
    Deputyship,
    kept_apart,
    standing_in,
)
from yiwang.blocks.identity.store.models import Deputy, User
from yiwang.blocks.identity.store.roles import held_by, held_roles


@dataclass(frozen=True)
class Standing:
    """For whom an account stands in now, and from whose matters it keeps away."""

    on_behalf: tuple[Principal, ...]
    apart: frozenset[int]


def deputyship_of(row: Deputy) -> Deputyship:
    """A row as the rules know it."""
    return msgspec.convert(
        {
            "person": row.person_id, "deputy": row.deputy_id, "agency": row.agency_id, "roles": row.roles,
            "since": row.since, "until": row.until, "state": row.state,
        },
        Deputyship,
    )  # fmt: skip


def colleague_of(user: User) -> Colleague:
    """An account, selected with its person, as the rules know it."""
    return Colleague(user.pk, user.person.agency_id, user.is_active, held_roles(user.pk))


def standing_of(own: Colleague, now: datetime) -> Standing:
    """What deputies mean for an account now: one query for most, a second one for a deputy."""
    tied = Deputy.objects.filter(since__lte=now, until__gt=now - KEPT_APART)
    principals = tied.filter(deputy=own.user_id).order_by().values("person")
    rows = list(
        tied.filter(Q(person=own.user_id) | Q(person__in=principals))
        .select_related("person__person")
        .order_by("id")
    )
    if not rows:
        return Standing((), frozenset())
    held = held_by(row.person_id for row in rows if row.deputy_id == own.user_id)
    matters = [(deputyship_of(row), row.person) for row in rows]
    found = (
        (
            matter,
            Colleague(person.pk, person.person.agency_id, person.is_active, held.get(person.pk, ())),
            person.person.name,
        )
        for matter, person in matters
    )
    apart = kept_apart(own.user_id, (matter for matter, _person in matters), now)
    return Standing(standing_in(own, found, now), apart)
