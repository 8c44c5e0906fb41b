"""Grants of other nodes, for the agency that holds them."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from yiwang.blocks.cascade.domain.bodies import EntryBody
from yiwang.blocks.cascade.domain.compiled import GrantTerms
from yiwang.blocks.cascade.queries.views import HoldingView
from yiwang.blocks.cascade.store.models import Entry, ForeignGrant
from yiwang.blocks.exchange.public import as_actor
from yiwang.blocks.identity.public import Actor


@as_actor
def holding(actor: Actor, owner: str, number: str) -> HoldingView | None:
    """A grant that the actor's agency holds from the node `owner`; None where it holds none of that number."""
    row = ForeignGrant.objects.filter(owner=owner, number=number, consumer=actor.agency).first()
    if row is None:
        return None
    terms = msgspec.json.decode(row.doc, type=GrantTerms)
    entry = Entry.objects.filter(node=owner, code=row.resource).first()
    items = msgspec.convert(entry.doc, EntryBody).items if entry is not None else ()
    return HoldingView(
        row.owner, row.number, row.resource, row.resource_title, row.state, terms.modes,
        tuple(one.name for one in terms.fields), tuple(one.name for one in terms.predicates), terms.required,
        terms.purposes, terms.case_required, terms.rows_per_call, terms.calls_per_day,
        datetime.fromtimestamp(terms.not_after, UTC), {one.name: (one.title, one.title_en) for one in items},
    )  # fmt: skip
