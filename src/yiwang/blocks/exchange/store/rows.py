"""Between rows and exchange's own values."""

from __future__ import annotations

import msgspec

from yiwang.blocks.catalogue.public import ItemDraft, ResourceView
from yiwang.blocks.exchange.domain.asking import ItemFacts
from yiwang.blocks.exchange.domain.compiled import GrantedField
from yiwang.blocks.exchange.domain.errors import FormInvalid
from yiwang.blocks.exchange.domain.grant import Grant
from yiwang.blocks.exchange.domain.mount import ColumnMap, Drift
from yiwang.blocks.exchange.domain.request import Person, Request
from yiwang.blocks.exchange.domain.terms import Mode, Terms
from yiwang.blocks.exchange.store import models
from yiwang.blocks.identity.public import Actor
from yiwang.vocabulary.forms import Problem

PLATFORM = Person(None, "平台", "", "", frozenset())
"""Who does what happens by rule or by the clock."""
SYSTEM = Actor(0, "system", "平台", "", "", "", frozenset({"system"}), True)
"""The context of the platform's own work; no account can hold the role."""


def person_of(actor: Actor) -> Person:
    """The actor as decisions know people."""
    lent = frozenset().union(*(one.roles for one in actor.on_behalf))
    return Person(
        actor.user_id, actor.name, actor.agency, actor.agency_name, actor.roles,
        {role: actor.signature(role) for role in lent}, actor.apart,
    )  # fmt: skip


def terms_of(document: object) -> Terms:
    """Terms from their JSON."""
    return msgspec.convert(document, Terms)


def json_of(value: Terms | tuple[ColumnMap, ...] | tuple[Drift, ...]) -> object:
    """A value as JSON for a column."""
    document: object = msgspec.to_builtins(value)
    return document


def columns_of(row: models.Mount) -> tuple[ColumnMap, ...]:
    """Items and columns of a mount."""
    return msgspec.convert(row.columns, tuple[ColumnMap, ...])


def drift_of(row: models.Mount) -> tuple[Drift, ...]:
    """What the last check of a mount found."""
    return msgspec.convert(row.drift, tuple[Drift, ...])


def modes_of(row: models.Mount) -> tuple[Mode, ...]:
    """Ways in which a mount is served."""
    return msgspec.convert(row.modes, tuple[Mode, ...])


def request_of(row: models.Request) -> Request:
    """The facts of a request that a decision needs, with who acted last."""
    last = row.steps.order_by("-revision").first()
    told = f"{last.at:%Y-%m-%d %H:%M} {last.person}" if last and last.person else ""
    return msgspec.convert(
        {
            "id": row.id, "share_type": row.share_type, "provider": row.provider, "consumer": row.consumer,
            "applicant": row.applicant, "state": row.state, "terms": row.terms, "extended": row.extended,
            "escalated": row.escalated_at is not None, "last": told,
        },
        Request,
    )  # fmt: skip


def grant_of(row: models.Grant) -> Grant:
    """The facts of a grant that a decision needs."""
    return msgspec.convert(
        {
            "id": row.id, "provider": row.provider, "consumer": row.consumer, "state": row.state,
            "version": row.version, "not_after": int(row.not_after.timestamp()),
        },
        Grant,
    )  # fmt: skip


def default_mask(item: ItemDraft) -> str | None:
    """The mask that a grant starts with: the item's own; a sensitive item that names none is hidden."""
    return item.mask or ("hidden" if item.grade == "sensitive" else None)


def item_facts(resource: ResourceView, mount: models.Mount) -> tuple[ItemFacts, ...]:
    """The items of a resource that its mount serves, as the rules of asking need them."""
    served = {column.item: column for column in columns_of(mount)}
    return tuple(
        ItemFacts(
            name=item.wire, title=item.title, type=served[item.wire].type, sensitive=item.grade == "sensitive",
            subject=item.subject is not None, key=item.wire in mount.key, mask=default_mask(item),
            readable=served[item.wire].readable,
        )
        for item in resource.items
        if item.wire in served
    )  # fmt: skip


def still_served(terms: Terms, items: tuple[ItemFacts, ...]) -> Terms:
    """Terms without the items that are no longer served, masks as the items have them now: for a renewal."""
    masks = {item.name: item.mask for item in items}
    readable = {item.name for item in items if item.readable}
    return msgspec.structs.replace(
        terms,
        fields=tuple(GrantedField(f.name, masks[f.name]) for f in terms.fields if f.name in readable),
        predicates=tuple(p for p in terms.predicates if p.name in readable),
        required=tuple(name for name in terms.required if name in readable),
        claims=tuple(name for name in terms.claims if name in masks),
        rows=tuple(row for row in terms.rows if row.name in readable),
    )


def refuse_if(found: tuple[Problem, ...]) -> None:
    """Raises: FormInvalid, where something is wrong."""
    if found:
        raise FormInvalid(found)
