"""Writing events and rows of a feed, by sets: changes in pieces, whole tables in a few statements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec
from django.db import connection

from yiwang.blocks.subscriptions.domain.events import Event as Told
from yiwang.blocks.subscriptions.domain.events import Reason, RowChange, events_of
from yiwang.blocks.subscriptions.domain.wire import Row as Values
from yiwang.blocks.subscriptions.store.models import Event, Feed, Row

_DROP: Final = "DROP TABLE IF EXISTS pg_temp.subscriptions_look"
_MAKE: Final = "CREATE TEMP TABLE subscriptions_look (key text NOT NULL, values jsonb NOT NULL)"
_COPY: Final = "COPY subscriptions_look (key, values) FROM STDIN"
_TWICE: Final = "SELECT EXISTS (SELECT FROM subscriptions_look GROUP BY key HAVING count(*) > 1)"
_ANALYSE: Final = "ANALYZE subscriptions_look"
# fields that are new are in no row that is held: they are no change
_TELL: Final = """
WITH told AS (
  SELECT coalesce(l.key, r.key) AS key, CASE WHEN r.key IS NULL THEN 'insert' WHEN l.key IS NULL THEN 'delete' ELSE 'update' END AS op,
    r.values AS before, l.values AS after
  FROM subscriptions_look l {join} JOIN (SELECT key, values FROM subscriptions_row WHERE feed_id = %(feed)s) r ON r.key = l.key
  WHERE l.key IS NULL OR r.key IS NULL OR (l.values - %(fresh)s::text[]) IS DISTINCT FROM (r.values - %(stale)s::text[])
), written AS (
  INSERT INTO subscriptions_event (feed_id, position, op, key, before, after, reason, version, sourced_at, recorded_at)
  SELECT %(feed)s, %(last)s + row_number() OVER (ORDER BY key COLLATE "C"), op, key, before, after, '', %(version)s, %(at)s, %(at)s
  FROM told RETURNING 1
) SELECT count(*) FROM written
"""
_FORGET: Final = """
DELETE FROM subscriptions_row r WHERE feed_id = %(feed)s AND NOT EXISTS (SELECT FROM subscriptions_look l WHERE l.key = r.key)
"""
_HOLD: Final = """
INSERT INTO subscriptions_row (feed_id, key, values) SELECT %(feed)s, key, values FROM subscriptions_look
ON CONFLICT (feed_id, key) DO UPDATE SET values = excluded.values WHERE subscriptions_row.values IS DISTINCT FROM excluded.values
"""
_EMPTIED: Final = """
WITH written AS (
  INSERT INTO subscriptions_event (feed_id, position, op, key, before, after, reason, version, sourced_at, recorded_at)
  SELECT %(feed)s, %(last)s + row_number() OVER (ORDER BY key COLLATE "C"), 'delete', key, values, NULL, '', %(version)s, %(at)s, %(now)s
  FROM subscriptions_row WHERE feed_id = %(feed)s RETURNING 1
) SELECT count(*) FROM written
"""
_ROWS: Final = """
INSERT INTO subscriptions_row (feed_id, key, values) SELECT %s, * FROM unnest(%s::text[], %s::jsonb[])
ON CONFLICT (feed_id, key) DO UPDATE SET values = excluded.values
"""


class Writer:
    """Events of one feed, in the caller's transaction, which holds the feed's row."""

    def __init__(self, feed: Feed, now: datetime) -> None:
        self._feed, self._now = feed, now

    def changes(self, changes: Sequence[RowChange], at: datetime) -> None:
        """Changes of rows in their order, as of the moment they were committed at the source."""
        keys = {key for change in changes for key in (change.former, change.key) if key is not None}
        rows = Row.objects.filter(feed=self._feed, key__in=keys).values_list("key", "values")
        held: dict[str, Values] = {
            key: msgspec.convert(values, dict[str, str | int | bool | None]) for key, values in rows
        }
        known = set(held)
        told = events_of(held, changes)
        if not told:
            return
        self._tell(told, at)
        gone = known - set(held)
        if gone:
            Row.objects.filter(feed=self._feed, key__in=gone).delete()
        touched = [key for key in dict.fromkeys(one.key for one in told) if key in held]
        with connection.cursor() as cursor:
            cursor.execute(
                _ROWS,
                [self._feed.pk, touched, [json.dumps(held[key], ensure_ascii=False) for key in touched]],
            )

    def emptied(self, at: datetime) -> None:
        """The table was truncated: every row is gone."""
        with connection.cursor() as cursor:
            cursor.execute(_EMPTIED, self._facts() | {"at": at, "now": self._now})
            self._feed.last += _count(cursor.fetchone())
        Row.objects.filter(feed=self._feed).delete()

    def resync(self, reason: Reason) -> None:
        """Say that what follows was found by comparing."""
        self._tell([Told("resync", "", None, None, reason)], self._now)

    def look(
        self, rows: Iterable[tuple[str, Values]], *, whole: bool, quiet: bool, fresh: Sequence[str] = (),
        stale: Sequence[str] = (),
    ) -> bool:  # fmt: skip
        """Compare rows with those that are held, and hold them.

        Args:
            rows: key and values of each row.
            whole: they are all there are: what is held beside is gone.
            quiet: no events: there is nothing to compare with.
            fresh: fields that held rows do not have yet.
            stale: fields that rows do not have any more.

        Returns:
            False, with nothing done, where a key stands twice.
        """
        facts = self._facts()
        facts |= {"fresh": list(fresh), "stale": list(stale), "at": self._now}
        with connection.cursor() as cursor:
            cursor.execute(_DROP)
            cursor.execute(_MAKE)
            with cursor.copy(_COPY) as copy:
                for key, values in rows:
                    copy.write_row((key, json.dumps(values, ensure_ascii=False)))
            cursor.execute(_TWICE)
            if cursor.fetchone() == (True,):
                cursor.execute(_DROP)
                return False
            cursor.execute(_ANALYSE)
            if not quiet:
                cursor.execute(_TELL.replace("{join}", "FULL" if whole else "LEFT"), facts)
                self._feed.last += _count(cursor.fetchone())
            if whole:
                cursor.execute(_FORGET, facts)
            cursor.execute(_HOLD, facts)
            cursor.execute(_DROP)
        return True

    def _tell(self, told: Sequence[Told], at: datetime) -> None:
        Event.objects.bulk_create(
            (
                Event(
                    feed=self._feed, position=self._feed.last + number, op=one.op, key=one.key, before=one.before,
                    after=one.after, reason=one.reason, version=self._feed.version, sourced_at=at,
                    recorded_at=self._now,
                )
                for number, one in enumerate(told, 1)
            ),
            batch_size=1_000,
        )  # fmt: skip
        self._feed.last += len(told)

    def _facts(self) -> dict[str, str | int | list[str] | datetime]:
        return {"feed": self._feed.pk, "last": self._feed.last, "version": self._feed.version}


def _count(row: object) -> int:
    return msgspec.convert(row, tuple[int])[0]
