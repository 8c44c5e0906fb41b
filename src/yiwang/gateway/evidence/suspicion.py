"""Keeps one caller's refusals from costing the others: followers of a refused item are looked at alone first.

A refused item makes the writer build and sign its batch again. A caller whose quota is used up, or whose key
replays nonces, would do that to everybody with every call; so for a while its calls are examined on a connection
of their own before they may join a batch.
"""

from __future__ import annotations

import asyncio
import time
from datetime import date

import asyncpg

from yiwang.blocks.journal.domain.errors import (
    AttemptsExhausted,
    CommitRefused,
    JournalUnavailable,
    QuotaExhausted,
    SubjectsExhausted,
)
from yiwang.gateway.evidence.batch import Item
from yiwang.gateway.evidence.examine import examine

SECONDS = 60.0
GENERATION = 50_000
LARGEST = 10_000


class Suspicion:
    """Whom to look at alone, and until when (monotonic seconds)."""

    def __init__(self) -> None:
        """Nobody is under suspicion."""
        self._until: dict[tuple[str, date | None], float] = {}
        self._connection: asyncpg.Connection | None = None
        self._lock = asyncio.Lock()

    @property
    def active(self) -> bool:
        """Whether anybody is."""
        return bool(self._until)

    def note(self, item: Item, refusal: CommitRefused) -> None:
        """This item was refused inside a batch."""
        if len(self._until) >= LARGEST:
            self._until.clear()
        charge = item.prepared.charge
        if isinstance(refusal, QuotaExhausted | SubjectsExhausted | AttemptsExhausted) and charge is not None:
            self._until[charge.grant, charge.day] = time.monotonic() + SECONDS
        elif item.prepared.key is not None:
            self._until[item.prepared.key, None] = time.monotonic() + SECONDS

    async def look(self, dsn: str, log: str, term: int, item: Item) -> CommitRefused | None:
        """The refusal of an item under suspicion; None for everybody else. Raises: JournalUnavailable."""
        charge = item.prepared.charge
        about: list[tuple[str, date | None]] = [(item.prepared.key or "", None)]
        if charge is not None:
            about.append((charge.grant, charge.day))
        now = time.monotonic()
        suspected = False
        for one in about:
            until = self._until.get(one)
            if until is None:
                continue
            if until < now:
                del self._until[one]
            else:
                suspected = True
        if not suspected:
            return None
        async with self._lock:
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await asyncpg.connect(
                        dsn,
                        timeout=10,
                        server_settings={"application_name": f"yiwang evidence {log} second look"},
                    )
                return (await examine(self._connection, log, term, [item])).get(item)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as problem:
                raise JournalUnavailable(reason=type(problem).__name__) from problem

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close(timeout=2)
            self._connection = None


class RecentNonces:
    """Nonces that this writer took lately: a replay at the same gateway is refused without the database."""

    def __init__(self) -> None:
        """None yet."""
        self._new: set[bytes] = set()
        self._old: set[bytes] = set()

    def take(self, key: bytes) -> bool:
        """Whether the nonce is new here; from now on it is not."""
        if key in self._new or key in self._old:
            return False
        if len(self._new) >= GENERATION:
            self._old, self._new = self._new, set()
        self._new.add(key)
        return True

    def give_back(self, key: bytes | None) -> None:
        """The item was not stored, so its nonce was not used."""
        if key is not None:
            self._new.discard(key)
            self._old.discard(key)

    def clear(self) -> None:
        """Forget everything: the database decides alone."""
        self._new.clear()
        self._old.clear()
