"""Feeds whose turn has come: what their sources have changed is written down as events, for all subscribers at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SYSTEM, MountedNow
from yiwang.blocks.identity.public import acting
from yiwang.blocks.subscriptions.actions.turns import Turn, let_go, locked
from yiwang.blocks.subscriptions.domain.errors import GrantUnfit
from yiwang.blocks.subscriptions.domain.projecting import View
from yiwang.blocks.subscriptions.domain.watching import watching_of
from yiwang.blocks.subscriptions.store.models import Event, Feed, Row, Subscription
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.transfer.errors import TransferError
from yiwang.vocabulary.errors import YwError

_log = logging.getLogger(__name__)
TRY_LOG: Final = timedelta(minutes=10)
"""How often a source that could not be captured is asked again."""
LONGEST_REST: Final = timedelta(minutes=5)
AT_ONCE: Final = 200


def due_feeds(now: datetime) -> list[str]:
    """Feeds whose turn has come, the one that waits longest first."""
    with acting(SYSTEM):
        rows = Feed.objects.filter(due_at__lte=now).order_by("due_at")
        return list(rows.values_list("pk", flat=True)[:AT_ONCE])


def follow(resource: str, clock: Callable[[], datetime]) -> None:
    """One turn of a feed. What goes wrong is kept with it and tried again; nothing is raised for it."""
    with acting(SYSTEM):
        feed = Feed.objects.filter(pk=resource).first()
        if feed is None:
            return
        mounted = exchange.mounted_now(resource)
        needed = _needed(feed, mounted)
    try:
        if mounted is None or mounted.state == "withdrawn":
            _rest(feed, None, clock())
        elif not needed:
            _end(feed, mounted.place())
        elif mounted.state != "active":
            _rest(feed, None, clock())
        else:
            place = mounted.place()
            turn = Turn(feed, watching_of(mounted.resource, needed, feed.fields), place, clock)
            _by_log_or_look(feed, turn, clock)
    except (TransferError, ConnectorError) as error:
        _rest(feed, error, clock())


def _by_log_or_look(feed: Feed, turn: Turn, clock: Callable[[], datetime]) -> None:
    """A source that cannot be captured is compared instead, and its provider is shown why."""
    asks = feed.way in ("", "log") or feed.try_log_at is None or feed.try_log_at <= clock()
    if feed.wish == "auto" and asks:
        try:
            turn.by_log()
        except TransferError as error:
            if not error.permanent:
                raise
            with locked(feed) as row:
                if row is None:
                    return
                row.why, row.why_facts, row.try_log_at = error.code, error.facts, clock() + TRY_LOG
                row.save(update_fields=["why", "why_facts", "try_log_at"])
        else:
            return
    turn.by_look()


def _needed(feed: Feed, mounted: MountedNow | None) -> set[str]:
    """Fields that open subscriptions look at; those whose grant is over or unfit need nothing."""
    if mounted is None:
        return set()
    opened = Subscription.objects.filter(feed=feed).exclude(state="ended")
    found: set[str] = set()
    for held in exchange.granted_now(set(opened.values_list("grant", flat=True))).values():
        if held.state not in ("active", "suspended"):
            continue
        try:
            found |= View(held.grant, mounted.resource).needed
        except GrantUnfit:
            continue
    if found and feed.wish == "cursor" and feed.cursor_field in {one.name for one in mounted.resource.fields}:
        found.add(feed.cursor_field)
    return found


def _end(feed: Feed, place: DatabasePlace) -> None:
    """Nobody follows it any more: its slot, rows and events go. Raises: TransferError, ConnectorError."""
    if feed.lsn:
        let_go(place, feed.slot)
    with locked(feed) as row:
        if row is None:
            return
        Event.objects.filter(feed=row).delete()
        Row.objects.filter(feed=row).delete()
        # ended subscriptions stay as history; whoever comes next begins with all rows read anew
        row.state, row.way, row.slot, row.lsn, row.fields = "new", "", "", 0, []
        row.floor, row.cursor_value, row.due_at, row.turn = row.last, "", None, row.turn + 1
        row.failures, row.error_code, row.error_facts, row.try_log_at = 0, "", {}, None
        row.save()


def _rest(feed: Feed, error: YwError | None, now: datetime) -> None:
    """Keep what went wrong, and wait a little longer each time."""
    with acting(SYSTEM):
        held = Feed.objects.select_for_update().filter(pk=feed.pk).first()
        if held is None:
            return
        held.failures += 1
        held.error_code = error.code if error is not None else "resource-suspended"
        held.error_facts = error.facts if error is not None else {}
        held.due_at = now + min(timedelta(seconds=2 ** min(held.failures, 9)), LONGEST_REST)
        held.save(update_fields=["failures", "error_code", "error_facts", "due_at"])
    if error is not None:
        _log.info("feed of %s: %s", feed.pk, error.code)
