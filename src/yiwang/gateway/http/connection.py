"""A client's connection: parsed by llhttp (through `httptools`), answered call by call.

What strangers can make a connection hold is bounded: size and time of a head, what of a body is read ahead, requests
sent ahead, an answer that is not fetched. A connection whose body was not read to its end is closed after the answer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from http import HTTPStatus
from typing import Final, Protocol, runtime_checkable

import httptools

from yiwang.gateway.http.call import Call, Headers, target

MAX_HEAD: Final = 64 << 10
MAX_HEADERS: Final = 128
MAX_TARGET: Final = 8 << 10
PIPELINED: Final = 32
LINGER_SECONDS: Final = 1.0
"""How long bytes are still taken and thrown away after a last answer, so that it is not lost to a reset."""
_REASONS: Final = {status.value: status.phrase for status in HTTPStatus} | {460: "Checksum Mismatch"}
_BODILESS: Final = frozenset((204, 304))
"""Answers that have neither a body nor its length."""


@runtime_checkable
class Wire(Protocol):
    """The part of a transport that is used; uvloop's is no subclass of asyncio's."""

    def write(self, data: bytes) -> None:
        """Send bytes in the end."""

    def close(self) -> None:
        """Close when all is sent."""

    def abort(self) -> None:
        """Close now."""

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""

    def pause_reading(self) -> None:
        """Take no more bytes."""

    def resume_reading(self) -> None:
        """Take bytes again."""


class Host(Protocol):
    """The server, as far as a connection needs it."""

    loop: asyncio.AbstractEventLoop
    stopping: bool

    def admit(self, connection: Connection) -> bool:
        """Whether there is room for one more."""

    def leave(self, connection: Connection) -> None:
        """A connection ended."""

    def begin(self, call: Call) -> None:
        """Have a call answered."""

    def date(self) -> str:
        """The line of the header `Date`."""


class Connection(asyncio.Protocol):
    """One client's connection: its requests are answered one after the other, in their order."""

    def __init__(self, server: Host) -> None:
        self._server = server
        self._parser = httptools.HttpRequestParser(self)
        self._transport: Wire | None = None
        self._url = b""
        self._headers = Headers()
        self._count = 0
        self._head = 0
        self._incoming: Call | None = None
        self._current: Call | None = None
        self._queue: deque[Call] = deque()
        self._fault = 0
        self._declined = False
        self._rejoining = False
        self._closing = False
        self._paused = False
        self._room: asyncio.Future[None] | None = None
        self.client = ""
        self.idle_since: float | None = None
        self.stuck_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came."""
        if not isinstance(transport, Wire) or not self._server.admit(self):
            transport.close()
            return
        self._transport = transport
        host, port, *_ = transport.get_extra_info("peername") or ("", 0)
        self.client = f"{host}:{port}"
        self.idle_since = self._server.loop.time()

    def connection_lost(self, problem: Exception | None) -> None:  # noqa: ARG002
        """The client went away; a call that still waits for its body has nothing to wait for."""
        self._transport = None
        self._make_room()
        self._server.leave(self)
        self._queue.clear()
        current = self._current
        if current is not None and not current.complete and current.task is not None:
            current.task.cancel()

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        if self._closing:
            return
        if self._incoming is None:
            self._head += len(data)
        while data:
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                self._decline()
                data = data[offer.args[0] :]
                continue
            except httptools.HttpParserError:
                self._refuse(self._fault or 400)
                return
            break
        if self._incoming is None and self._head > MAX_HEAD:
            self._refuse(431)
        elif self._queue or self._incoming is not None:
            self.flow()

    def eof_received(self) -> bool:
        """The client has said all; its answer still leaves."""
        current = self._current
        if current is None or not current.complete:
            return False
        (self._queue[-1] if self._queue else current).keep = False
        return True

    def pause_writing(self) -> None:
        """The client does not fetch its answer."""
        self.stuck_since = self._server.loop.time()
        self.flow()

    def resume_writing(self) -> None:
        """It does again."""
        self.stuck_since = None
        self._make_room()
        self.flow()

    def on_message_begin(self) -> None:
        """The parser found the begin of a request."""
        self._url, self._headers, self._count = b"", Headers(), 0
        if self._current is None:
            self.idle_since = self._server.loop.time()

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self._url += url
        if len(self._url) > MAX_TARGET:
            self._fault = 414
            raise ValueError

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._count += 1
        if self._count > MAX_HEADERS or len(value) > MAX_HEAD:
            self._fault = 431
            raise ValueError
        values, key = self._headers.values, name.lower().decode("latin-1")
        if key in values:
            values[key].append(value.decode("latin-1"))
        else:
            values[key] = [value.decode("latin-1")]

    def on_headers_complete(self) -> None:
        """The head is complete."""
        if self._rejoining:
            self._rejoining = False
            return
        if len(self._queue) >= PIPELINED:
            self._fault = 429
            raise ValueError
        self._head = 0
        self.idle_since = None
        path, query = target(self._url)
        parser = self._parser
        method = parser.get_method().decode("ascii")
        self._declined = parser.should_upgrade() and method != "CONNECT"
        call = Call(self, method, path, query, self._headers, keep=parser.should_keep_alive())
        self._incoming = call
        if self._current is None:
            self._start(call)
        else:
            self._queue.append(call)

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if self._incoming is not None:
            self._incoming.feed(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        if self._incoming is not None and not self._declined:
            self._incoming.end()
            self._incoming = None

    def go_on(self) -> None:
        """Tell a client that waits for it that its body is wanted."""
        if self._transport is not None and not self._closing:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def flow(self) -> None:
        """Read on, or leave what comes to the kernel's buffers, which slow the sender down."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        incoming = self._incoming
        pause = not self._closing and (
            self.stuck_since is not None
            or (incoming is not None and incoming.full)
            or len(self._queue) >= PIPELINED // 2
        )
        if pause is not self._paused:
            self._paused = pause
            if pause:
                transport.pause_reading()
            else:
                transport.resume_reading()

    def answer(self, call: Call, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send an answer and turn to the next request."""
        transport = self._sending()
        if transport is None:
            self._current = None
            return
        head = self._head_of(call, status, headers, len(body))
        transport.write(head if call.method == "HEAD" else head + body)
        self.end_answer(call)

    def begin_answer(self, call: Call, status: int, headers: list[tuple[str, str]], length: int) -> None:
        """Send the head of an answer whose body follows in pieces."""
        transport = self._sending()
        if transport is not None:
            transport.write(self._head_of(call, status, headers, length))

    async def send_piece(self, data: bytes) -> None:
        """Send a piece when there is room. Raises: ConnectionResetError, where the client has gone."""
        while self.stuck_since is not None and self._sending() is not None:
            room = self._room = self._server.loop.create_future()
            await room
        transport = self._sending()
        if transport is None:
            raise ConnectionResetError
        transport.write(data)

    def end_answer(self, call: Call) -> None:
        """All of an answer is sent: turn to the next request."""
        self._current = None
        if self._sending() is None:
            return
        if self._is_last(call):
            self._linger()
        elif self._queue:
            self._start(self._queue.popleft())
            self.flow()
        elif self._fault:
            self._refuse(self._fault)
        else:
            self.idle_since = self._server.loop.time()

    def _sending(self) -> Wire | None:
        """The transport, as long as answers can be sent."""
        transport = self._transport
        return None if transport is None or transport.is_closing() or self._closing else transport

    def _is_last(self, call: Call) -> bool:
        return not (call.keep and call.complete) or self._server.stopping

    def _head_of(self, call: Call, status: int, headers: list[tuple[str, str]], length: int) -> bytes:
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, '')}\r\n", self._server.date()]
        lines += [f"{name}: {value}\r\n" for name, value in headers]
        if status not in _BODILESS:
            lines.append(f"content-length: {length}\r\n")
        lines.append("connection: close\r\n\r\n" if self._is_last(call) else "\r\n")
        return "".join(lines).encode("latin-1")

    def _make_room(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def stop(self) -> None:
        """Close the connection where nothing is under way."""
        if self._current is None and self._transport is not None and not self._closing:
            self._transport.close()

    def _decline(self) -> None:
        """Go on in HTTP/1.1 where the client offered another protocol.

        The parser stops at such a head, before the body: a new one is told how the body is framed, and reads it.
        """
        self._parser = httptools.HttpRequestParser(self)
        if self._declined:
            self._declined, self._rejoining = False, True
            framing = "".join(
                f"{name}: {value}\r\n"
                for name in ("content-length", "transfer-encoding")
                for value in self._headers.get_all(name)
            )
            self._parser.feed_data(f"POST / HTTP/1.1\r\n{framing}\r\n".encode("latin-1"))

    def _start(self, call: Call) -> None:
        self._current = call
        self._server.begin(call)

    def _refuse(self, status: int) -> None:
        """Answer what is no request, after whatever is still being answered."""
        self._fault = status
        if self._current is not None:
            if not self._current.complete and self._current.task is not None:
                self._current.answered = True
                self._current.task.cancel()  # its body is what is broken
                self._current = None
            else:
                return
        if self._transport is not None and not self._closing:
            reason = _REASONS.get(status, "")
            self._transport.write(
                f"HTTP/1.1 {status} {reason}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode(
                    "ascii"
                )
            )
            self._linger()

    def _linger(self) -> None:
        self._closing = True
        self._queue.clear()
        self.idle_since = None
        self.flow()
        if self._transport is not None:
            if self._incoming is None and not self._fault:
                self._transport.close()
            else:
                self._server.loop.call_later(LINGER_SECONDS, self._transport.close)
