"""Requests and grants as they are handed to other nodes: read by the platform, for blocks that speak with these."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from yiwang.blocks.catalogue.public import ResourceView
from yiwang.blocks.exchange.domain.asking import ItemFacts
from yiwang.blocks.exchange.domain.terms import Mode
from yiwang.blocks.exchange.store.models import CompiledGrantRow, Grant, Request
from yiwang.blocks.exchange.store.reach import served
from yiwang.blocks.exchange.store.rows import SYSTEM
from yiwang.blocks.identity.public import acting


@dataclass(frozen=True)
class HandedRequest:
    """How far a request is. `due` is a date, "" when no clock runs."""

    number: str
    state: str
    answer: str
    basis: str
    due: str
    grant: str


@dataclass(frozen=True)
class HandedGrant:
    """A grant with what gateways load of it."""

    number: str
    version: int
    state: str
    doc: str
    request: str
    resource: str
    resource_title: str
    provider: str
    provider_name: str
    consumer: str
    reason: str


def handed_request(number: str) -> HandedRequest | None:
    """A request by its number."""
    with acting(SYSTEM):
        row = Request.objects.filter(pk=number).first()
    if row is None:
        return None
    due = timezone.localtime(row.due_at).date().isoformat() if row.due_at else ""
    return HandedRequest(row.id, row.state, row.answer, row.answer_basis, due, row.grant or "")


def handed_grant(number: str) -> HandedGrant | None:
    """A grant by its number."""
    with acting(SYSTEM):
        row = Grant.objects.filter(pk=number).first()
        compiled = CompiledGrantRow.objects.filter(pk=number).first()
    if row is None or compiled is None:
        return None
    return HandedGrant(
        row.id, row.version, row.state, compiled.doc, row.request_id or "", row.resource, row.resource_title,
        row.provider, row.provider_name, row.consumer, row.reason,
    )  # fmt: skip


def consumers_of(resource: str) -> tuple[tuple[str, str, str], ...]:
    """Agencies with a grant in force on a resource: code, name and the grant's number."""
    with acting(SYSTEM):
        rows = Grant.objects.filter(resource=resource, state__in=("active", "suspended"))
        return tuple(rows.order_by("consumer", "id").values_list("consumer", "consumer_name", "id"))


def held_grant(agency: str, resource: str) -> str | None:
    """The number of a grant in force that an agency holds on a resource."""
    with acting(SYSTEM):
        rows = Grant.objects.filter(resource=resource, consumer=agency, state__in=("active", "suspended"))
        return rows.order_by("created_at").values_list("id", flat=True).first()


def handed_items(entry: ResourceView) -> tuple[tuple[ItemFacts, ...], tuple[Mode, ...]]:
    """The items of an entry that are served, and how; both empty where it is not connected."""
    service = served({entry.code}).get(entry.code)
    return (service.items(entry), service.modes) if service is not None else ((), ())
