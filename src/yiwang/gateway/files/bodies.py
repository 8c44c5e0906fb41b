"""Pieces of files as they come in: one at a time whole in memory, and few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from typing import Final

from yiwang.blocks.files.domain.errors import UploadPieceTooLarge
from yiwang.gateway.bodies import Incoming
from yiwang.gateway.errors import BodyTooSlow, Busy
from yiwang.vocabulary.manifest import CHUNK

AT_ONCE: Final = 8
"""Pieces that are held at a time: 32 MiB."""
BLOCK: Final = 1 << 20
"""Bytes that are digested and written in one go."""
SECONDS: Final = 120.0
"""Time within which a piece must arrive: a line of 300 kbit/s brings 4 MiB in it."""


class Stream:
    """Blocking work on blocks in their order, one at a time, beside the event loop."""

    def __init__(self, executor: Executor, work: Callable[[list[bytes]], None]) -> None:
        """`work` is done by the executor."""
        self._executor = executor
        self._work = work
        self._task: asyncio.Future[None] | None = None

    async def give(self, block: list[bytes]) -> None:
        """Begin a block when the one before is done. Raises: what the work raised."""
        await self.done()
        self._task = asyncio.get_running_loop().run_in_executor(self._executor, self._work, block)

    async def done(self) -> None:
        """Wait for the block that is under way. Raises: what the work raised."""
        if self._task is not None:
            task, self._task = self._task, None
            await task


class Pieces:
    """Reads pieces within one budget."""

    def __init__(self, seconds: float = SECONDS) -> None:
        """`seconds`: time within which a piece must arrive."""
        self._seconds = seconds
        self._under_way = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Room for one piece, from reading it until it is stored. Raises: Busy."""
        if self._under_way >= AT_ONCE:
            raise Busy(retry_after=1)
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def read(self, incoming: Incoming, length: str | None, most: int, *to: Stream) -> list[bytes]:
        """The piece as it came, `most` bytes at the longest; each megabyte goes to the streams while the next one comes.

        Raises: UploadPieceTooLarge, BodyTooSlow, and what a stream raises.
        """
        most = min(most, CHUNK)
        if length is not None and not (length.isascii() and length.isdigit() and int(length[:19]) <= most):
            raise UploadPieceTooLarge(limit=most)
        blocks: list[bytes] = []
        block: list[bytes] = []
        size = waiting = 0
        try:
            async with asyncio.timeout(self._seconds):
                async for part in incoming:
                    size += len(part)
                    waiting += len(part)
                    if size > most:
                        raise UploadPieceTooLarge(limit=most)
                    block.append(part)
                    blocks.append(part)
                    if waiting >= BLOCK:
                        for stream in to:
                            await stream.give(block)
                        block, waiting = [], 0
        except TimeoutError:
            raise BodyTooSlow(seconds=int(self._seconds)) from None
        for stream in to:
            await stream.give(block)
        return blocks
