"""Once a day: this node's figures go up, and receipts go to the owners of what its agencies received."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from yiwang.blocks.cascade.domain.bodies import ReceiptBody, StatisticsBody
from yiwang.blocks.cascade.store.everything import EVERYTHING
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.models import Figure, ForeignAgency, ForeignGrant, Peer
from yiwang.blocks.cascade.store.news import Receipt
from yiwang.blocks.cascade.store.outgoing import event, put, tell
from yiwang.blocks.cascade.store.receipts import MODES, counted
from yiwang.blocks.catalogue.public import published_codes
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.blocks.journal.public import daily
from yiwang.blocks.organisation.public import agencies_by_uscc

DAYS = 30
"""How far back is counted for a node that has just been joined."""


def roll_up(now: datetime) -> int:
    """Count and tell the days that are over and were not told yet; returns how many they were."""
    yesterday = now.date() - timedelta(days=1)
    wanted = [yesterday - timedelta(days=back) for back in range(DAYS)]
    with acting(SYSTEM):
        known = set(
            Figure.objects.filter(node=node(), name="calls", day__in=wanted).values_list("day", flat=True)
        )
        days = sorted(set(wanted) - known)
        if not days:
            return 0
        parents = list(
            Peer.objects.filter(relation="parent").exclude(state="left").values_list("name", flat=True)
        )
        sums = {one.day: one for one in daily(EVERYTHING, days[0], days[-1])}
        for day in days:
            one = sums.get(day)
            figures = {
                "calls": one.calls if one else 0, "refused": one.refused if one else 0, "rows": one.rows if one else 0,
            }  # fmt: skip
            if day == yesterday:
                figures["entries"] = len(published_codes())
            for name, value in figures.items():
                _, new = Figure.objects.get_or_create(
                    node=node(), name=name, day=day, defaults={"value": value}
                )
                if new:
                    put(event("statistics", name, StatisticsBody(day.isoformat(), value), now), parents)
            _tell_receipts(day, now)
        return len(days)


def _tell_receipts(day: date, now: datetime) -> None:
    """To each owner: what was received of it that day, by grant and mode; days without anything are not told."""
    for grant in ForeignGrant.objects.exclude(owner=node()):
        if ForeignAgency.objects.filter(pk=grant.consumer).exists() or not agencies_by_uscc({grant.consumer}):
            continue  # it only passes through here
        for mode in MODES:
            times, rows = counted(grant.number, day, mode, f"{grant.resource}@{grant.owner}")
            if not times:
                continue
            _, new = Receipt.objects.get_or_create(
                owner=grant.owner, node=node(), grant=grant.number, day=day, mode=mode,
                defaults={
                    "resource": grant.resource, "provider": grant.provider, "consumer": grant.consumer,
                    "times": times, "rows": rows, "at": now,
                },
            )  # fmt: skip
            if new:
                body = ReceiptBody(day.isoformat(), mode, times, rows)
                tell("receipt", grant.number, body, now, target=grant.owner)
