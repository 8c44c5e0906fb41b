"""One HTTP request as the gateway sees it: its target and headers, its body as it comes, the way back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import lru_cache
from typing import Final, Protocol
from urllib.parse import unquote_to_bytes

AHEAD: Final = 64 << 10
"""Bytes of a body that are read before anybody asks for them."""
_CACHED: Final = 512


class Line(Protocol):
    """The connection, as far as a call needs it."""

    @property
    def client(self) -> str:
        """Address and port of the other side."""

    def go_on(self) -> None:
        """Tell a client that waits for it that its body is wanted."""

    def flow(self) -> None:
        """Look anew whether to read on."""

    def abort(self) -> None:
        """Cut the connection."""

    def answer(self, call: Call, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send an answer."""

    def begin_answer(self, call: Call, status: int, headers: list[tuple[str, str]], length: int) -> None:
        """Send the head of an answer whose body follows in pieces."""

    async def send_piece(self, data: bytes) -> None:
        """Send a piece when there is room. Raises: ConnectionResetError, where the client has gone."""

    def end_answer(self, call: Call) -> None:
        """All pieces are sent."""


class Headers:
    """The headers of a request by lower-case name."""

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: dict[str, list[str]] = {}

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of a header."""
        found = self.values.get(name)
        return default if found is None else found[0]

    def get_all(self, name: str) -> list[str]:
        """All values of a header."""
        return self.values.get(name, [])


class Call:
    """One request: what is asked, its body as it comes, and the way back for the answer."""

    __slots__ = (
        "_buffered", "_expects", "_line", "_parts", "_waiter", "answered", "client", "complete", "headers",
        "keep", "method", "path", "query_string", "task",
    )  # fmt: skip

    def __init__(
        self, line: Line, method: str, path: str, query: str, headers: Headers, *, keep: bool
    ) -> None:
        """`path` percent-decoded, `query` as sent; `keep` whether the connection may go on after the answer."""
        self.method = method
        self.path = path
        self.query_string = query
        self.client = line.client
        self.headers = headers
        self.keep = keep
        self.complete = False
        self.answered = False
        self.task: asyncio.Task[None] | None = None
        self._line = line
        self._parts: list[bytes] = []
        self._buffered = 0
        self._waiter: asyncio.Future[None] | None = None
        self._expects = (headers.get("expect") or "").lower() == "100-continue"

    @property
    def full(self) -> bool:
        """Whether more of the body is here than is read ahead of whoever asks for it."""
        return self._buffered > AHEAD and not self.answered and self._waiter is None

    async def __call__(self) -> bytes:
        """The whole body."""
        while not self.complete:
            await self._more()
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts, self._buffered = [], 0
        return body

    def __aiter__(self) -> Call:
        """The body in pieces."""
        return self

    async def __anext__(self) -> bytes:
        """The next piece."""
        while not self._parts:
            if self.complete:
                raise StopAsyncIteration
            await self._more()
        piece = b"".join(self._parts)
        self._parts, self._buffered = [], 0
        return piece

    async def _more(self) -> None:
        if self._expects:
            self._expects = False
            self._line.go_on()
        waiter = self._waiter = asyncio.get_running_loop().create_future()
        self._line.flow()
        try:
            await waiter
        finally:
            self._waiter = None

    def feed(self, data: bytes) -> None:
        """A piece of the body came in."""
        if self.answered:
            return
        self._parts.append(data)
        self._buffered += len(data)
        self._wake()

    def end(self) -> None:
        """The body is complete."""
        self.complete = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send the whole answer."""
        self.answered = True
        self._parts.clear()
        self._line.answer(self, status, headers, body)

    async def stream(
        self, status: int, headers: list[tuple[str, str]], length: int, pieces: AsyncGenerator[bytes, None]
    ) -> None:
        """Send an answer piece by piece; one that breaks off half-way cuts the connection."""
        self._parts.clear()
        self._line.begin_answer(self, status, headers, length)
        async with aclosing(pieces):
            if self.method != "HEAD":
                async for piece in pieces:
                    await self._line.send_piece(piece)
        self.answered = True
        self._line.end_answer(self)

    def leave(self) -> None:
        """Its task is over: a client that got no answer is not kept waiting for one."""
        if not self.answered:
            self._line.abort()


def target(url: bytes) -> tuple[str, str]:
    """Path, percent-decoded, and query, as sent, of a request target.

    A path that is no UTF-8, or a target of another form, has the path "", which is no address.
    """
    return _known(url) if len(url) <= _CACHED else _read(url)


def _read(url: bytes) -> tuple[str, str]:
    if not url.startswith(b"/"):
        scheme, _, rest = url.partition(b"://")
        if scheme not in (b"http", b"https"):
            return "", ""
        url = b"/" + rest.partition(b"/")[2]
    path, _, query = url.partition(b"?")
    try:
        return unquote_to_bytes(path).decode("utf-8"), query.decode("latin-1")
    except UnicodeDecodeError:
        return "", ""


_known = lru_cache(maxsize=4096)(_read)
