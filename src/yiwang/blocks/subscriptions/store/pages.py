"""Events of a feed after a position, as pages are made of them."""

from __future__ import annotations

import msgspec

from yiwang.blocks.exchange.public import GrantedNow, MountedNow
from yiwang.blocks.subscriptions.domain.events import Event as Told
from yiwang.blocks.subscriptions.domain.paging import LOOKED, Page, Reader, Stored
from yiwang.blocks.subscriptions.domain.projecting import View
from yiwang.blocks.subscriptions.store.here import cursor_key
from yiwang.blocks.subscriptions.store.models import Event, Subscription


def reader_of(row: Subscription, granted: GrantedNow, mounted: MountedNow) -> Reader:
    """How a subscription sees its feed now. Raises: GrantUnfit."""
    return Reader(cursor_key(), row.pk, row.feed.tag, View(granted.grant, mounted.resource))


def page_of(row: Subscription, reader: Reader, limit: int) -> Page:
    """What comes after the last acknowledged event."""
    found = Event.objects.filter(feed=row.feed_id, position__gt=row.acked).order_by("position")[:LOOKED]
    return reader.page((_stored(one) for one in found), row.acked, limit, lost=row.lost)


def _stored(row: Event) -> Stored:
    told = msgspec.convert(
        {"op": row.op, "key": row.key, "before": row.before, "after": row.after, "reason": row.reason}, Told
    )
    return Stored(row.position, told, row.version, row.sourced_at)
