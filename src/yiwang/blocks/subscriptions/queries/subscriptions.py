"""Subscriptions as their two agencies and auditors see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from yiwang.blocks.catalogue.public import resources_by_code
from yiwang.blocks.exchange.public import SYSTEM, as_actor
from yiwang.blocks.identity.public import DATA_OFFICER, Actor, acting
from yiwang.blocks.organisation.public import agencies_by_uscc
from yiwang.blocks.subscriptions.domain.addresses import shown_address
from yiwang.blocks.subscriptions.domain.errors import SubscriptionUnknown
from yiwang.blocks.subscriptions.domain.retrying import DEAD_AFTER
from yiwang.blocks.subscriptions.store.models import Event, Feed, Hook, Subscription
from yiwang.blocks.subscriptions.store.reach import in_reach
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.kept_errors import kept_error

State = Literal["active", "paused", "ended"]


@dataclass(frozen=True)
class HookView:
    """A webhook, as its subscriber sees it. `error`: what was wrong the last time."""

    url: str
    shown: str
    state: Literal["active", "unwanted"]
    failures: int
    dead: bool
    due_at: datetime
    last_at: datetime | None
    last_status: int | None
    error: YwError | None
    testing: bool
    tested_at: datetime | None


@dataclass(frozen=True)
class FeedView:
    """How changes of a resource are found. `why`: what keeps them from being captured from the log."""

    state: Literal["new", "live"]
    way: Literal["", "log", "compare", "cursor"]
    wish: Literal["auto", "compare", "cursor"]
    cursor_field: str
    seen_at: datetime | None
    why: YwError | None
    error: YwError | None
    events: int


@dataclass(frozen=True)
class SubscriptionView:
    """A subscription on a page. `lag`: events that it has not acknowledged, of all that its resource has."""

    id: str
    resource: str
    title: str
    grant: str
    provider: str
    consumer: str
    consumer_name: str
    client: str
    purpose: str
    state: State
    reason: str
    lag: int
    waiting_since: datetime | None
    lost: bool
    created_at: datetime
    acked_at: datetime | None
    sent_at: datetime | None
    evidence: str
    mine: bool
    """The actor may change it."""
    feed: FeedView | None
    hook: HookView | None


@as_actor
def subscriptions(
    actor: Actor, *, side: str = "", grant: str = "", resource: str = "", ended: bool = False
) -> tuple[SubscriptionView, ...]:
    """Those in the actor's reach; `side`: `consumer`, `provider` or "" for both; open ones first."""
    rows = in_reach(actor)
    if side:
        rows = (
            rows.filter(consumer=actor.agency) if side == "consumer" else rows.filter(provider=actor.agency)
        )
    if grant:
        rows = rows.filter(grant=grant)
    if resource:
        rows = rows.filter(feed_id=resource)
    if not ended:
        rows = rows.exclude(state="ended")
    return _views(actor, list(rows.order_by("ended_at", "-created_at")[:200]))


@as_actor
def subscription(actor: Actor, number: str) -> SubscriptionView:
    """One of them. Raises: SubscriptionUnknown."""
    row = in_reach(actor).filter(pk=number).first()
    if row is None:
        raise SubscriptionUnknown(subscription=number[:40])
    return _views(actor, [row])[0]


@as_actor
def feed(actor: Actor, resource: str) -> FeedView | None:
    """How the changes of a resource are found, for its provider and its subscribers; None where nobody follows it."""
    row = Feed.objects.filter(pk=resource).first()
    mine = in_reach(actor).filter(feed_id=resource).exists()
    seen = row is not None and (mine or row.provider == actor.agency)
    return _feed(row) if row is not None and seen else None


def _views(actor: Actor, rows: list[Subscription]) -> tuple[SubscriptionView, ...]:
    entries = resources_by_code({row.feed_id for row in rows})
    agencies = agencies_by_uscc({row.consumer for row in rows})
    hooks = {one.pk: one for one in Hook.objects.filter(subscription__in=rows)}
    with acting(SYSTEM):  # only times of events, of subscriptions that the actor sees
        waiting = {
            row.pk: Event.objects.filter(feed=row.feed_id, position__gt=row.acked)
            .order_by("position")
            .values_list("recorded_at", flat=True)
            .first()
            for row in rows
        }
    found = []
    for row in rows:
        entry, agency = entries.get(row.feed_id), agencies.get(row.consumer)
        mine = row.consumer == actor.agency
        hook = hooks.get(row.pk)
        found.append(
            SubscriptionView(
                id=row.pk, resource=row.feed_id, title=entry.title if entry else row.feed_id, grant=row.grant,
                provider=row.provider, consumer=row.consumer, consumer_name=agency.name("zh") if agency else row.consumer,
                client=row.client, purpose=row.purpose, state=msgspec.convert(row.state, State), reason=row.reason,
                lag=0 if row.state == "ended" else max(0, row.feed.last - row.acked), waiting_since=waiting[row.pk],
                lost=row.lost, created_at=row.created_at, acked_at=row.acked_at, sent_at=row.sent_at,
                evidence=row.evidence, mine=mine and actor.has(DATA_OFFICER), feed=_feed(row.feed),
                hook=_hook(hook) if hook is not None and (mine or actor == SYSTEM) else None,
            )
        )  # fmt: skip
    return tuple(found)


def _feed(row: Feed) -> FeedView:
    return msgspec.convert(
        {
            "state": row.state, "way": row.way, "wish": row.wish, "cursor_field": row.cursor_field,
            "seen_at": row.seen_at, "why": None, "error": None, "events": row.last - row.floor,
        },
        _PlainFeed,
    ).view(_error(row.why, row.why_facts), _error(row.error_code, row.error_facts))  # fmt: skip


class _PlainFeed(msgspec.Struct, frozen=True):
    state: Literal["new", "live"]
    way: Literal["", "log", "compare", "cursor"]
    wish: Literal["auto", "compare", "cursor"]
    cursor_field: str
    seen_at: datetime | None
    events: int

    def view(self, why: YwError | None, error: YwError | None) -> FeedView:
        return FeedView(
            self.state, self.way, self.wish, self.cursor_field, self.seen_at, why, error, self.events
        )


def _hook(row: Hook) -> HookView:
    return HookView(
        url=row.url, shown=shown_address(row.url), state="unwanted" if row.state == "unwanted" else "active",
        failures=row.failures, dead=row.failures >= DEAD_AFTER, due_at=row.due_at, last_at=row.last_at,
        last_status=row.last_status, error=_error(row.error_code, row.error_facts), testing=row.test_at is not None,
        tested_at=row.tested_at,
    )  # fmt: skip


def _error(code: str, facts: object) -> YwError | None:
    return kept_error(code, facts) if code else None
