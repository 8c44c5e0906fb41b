"""Which run of a table has which period of a grant: the gateway's own SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import asyncpg

from yiwang.gateway.errors import DatabaseUnavailable
from yiwang.gateway.pool import SmallPool, database

_TAKE: Final = """
INSERT INTO cascade_table_run ("grant", period, run, way, begun_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT ("grant", period) DO NOTHING
"""
_HELD: Final = """
SELECT way FROM cascade_table_run
WHERE "grant" = $1 AND run = $2 AND begun_at > $3 AND ($4 OR ended_at IS NULL) ORDER BY begun_at DESC LIMIT 1
"""
_END: Final = (
    'UPDATE cascade_table_run SET ended_at = $3 WHERE "grant" = $1 AND run = $2 AND ended_at IS NULL'
)


class RunLedger(SmallPool):
    """Over a small pool of its own."""

    def __init__(self, dsn: str) -> None:
        """Nothing is opened before `start`."""
        super().__init__(dsn, name="yiwang tables", size=3, timeout=10)

    async def take(self, grant: str, period: str, run: str, way: str, now: datetime) -> None:
        """Give the period to the run, unless another one has it. Raises: DatabaseUnavailable."""
        with database():
            async with self._ready().acquire() as connection:
                await connection.execute(_TAKE, grant, period, run, way, now)

    async def way(self, grant: str, run: str, since: datetime, *, over: bool) -> str | None:
        """The way of a run that goes on, or (`over`) is over; None where none does. Raises: DatabaseUnavailable."""
        with database():
            async with self._ready().acquire() as connection:
                found = await connection.fetchval(_HELD, grant, run, since, over)
        return None if found is None else str(found)

    async def end(self, grant: str, run: str, now: datetime) -> None:
        """The run is over. Raises: DatabaseUnavailable."""
        with database():
            async with self._ready().acquire() as connection:
                await connection.execute(_END, grant, run, now)

    def _ready(self) -> asyncpg.Pool:
        if self.pool is None:
            raise DatabaseUnavailable
        return self.pool
