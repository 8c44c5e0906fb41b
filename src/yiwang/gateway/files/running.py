"""SHA-256 of whole files, computed beside their upload as pieces are stored, off the event loop.

They are a short cut: where one is missing (another process took the upload over, or this one was restarted), the
check after the upload reads the file again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from concurrent.futures import Executor
from typing import Final

KEPT: Final = 64
"""Uploads whose digest is kept at a time."""


class _Digest:
    """One file's digest: `fed` bytes so far, `task` digests the last piece."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()
        self.fed = 0
        self.task: asyncio.Future[None] | None = None

    def take(self, blocks: list[bytes]) -> None:
        for block in blocks:
            self.hash.update(block)


class RunningDigests:
    """The digests of the uploads of one gateway process."""

    def __init__(self, executor: Executor) -> None:
        """Pieces are digested by `executor`, one of a file at a time."""
        self._executor = executor
        self._kept: OrderedDict[str, _Digest] = OrderedDict()

    async def feed(self, file: str, offset: int, blocks: list[bytes]) -> None:
        """Digest the blocks of a stored piece. Waits only for the piece before, so that at most one is in memory for it."""
        digest = self._kept.get(file)
        if digest is None:
            if offset != 0:
                return
            digest = self._kept[file] = _Digest()
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        if digest.fed != offset:
            del self._kept[file]
            return
        digest.fed += sum(map(len, blocks))
        if digest.task is not None:
            await digest.task
        digest.task = asyncio.get_running_loop().run_in_executor(self._executor, digest.take, blocks)

    async def of(self, file: str, length: int) -> str | None:
        """SHA-256 of the whole file, if every byte of it was fed; it is forgotten then."""
        digest = self._kept.pop(file, None)
        if digest is None or digest.fed != length:
            return None
        if digest.task is not None:
            await digest.task
        return digest.hash.digest().hex()

    def forget(self, file: str) -> None:
        """The upload was given up."""
        self._kept.pop(file, None)
