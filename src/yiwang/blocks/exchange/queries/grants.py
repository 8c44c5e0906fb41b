"""Grants."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.grant import allowed_on_grant
from yiwang.blocks.exchange.domain.terms import Terms
from yiwang.blocks.exchange.queries.shaping import field_options, grant_row, grant_step_of
from yiwang.blocks.exchange.queries.views import GrantRow, GrantView
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.reach import grants_in_reach, served
from yiwang.blocks.exchange.store.rows import grant_of, person_of, terms_of
from yiwang.blocks.identity.public import Actor

MOST = 200


@as_actor
def grants(
    actor: Actor, *, side: str = "", resource: str = "", state: str = "", most: int = MOST
) -> tuple[GrantRow, ...]:
    """Grants the actor may see, latest first, at most `most`; `side`: `consumer`, `provider` or "" for all in reach."""
    rows = grants_in_reach(actor)
    if side:
        rows = rows.filter(Q(consumer=actor.agency) if side == "consumer" else Q(provider=actor.agency))
    if resource:
        rows = rows.filter(resource=resource)
    if state:
        rows = rows.filter(state=state)
    return tuple(grant_row(row) for row in rows.order_by("-created_at", "-id")[:most])


@as_actor
def granted_terms(actor: Actor, *, resource: str = "") -> dict[str, Terms]:
    """By number, the terms of each grant the actor may see; of one resource where named."""
    rows = grants_in_reach(actor)
    if resource:
        rows = rows.filter(resource=resource)
    return {number: terms_of(document) for number, document in rows.values_list("id", "terms")}


@as_actor
def grant(actor: Actor, grant_id: str, now: datetime) -> GrantView:
    """One grant with its ledger and what the actor may do. Raises: GrantUnknown."""
    row = grants_in_reach(actor).select_related("request").filter(pk=grant_id).first()
    if row is None:
        raise errors.GrantUnknown(grant=grant_id)
    entry = resources_by_code({row.resource}).get(row.resource)
    service = served({row.resource}).get(row.resource)
    names = {row.provider: row.provider_name, row.consumer: row.consumer_name}
    return GrantView(
        **vars(grant_row(row)),
        version=row.version,
        terms=terms_of(row.terms),
        fields_total=len(entry.items) if entry else 0,
        options=field_options(entry, service) if entry else (),
        request=row.request_id,
        reason=row.reason,
        steps=tuple(grant_step_of(step, names) for step in row.steps.all()),
        allowed=allowed_on_grant(grant_of(row), person_of(actor)),
        service_state=service.state if service else None,
        over=now >= row.not_after,
    )
