"""Requests beside each other, with what stands out in each: for deciding many in one sitting."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from yiwang.blocks.catalogue.public import ItemDraft, resources_by_code
from yiwang.blocks.exchange.domain.comparing import beyond_usual
from yiwang.blocks.exchange.domain.request import allowed
from yiwang.blocks.exchange.queries.shaping import request_row
from yiwang.blocks.exchange.queries.views import RequestRow
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.reach import grants_in_reach, requests_in_reach
from yiwang.blocks.exchange.store.rows import person_of, request_of, terms_of
from yiwang.blocks.identity.public import Actor


@dataclass(frozen=True)
class ComparedRequest:
    """A request with what a decision looks at first. `allowed` are the commands the asker may give now."""

    row: RequestRow
    revision: int
    allowed: frozenset[str]
    reason: str
    sensitive: tuple[ItemDraft, ...]
    beyond: tuple[ItemDraft, ...]
    """Items that fewer than half of the grants in force on the resource contain."""


@as_actor
def compared_requests(actor: Actor, numbers: tuple[str, ...], now: datetime) -> tuple[ComparedRequest, ...]:
    """Those of the requests that the actor may see, first due first; unknown and hidden numbers fall away alike."""
    rows = list(
        requests_in_reach(actor).filter(pk__in=numbers).order_by(F("due_at").asc(nulls_last=True), "id")
    )
    codes = {row.resource for row in rows}
    entries = resources_by_code(codes)
    granted: dict[str, list[frozenset[str]]] = defaultdict(list)
    in_force = grants_in_reach(actor).filter(resource__in=codes, state="active")
    for resource, document in in_force.values_list("resource", "terms"):
        granted[resource].append(frozenset(field.name for field in terms_of(document).fields))
    by = person_of(actor)
    found = []
    for row in rows:
        asked = tuple(field.name for field in terms_of(row.terms).fields)
        entry = entries.get(row.resource)
        items = {item.wire: item for item in entry.items} if entry else {}
        beyond = beyond_usual(asked, tuple(granted[row.resource]))
        found.append(
            ComparedRequest(
                request_row(row, now), row.revision, allowed(request_of(row), by), row.reason,
                tuple(items[name] for name in asked if name in items and items[name].grade == "sensitive"),
                tuple(items[name] for name in beyond if name in items),
            )
        )  # fmt: skip
    return tuple(found)
