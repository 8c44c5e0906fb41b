"""A chunk that is written while it arrives, before it is known to be what its sender says."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from yiwang.dataplane.filestore.disk import disk, sync_folder, write_all


class ArrivingChunk:
    """Bytes in a file of their own beside the chunks; kept under their digest, or forgotten."""

    def __init__(self, path: Path) -> None:
        """Raises: StoreFull, StoreTrouble."""
        self._path = path
        self._size = 0
        self._open = True
        self._turn = threading.Lock()
        with disk():
            self._number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, block: Sequence[bytes]) -> None:
        """Add a block in parts; nothing happens once it was let go. Raises: StoreFull, StoreTrouble."""
        with self._turn, disk():
            for part in block if self._open else ():
                write_all(self._number, part, self._size)
                self._size += len(part)

    def sync(self) -> None:
        """Wait until every byte is on disk. Raises: StoreFull, StoreTrouble."""
        with self._turn, disk():
            if self._open:
                os.fsync(self._number)

    def keep(self, target: Path) -> None:
        """Put it where its digest says, for good; whatever was there is replaced at once. Raises: StoreFull, StoreTrouble."""
        with disk():
            if not target.parent.is_dir():
                target.parent.mkdir(exist_ok=True, mode=0o700)
                sync_folder(target.parent.parent)
            self._path.replace(target)
            sync_folder(target.parent)

    def close(self) -> None:
        """Let go, when what a thread is doing with it is done; what was not kept is gone."""
        with self._turn, contextlib.suppress(OSError):
            if self._open:
                self._open = False
                os.close(self._number)
        with contextlib.suppress(OSError):
            self._path.unlink()
