"""Rows of the subscriptions block as a gateway reads them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import asyncpg
import msgspec

from yiwang.blocks.subscriptions.domain.events import Event
from yiwang.blocks.subscriptions.domain.paging import Stored


class SubscriptionRow(msgspec.Struct, frozen=True):
    """A subscription with its feed. `hook`: the address that events are sent to, or nothing."""

    id: str
    resource: str
    grant: str
    consumer: str
    client: str
    state: Literal["active", "paused", "ended"]
    reason: str
    acked: int
    sent: int
    lost: bool
    created_at: datetime
    acked_at: datetime | None
    tag: str
    feed_state: Literal["new", "live"]
    last: int
    floor: int
    hook: str | None


COLUMNS = (
    's.id, s.feed_id AS resource, s."grant", s.consumer, s.client, s.state, s.reason, s.acked, s.sent, s.lost, s.created_at,'
    " s.acked_at, f.tag, f.state AS feed_state, f.last, f.floor, h.url AS hook"
)
FROM = (
    "subscriptions_subscription s JOIN subscriptions_feed f ON f.resource = s.feed_id"
    " LEFT JOIN subscriptions_hook h ON h.subscription_id = s.id"
)


def subscription_of(record: asyncpg.Record) -> SubscriptionRow:
    """The row of a record that was selected by `COLUMNS`."""
    return msgspec.convert(dict(record), SubscriptionRow)


def stored_of(record: asyncpg.Record) -> Stored:
    """An event."""
    before, after = (
        None if text is None else msgspec.json.decode(text, type=dict[str, str | int | bool | None])
        for text in (record["before"], record["after"])
    )
    facts = {
        "op": record["op"],
        "key": record["key"],
        "before": before,
        "after": after,
        "reason": record["reason"],
    }
    return Stored(record["position"], msgspec.convert(facts, Event), record["version"], record["sourced_at"])
