"""Figures of this node and those below, rolled up; receipts on both sides; needs that were passed up."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Sum

from yiwang.blocks.cascade.queries.peers import check_watcher, nodes
from yiwang.blocks.cascade.queries.returning import nodes_below
from yiwang.blocks.cascade.queries.views import NeedAbove, NodeFigures, ReceiptView
from yiwang.blocks.cascade.store.here import level, node, own_card
from yiwang.blocks.cascade.store.models import Figure
from yiwang.blocks.cascade.store.news import Need, Receipt
from yiwang.blocks.exchange.public import as_actor
from yiwang.blocks.identity.public import REVIEWER, Actor

FLOWS = ("calls", "refused", "rows")
MOST = 200


def rolled_up(actor: Actor, now: datetime, days: int = 30) -> tuple[NodeFigures, ...]:
    """This node first, then those below, with sums of `days` days and calls by day. Raises: CascadeNotAllowed."""
    check_watcher(actor)
    since = now.date() - timedelta(days=days)
    shown = [(node(), own_card(now).title, str(level()))]
    shown += [(one.name, one.title, one.level) for one in nodes_below()]
    rows = Figure.objects.filter(node__in=[name for name, _, _ in shown], day__gte=since)
    sums: dict[tuple[str, str], int] = {
        (one["node"], one["name"]): one["total"]
        for one in rows.filter(name__in=FLOWS).values("node", "name").annotate(total=Sum("value"))
    }
    entries = {row.node: row.value for row in rows.filter(name="entries").order_by("day")}
    by_day: dict[str, dict[date, int]] = {}
    for name, day, value in rows.filter(name="calls").values_list("node", "day", "value"):
        by_day.setdefault(name, {})[day] = value
    return tuple(
        NodeFigures(
            name, title, its_level, entries.get(name), sums.get((name, "calls"), 0),
            sums.get((name, "refused"), 0), sums.get((name, "rows"), 0),
            tuple(sorted(by_day.get(name, {}).items())), name == node(),
        )
        for name, title, its_level in shown
    )  # fmt: skip


@as_actor
def receipts(actor: Actor) -> tuple[ReceiptView, ...]:
    """What was received under grants that cross nodes, the latest day first; row-level security decides whose."""
    del actor
    titles = {one.name: one.title for one in nodes()}
    return tuple(
        ReceiptView(
            row.owner, titles.get(row.owner, row.owner), row.node, titles.get(row.node, row.node), row.grant,
            row.resource, row.provider, row.consumer, row.day, row.mode, row.times, row.rows, row.delivered_times,
            row.delivered_rows, row.owner == node(),
        )
        for row in Receipt.objects.order_by("-day", "grant")[:MOST]
    )  # fmt: skip


def needs_from_below(actor: Actor) -> tuple[NeedAbove, ...]:
    """Needs of nodes below, those that wait first."""
    rows = Need.objects.exclude(origin=node()).order_by("-created_at")[:MOST]
    return tuple(sorted((_need(actor, row) for row in rows), key=lambda one: one.state != "open"))


def need_from_below(actor: Actor, number: str) -> NeedAbove | None:
    """One of them."""
    row = Need.objects.filter(pk=number).exclude(origin=node()).first()
    return _need(actor, row) if row else None


def passed_up(actor: Actor, need: str) -> NeedAbove | None:
    """How far a need of this node is above; None where it was not passed up."""
    row = Need.objects.filter(origin=node(), need=need).first()
    return _need(actor, row) if row else None


def _need(actor: Actor, row: Need) -> NeedAbove:
    titles = {one.name: one.title for one in nodes()}
    return NeedAbove(
        row.id, row.origin, titles.get(row.origin, row.origin), row.need, row.title, row.agency, row.agency_name,
        row.text, tuple(row.items), row.state, row.answer, row.resource, row.answered_at_node,
        titles.get(row.answered_at_node, row.answered_at_node), row.answered_by, row.created_at, row.updated_at,
        row.origin != node() and row.state == "open" and actor.has(REVIEWER),
    )  # fmt: skip
