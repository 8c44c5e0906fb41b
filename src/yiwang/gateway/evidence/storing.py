"""The statements of a writer's connection: prepared when a batch first needs them, kept as long as the connection."""

from __future__ import annotations

import asyncpg

from yiwang.blocks.journal.domain.errors import JournalUnavailable, LeaseLost
from yiwang.gateway.evidence.batch import Arguments
from yiwang.gateway.evidence.connection import RACED, short
from yiwang.gateway.evidence.statement import SEAL, Part, commit

COMMIT_SECONDS = 30.0


class Statements:
    """Stores batches over one connection."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        """Nothing is prepared yet."""
        self._connection = connection
        self._prepared: dict[frozenset[Part], asyncpg.prepared_stmt.PreparedStatement] = {}

    async def seal(self, log: str, term: int, size: int, signature: bytes) -> bool:
        """Put the signature in the place of a head's code; False where the lease is lost. Raises: what the driver raises."""
        return bool(await self._connection.fetchval(SEAL, log, term, size, signature, timeout=COMMIT_SECONDS))

    async def store(self, arguments: Arguments) -> bool:
        """Whether the batch is stored; False when it was refused. Raises: LeaseLost, JournalUnavailable; what the driver raises."""
        parts, given = arguments
        text, names = commit(parts)
        prepared = self._prepared.get(parts)
        if prepared is None:
            prepared = self._prepared[parts] = await self._connection.prepare(text, timeout=COMMIT_SECONDS)
        try:
            return bool(await prepared.fetchval(*[given[name] for name in names], timeout=COMMIT_SECONDS))
        except RACED as problem:
            if problem.constraint_name in ("journal_leaf_pkey", "journal_head_pkey"):
                raise LeaseLost(log=str(given["log"])) from problem
            return False
        except asyncpg.InsufficientResourcesError as problem:
            raise JournalUnavailable(reason=short(problem)) from problem
