"""A small pool of the gateway's database, apart from the evidence writer's connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from yiwang.gateway.errors import DatabaseUnavailable


class SmallPool:
    """Connections that come when they are needed. `pool` is None before `start` and after `stop`."""

    def __init__(self, dsn: str, *, name: str, size: int, timeout: float) -> None:
        """`name` is shown in the server's list of activities; `timeout`: seconds a statement may take."""
        self._dsn, self._name, self._size, self._timeout = dsn, name, size, timeout
        self.pool: asyncpg.Pool | None = None

    async def start(self) -> None:
        """Open it. Raises: OSError, PostgresError."""
        self.pool = await asyncpg.create_pool(
            self._dsn,
            min_size=0,
            max_size=self._size,
            command_timeout=self._timeout,
            server_settings={"application_name": self._name, "timezone": "UTC"},
        )

    async def stop(self) -> None:
        """Close it."""
        if self.pool is not None:
            await self.pool.close()
            self.pool = None


@contextmanager
def database() -> Iterator[None]:
    """Names a failure of the gateway's own database. Raises: DatabaseUnavailable."""
    try:
        yield
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        raise DatabaseUnavailable from problem
