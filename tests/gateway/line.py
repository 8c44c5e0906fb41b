"""A line between two processes that a test cuts, or on which it changes what is carried: a TCP proxy of whole HTTP messages."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")
_SAID = re.compile(rb"(?i)(content-length: *)[0-9]+")
Change = Callable[[bytes], bytes]
"""Takes a whole HTTP message and gives what is carried on; may raise `Cut`."""


class Cut(Exception):
    """Carry only this much of the message, then break the connection."""

    def __init__(self, part: bytes = b"") -> None:
        super().__init__("cut")
        self.part = part


def unchanged(message: bytes) -> bytes:
    return message


def with_body(message: bytes, body: bytes) -> bytes:
    """The message with another body, its length said rightly."""
    head, _, _ = message.partition(b"\r\n\r\n")
    return _SAID.sub(rb"\g<1>%d" % len(body), head) + b"\r\n\r\n" + body


class Line:
    """Listens on a port of its own and carries to `port`, until `close`."""

    def __init__(self, port: int) -> None:
        self._to = port
        self.request: Change = unchanged
        self.answer: Change = unchanged
        self.carried: list[bytes] = []
        """Every whole request that was carried."""
        self._whole = True
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def lead_to(self, port: int) -> None:
        """Carry to another port from the next connection on."""
        self._to = port

    def cut(self) -> None:
        """Break every connection and let none through until `mend`."""
        self._whole = False
        self._break()

    def mend(self) -> None:
        """Carry everything unchanged again, over new connections."""
        self.request = self.answer = unchanged
        self._whole = True

    @contextmanager
    def changing(self, *, request: Change = unchanged, answer: Change = unchanged) -> Iterator[None]:
        self.request, self.answer = request, answer
        try:
            yield
        finally:
            self.mend()

    def close(self) -> None:
        self._server.close()
        self._break()

    def _break(self) -> None:
        with self._lock:
            broken, self._open = self._open, set()
        for one in broken:
            _reset(one)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            if not self._whole:
                _reset(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._to), timeout=30)
            except OSError:
                _reset(near)
                continue
            far.settimeout(None)
            for one in (near, far):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open |= {near, far}
            for source, target, way in ((near, far, "request"), (far, near, "answer")):
                threading.Thread(target=self._carry, args=(source, target, way), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, way: str) -> None:
        try:
            for message in _messages(source):
                if way == "request":
                    self.carried.append(message)
                try:
                    target.sendall(getattr(self, way)(message))
                except Cut as cut:
                    target.sendall(cut.part)
                    break
        except OSError:
            pass
        for one in (source, target):
            with self._lock:
                known = one in self._open
                self._open.discard(one)
            if known:
                one.shutdown(socket.SHUT_RDWR) if _alive(one) else None
                one.close()


def _messages(source: socket.socket) -> Iterator[bytes]:
    data = b""
    while True:
        head = data.find(b"\r\n\r\n")
        if head >= 0:
            found = _LENGTH.search(data, 0, head)
            size = head + 4 + (int(found[1]) if found else 0)
            if len(data) >= size:
                yield data[:size]
                data = data[size:]
                continue
        more = source.recv(262_144)
        if not more:
            return
        data += more


def _alive(one: socket.socket) -> bool:
    try:
        one.getpeername()
    except OSError:
        return False
    return True


def _reset(one: socket.socket) -> None:
    """Close at once, the other side sees a reset."""
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if _alive(one):
            one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()
