"""Grants of other nodes, for the agency that holds them."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from yiwang.blocks.cascade.domain.bodies import EntryBody
from yiwang.blocks.cascade.domain.compiled import GrantTerms
from yiwang.blocks.cascade.queries.views import HoldingView
from yiwang.blocks.cascade.store.models import Entry, ForeignGrant
from yiwang.blocks.exchange.public import SYSTEM, as_actor
from yiwang.blocks.identity.public import Actor, acting


@as_actor
def holding(actor: Actor, owner: str, number: str) -> HoldingView | None:
    """A grant that the actor's agency holds from the node `owner`; None where it holds none of that number."""
    row = ForeignGrant.objects.filter(owner=owner, number=number, consumer=actor.agency).first()
    return None if row is None else _view(row)


@as_actor
def holdings(actor: Actor, *, mode: str) -> tuple[HoldingView, ...]:
    """Grants in force that the actor's agency holds from other nodes and that allow this way of use."""
    rows = ForeignGrant.objects.filter(consumer=actor.agency, state="active").order_by("resource_title", "pk")
    return tuple(view for view in map(_view, rows) if actor.agency and mode in view.modes)


def held_here(owner: str, number: str) -> HoldingView | None:
    """The same for the platform, whoever holds it: the caller compares its consumer."""
    with acting(SYSTEM):
        row = ForeignGrant.objects.filter(owner=owner, number=number).first()
        if row is None:
            return None
        return _view(row)


def _view(row: ForeignGrant) -> HoldingView:
    terms = msgspec.json.decode(row.doc, type=GrantTerms)
    entry = Entry.objects.filter(node=row.owner, code=row.resource).first()
    items = msgspec.convert(entry.doc, EntryBody).items if entry is not None else ()
    return HoldingView(
        owner=row.owner, number=row.number, version=row.version, asking=row.asking, consumer=row.consumer,
        provider=row.provider, provider_name=row.provider_name, resource=row.resource, title=row.resource_title,
        state=row.state, modes=terms.modes, fields=tuple(one.name for one in terms.fields),
        lookups=tuple(one.name for one in terms.predicates), required=terms.required, purposes=terms.purposes,
        case_required=terms.case_required, rows_per_call=terms.rows_per_call, calls_per_day=terms.calls_per_day,
        not_before=datetime.fromtimestamp(terms.not_before, UTC), not_after=datetime.fromtimestamp(terms.not_after, UTC),
        hours=terms.hours, workdays_only=terms.workdays_only,
        masks={one.name: one.mask for one in terms.fields if one.mask}, ways=terms.ways, frequency=terms.frequency,
        titles={one.name: (one.title, one.title_en) for one in items},
    )  # fmt: skip
