"""Client applications and their keys, as far as the actor may know of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from yiwang.blocks.identity.domain.actor import Actor
from yiwang.blocks.identity.domain.client_errors import HandoverGone, UnknownClient
from yiwang.blocks.identity.domain.clients import (
    ACTIVE,
    APPLICATION,
    Key,
    keeps,
    keeps_sessions,
    sees_client,
    token_digest,
)
from yiwang.blocks.identity.store.models import ClientApplication, ClientKey, KeyHandover
from yiwang.blocks.organisation.public import covers

NOTICE = timedelta(days=30)


@dataclass(frozen=True)
class KeyFacts:
    """A key of a client. `standing` is one of active, expiring (within 30 days), waiting, expired, revoked."""

    kid: str
    suite: str
    not_before: datetime
    not_after: datetime | None
    standing: str
    origin: str
    reason: str
    link_until: datetime | None
    """Until when the one-time link of a generated key works; None when there is none (any more)."""


@dataclass(frozen=True)
class ClientFacts:
    """A client application with its keys, the newest first."""

    id: str
    agency: str
    name: str
    kind: str
    state: str
    reason: str
    suspended_by: str
    created_at: datetime
    keys: tuple[KeyFacts, ...]
    keeps: bool
    """Whether the asker may handle its keys."""

    @property
    def key_in_force(self) -> KeyFacts | None:
        """The newest key that counts now."""
        return next((key for key in self.keys if key.standing in ("active", "expiring")), None)


class ClientName(NamedTuple):
    """What a client is called, and whose it is."""

    name: str
    agency: str


@dataclass(frozen=True)
class HandoverFacts:
    """What a one-time link leads to."""

    client: str
    kid: str
    suite: str
    expires_at: datetime


def clients(actor: Actor, now: datetime) -> list[ClientFacts]:
    """The clients of the actor's agency, or of the actor's region for operators, security and audit."""
    rows = ClientApplication.objects.select_related("agency").prefetch_related("keys__handover")
    return [_facts(actor, row, now) for row in rows.order_by("agency_id", "id") if _sees(actor, row)]


def client(actor: Actor, client_id: str, now: datetime) -> ClientFacts:
    """One client. Raises: UnknownClient (also when the actor may not know of it)."""
    rows = ClientApplication.objects.select_related("agency").prefetch_related("keys__handover")
    row = rows.filter(pk=client_id).first()
    if row is None or not _sees(actor, row):
        raise UnknownClient()
    return _facts(actor, row, now)


def clients_with_sessions(actor: Actor) -> dict[str, ClientName]:
    """The clients whose sessions the actor sees and may end, by id: of the own agency, or of an operator's region."""
    rows = ClientApplication.objects.select_related("agency").order_by("id")
    return {
        row.pk: ClientName(row.name, row.agency_id)
        for row in rows
        if keeps_sessions(actor, row.agency_id, in_reach=covers(actor.region, row.agency.region_id))
    }


def clients_of_agency(agency: str) -> list[str]:
    """Ids of the active applications of an agency, for code samples and notices to it."""
    rows = ClientApplication.objects.filter(agency_id=agency, state=ACTIVE, kind=APPLICATION)
    return list(rows.order_by("id").values_list("id", flat=True))


def agency_of_client(client_id: str) -> str | None:
    """The agency of a client, or None."""
    row = ClientApplication.objects.filter(pk=client_id).first()
    return None if row is None else row.agency_id


def handover(token: str, now: datetime) -> HandoverFacts:
    """What a one-time link leads to, without taking it. Raises: HandoverGone."""
    row = KeyHandover.objects.select_related("key").filter(token_digest=token_digest(token)).first()
    if row is None or row.sealed_private is None or now >= row.expires_at or row.key.state != ACTIVE:
        raise HandoverGone()
    return HandoverFacts(row.key.client_id, row.key_id, row.key.suite, row.expires_at)


def _sees(actor: Actor, row: ClientApplication) -> bool:
    return sees_client(actor, row.agency_id, in_reach=covers(actor.region, row.agency.region_id))


def _facts(actor: Actor, row: ClientApplication, now: datetime) -> ClientFacts:
    keys = sorted(row.keys.all(), key=lambda key: (key.not_before, key.kid), reverse=True)
    return ClientFacts(
        row.pk, row.agency_id, row.name, row.kind, row.state, row.reason, row.suspended_by_role, row.created_at,
        tuple(_key_facts(key, now) for key in keys), row.kind == APPLICATION and keeps(actor, row.agency_id),
    )  # fmt: skip


def _key_facts(row: ClientKey, now: datetime) -> KeyFacts:
    link = getattr(row, "handover", None)
    waiting = isinstance(link, KeyHandover) and link.sealed_private is not None and now < link.expires_at
    return KeyFacts(
        row.kid, row.suite, row.not_before, row.not_after, _standing(row, now), row.origin, row.reason,
        link.expires_at if waiting and isinstance(link, KeyHandover) else None,
    )  # fmt: skip


def _standing(row: ClientKey, now: datetime) -> str:
    key = Key(row.kid, row.suite, row.not_before, row.not_after, row.state)
    if row.state != ACTIVE:
        return "revoked"
    if not key.usable(now):
        return "expired"
    if not key.in_force(now):
        return "waiting"
    ends_soon = row.not_after is not None and row.not_after < now + NOTICE
    return "expiring" if ends_soon else "active"
