"""What is given back to nodes below, and what this node may have back."""

from __future__ import annotations

from yiwang.blocks.cascade.queries.entries import english_titles
from yiwang.blocks.cascade.queries.peers import nodes
from yiwang.blocks.cascade.queries.views import NodeView, ReturnView
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Node, Peer
from yiwang.blocks.cascade.store.news import Return
from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange.public import handing
from yiwang.blocks.identity.public import DATA_OFFICER, Actor


def nodes_below() -> tuple[NodeView, ...]:
    """Nodes below this one, at any depth."""
    children = set(Peer.objects.filter(relation="child").exclude(state="left").values_list("name", flat=True))
    behind = set(Node.objects.filter(via__in=children).values_list("name", flat=True))
    return tuple(one for one in nodes() if one.name in children | behind)


def division_fields(actor: Actor, code: str) -> tuple[tuple[str, tuple[str, str]], ...]:
    """Items of text of a served resource, which may hold a division code, with their titles."""
    del actor  # the catalogue is open to all who are signed in
    entry = resources_by_code({code}).get(code)
    if entry is None:
        return ()
    facts, _ = handing.handed_items(entry)
    titles = {item.wire: (item.title, item.title_en) for item in entry.items}
    return tuple((one.name, titles[one.name]) for one in facts if one.type == "text" and one.name in titles)


def returns(actor: Actor) -> tuple[ReturnView, ...]:
    """Every offer that was made here, and those that other nodes made to this one, the latest first."""
    names = {one.name: one.title for one in nodes()}
    rows = list(Return.objects.order_by("-at")[:200])
    titles = english_titles([(row.owner, row.resource) for row in rows])
    return tuple(
        ReturnView(
            row.owner, names.get(row.owner, row.owner), row.resource, row.title,
            titles.get((row.owner, row.resource), ""), row.provider, row.provider_name, row.node,
            names.get(row.node, row.node), row.field, row.division, row.state, row.offered_by, row.at, row.owner == node(),
            row.owner == node() and row.provider == actor.agency and row.state == "offered" and actor.has(DATA_OFFICER),
        )
        for row in rows
    )  # fmt: skip


def given_back(owner: str, code: str) -> ReturnView | None:
    """The offer that the node `owner` made to this one on a resource; None where it made none."""
    row = Return.objects.filter(owner=owner, resource=code, node=node(), state="offered").first()
    if row is None:
        return None
    titles = english_titles([(owner, code)])
    return ReturnView(
        row.owner, row.owner, row.resource, row.title, titles.get((owner, code), ""), row.provider,
        row.provider_name, row.node, row.node, row.field, row.division, row.state, row.offered_by, row.at, ours=False, ends=False,
    )  # fmt: skip
