"""How a transfer waits, sends and works beside: by threads, or in an event loop. docs/adr/0300.

A transfer is written once, as coroutines over a `Driver`. The blocking driver never suspends: it has done, before it
answers, what it was asked for; so `finished` runs such a coroutine to its end without any event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from yiwang.client.blocking import Client
from yiwang.client.concurrent import AsyncClient
from yiwang.client.protocol import Ask, Flow, T
from yiwang.vocabulary.envelope import Purpose

R_co = TypeVar("R_co", covariant=True)
UNDER_WAY: Final = 2
"""Requests that travel at a time."""


class Driver(Protocol):
    """What a transfer asks of its surroundings. It is entered while things go on beside, and ends them when it is left."""

    async def __aenter__(self) -> Self:
        """Make ready."""

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what works beside: nothing touches the file afterwards."""

    async def run(self, flow: Flow[T]) -> T:
        """Carry a flow out. Raises: as the flow."""

    async def pause(self, seconds: float) -> None:
        """Let time pass."""

    def send(self, flow: Flow[T]) -> Awaitable[T]:
        """Carry a flow out beside; whoever asks has at most `UNDER_WAY` of them."""

    def beside(self, work: Callable[[], T]) -> Awaitable[T]:
        """Do work on disk and processor beside, one piece after the other."""

    def content(
        self, ask: Ask, purpose: Purpose, grant: str | None
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The body of an answer as it comes. Raises: as `Client.streamed`."""


def finished(work: Coroutine[Any, Any, T]) -> T:
    """The result of a transfer over a blocking driver. Raises: as the transfer."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise RuntimeError("a transfer over a blocking driver was suspended")


class _Waited(Generic[R_co]):
    """What a thread is at; to await it is to wait for it, here and now."""

    def __init__(self, future: Future[R_co]) -> None:
        self._future = future

    def __await__(self) -> Generator[None, None, R_co]:
        yield from ()
        return self._future.result()


class _Pieces:
    """Pieces of an answer, for `async for`."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration


class BlockingDriver:
    """Over a `Client`, by threads."""

    def __init__(self, client: Client) -> None:
        """The client stays its owner's to close."""
        self._client = client
        self._sending = ThreadPoolExecutor(UNDER_WAY, thread_name_prefix="upload")
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="digest")

    async def __aenter__(self) -> Self:
        """Nothing to make ready."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the threads."""
        self._sending.shutdown(cancel_futures=True)
        self._beside.shutdown(cancel_futures=True)

    async def run(self, flow: Flow[T]) -> T:
        """Carry a flow out."""
        return self._client.run(flow)

    async def pause(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)

    def send(self, flow: Flow[T]) -> Awaitable[T]:
        """Carry a flow out in a thread."""
        return _Waited(self._sending.submit(self._client.run, flow))

    def beside(self, work: Callable[[], T]) -> Awaitable[T]:
        """Work in a thread."""
        return _Waited(self._beside.submit(work))

    @contextlib.asynccontextmanager
    async def content(
        self, ask: Ask, purpose: Purpose, grant: str | None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """The body of an answer as it comes."""
        with self._client.streamed(ask, purpose, grant) as pieces:
            yield _Pieces(pieces)


def _seen(ended: asyncio.Future[T]) -> None:
    """A failure beside is told by the transfer, or it has one to tell already: the event loop need not warn of it."""
    if not ended.cancelled():
        ended.exception()


class ConcurrentDriver:
    """Over an `AsyncClient`, in its event loop; disk and processor in a thread."""

    def __init__(self, client: AsyncClient) -> None:
        """The client stays its owner's to close."""
        self._client = client
        self._sending: set[asyncio.Task[object]] = set()
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="digest")

    async def __aenter__(self) -> Self:
        """Nothing to make ready."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what travels and wait for the thread."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        await asyncio.to_thread(self._beside.shutdown, cancel_futures=True)

    async def run(self, flow: Flow[T]) -> T:
        """Carry a flow out."""
        return await self._client.run(flow)

    async def pause(self, seconds: float) -> None:
        """Sleep."""
        await asyncio.sleep(seconds)

    def send(self, flow: Flow[T]) -> Awaitable[T]:
        """Carry a flow out in a task."""
        task = asyncio.create_task(self._client.run(flow))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        task.add_done_callback(_seen)
        return task

    def beside(self, work: Callable[[], T]) -> Awaitable[T]:
        """Work in a thread."""
        working = asyncio.get_running_loop().run_in_executor(self._beside, work)
        working.add_done_callback(_seen)
        return working

    def content(
        self, ask: Ask, purpose: Purpose, grant: str | None
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The body of an answer as it comes."""
        return self._client.streamed(ask, purpose, grant)
