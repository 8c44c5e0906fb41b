"""A stream read ahead holds a bounded part of a chunk, gives every byte once, and never lets the next one wait for ever."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from typing import cast

import asyncpg
import pytest

from yiwang.dataplane.transfer import ahead
from yiwang.dataplane.transfer.ahead import Known, Stream
from yiwang.dataplane.transfer.passage import Side

BLOCK = 1 << 20


class Source:
    """Gives these blocks to whoever copies from it, and then fails or ends."""

    def __init__(self, blocks: Sequence[bytes], error: Exception | None = None) -> None:
        self.blocks, self.error, self.given, self.asked = blocks, error, 0, 0

    async def copy_from_query(
        self, query: str, *, output: Callable[[bytes], Awaitable[None]], format: str
    ) -> str:
        assert (query, format) == ("SELECT", "binary")
        self.asked += 1
        for block in self.blocks:
            await output(block)
            self.given += 1
            await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return f"COPY {len(self.blocks)}"

    @property
    def connection(self) -> asyncpg.Connection:
        return cast("asyncpg.Connection", self)


def told(error: Exception | None = None) -> Stream:
    known: Future[Known] = Future()
    if error is None:
        known.set_result(Known([], {}, "SELECT"))
    else:
        known.set_exception(error)
    return Stream(known)


async def until(done: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if done():
            return
        await asyncio.sleep(0)
    raise AssertionError


async def rest(source: Source) -> int:
    """How much is given while nobody takes anything."""
    for _ in range(200):
        await asyncio.sleep(0)
    return source.given


def test_what_waits_is_bounded_and_every_byte_comes_once() -> None:
    async def play() -> None:
        sent = [bytes([at]) * BLOCK for at in range(40)]
        source, stream = Source(sent), told()
        reading = asyncio.create_task(stream.read(source.connection, None))
        assert await rest(source) * BLOCK <= ahead._HELD + BLOCK
        assert [block async for block in stream.blocks()] == sent
        assert stream.side() == Side(40, hashlib.sha256(b"".join(sent)).hexdigest())
        await reading

    asyncio.run(play())


def test_the_next_span_is_read_once_the_one_before_is() -> None:
    async def play() -> None:
        first, second = Source([b"x" * BLOCK] * 40), Source([b"y"])
        one, other = told(), told()
        both = [
            asyncio.create_task(one.read(first.connection, None)),
            asyncio.create_task(other.read(second.connection, one)),
        ]
        await rest(first)
        assert second.asked == 0
        assert (await one.digested()).rows == 40
        await until(lambda: second.asked == 1)
        assert await other.digested() == Side(1, hashlib.sha256(b"y").hexdigest())
        await asyncio.gather(*both)

    asyncio.run(play())


def test_a_dropped_stream_is_read_to_its_end_and_holds_nothing() -> None:
    async def play() -> None:
        source, stream, after = Source([b"x" * BLOCK] * 40), told(), told()
        reading = asyncio.create_task(stream.read(source.connection, None))
        following = asyncio.create_task(after.read(Source([b"y"]).connection, stream))
        await rest(source)
        await asyncio.wait_for(stream.drop(), 5)
        assert source.given == 40
        assert not stream._blocks
        assert (await asyncio.wait_for(after.digested(), 5)).rows == 1
        await asyncio.gather(reading, following)

    asyncio.run(play())


@pytest.mark.parametrize("where", ["while it was judged", "while it was read"])
def test_what_goes_wrong_is_raised_where_the_stream_is_used(where: str) -> None:
    async def play() -> None:
        judged = OSError("judge") if "judged" in where else None
        source, stream = Source([b"x"], OSError("read")), told(judged)
        await stream.read(source.connection, None)  # nothing escapes here: nobody waits for it yet
        async for _ in stream.blocks():
            pass
        with pytest.raises(OSError, match="judge" if judged else "read"):
            stream.side()
        if judged:
            with pytest.raises(OSError, match="judge"):
                stream.known()

    asyncio.run(play())
