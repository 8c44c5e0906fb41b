"""A door between a job and its database that a test shuts while bytes go through it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Door:
    """Listens on a port of its own and passes everything on; after `limit` bytes to the job all connections are cut."""

    host: str
    port: int
    limit: int = 1 << 60
    passed: int = 0
    cuts: int = 0
    _open: list[socket.socket] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    def address(self, url: str) -> str:
        """The same database through this door."""
        parts = urlsplit(url)
        return url.replace(f"{parts.hostname}:{parts.port}", f"127.0.0.1:{self._listener.getsockname()[1]}")

    def cut(self) -> None:
        """Every connection that is open now."""
        with self._lock:
            self.cuts += 1
            for held in self._open:
                with contextlib.suppress(OSError):
                    held.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection((self.host, self.port))
            except OSError:
                return
            with self._lock:
                self._open += [near, far]
            threading.Thread(target=self._pass, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(far, near, True), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
                self.passed += len(data)
                if counted and self.passed > self.limit:
                    self.limit = 1 << 60
                    self.cut()
        for held in (one, other):  # closing alone wakes nobody who waits for the other direction
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
            held.close()


@contextlib.contextmanager
def door(url: str) -> Iterator[Door]:
    """A door to the server of a database."""
    parts = urlsplit(url)
    held = Door(str(parts.hostname), parts.port or 5432)
    try:
        yield held
    finally:
        held.close()
