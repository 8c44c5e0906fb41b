"""Deputies as the two, and the security administrators of reach, see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.deputies import DeputyState, deputy_shown, role_shown
from yiwang.blocks.identity.domain.deputy_errors import UnknownDeputy
from yiwang.blocks.identity.domain.roles import BUSINESS, SECURITY_ADMIN, in_force
from yiwang.blocks.identity.store.deputies import deputyship_of
from yiwang.blocks.identity.store.models import Deputy, RoleGrant, User
from yiwang.blocks.identity.store.roles import held_roles
from yiwang.blocks.organisation.public import agencies

SHOWN = 50


@dataclass(frozen=True)
class DeputyFacts:
    """Who stands in for whom. `shown` is the state in a word: waits, named, runs, over, refused or ended.

    `parts` has the same word for each role, by role: they differ while some act and others wait.
    """

    id: int
    person_id: int
    person: str
    deputy_id: int
    deputy: str
    agency: str
    roles: tuple[str, ...]
    since: datetime
    until: datetime
    reason: str
    state: DeputyState
    shown: str
    parts: tuple[tuple[str, str], ...]
    open: bool
    waits: bool
    answer: str

    @property
    def mixed(self) -> bool:
        """Whether some roles stand otherwise than others."""
        return len({shown for _role, shown in self.parts}) > 1


@dataclass(frozen=True)
class ColleagueFacts:
    """Somebody whom a person may name: a colleague of the same agency."""

    id: int
    name: str
    username: str


def deputies(actor: Actor, now: datetime) -> tuple[DeputyFacts, ...]:
    """Those the actor has named and those for whom the actor stands in, the latest first."""
    rows = Deputy.objects.filter(Q(person=actor.user_id) | Q(deputy=actor.user_id))
    return _facts(rows, now)


def waiting_deputies(actor: Actor, now: datetime) -> tuple[DeputyFacts, ...]:
    """Those that a security administrator has yet to answer, in the agencies of reach. Raises: NotAllowed."""
    return tuple(one for one in _in_reach(actor, now, open_only=True) if one.waits)


def deputies_in_reach(actor: Actor, now: datetime) -> tuple[DeputyFacts, ...]:
    """All that a security administrator may see, the latest first. Raises: NotAllowed."""
    return _in_reach(actor, now, open_only=False)


def deputy_facts(actor: Actor, number: int, now: datetime) -> DeputyFacts:
    """One of them, for the two and for security administrators of reach. Raises: UnknownDeputy."""
    found = _facts(Deputy.objects.filter(pk=number), now)
    if not found:
        raise UnknownDeputy()
    (one,) = found
    if actor.user_id in {one.person_id, one.deputy_id}:
        return one
    if actor.has(SECURITY_ADMIN) and one.agency in _reach(actor):
        return one
    raise UnknownDeputy()


def colleagues(actor: Actor) -> tuple[ColleagueFacts, ...]:
    """Whom the actor may name: others of the own agency with an open account, by name."""
    rows = User.objects.select_related("person").filter(is_active=True, person__agency=actor.agency)
    return tuple(
        ColleagueFacts(row.pk, row.person.name, row.username)
        for row in rows.exclude(pk=actor.user_id).order_by("person__name", "username")
    )


def roles_to_hand_over(actor: Actor, now: datetime) -> tuple[str, ...]:
    """The business roles that the actor holds in the own right."""
    return tuple(sorted(BUSINESS & in_force(held_roles(actor.user_id), now, second_factor=True)))


def security_administrators(agency: str, now: datetime) -> tuple[int, ...]:
    """Accounts of those who may answer for an agency, for notices to them."""
    rows = RoleGrant.objects.select_related("user__person__agency").filter(
        Q(until__isnull=True) | Q(until__gt=now), role=SECURITY_ADMIN, user__is_active=True, since__lte=now
    )
    regions = {row.user_id: row.user.person.agency.region_id for row in rows}
    reach = {region: {one.uscc for one in agencies(region)} for region in set(regions.values())}
    return tuple(sorted(user for user, region in regions.items() if agency in reach[region]))


def _reach(actor: Actor) -> set[str]:
    return {one.uscc for one in agencies(actor.region, closed=True)}


def _in_reach(actor: Actor, now: datetime, *, open_only: bool) -> tuple[DeputyFacts, ...]:
    actor.require(SECURITY_ADMIN)
    rows = Deputy.objects.filter(agency__in=_reach(actor))
    if open_only:
        return _facts(rows.filter(state="named", until__gt=now), now, limit=None)
    return _facts(rows, now)


def _facts(rows: QuerySet[Deputy], now: datetime, limit: int | None = SHOWN) -> tuple[DeputyFacts, ...]:
    found = rows.select_related("person__person", "deputy__person")[:limit]
    shaped = []
    for row in found:
        matter = deputyship_of(row)
        shaped.append(
            DeputyFacts(
                row.pk, row.person_id, row.person.person.name, row.deputy_id, row.deputy.person.name, row.agency_id,
                tuple(sorted(matter.roles)), row.since, row.until, row.reason, matter.state,
                deputy_shown(matter, now), tuple((role, role_shown(matter, role, now)) for role in sorted(matter.roles)),
                matter.open(now), matter.waits and matter.open(now), row.answer,
            )
        )  # fmt: skip
    return tuple(shaped)
