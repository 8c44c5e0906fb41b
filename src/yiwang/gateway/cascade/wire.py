"""Posting to other gateways over connections that are kept: one call a connection at a time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import httptools
import msgspec

CONNECT_SECONDS: Final = 3.0
ANSWER_SECONDS: Final = 10.0
MOST_IDLE: Final = 64
LARGEST: Final = 8 << 20


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What came back; header names are lower-case."""

    status: int
    headers: dict[str, str]
    body: bytes


class WireBroken(Exception):
    """No whole answer came."""


class _Line(asyncio.Protocol):
    """A connection to another gateway."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.usable = True
        self._answer: asyncio.Future[Answer] | None = None
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []
        self._size = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        self.transport = transport if isinstance(transport, asyncio.Transport) else None
        self._raw = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio."""
        self.usable = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(WireBroken(repr(exc) if exc else "closed"))

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as problem:
            self._break(repr(problem))

    def on_header(self, name: bytes, value: bytes) -> None:
        """See httptools."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        """See httptools."""
        self._size += len(body)
        if self._size > LARGEST:
            self._break("too large")
        self._parts.append(body)

    def on_message_complete(self) -> None:
        """See httptools."""
        if not self._parser.should_keep_alive():
            self.usable = False
        answer, self._answer = self._answer, None
        if answer is None:  # nobody asked: what comes next on this line would answer the wrong question
            self.close()
        made = Answer(self._parser.get_status_code(), self._headers, b"".join(self._parts))
        self._begin()
        if answer is not None and not answer.done():
            answer.set_result(made)

    async def post(self, data: bytes) -> Answer:
        self._answer = asyncio.get_running_loop().create_future()
        self._write(data)
        return await self._answer

    def _write(self, data: bytes) -> None:
        write = getattr(self._raw, "write", None)
        if write is None:
            raise WireBroken("no transport")
        write(data)

    def close(self) -> None:
        self.usable = False
        self._raw.close()

    def _break(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(WireBroken(reason))
        self.close()


class Wire:
    """Connections to other gateways, by address."""

    def __init__(self) -> None:
        """Nothing is connected yet."""
        self._idle: dict[str, list[_Line]] = {}

    async def post(
        self,
        address: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        seconds: float = ANSWER_SECONDS,
    ) -> Answer:
        """Post and wait for the whole answer, at most so many seconds. Raises: WireBroken."""
        parts = urlsplit(address)
        head = [f"POST {path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}",
                "Content-Type: application/json"]  # fmt: skip
        head += [f"{name}: {value}" for name, value in headers.items()]
        data = ("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + body
        line = self._take(address)
        try:
            async with asyncio.timeout(seconds):
                if line is None:
                    line = await self._connect(address)
                answer = await line.post(data)
        except (OSError, TimeoutError) as problem:
            if line is not None:
                line.close()
            raise WireBroken(repr(problem)) from problem
        except BaseException:
            if line is not None:
                line.close()
            raise
        self._give(address, line)
        return answer

    def close(self) -> None:
        """Close what is idle."""
        for lines in self._idle.values():
            for line in lines:
                line.close()
        self._idle.clear()

    def _take(self, address: str) -> _Line | None:
        lines = self._idle.get(address, [])
        while lines:
            line = lines.pop()
            if line.usable:
                return line
        return None

    def _give(self, address: str, line: _Line) -> None:
        lines = self._idle.setdefault(address, [])
        if line.usable and len(lines) < MOST_IDLE:
            lines.append(line)
        else:
            line.close()

    async def _connect(self, address: str) -> _Line:
        parts = urlsplit(address)
        secure = parts.scheme == "https"
        async with asyncio.timeout(CONNECT_SECONDS):
            _, line = await asyncio.get_running_loop().create_connection(
                _Line, parts.hostname or "", parts.port or (443 if secure else 80),
                ssl=ssl.create_default_context() if secure else None,
            )  # fmt: skip
        return line
