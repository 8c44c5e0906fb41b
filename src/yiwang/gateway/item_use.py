"""Which items answered calls held, counted in memory and written down now and then, beside the evidence.

The evidence of a call has a digest of the question and no item, and a second write would cost every call (docs/adr/0170).
What is counted here is a statistic: a gateway that is killed loses what it has not written, `EVERY` seconds at most.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Final

import asyncpg

from yiwang.gateway.terms import Terms

EVERY: Final = 20.0
MOST: Final = 20_000
"""Different things counted between two writings; past it new ones are left out."""
TIMEOUT: Final = 10.0
_log = logging.getLogger(__name__)
_ADD = """
INSERT INTO journal_item_use AS u (day, consumer, provider, resource, grant_id, item, calls, rows)
SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[])
ON CONFLICT (day, consumer, provider, resource, grant_id, item) DO UPDATE SET
  calls = u.calls + excluded.calls, rows = u.rows + excluded.rows
"""
Key = tuple[date, str, tuple[str, ...]]
"""Day, grant, items by wire name."""


Place = tuple[date, str, str, str, str, str]
"""Day, consumer, provider, resource, grant, item."""


async def add(dsn: str, counts: Mapping[Place, Sequence[int]]) -> None:
    """Add calls and rows to what is kept, in one order, so that two gateways never wait for each other.

    Raises: OSError, TimeoutError, PostgresError, InterfaceError.
    """
    columns = zip(*((*place, *counts[place]) for place in sorted(counts)), strict=True)
    connection = await asyncpg.connect(
        dsn, timeout=TIMEOUT, server_settings={"application_name": "yiwang-gateway-items"}
    )
    try:
        await connection.execute(_ADD, *(list(column) for column in columns), timeout=TIMEOUT)
    finally:
        await connection.close(timeout=TIMEOUT)


class _Sum:
    """Calls that held the same items under the same grant on the same day."""

    __slots__ = ("calls", "consumer", "provider", "resource", "rows")

    def __init__(self, terms: Terms) -> None:
        self.calls = self.rows = 0
        self.consumer = terms.grant.consumer
        self.provider, self.resource = terms.resource.provider, terms.resource.code


class ItemUse:
    """Counts, and a task that writes them."""

    def __init__(self, dsn: str, every: float = EVERY) -> None:
        """`dsn`: the gateway's database; `every`: seconds between two writings."""
        self._dsn, self._every = dsn, every
        self._sums: dict[Key, _Sum] = {}
        self._task: asyncio.Task[None] | None = None

    def note(self, day: date, terms: Terms, items: tuple[str, ...], rows: int) -> None:
        """Count an answered call; on the hot path, so nothing but a look-up and two additions."""
        found = self._sums.get((day, terms.grant.id, items))
        if found is None:
            if len(self._sums) >= MOST:
                return
            found = self._sums[day, terms.grant.id, items] = _Sum(terms)
        found.calls += 1
        found.rows += rows

    def start(self) -> None:
        """Begin to write now and then."""
        self._task = asyncio.create_task(self._run(), name="item use")

    async def stop(self) -> None:
        """Write what is left."""
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        await self.write()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await self.write()

    async def write(self) -> None:
        """Add the counts to the table; what could not be written is kept for the next time."""
        taken, self._sums = self._sums, {}
        if not taken:
            return
        try:
            await add(self._dsn, _by_item(taken.items()))
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
            _log.warning("item use could not be written: %s", type(problem).__name__)
            self._give_back(taken)
        except asyncio.CancelledError:
            self._give_back(taken)
            raise

    def _give_back(self, taken: dict[Key, _Sum]) -> None:
        for key, kept in taken.items():
            newer = self._sums.get(key)
            if newer is not None:
                kept.calls += newer.calls
                kept.rows += newer.rows
            self._sums[key] = kept


def _by_item(sums: Iterable[tuple[Key, _Sum]]) -> dict[Place, list[int]]:
    """Calls and rows of each item by itself."""
    found: dict[Place, list[int]] = {}
    for (day, grant, items), one in sums:
        for item in items:
            known = found.setdefault((day, one.consumer, one.provider, one.resource, grant, item), [0, 0])
            known[0] += one.calls
            known[1] += one.rows
    return found
