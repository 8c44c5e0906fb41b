"""Pieces of one upload that come over several connections: taken side by side, stored one after the other.

tus asks for pieces in their order. A piece that begins where one under way will end is read, digested and written while
the other is; it is stored when the other has been, and refused for its offset where the other fails. So a sender that
keeps two pieces under way does not wait for the disk between them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from yiwang.blocks.files.domain.errors import OffsetWrong
from yiwang.vocabulary.manifest import CHUNK

AHEAD: Final = 2 * CHUNK
"""How far before the upload's offset a piece may begin."""
GRACE: Final = 0.3
"""Seconds in which the piece before may turn up: the two travel on different connections."""
_LOOK: Final = 1.0


class Line:
    """The pieces of one upload that are under way here."""

    def __init__(self, offset: int) -> None:
        """`offset`: where the upload stands."""
        self.offset = offset
        self.coming: list[int] = []
        self.changed = asyncio.Event()

    def move(self, offset: int) -> None:
        """A piece was stored."""
        self.offset = offset
        self.changed.set()

    async def expect(self, given: int) -> None:
        """Whether a piece may be read. Raises: OffsetWrong, where nothing leads up to it."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + GRACE
        while self.offset != given and not self._leads_to(given):
            left = ends - loop.time()
            if not 0 < given - self.offset <= AHEAD or left <= 0:
                raise OffsetWrong(offset=self.offset, given=given)
            await self._change(left)

    async def turn(self, given: int) -> None:
        """Wait until the upload stands where a piece begins. Raises: OffsetWrong, where the piece before failed."""
        while self.offset < given and self._leads_to(given):
            await self._change(_LOOK)
        if self.offset != given:
            raise OffsetWrong(offset=self.offset, given=given)

    def _leads_to(self, given: int) -> bool:
        return any(one < given for one in self.coming)

    async def _change(self, seconds: float) -> None:
        self.changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.changed.wait()


class Lines:
    """The lines of one gateway process."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}

    @contextmanager
    def piece(self, file: str, offset: int, given: int) -> Iterator[Line]:
        """A piece is under way; `offset` is where the upload stood when it was looked up."""
        line = self._lines.get(file)
        if line is None:
            line = self._lines[file] = Line(offset)
        line.coming.append(given)
        line.changed.set()
        try:
            yield line
        finally:
            line.coming.remove(given)
            line.changed.set()
            if not line.coming:
                del self._lines[file]
