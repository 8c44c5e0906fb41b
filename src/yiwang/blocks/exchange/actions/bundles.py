"""Asking for many at once: a basket that is kept, and a bundle that is handed in whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from django.db import transaction

from yiwang.blocks.catalogue.public import resource as catalogue_resource
from yiwang.blocks.exchange.actions.deciding import take_step
from yiwang.blocks.exchange.actions.forms import LookupForm, RequestInput
from yiwang.blocks.exchange.actions.requests import start_request
from yiwang.blocks.exchange.domain import bundle_errors, errors
from yiwang.blocks.exchange.domain import request as decisions
from yiwang.blocks.exchange.store import models
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.bundle_models import BasketItem, Bundle
from yiwang.blocks.exchange.store.numbers import next_number
from yiwang.blocks.exchange.store.policy import review_is_automatic
from yiwang.blocks.exchange.store.reach import served
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.vocabulary.errors import YwError

MOST = 100
"""Resources that one basket and one bundle hold."""


@dataclass(frozen=True)
class BundleItem:
    """One resource of a bundle. Without `fields` the usual ones are asked for: all served that are not sensitive."""

    resource: str
    fields: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()


@as_actor
def put_in_basket(actor: Actor, resource: str, now: datetime, *, fields: Sequence[str] = ()) -> None:
    """Put a published resource aside. Raises: NotAllowed, ResourceUnknown, BasketFull."""
    _office(actor)
    entry = catalogue_resource(actor, resource)
    mine = BasketItem.objects.filter(user=actor.user_id, agency=actor.agency)
    if mine.exclude(resource=entry.code).count() >= MOST:
        raise bundle_errors.BasketFull(limit=MOST)
    mine.update_or_create(
        user=actor.user_id, agency=actor.agency, resource=entry.code,
        defaults={"fields": list(fields)}, create_defaults={"fields": list(fields), "added_at": now},
    )  # fmt: skip


@as_actor
def take_from_basket(actor: Actor, resource: str) -> None:
    """Take a resource out; nothing happens when it is not in it."""
    BasketItem.objects.filter(user=actor.user_id, agency=actor.agency, resource=resource).delete()


@as_actor
def hand_in_bundle(actor: Actor, items: Sequence[BundleItem], shared: RequestInput, now: datetime) -> str:
    """One request a resource, all with the purpose, reason and limits of `shared`, handed in; the bundle's number.

    All of them or none: what is wrong with any is told together. What was handed in leaves the basket.

    Raises: NotAllowed, BundleEmpty, BundleInvalid.
    """
    _office(actor)
    wanted = list({item.resource: item for item in items}.values())
    if not wanted:
        raise bundle_errors.BundleEmpty()
    if len(wanted) > MOST:
        raise bundle_errors.BasketFull(limit=MOST)
    number = next_number("P", now)
    problems: dict[str, YwError] = {}
    with transaction.atomic():
        for item in wanted:
            try:
                with transaction.atomic():
                    _hand_in(actor, item, shared, number, now)
            except (errors.ExchangeError, YwError) as problem:
                problems[item.resource] = problem
        if problems:
            raise bundle_errors.BundleInvalid(problems)
        Bundle.objects.create(
            id=number, consumer=actor.agency, consumer_name=actor.agency_name, applicant=actor.user_id,
            applicant_name=actor.signature(DATA_OFFICER), reason=shared.reason.strip(), created_at=now,
            purposes=msgspec.to_builtins(shared.purposes),
        )  # fmt: skip
        codes = [item.resource for item in wanted]
        BasketItem.objects.filter(user=actor.user_id, agency=actor.agency, resource__in=codes).delete()
    return number


def _hand_in(actor: Actor, item: BundleItem, shared: RequestInput, bundle: str, now: datetime) -> None:
    request_id = start_request(actor, item.resource, _form(actor, item, shared), now, renews=None)
    row = models.Request.objects.select_for_update().get(pk=request_id)
    row.bundle = bundle
    take_step(row, decisions.Submit(automatic_review=review_is_automatic()), actor, now)


def _form(actor: Actor, item: BundleItem, shared: RequestInput) -> RequestInput:
    """The shared wish with what is this resource's own: its items, ways and look-ups."""
    entry = catalogue_resource(actor, item.resource)
    service = served({entry.code}).get(entry.code)
    if service is None:
        raise errors.NotMounted(resource=entry.code)
    facts = service.items(entry)
    usual = tuple(one.name for one in facts if not one.sensitive)
    # how a whole table is delivered is asked for in a request of its own
    modes = tuple(
        mode for mode in service.modes if mode != "table" and (not item.modes or mode in item.modes)
    )
    fields = item.fields or usual
    narrowing = tuple(LookupForm(one.name, ("eq",)) for one in facts if one.narrows)
    keys = {one.name for one in narrowing}
    claims = tuple(name for name in fields if name not in keys)
    if "query" in modes and not item.modes:
        modes = ("query",)  # looking up answers what checking would
    return replace(
        shared, modes=modes, fields=fields if "query" in modes else (), lookups=narrowing,
        claims=claims if "verify" in modes else (), required=(),
    )  # fmt: skip


def _office(actor: Actor) -> None:
    if not actor.agency or not actor.has(DATA_OFFICER):
        raise errors.NotAllowed(
            needs_zh="申请部门的数据专员", needs_en="a data officer of the requesting agency"
        )
