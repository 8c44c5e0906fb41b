"""Grants of whole tables under which a job may be made: of this node, and of other nodes of the cascade."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from yiwang.blocks.cascade import public as cascade
from yiwang.blocks.delivery import public as delivery
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.identity.public import Actor
from yiwang.portal import formats


@dataclass(frozen=True)
class Line:
    """A grant in the list. `id`: NUMBER, or NUMBER@NODE."""

    id: str
    url: str
    resource: str
    title: str
    provider: str
    provider_name: str
    not_after: datetime


@dataclass(frozen=True)
class TableGrant(Line):
    """A grant as the form of a new job needs it.

    Attributes:
        free: items that the consumer sees as they are.
        titles: of items, by wire name.
        node: title of the node that gave it, where it is another one.
        case_required: whether each use names a case.
    """

    delivery: exchange.Delivery
    free: tuple[str, ...]
    titles: dict[str, str]
    node: str = ""
    case_required: bool = False


def lines(me: Actor) -> tuple[Line, ...]:
    """Those of the person's agency, other nodes' behind this node's."""
    here = (row for row in exchange.grants(me, side="consumer", state="active") if "table" in row.modes)
    beyond = (held for held in cascade.holdings(me, mode="table") if held.frequency is not None)
    return (
        *(
            Line(
                row.id, reverse("share:grant", args=[row.id]), row.resource, row.resource_title, row.provider,
                row.provider_name, row.not_after,
            )
            for row in here
        ),
        *map(_line, beyond),
    )  # fmt: skip


def table_grant(me: Actor, name: str, now: datetime) -> TableGrant:
    """The grant of that name. Raises: GrantUnknown, also where it lets no whole table out."""
    number, at, owner = name.partition("@")
    return _beyond(me, owner, number) if at else _here(exchange.grant(me, number, now))


def item_titles(me: Actor, job: delivery.JobRow, now: datetime) -> dict[str, str]:
    """What the items under a job's grant are called; none where the person may not see it."""
    try:
        return table_grant(me, f"{job.grant}@{job.owner}" if job.owner else job.grant, now).titles
    except exchange.ExchangeError:
        return {}


def asking_url(me: Actor, owner: str, number: str) -> str:
    """The page of the request that a grant of another node came of; empty where the person may not see it."""
    held = cascade.holding(me, owner, number)
    return reverse("share:asking", args=[held.asking]) if held is not None and held.asking else ""


def node_title(owner: str) -> str:
    """What people call a node."""
    return next((one.title for one in cascade.nodes() if one.name == owner), owner)


def _here(view: exchange.GrantView) -> TableGrant:
    if view.terms.delivery is None:
        raise exchange.GrantUnknown(grant=view.id)
    return TableGrant(
        view.id, reverse("share:grant", args=[view.id]), view.resource, view.resource_title, view.provider,
        view.provider_name, view.not_after, view.terms.delivery,
        tuple(field.name for field in view.terms.fields if not field.mask),
        {option.item.wire: formats.pick(option.item.title, option.item.title_en) for option in view.options},
        case_required=view.terms.case_required,
    )  # fmt: skip


def _beyond(me: Actor, owner: str, number: str) -> TableGrant:
    held = cascade.holding(me, owner, number)
    if held is None or held.frequency is None:
        raise exchange.GrantUnknown(grant=f"{number}@{owner}")
    line = _line(held)
    return TableGrant(
        line.id, line.url, line.resource, line.title, line.provider, line.provider_name, line.not_after,
        exchange.Delivery(held.ways, held.frequency), tuple(name for name in held.fields if name not in held.masks),
        {name: formats.pick(zh, en) for name, (zh, en) in held.titles.items()}, node_title(owner),
        held.case_required,
    )  # fmt: skip


def _line(held: cascade.HoldingView) -> Line:
    url = reverse("share:asking", args=[held.asking]) if held.asking else reverse("share:askings")
    return Line(
        f"{held.number}@{held.owner}", url, held.address, held.title, held.provider, held.provider_name, held.not_after
    )  # fmt: skip
