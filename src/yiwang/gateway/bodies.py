"""Reading bodies that strangers send: bounded in size, depth, time and in what all of them hold together."""

from __future__ import annotations

import asyncio
import re
import time
from decimal import Decimal
from typing import Final, Protocol, TypeVar

import msgspec

from yiwang.gateway.config import BODY_SECONDS, MAX_BODY, MAX_DEPTH
from yiwang.gateway.errors import BodyMalformed, BodyTooDeep, BodyTooLarge, BodyTooSlow, Busy

T = TypeVar("T")

BUDGET: Final = 64 << 20
"""Bytes of bodies that are held at a time at most."""
SMALL: Final = 16 << 10
"""Bodies up to this size do not count."""

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_INNERMOST = re.compile(rb"\{[^\[\]{}]*\}|\[[^\[\]{}]*\]")


class Incoming(Protocol):
    """What gives the body of a request."""

    complete: bool
    """Whether all of it has arrived."""

    async def __call__(self) -> bytes:
        """The whole body."""

    def __aiter__(self) -> Incoming:
        """The body in pieces."""

    async def __anext__(self) -> bytes:
        """The next piece."""


class Bodies:
    """Reads bodies within one budget, and ends what takes too long.

    One sweep a second looks after all bodies under way: a timer for each would cost more than reading most of them.
    """

    def __init__(self, seconds: float = BODY_SECONDS) -> None:
        """`seconds`: time within which a whole body must arrive."""
        self._seconds = seconds
        self._held = 0
        self._reading: dict[asyncio.Task[object], float] = {}
        self._late: set[asyncio.Task[object]] = set()
        self._sweep: asyncio.TimerHandle | None = None

    async def read(self, incoming: Incoming, length: str | None) -> bytes:
        """The body, where `length` is the Content-Length header.

        Raises:
            BodyTooLarge: as soon as that is known, before the body is read where it is announced.
            BodyTooSlow: it did not arrive in time.
            Busy: too many large bodies are under way.
        """
        announced = MAX_BODY if length is None else _number(length)
        if announced > MAX_BODY:
            raise BodyTooLarge(limit=MAX_BODY)
        if incoming.complete and length is not None:
            return await incoming()
        counted = announced if announced > SMALL else 0
        if self._held + counted > BUDGET:
            raise Busy(retry_after=1)
        self._held += counted
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a body is read by a task")
        self._reading[task] = time.monotonic()
        if self._sweep is None:
            self._sweep = task.get_loop().call_later(self._seconds / 4, self._end_late)
        try:
            return await (_whole(incoming) if length is None else incoming())
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            task.uncancel()
            raise BodyTooSlow(seconds=int(self._seconds)) from None
        finally:
            self._held -= counted
            del self._reading[task]
            self._late.discard(task)

    def _end_late(self) -> None:
        limit = time.monotonic() - self._seconds
        for task, began in self._reading.items():
            if began < limit and task not in self._late:
                self._late.add(task)
                task.cancel()
        self._sweep = None
        if self._reading:
            loop = asyncio.get_running_loop()
            self._sweep = loop.call_later(self._seconds / 4, self._end_late)


def decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """A body as the type of its decoder.

    Raises:
        BodyTooDeep: nested more deeply than is read.
        BodyMalformed: not JSON, or not with these members.
    """
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _depth_exceeds(body, MAX_DEPTH):
        raise BodyTooDeep(limit=MAX_DEPTH)
    try:
        return decoder.decode(body)
    except RecursionError:
        raise BodyTooDeep(limit=MAX_DEPTH) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as problem:
        raise BodyMalformed(reason=_harmless(problem)) from None


def exact_number(text: str) -> Decimal:
    """Numbers with a point keep every digit."""
    return Decimal(text)


def _depth_exceeds(body: bytes, limit: int) -> bool:
    """Peel the innermost brackets layer by layer: each layer is one pass in C, so depth is cheap to bound."""
    left = _STRING.sub(b"", body)
    for _ in range(limit):
        peeled = _INNERMOST.sub(b"", left)
        if peeled == left:
            break
        left = peeled
    return b"{" in left or b"[" in left


async def _whole(incoming: Incoming) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in incoming:
        size += len(part)
        if size > MAX_BODY:
            raise BodyTooLarge(limit=MAX_BODY)
        parts.append(part)
    return b"".join(parts)


def _number(length: str) -> int:
    return int(length) if length.isascii() and length.isdigit() and len(length) < 19 else MAX_BODY + 1


def _harmless(problem: Exception) -> str:
    """What is wrong and where, without a value of the body: msgspec names types and paths only."""
    return str(problem)[:200]
