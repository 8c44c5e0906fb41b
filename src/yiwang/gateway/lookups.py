"""Reads by key that wait for the same table travel together.

There is no timer: what comes while a read is under way is the next read. A busy gateway so wakes the source's
server once for many calls; an idle one reads at once and alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec

from yiwang.blocks.exchange.domain.compiled import CompiledResource
from yiwang.gateway.arrays import texts
from yiwang.gateway.source_errors import SourceBusy, SourceFailed, SourceGarbled, SourceTrouble
from yiwang.gateway.sql import Statement

PATIENCE: Final = 0.02
"""Seconds after which a read under way counts as slow: then another begins beside it."""
MOST_SLOW: Final = 3
"""Reads of one kind that are under way beside each other at most."""
LARGEST: Final = 64
WAITING: Final = 256
"""Calls that may wait for one kind of read."""

Rows = Sequence[Sequence[object]]
Fetch = Callable[[CompiledResource, Statement, Sequence[object]], Awaitable[Rows]]


class Kind(msgspec.Struct, frozen=True):
    """What reads must have in common to travel together."""

    resource: CompiledResource
    alone: Statement
    together: Statement
    fixed: list[object]


class Waiting(msgspec.Struct):
    """One call: the values it asks by, and where its rows go."""

    asked: list[object]
    rows: asyncio.Future[Rows]


class Queue:
    """The calls that wait for reads of one kind."""

    def __init__(self, kind: Kind, fetch: Fetch) -> None:
        self.kind = kind
        self._fetch = fetch
        self._waiting: list[Waiting] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._running = 0
        self._begun = 0.0
        self._timer: asyncio.Handle | None = None
        self._loop = asyncio.get_running_loop()  # kept: each look-up of it is a system call (getpid)

    async def look_up(self, asked: list[object]) -> Rows:
        """The rows of one read. Raises: SourceTrouble."""
        if len(self._waiting) >= WAITING:
            raise SourceBusy(resource=self.kind.resource.code)
        loop = self._loop
        one = Waiting(asked, loop.create_future())
        self._waiting.append(one)
        if self._timer is None:
            # with nothing under way at the end of this turn of the loop, so that neighbours come along
            self._timer = (
                loop.call_later(PATIENCE, self._start) if self._running else loop.call_soon(self._start)
            )
        return await one.rows

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        return not self._waiting and not self._running

    def _start(self) -> None:
        self._timer = None
        if not self._waiting:
            return
        loop = self._loop
        if self._running and (
            self._running >= MOST_SLOW or loop.time() - self._begun < PATIENCE
        ):  # what is under way is quick enough, or there are enough slow ones
            self._timer = loop.call_later(PATIENCE, self._start)
            return
        self._running += 1
        task = loop.create_task(self._run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        try:
            await self._drain()
        finally:
            self._running -= 1
            if not self._running and self._timer is not None:
                # it was set to start a second read beside a slow one: whoever comes next need not wait for it
                self._timer.cancel()
                self._timer = None
                if self._waiting:
                    self._start()

    async def _drain(self) -> None:
        while self._waiting:
            batch = [one for one in self._waiting[:LARGEST] if not one.rows.done()]
            del self._waiting[:LARGEST]
            self._begun = self._loop.time()
            if len(batch) > 1:
                await self._read_together(batch)
            else:
                for one in batch:
                    await self._read_alone(one)

    async def _read_alone(self, one: Waiting) -> None:
        kind = self.kind
        try:
            rows = await self._fetch(kind.resource, kind.alone, [*one.asked, *kind.fixed])
        except Exception as problem:
            _fail(one, problem)
        else:
            if not one.rows.done():
                one.rows.set_result(rows)

    async def _read_together(self, batch: list[Waiting]) -> None:
        kind = self.kind
        arrays = [
            texts([str(value) for value in values])
            for values in zip(*(one.asked for one in batch), strict=True)
        ]
        try:
            rows = await self._fetch(kind.resource, kind.together, [*arrays, *kind.fixed])
        except (SourceGarbled, SourceFailed):
            for one in batch:  # the fault of one row is not the fault of its neighbours
                await self._read_alone(one)
            return
        except Exception as problem:
            for one in batch:
                _fail(one, problem)
            return
        found: list[list[Sequence[object]]] = [[] for _ in batch]
        for row in rows:
            place = row[-1]
            if isinstance(place, int):
                found[place - 1].append(row)
        for one, own in zip(batch, found, strict=True):
            if not one.rows.done():
                one.rows.set_result(own)


def _fail(one: Waiting, problem: Exception) -> None:
    if one.rows.done():
        return
    if isinstance(problem, SourceTrouble):
        one.rows.set_exception(type(problem)(**problem.facts))
    else:
        one.rows.set_exception(problem)
