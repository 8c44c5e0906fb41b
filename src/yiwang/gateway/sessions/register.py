"""Writes down how the sessions of this process stand, for the pages, and ends those that people stopped.

A session lives in memory, and its evidence says how it began, what was countersigned and how it ended. What lies
between is written here about once a second, only where it changed: a statistic, never what a call waits for.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import asyncpg

from yiwang.gateway.sessions.book import Book
from yiwang.gateway.sessions.held import Standing
from yiwang.gateway.sessions.ledger import SessionLedger

EVERY: Final = 1.0
RESTART: Final = "restart"
"""Why a session ended whose gateway process did."""
STOPPED: Final = "stopped"
"""Why a session ended that a person stopped on a page."""
TROUBLE: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
_log = logging.getLogger(__name__)

Row = tuple[str, int, datetime | None, int, datetime | None, str, datetime, datetime | None, str]
"""Session, calls, last call, open, oldest, suspended, expires, ended, reason."""


class Register:
    """The task that keeps the table of states."""

    def __init__(
        self, book: Book, ledger: SessionLedger, log: str, *, every: float = EVERY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """`ledger` is started and stopped by whoever made it; `log` is the log that this process alone writes."""
        self._book, self._ledger, self._name, self._every, self._clock = book, ledger, log, every, clock
        self._written: dict[str, Standing] = {}
        self._failing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, within a running loop; what an earlier process of this log left open is over."""
        self._task = asyncio.create_task(self._run(), name="register of sessions")

    async def stop(self) -> None:
        """Write the last state; every session of this process ends with it."""
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        with suppress(*TROUBLE):
            await self.write()
            await self._ledger.end_all(self._name, RESTART, set())

    async def _run(self) -> None:
        swept = False
        while True:
            try:
                if not swept:
                    await self._ledger.end_all(self._name, RESTART, {one.id for one in self._book.all()})
                    swept = True
                await self.write()
                self._failing = False
            except TROUBLE as problem:
                if not self._failing:
                    _log.warning("states of sessions could not be written: %s", type(problem).__name__)
                self._failing = True
            await asyncio.sleep(self._every)

    async def write(self) -> None:
        """Take up what people stopped, then write what changed. Raises: OSError, PostgresError, InterfaceError."""
        sessions = {one.id: one for one in self._book.all()}
        live = [name for name, one in sessions.items() if one.ended is None]
        for name in await self._ledger.stopped(live) if live else ():
            self._book.end(sessions[name], STOPPED)
        standing = {name: one.standing() for name, one in sessions.items()}
        changed = [name for name, now in standing.items() if self._written.get(name) != now]
        if changed:
            await self._ledger.put_states(self._rows([(name, standing[name]) for name in changed]))
        self._written = standing

    def _rows(self, states: Sequence[tuple[str, Standing]]) -> list[Row]:
        shift = time.time() - self._clock()

        def at(moment: float | None) -> datetime | None:
            return None if moment is None else datetime.fromtimestamp(moment + shift, UTC)

        return [
            (
                name, one.calls, at(one.called_at), one.open, at(one.oldest_at), one.suspended,
                datetime.fromtimestamp(one.expires + shift, UTC), at(one.ended_at) if one.ended else None,
                one.ended or "",
            )
            for name, one in states
        ]  # fmt: skip
