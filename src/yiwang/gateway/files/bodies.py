"""Pieces of files as they come in: one at a time whole in memory, and few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from yiwang.blocks.files.domain.errors import UploadPieceTooLarge
from yiwang.gateway.bodies import Incoming
from yiwang.gateway.errors import BodyTooSlow, Busy
from yiwang.vocabulary.manifest import CHUNK

AT_ONCE: Final = 8
"""Pieces that are held at a time: 32 MiB."""
SECONDS: Final = 120.0
"""Time within which a piece must arrive: a line of 300 kbit/s brings 4 MiB in it."""


class Pieces:
    """Reads pieces within one budget."""

    def __init__(self, seconds: float = SECONDS) -> None:
        """`seconds`: time within which a piece must arrive."""
        self._seconds = seconds
        self._under_way = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Room for one piece, from reading it until it is stored. Raises: Busy."""
        if self._under_way >= AT_ONCE:
            raise Busy(retry_after=1)
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def read(self, incoming: Incoming, length: str | None, most: int) -> bytes:
        """The piece, `most` bytes at the longest. Raises: UploadPieceTooLarge, BodyTooSlow."""
        most = min(most, CHUNK)
        if length is not None and not (length.isascii() and length.isdigit() and int(length[:19]) <= most):
            raise UploadPieceTooLarge(limit=most)
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._seconds):
                async for part in incoming:
                    size += len(part)
                    if size > most:
                        raise UploadPieceTooLarge(limit=most)
                    parts.append(part)
        except TimeoutError:
            raise BodyTooSlow(seconds=int(self._seconds)) from None
        return b"".join(parts)
