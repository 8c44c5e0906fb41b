"""The folder of chunks and landings. Every write is on disk when it returns; what failed half-way is gone.

Layout below the root: `chunks/<hash>/<two digits>/<digest>`, `landing/<file id>.<number>` (a chunk of an upload that
is not yet full), `landing/.<random>` (a chunk while it is written).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path
from typing import Final

from yiwang.dataplane.filestore.arriving import ArrivingChunk
from yiwang.dataplane.filestore.disk import disk, sync_folder, write_all
from yiwang.dataplane.filestore.errors import StoreFull, StoreTrouble
from yiwang.vocabulary.crypto import Suite
from yiwang.vocabulary.manifest import CHUNK

RESERVE: Final = 256 << 20
"""Bytes of the disk that uploads leave free: the database and the logs live there too."""


LANDED: Final = 7 * 86_400.0
"""Seconds after which nobody goes on with an unfinished chunk any more: uploads end after three days."""


def landing_name(file: str, offset: int) -> str:
    """Where the unfinished chunk of a file at an offset lies.

    Each chunk has a place of its own: what was acknowledged is never written over by what comes after it and may fail.
    """
    return f"{file}.{offset // CHUNK}"


class FileStore:
    """Blocking; safe to use from several threads and processes, as long as one at a time adds to one upload."""

    def __init__(self, root: Path, suite: Suite, *, reserve: int = RESERVE) -> None:
        """The folder is made when it is missing. Raises: StoreTrouble."""
        self.suite = suite
        self._chunks = root / "chunks" / suite.hash_name
        self._landing = root / "landing"
        self._reserve = reserve
        with disk():
            for folder in (self._chunks, self._landing):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def check_room(self, length: int) -> None:
        """Raises: StoreFull, where the disk has no room for so many bytes more; StoreTrouble."""
        with disk():
            free = shutil.disk_usage(self._landing).free
        if free < length + self._reserve:
            raise StoreFull

    def arriving(self) -> ArrivingChunk:
        """A new chunk to be written. Raises: StoreFull, StoreTrouble."""
        return ArrivingChunk(self._landing / f".{secrets.token_hex(12)}")

    def put(self, digest: str, data: bytes | memoryview) -> None:
        """Store a chunk under its digest. Raises: StoreFull, StoreTrouble; nothing of the chunk is kept then."""
        chunk = self.arriving()
        try:
            chunk.write([bytes(data)])
            chunk.sync()
            chunk.keep(self.path(digest))
        finally:
            chunk.close()

    def has(self, digest: str, size: int) -> bool:
        """Whether a chunk of that digest and size is there."""
        try:
            return self.path(digest).stat().st_size == size
        except OSError:
            return False

    def read(self, digest: str, first: int = 0, size: int = CHUNK) -> bytes:
        """Bytes of a chunk from `first` on. Raises: FileNotFoundError, where there is none; StoreTrouble."""
        try:
            number = os.open(self.path(digest), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise
        except OSError as problem:
            raise StoreTrouble from problem
        try:
            with disk():
                return os.pread(number, size, first)
        finally:
            os.close(number)

    def whole(self, digest: str, size: int) -> bytes | None:
        """A chunk that is what its digest says; None where it is missing or another. Raises: StoreTrouble."""
        try:
            data = self.read(digest)
        except FileNotFoundError:
            return None
        return data if len(data) == size and self.suite.digest(data).hex() == digest else None

    def remove(self, digest: str) -> None:
        """Forget a chunk to which no file refers. Raises: StoreTrouble."""
        with disk():
            self.path(digest).unlink(missing_ok=True)

    def land(self, place: str, at: int, data: bytes | memoryview) -> None:
        """Write into an unfinished chunk (`landing_name`), `at` bytes from its beginning.

        What an earlier attempt left behind that was never acknowledged is written over or lies past the offset.
        Raises: StoreFull, StoreTrouble.
        """
        with disk():
            _write(self._landing / place, data, at)

    def landed(self, place: str, size: int) -> bytes | None:
        """The first bytes of the unfinished chunk; None where fewer are there. Raises: StoreTrouble."""
        if size == 0:
            return b""
        with disk():
            try:
                number = os.open(self._landing / place, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return None
            try:
                data = os.pread(number, size, 0)
            finally:
                os.close(number)
        return data if len(data) == size else None

    def drop(self, place: str) -> None:
        """Forget an unfinished chunk. Raises: StoreTrouble."""
        with disk():
            (self._landing / place).unlink(missing_ok=True)

    def strays(self, older_than: float) -> int:
        """Remove what killed processes left behind before that time (Unix seconds); returns how many.

        Chunks half-written are strays at once, unfinished chunks of uploads when they are `LANDED` older.
        """
        removed = 0
        with disk():
            for path in self._landing.iterdir():
                patience = 0.0 if path.name.startswith(".") else LANDED
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime < older_than - patience:
                        path.unlink()
                        removed += 1
        return removed

    def path(self, digest: str) -> Path:
        """Where a chunk lies."""
        return self._chunks / digest[:2] / digest


def _write(path: Path, data: bytes | memoryview, at: int) -> None:
    """Write and wait for the disk; a file that had to be made anew is in its folder for good too."""
    fresh = not path.exists()
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        write_all(number, data, at)
        os.fsync(number)
    finally:
        os.close(number)
    if fresh:
        sync_folder(path.parent)
