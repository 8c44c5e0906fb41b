"""What a source gives of a span by COPY: read and digested while the target still writes and compares the span before.

A stream holds a bounded number of bytes. Streams of one connection are read one after the other, in the order in which
they were begun, so each of them must be used up or dropped. All but `known` runs in the thread of the event loop.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

import asyncpg

from yiwang.dataplane.transfer.passage import Side
from yiwang.dataplane.transfer.shape import BadRow

_HELD: Final = 16 << 20
"""Bytes of one stream that wait for the target at most, up to one block more."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a span before it is read.

    Attributes:
        bad: rows that may not pass.
        failed: how often each rule failed.
        query: gives all other rows, masked, in the order of the key.
    """

    bad: list[BadRow]
    failed: dict[str, int]
    query: str


class Stream:
    """One span."""

    def __init__(self, known: Future[Known]) -> None:
        self._known = known
        self._digest = hashlib.sha256()
        self._blocks: deque[bytes] = deque()
        self._held = 0
        self._filled, self._room, self._over = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._dropped = False
        self._rows = 0
        self._error: Exception | None = None

    def known(self) -> Known:
        """Waits until it is known. Raises: ConnectorError, BadValue."""
        return self._known.result()

    async def read(self, connection: asyncpg.Connection, before: Stream | None) -> None:
        """Read it to its end once the stream before is read; what goes wrong is raised where the stream is used."""
        try:
            if before is not None:
                await before._over.wait()
            known = await asyncio.wrap_future(self._known)
            status = await connection.copy_from_query(known.query, output=self._take, format="binary")
            self._rows = copied(status)
        except Exception as error:
            self._error = error
        finally:
            self._over.set()
            self._filled.set()

    async def blocks(self) -> AsyncIterator[bytes]:
        """Everything, as it comes; what could not be read is told by `side`."""
        while True:
            while self._blocks:
                block = self._blocks.popleft()
                self._held -= len(block)
                self._room.set()
                yield block
            if self._over.is_set():
                return
            self._filled.clear()
            await self._filled.wait()

    def side(self) -> Side:
        """Rows and digest of a stream that was read to its end. Raises: what happened on the way."""
        if self._error is not None:
            raise self._error
        return Side(self._rows, self._digest.hexdigest())

    async def digested(self) -> Side:
        """Use it up for its digest alone. Raises: what happened on the way."""
        async for _ in self.blocks():
            pass
        return self.side()

    async def drop(self) -> None:
        """Let the rest go by: a source that is cut off within a stream loses its snapshot."""
        self._dropped = True
        self._blocks.clear()
        self._room.set()
        await self._over.wait()

    async def _take(self, block: bytes) -> None:
        self._digest.update(block)
        while self._held >= _HELD and not self._dropped:
            self._room.clear()
            await self._room.wait()
        if not self._dropped:
            self._held += len(block)
            self._blocks.append(block)
            self._filled.set()


async def digested(connection: asyncpg.Connection, query: str) -> Side:
    """Rows and digest of a query's COPY stream."""
    digest = hashlib.sha256()

    async def take(block: bytes) -> None:
        digest.update(block)

    rows = copied(await connection.copy_from_query(query, output=take, format="binary"))
    return Side(rows, digest.hexdigest())


def copied(status: str) -> int:
    """`COPY 100` → 100."""
    return int(status.rpartition(" ")[2])
