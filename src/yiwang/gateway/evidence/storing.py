"""The statements of a writer's connection: prepared when a batch first needs them, kept as long as the connection."""

from __future__ import annotations

import asyncpg

from yiwang.gateway.evidence.batch import Arguments
from yiwang.gateway.evidence.statement import Part, commit

COMMIT_SECONDS = 30.0


class Statements:
    """Stores batches over one connection."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        """Nothing is prepared yet."""
        self._connection = connection
        self._prepared: dict[frozenset[Part], asyncpg.prepared_stmt.PreparedStatement] = {}

    async def store(self, arguments: Arguments) -> bool:
        """Whether the batch is stored; False when its statement refused it. Raises: what the driver raises."""
        parts, given = arguments
        text, names = commit(parts)
        prepared = self._prepared.get(parts)
        if prepared is None:
            prepared = self._prepared[parts] = await self._connection.prepare(text, timeout=COMMIT_SECONDS)
        return bool(await prepared.fetchval(*[given[name] for name in names], timeout=COMMIT_SECONDS))
