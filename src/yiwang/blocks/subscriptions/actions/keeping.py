"""The minute's work: subscriptions whose grant is over end, those that never acknowledge pause, old events go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.blocks.journal.public import record_event
from yiwang.blocks.subscriptions.domain.keeping import Holding, may_go, overdue
from yiwang.blocks.subscriptions.domain.standing import standing
from yiwang.blocks.subscriptions.store.here import calendar, kept_days, network_zone
from yiwang.blocks.subscriptions.store.models import Event, Feed, Subscription
from yiwang.vocabulary.envelope import Purpose

AT_ONCE: Final = 50_000
"""Events of a feed that one round removes."""


@dataclass(frozen=True)
class Kept:
    """How much one round did."""

    ended: int = 0
    paused: int = 0
    removed: int = 0


def tick(now: datetime) -> Kept:
    """One round; safe to repeat, and in two workers at once."""
    ended = _end_over(now)
    with acting(SYSTEM):
        feeds = list(Feed.objects.values_list("pk", flat=True))
    paused = removed = 0
    for resource in feeds:
        more = _keep(resource, now)
        paused, removed = paused + more.paused, removed + more.removed
    return Kept(ended, paused, removed)


def _end_over(now: datetime) -> int:
    done = 0
    with acting(SYSTEM):
        rows = list(Subscription.objects.select_for_update(skip_locked=True).exclude(state="ended"))
        grants = exchange.granted_now({row.grant for row in rows})
        for row in rows:
            held = grants.get(row.grant)
            stands = standing(
                held.grant if held else None, held.state if held else "", Purpose.parse(row.purpose).ground,
                now.astimezone(exchange.zone()), network_zone(), calendar().is_workday,
            )  # fmt: skip
            if stands == "over":
                end(row, "grant", now)
                tell("subscription-ended", row, now)
                done += 1
    return done


def _keep(resource: str, now: datetime) -> Kept:
    least, most = kept_days()
    with acting(SYSTEM):
        feed = Feed.objects.select_for_update(skip_locked=True).filter(pk=resource).first()
        if feed is None:
            return Kept()
        rows = {
            row.pk: row
            for row in Subscription.objects.select_for_update()
            .filter(feed=feed)
            .exclude(state="ended")
            .exclude(reason="unacknowledged")
        }
        holdings = [Holding(row.pk, row.acked, _since(feed, row.acked)) for row in rows.values()]
        late = overdue(holdings, now, most)
        for one in late:
            row = rows[one]
            row.state, row.reason = "paused", "unacknowledged"
            row.save(update_fields=["state", "reason"])
            record_event(
                "subscription-paused", now, consumer=row.consumer, provider=row.provider, client=row.client,
                resource=resource, grant=row.grant, detail={"subscription": row.pk, "reason": row.reason, "acked": row.acked},
            )  # fmt: skip
            tell("subscription-paused", row, now, days=str(most))
        old = Event.objects.filter(feed=feed, recorded_at__lt=now - timedelta(days=least)).order_by(
            "-position"
        )
        last_old = old.values_list("position", flat=True).first()
        if last_old is None:
            return Kept(paused=len(late))
        upto = min(may_go((one for one in holdings if one.id not in late), last_old), feed.floor + AT_ONCE)
        removed, _ = Event.objects.filter(feed=feed, position__lte=upto).delete()
        Feed.objects.filter(pk=feed.pk, floor__lt=upto).update(floor=upto)
    return Kept(paused=len(late), removed=removed)


def _since(feed: Feed, acked: int) -> datetime | None:
    first = Event.objects.filter(feed=feed, position__gt=acked).order_by("position")
    return first.values_list("recorded_at", flat=True).first()


def end(row: Subscription, reason: str, now: datetime) -> None:
    """End a subscription, in the caller's transaction; its feed looks at once whether anybody is left."""
    row.state, row.reason, row.ended_at = "ended", reason, now
    row.save(update_fields=["state", "reason", "ended_at"])
    with acting(SYSTEM):
        Feed.objects.filter(pk=row.feed_id).update(due_at=now)
    record_event(
        "subscription-ended", now, consumer=row.consumer, provider=row.provider, client=row.client,
        resource=row.feed_id, grant=row.grant, detail={"subscription": row.pk, "reason": reason},
    )  # fmt: skip


def tell(
    kind: str,
    row: Subscription,
    now: datetime,
    *,
    to: Iterable[str] = ("consumer",),
    days: str = "",
    consumer: str = "",
) -> None:
    """Leave a notice for the officers of one side or both."""
    entry = resources_by_code({row.feed_id}).get(row.feed_id)
    for side in to:
        exchange.tell(
            kind, now, agency=row.consumer if side == "consumer" else row.provider, roles=exchange.OFFICERS,
            link=f"subscription:{row.pk}", resource=entry.title if entry else row.feed_id, code=row.feed_id, days=days, consumer=consumer,
        )  # fmt: skip
