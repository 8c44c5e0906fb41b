"""Old clients at the edge, as operators, auditors and their own agency see them; never their secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db.models import QuerySet

from yiwang.blocks.exchange.domain.edge import EdgeService
from yiwang.blocks.exchange.domain.integration_errors import EdgeUnknown
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.integration_models import Edge
from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, OPERATOR, Actor


@dataclass(frozen=True)
class EdgeView:
    """An old client. `standing` is `active`, `over` (past its last day) or `ended`."""

    id: str
    dialect: str
    requester: str
    consumer: str
    consumer_name: str
    client: str
    addresses: tuple[str, ...]
    sunset_at: datetime
    services: tuple[EdgeService, ...]
    standing: str
    created_at: datetime
    created_by: str
    changed_at: datetime
    ended_reason: str


@as_actor
def edges(actor: Actor, now: datetime) -> tuple[EdgeView, ...]:
    """Old clients that the actor may see, those in force first."""
    rows = _reach(actor).order_by("state", "sunset_at", "id")
    return tuple(_view(row, now) for row in rows)


@as_actor
def edge(actor: Actor, edge_id: str, now: datetime) -> EdgeView:
    """One old client. Raises: EdgeUnknown."""
    row = _reach(actor).filter(pk=edge_id).first()
    if row is None:
        raise EdgeUnknown(edge=edge_id)
    return _view(row, now)


@as_actor
def edges_of_grant(actor: Actor, grant_id: str, now: datetime) -> tuple[EdgeView, ...]:
    """Old clients in force that call under a grant, for the warning on its page."""
    rows = _reach(actor).filter(state="active", services__contains=[{"grant": grant_id}])
    return tuple(view for row in rows if (view := _view(row, now)).standing == "active")


def _reach(actor: Actor) -> QuerySet[Edge]:
    rows = Edge.objects.all()
    if actor.has(OPERATOR, AUDITOR):
        return rows
    if actor.agency and actor.has(DATA_OFFICER, APPROVER):
        return rows.filter(consumer=actor.agency)
    return rows.none()


def _view(row: Edge, now: datetime) -> EdgeView:
    standing = "ended" if row.state != "active" else "active" if now < row.sunset_at else "over"
    return EdgeView(
        row.id, row.dialect, row.requester, row.consumer, row.consumer_name, row.client, tuple(row.addresses),
        row.sunset_at, msgspec.convert(row.services, tuple[EdgeService, ...]), standing, row.created_at, row.created_by,
        row.changed_at, row.ended_reason,
    )  # fmt: skip
