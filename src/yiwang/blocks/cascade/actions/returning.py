"""A provider gives data back to nodes below, each the rows of its own division."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.cascade.domain.bodies import ReturnBody
from yiwang.blocks.cascade.domain.errors import AskingInvalid, CascadeNotAllowed, EntryUnknown
from yiwang.blocks.cascade.domain.returning import problems
from yiwang.blocks.cascade.queries.returning import division_fields, nodes_below
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.news import Return
from yiwang.blocks.cascade.store.outgoing import tell
from yiwang.blocks.catalogue.public import ResourceView, resources_by_code
from yiwang.blocks.exchange.public import as_actor
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.blocks.journal.public import record_event


@as_actor
def offer_return(actor: Actor, code: str, to: str, field: str, division: str, now: datetime) -> None:
    """Let the node `to` ask for the rows whose `field` begins with `division`; from then on nobody else may.

    Raises: CascadeNotAllowed, EntryUnknown, AskingInvalid, NodeUnknown.
    """
    entry = _own(actor, code)
    fields = {name for name, _ in division_fields(actor, code)}
    below = {one.name for one in nodes_below()}
    if wrong := problems(field, division, to, fields=fields, nodes=below):
        raise AskingInvalid(wrong)
    row, _ = Return.objects.update_or_create(
        owner=node(), resource=code, node=to,
        defaults={
            "title": entry.title, "provider": entry.provider, "provider_name": entry.provider_name,
            "field": field, "division": division, "state": "offered",
            "offered_by": actor.signature(DATA_OFFICER), "at": now,
        },
    )  # fmt: skip
    _tell(row, now)


@as_actor
def end_return(actor: Actor, code: str, to: str, now: datetime) -> None:
    """Take no more requests of that node; grants that were given stand until they are revoked.

    Raises: CascadeNotAllowed, EntryUnknown, NodeUnknown.
    """
    _own(actor, code)
    row = (
        Return.objects.select_for_update()
        .filter(owner=node(), resource=code, node=to, state="offered")
        .first()
    )
    if row is None:
        raise EntryUnknown(resource=code[:64])
    row.state, row.at = "ended", now
    row.save(update_fields=["state", "at"])
    _tell(row, now)


def _own(actor: Actor, code: str) -> ResourceView:
    entry = resources_by_code({code}).get(code)
    if entry is None or entry.state != "published":
        raise EntryUnknown(resource=code[:64])
    if entry.provider != actor.agency or not actor.has(DATA_OFFICER):
        raise CascadeNotAllowed(needs_zh="提供方的数据专员", needs_en="a data officer of the provider")
    return entry


def _tell(row: Return, now: datetime) -> None:
    body = ReturnBody(
        title=row.title, provider=row.provider, provider_name=row.provider_name, field=row.field,
        division=row.division, state="offered" if row.state == "offered" else "ended", offered_by=row.offered_by,
    )  # fmt: skip
    tell("return", row.resource, body, now, target=row.node)
    record_event(
        f"return-{row.state}", now, provider=row.provider, resource=row.resource,
        detail={"node": row.node, "field": row.field, "division": row.division},
    )  # fmt: skip
