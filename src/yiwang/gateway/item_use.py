"""Which items answered calls held, counted in memory and written down now and then, beside the evidence.

The evidence of a call has a digest of the question and no item, and a second write would cost every call (docs/adr/0170).
What is counted here is a statistic: a gateway that is killed loses what it has not written, `EVERY` seconds at most.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Final

import asyncpg

from yiwang.blocks.exchange.domain.compiled import CompiledGrant, CompiledResource

EVERY: Final = 20.0
MOST: Final = 50_000
"""Days, grants and items counted while the database is away; past it new ones are left out."""
TIMEOUT: Final = 10.0
_log = logging.getLogger(__name__)
_ADD = """
INSERT INTO journal_item_use AS u (day, consumer, provider, resource, grant_id, item, calls, rows)
SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[])
ON CONFLICT (day, consumer, provider, resource, grant_id, item) DO UPDATE SET
  calls = u.calls + excluded.calls, rows = u.rows + excluded.rows
"""


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


class Used:
    """Calls that held the same items under the same grant; one object a kept statement, so that counting finds it at once."""

    __slots__ = ("calls", "day", "items", "place", "rows")

    def __init__(self, grant: CompiledGrant, resource: CompiledResource, items: tuple[str, ...]) -> None:
        """`items`: wire names."""
        self.place = (grant.consumer, resource.provider, resource.code, grant.id)
        self.items = items
        self.day = date.min
        self.calls = self.rows = 0


class ItemUse:
    """Counts, and a task that writes them."""

    def __init__(self, dsn: str, every: float = EVERY) -> None:
        """`dsn`: the gateway's database; `every`: seconds between two writings."""
        self._dsn, self._every = dsn, every
        self._noted: list[Used] = []
        self._counts: dict[Place, list[int]] = {}
        self._task: asyncio.Task[None] | None = None

    def note(self, day: date, used: Used, rows: int) -> None:
        """Count an answered call; on the hot path, so two additions and seldom more."""
        if used.calls and used.day != day:
            self._take(used)
        if not used.calls:
            used.day = day
            self._noted.append(used)
        used.calls += 1
        used.rows += rows

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
        noted, self._noted = self._noted, []
        for used in noted:
            self._take(used)
        counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            await add(self._dsn, counts)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
            _log.warning("item use could not be written: %s", type(problem).__name__)
            self._keep(counts)
        except asyncio.CancelledError:
            self._keep(counts)
            raise

    def _take(self, used: Used) -> None:
        """Move what one statement counted to the counts by item."""
        for item in used.items:
            self._add((used.day, *used.place, item), used.calls, used.rows)
        used.calls = used.rows = 0

    def _keep(self, counts: dict[Place, list[int]]) -> None:
        for place, (calls, rows) in counts.items():
            self._add(place, calls, rows)

    def _add(self, place: Place, calls: int, rows: int) -> None:
        known = self._counts.get(place)
        if known is None:
            if len(self._counts) >= MOST:
                return
            known = self._counts[place] = [0, 0]
        known[0] += calls
        known[1] += rows
