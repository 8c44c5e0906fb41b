"""The basket, bundles and kept texts, as pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from yiwang.blocks.catalogue.public import ResourceView, resources_by_code
from yiwang.blocks.exchange.domain import bundle_errors
from yiwang.blocks.exchange.domain.terms import Mode, Purpose
from yiwang.blocks.exchange.queries.shaping import field_options, request_row
from yiwang.blocks.exchange.queries.views import FieldOption, RequestRow
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.bundle_models import BasketItem, Bundle, Phrase
from yiwang.blocks.exchange.store.reach import requests_in_reach, served
from yiwang.blocks.identity.public import Actor


@dataclass(frozen=True)
class BasketRow:
    """A resource in the basket. `why_not` names what keeps it from being asked for: withdrawn, own-resource,
    not-shared or not-mounted; empty when nothing does."""

    code: str
    resource: ResourceView | None
    options: tuple[FieldOption, ...]
    modes: tuple[Mode, ...]
    chosen: tuple[str, ...]
    why_not: str


@dataclass(frozen=True)
class BundleView:
    """A bundle with its requests and how many of them stand where."""

    id: str
    consumer: str
    consumer_name: str
    applicant_name: str
    reason: str
    purposes: tuple[Purpose, ...]
    created_at: datetime
    requests: tuple[RequestRow, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True)
class PhraseView:
    """A kept text."""

    id: int
    step: str
    title: str
    text: str
    basis: str
    updated_at: datetime
    updated_by: str


@as_actor
def basket(actor: Actor) -> tuple[BasketRow, ...]:
    """What the person put aside, in that order, each with what it would be asked for."""
    rows = list(BasketItem.objects.filter(user=actor.user_id, agency=actor.agency))
    codes = {row.resource for row in rows}
    entries, services = resources_by_code(codes), served(codes)
    found = []
    for row in rows:
        entry, service = entries.get(row.resource), services.get(row.resource)
        why_not = (
            "withdrawn" if entry is None or entry.state != "published"
            else "own-resource" if entry.provider == actor.agency
            else "not-shared" if entry.share_type == "none"
            else "not-mounted" if service is None
            else ""
        )  # fmt: skip
        options = field_options(entry, service) if entry is not None and service is not None else ()
        usual = tuple(o.item.wire for o in options if o.served and o.item.grade != "sensitive")
        called = tuple(mode for mode in (service.modes if service else ()) if mode != "table")
        chosen = tuple(name for name in row.fields if name in {o.item.wire for o in options}) or usual
        found.append(BasketRow(row.resource, entry, options, called, chosen, why_not))
    return tuple(found)


@as_actor
def basket_codes(actor: Actor) -> frozenset[str]:
    """Codes of what is in the basket."""
    rows = BasketItem.objects.filter(user=actor.user_id, agency=actor.agency)
    return frozenset(rows.values_list("resource", flat=True))


@as_actor
def bundle(actor: Actor, number: str, now: datetime) -> BundleView:
    """A bundle with those of its requests that the actor may see. Raises: BundleUnknown, when that is none."""
    rows = list(requests_in_reach(actor).filter(bundle=number).order_by("resource_title", "id"))
    row = Bundle.objects.filter(pk=number).first() if rows else None
    if row is None:
        raise bundle_errors.BundleUnknown(bundle=number)
    counts: dict[str, int] = {}
    for one in rows:
        counts[one.state] = counts.get(one.state, 0) + 1
    return BundleView(
        row.id, row.consumer, row.consumer_name, row.applicant_name, row.reason,
        msgspec.convert(row.purposes, tuple[Purpose, ...]), row.created_at,
        tuple(request_row(one, now) for one in rows), counts,
    )  # fmt: skip


@as_actor
def bundles(actor: Actor) -> tuple[Bundle, ...]:
    """Bundles of the actor's agency, latest first."""
    return tuple(Bundle.objects.filter(consumer=actor.agency)[:100]) if actor.agency else ()


@as_actor
def phrases(actor: Actor, step: str | None = None) -> tuple[PhraseView, ...]:
    """The agency's kept texts, or those for one step."""
    rows = Phrase.objects.filter(agency=actor.agency) if actor.agency else Phrase.objects.none()
    if step is not None:
        rows = rows.filter(step=step)
    return tuple(
        PhraseView(row.pk, row.step, row.title, row.text, row.basis, row.updated_at, row.updated_by)
        for row in rows
    )
