"""The gateway's own SQL over the tables of subscriptions."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import asyncpg

from yiwang.blocks.subscriptions.domain.paging import LOOKED, Stored
from yiwang.gateway.errors import DatabaseUnavailable
from yiwang.gateway.pool import SmallPool
from yiwang.gateway.subscriptions.rows import COLUMNS, FROM, SubscriptionRow, stored_of, subscription_of

_BY_ID: Final = f"SELECT {COLUMNS} FROM {FROM} WHERE s.id = $1"  # noqa: S608
_LIST: Final = (
    f"SELECT {COLUMNS} FROM {FROM} WHERE s.consumer = $1 AND s.client = $2 AND s.state <> 'ended'"  # noqa: S608
    " ORDER BY s.created_at LIMIT 200"
)
_OPEN: Final = (
    f"""SELECT {COLUMNS} FROM {FROM} WHERE s."grant" = $1 AND s.client = $2 AND s.state <> 'ended'"""  # noqa: S608
)
_FEED: Final = """
INSERT INTO subscriptions_feed (resource, tag, provider, state, wish, cursor_field, cursor_value, way, why, why_facts, fields,
  version, "table", slot, lsn, snapshot, last, floor, turn, due_at, failures, error_code, error_facts, created_at)
VALUES ($1, $2, $3, 'new', 'auto', '', '', '', '', '{}', '[]', 0, '', '', 0, '', 0, 0, 0, $4, 0, '', '{}', $4)
ON CONFLICT (resource) DO UPDATE SET due_at = excluded.due_at
"""
_MAKE: Final = """
INSERT INTO subscriptions_subscription (id, feed_id, "grant", provider, consumer, client, purpose, state, reason, acked, sent,
  lost, created_at, created_by, evidence)
SELECT $1, resource, $3, provider, $4, $5, $6, 'active', '', last, last, false, $7, $5, '' FROM subscriptions_feed WHERE resource = $2
ON CONFLICT DO NOTHING
"""
_EVENTS: Final = """
SELECT position, op, key, before::text, after::text, reason, version, sourced_at FROM subscriptions_event
WHERE feed_id = $1 AND position > $2 ORDER BY position LIMIT $3
"""
_SENT: Final = "UPDATE subscriptions_subscription SET sent = greatest(sent, $2), sent_at = $3, evidence = $4 WHERE id = $1"
_ACK: Final = """
UPDATE subscriptions_subscription SET acked = $2, acked_at = $3, lost = false
WHERE id = $1 AND state <> 'ended' AND (acked < $2 OR (acked = $2 AND lost))
"""
_SKIP: Final = "UPDATE subscriptions_subscription SET acked = $3 WHERE id = $1 AND acked = $2 AND NOT lost AND $3 > acked"
_BACK: Final = "UPDATE subscriptions_subscription SET acked = least(acked, $2), lost = false WHERE id = $1 AND state <> 'ended'"
_WAKE: Final = "UPDATE subscriptions_hook SET due_at = $2, claim = '' WHERE subscription_id = $1"
_SINCE: Final = """
SELECT coalesce((SELECT position - 1 FROM subscriptions_event WHERE feed_id = $1 AND recorded_at >= $2 ORDER BY position LIMIT 1),
  (SELECT last FROM subscriptions_feed WHERE resource = $1))
"""
_LAST: Final = "SELECT resource, last FROM subscriptions_feed WHERE resource = ANY ($1::text[])"


class Ledger(SmallPool):
    """Over a small pool of its own."""

    def __init__(self, dsn: str, *, pool_size: int = 4) -> None:
        """Nothing is opened before `start`."""
        super().__init__(dsn, name="yiwang subscriptions", size=pool_size, timeout=30)

    async def one(self, number: str) -> SubscriptionRow | None:
        """A subscription. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            row = await connection.fetchrow(_BY_ID, number)
        return None if row is None else subscription_of(row)

    async def listed(self, consumer: str, client: str) -> list[SubscriptionRow]:
        """Open subscriptions of an application. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            return [subscription_of(row) for row in await connection.fetch(_LIST, consumer, client)]

    async def opened(
        self,
        resource: str,
        provider: str,
        grant: str,
        consumer: str,
        client: str,
        purpose: str,
        now: datetime,
    ) -> tuple[SubscriptionRow, bool]:
        """The open subscription of an application under a grant; made where there is none. Raises: DatabaseUnavailable."""
        async with self._connection() as connection, connection.transaction():
            await connection.execute(_FEED, resource, secrets.token_hex(6), provider, now)
            number = f"sub-{secrets.token_hex(10)}"
            done = await connection.execute(_MAKE, number, resource, grant, consumer, client, purpose, now)
            row = await connection.fetchrow(_OPEN, grant, client)
        if row is None:
            raise DatabaseUnavailable
        return subscription_of(row), str(done) == "INSERT 0 1"

    async def events(self, resource: str, after: int) -> Sequence[Stored]:
        """Events after a position, a bounded number. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            return [stored_of(row) for row in await connection.fetch(_EVENTS, resource, after, LOOKED)]

    async def gave(self, number: str, upto: int, place: str, now: datetime) -> None:
        """Events were given out, with their evidence. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            await connection.execute(_SENT, number, upto, now, place)

    async def passed(self, number: str, acked: int, upto: int) -> None:
        """Nothing of these was to be seen: there is nothing to acknowledge. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            await connection.execute(_SKIP, number, acked, upto)

    async def acknowledge(self, number: str, upto: int, now: datetime) -> bool:
        """Whether this is news. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            return str(await connection.execute(_ACK, number, upto, now)) == "UPDATE 1"

    async def go_back(self, number: str, to: int, now: datetime) -> None:
        """Give out again what came after a position. Raises: DatabaseUnavailable."""
        async with self._connection() as connection, connection.transaction():
            await connection.execute(_BACK, number, to)
            await connection.execute(_WAKE, number, now)

    async def position_at(self, resource: str, since: datetime) -> int:
        """The position before the first event that was recorded since then. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            return int(await connection.fetchval(_SINCE, resource, since))

    async def last(self, resources: Sequence[str]) -> dict[str, int]:
        """Positions of the last events. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            return {row["resource"]: row["last"] for row in await connection.fetch(_LAST, list(resources))}

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        if self.pool is None:
            raise DatabaseUnavailable
        try:
            async with self.pool.acquire() as connection:
                yield connection
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as problem:
            raise DatabaseUnavailable from problem
