"""Calls that wait for an event: one look at the database for all of them, twice a second."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from typing import Final

from yiwang.gateway.errors import Unavailable
from yiwang.gateway.subscriptions.ledger import Ledger

LOOK_SECONDS: Final = 0.5
MOST: Final = 200
"""Calls that may wait at a time; one more is answered at once."""


class Bell:
    """Rings for those that wait."""

    def __init__(self, ledger: Ledger) -> None:
        """The first call that waits begins the looking, the last one ends it."""
        self._ledger = ledger
        self._waiting: dict[str, dict[asyncio.Event, int]] = defaultdict(dict)
        self._count = 0
        self._looking: asyncio.Task[None] | None = None

    async def wait(self, resource: str, after: int, seconds: float) -> None:
        """Until there is an event after a position, or the time is over."""
        if self._count >= MOST or seconds <= 0:
            return
        rung = asyncio.Event()
        self._waiting[resource][rung] = after
        self._count += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(seconds):
                await rung.wait()
        except TimeoutError:
            return
        finally:
            self._count -= 1
            self._waiting[resource].pop(rung, None)
            if not self._waiting[resource]:
                self._waiting.pop(resource, None)

    async def stop(self) -> None:
        """Let everybody go."""
        for waiting in self._waiting.values():
            for rung in waiting:
                rung.set()
        if self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        while self._waiting:
            begun = time.monotonic()
            try:
                last = await self._ledger.last(list(self._waiting))
            except Unavailable:
                last = {}
            for resource, position in last.items():
                for rung, after in list(self._waiting.get(resource, {}).items()):
                    if position > after:
                        rung.set()
            await asyncio.sleep(max(0.05, LOOK_SECONDS - (time.monotonic() - begun)))
