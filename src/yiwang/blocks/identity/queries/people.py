"""Accounts and roles as administrators see them, and the log of what was done to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.core.paginator import Paginator

from yiwang.blocks.identity.domain.accounts import require_sight
from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.errors import UnknownAccount
from yiwang.blocks.identity.domain.roles import AUDIT_ADMIN, AUDITOR
from yiwang.blocks.identity.store.models import AccountEvent, Authenticator, RoleGrant, User
from yiwang.blocks.organisation.public import agencies

PAGE = 50


@dataclass(frozen=True)
class GrantFacts:
    """A role of a person, with who gave it and when."""

    id: int
    role: str
    since: datetime
    until: datetime | None
    granted_by: str | None
    in_force: bool


@dataclass(frozen=True)
class AccountFacts:
    """An account as its administrators see it."""

    id: int
    username: str
    name: str
    agency: str
    staff_number: str
    active: bool
    is_demo: bool
    must_change_password: bool
    second_factor: bool
    last_login: datetime | None
    grants: tuple[GrantFacts, ...] = field(default_factory=tuple)

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that count now."""
        return tuple(grant.role for grant in self.grants if grant.in_force)


@dataclass(frozen=True)
class EventFacts:
    """A line of the log. Names are looked up when it is read; the log itself keeps numbers only."""

    id: int
    at: datetime
    event: str
    by: str | None
    of: str | None
    agency: str | None
    client: str
    facts: dict[str, str | int | bool | None]


@dataclass(frozen=True)
class EventPage:
    """One page of the log, the latest first."""

    events: tuple[EventFacts, ...]
    page: int
    pages: int
    total: int


def accounts(actor: Actor, now: datetime, *, agency: str | None = None) -> list[AccountFacts]:
    """Accounts of the agencies in the actor's region, or of one of them. Raises: NotAllowed."""
    require_sight(actor)
    seen = {one.uscc for one in agencies(actor.region, closed=True)}
    wanted = seen & {agency} if agency else seen
    rows = list(
        User.objects.select_related("person")
        .filter(person__agency__in=wanted)
        .order_by("-is_active", "username")
    )
    return _facts(rows, now)


def account(actor: Actor, user_id: int, now: datetime) -> AccountFacts:
    """One account. Raises: NotAllowed, UnknownAccount (also when it lies outside the actor's region)."""
    require_sight(actor)
    seen = {one.uscc for one in agencies(actor.region, closed=True)}
    rows = list(User.objects.select_related("person").filter(pk=user_id, person__agency__in=seen))
    if not rows:
        raise UnknownAccount()
    return _facts(rows, now)[0]


def events(actor: Actor, *, page: int = 1, of_user: int | None = None) -> EventPage:
    """The log of accounts, roles and clients in the actor's region. Raises: NotAllowed (auditors only)."""
    actor.require(AUDIT_ADMIN, AUDITOR)
    seen = {one.uscc for one in agencies(actor.region, closed=True)}
    rows = AccountEvent.objects.select_related("by_user__person", "of_user__person").filter(agency__in=seen)
    if of_user is not None:
        rows = rows.filter(of_user_id=of_user)
    paginator = Paginator(rows.order_by("-id"), PAGE)
    shown = paginator.get_page(page)
    found = tuple(
        EventFacts(
            row.pk, row.at, row.event, row.by_user.person.name if row.by_user else None,
            row.of_user.person.name if row.of_user else None, row.agency_id, row.client, row.facts,
        )
        for row in shown.object_list
    )  # fmt: skip
    return EventPage(found, shown.number, paginator.num_pages, paginator.count)


def people_with_role(role: str, agency: str, now: datetime) -> list[int]:
    """The accounts that hold a role in an agency now, in the own right, for notices to them."""
    return [
        row.user_id
        for row in RoleGrant.objects.filter(role=role, agency_id=agency, user__is_active=True, since__lte=now)
        if row.until is None or row.until > now
    ]


def names_of(user_ids: Iterable[int]) -> dict[int, str]:
    """Names of accounts, for pages that show who did something to people who may see it."""
    rows = User.objects.select_related("person").filter(pk__in=set(user_ids))
    return {row.pk: row.person.name for row in rows}


@dataclass(frozen=True)
class Teller:
    """Who stands behind a user name: the person and the agency they belong to."""

    name: str
    agency: str


def tellers(usernames: Iterable[str]) -> dict[str, Teller]:
    """People and agencies behind user names, for pages that show who said something to people who may see it."""
    rows = User.objects.select_related("person").filter(username__in=set(usernames))
    return {row.username: Teller(row.person.name, row.person.agency_id) for row in rows}


def _facts(rows: list[User], now: datetime) -> list[AccountFacts]:
    ids = [row.pk for row in rows]
    bound = set(
        Authenticator.objects.filter(user_id__in=ids, confirmed=True).values_list("user_id", flat=True)
    )
    grants: dict[int, list[GrantFacts]] = {}
    for row in RoleGrant.objects.filter(user_id__in=ids).select_related("granted_by__person").order_by("id"):
        live = row.since <= now and (row.until is None or now < row.until)
        giver = row.granted_by.person.name if row.granted_by else None
        grants.setdefault(row.user_id, []).append(
            GrantFacts(row.pk, row.role, row.since, row.until, giver, live)
        )
    return [
        AccountFacts(
            row.pk, row.username, row.person.name, row.person.agency_id, row.person.staff_number, row.is_active,
            row.is_demo, row.must_change_password, row.pk in bound, row.last_login, tuple(grants.get(row.pk, ())),
        )
        for row in rows
    ]  # fmt: skip
