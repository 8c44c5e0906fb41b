"""Compiled rows that are read when a call needs them, apart from the snapshot that ordinary calls are decided by."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Final

import asyncpg

from yiwang.gateway.errors import DatabaseUnavailable

FRESH_SECONDS: Final = 1.0
"""How long a row that was read is believed: what ends, ends within a second."""
KEPT: Final = 1024

Document = tuple[str, str, str]
"""Id, state, document."""

SANDBOX: Final = "SELECT id, state, doc FROM exchange_compiled_sandbox WHERE consumer = $1 AND resource = $2"
EDGE: Final = "SELECT id, state, doc FROM exchange_compiled_edge WHERE dialect = $1 AND requester = $2"


class Lookaside:
    """One connection, opened with the first question, and the answers of the last second."""

    def __init__(self, dsn: str) -> None:
        """`dsn`: the gateway's database."""
        self._dsn = dsn
        self._connection: asyncpg.Connection | None = None
        self._turn = asyncio.Lock()
        self._known: dict[tuple[str, str, str], tuple[float, Document | None]] = {}

    async def ask(self, question: str, first: str, second: str) -> Document | None:
        """The one row of a question, or None. Raises: DatabaseUnavailable."""
        mark = (question, first, second)
        async with self._turn:
            known = self._known.get(mark)
            if known is not None and time.monotonic() - known[0] < FRESH_SECONDS:
                return known[1]
            found = await self._fetch(mark)
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[mark] = (time.monotonic(), found)
            return found

    async def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _fetch(self, mark: tuple[str, str, str]) -> Document | None:
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(
                    self._dsn, timeout=5, server_settings={"application_name": "yiwang-gateway-lookaside"}
                )
            row = await self._connection.fetchrow(*mark, timeout=5)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as problem:
            with suppress(OSError, asyncpg.InterfaceError):
                await self.close()
            raise DatabaseUnavailable from problem
        return None if row is None else (str(row[0]), str(row[1]), str(row[2]))
