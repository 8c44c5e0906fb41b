"""An upload: begun or gone on with, piece by piece, until the node has checked it."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from yiwang.client.caller import Caller
from yiwang.client.errors import ClientError, GatewayRefused
from yiwang.client.file_errors import LocalFileChanged
from yiwang.client.files import FileFlows, FilePage
from yiwang.client.paging import pages_async
from yiwang.client.transfer.drivers import UNDER_WAY, Driver
from yiwang.client.transfer.local import ATTEMPTS, Progress, usable
from yiwang.vocabulary.manifest import CHUNK, Listed

AGAIN: Final = frozenset({"upload-offset", "upload-busy", "upload-checksum"})
"""Refusals after which the offset is asked for and the upload goes on."""
POLL_SECONDS, LONGEST_POLL = 0.05, 2.0


@dataclass(frozen=True)
class Uploaded:
    """A file that arrived. `sha256` is that of the whole once it was checked (`state` ready)."""

    id: str
    length: int
    state: str
    sha256: str | None
    finding: str | None
    resumed_at: int


@dataclass(frozen=True)
class Deliver:
    """What is delivered, to where and under which name."""

    caller: Caller
    path: Path
    code: str
    name: str | None
    media: str | None
    progress: Progress | None

    async def run(self, driver: Driver, wait: float) -> Uploaded:
        """Deliver it. Raises: as `upload`."""
        with usable(self.path), self.path.open("rb") as content:
            async with driver:
                return await _Upload(self, content, driver).run(wait)


class _Upload:
    def __init__(self, told: Deliver, content: BinaryIO, driver: Driver) -> None:
        self._told = told
        self._driver = driver
        self._flows = FileFlows(told.caller)
        self._name = told.name or told.path.name
        self._content = content
        facts = os.fstat(content.fileno())
        self._length = facts.st_size
        self._mark = str(facts.st_mtime_ns)
        self._suite = told.caller.key.suite

    async def run(self, wait: float) -> Uploaded:
        number, begun = await self._begin()
        await self._send(number, begun)
        ends = time.monotonic() + wait
        standing = await self._driver.run(self._flows.standing(number))
        pause = POLL_SECONDS
        while standing.state == "checking" and time.monotonic() < ends:
            await self._driver.pause(pause)
            pause = min(2 * pause, LONGEST_POLL)
            standing = await self._driver.run(self._flows.standing(number))
        return Uploaded(number, self._length, standing.state, standing.sha256, standing.finding, begun)

    async def _begin(self) -> tuple[str, int]:
        def page(before: str | None) -> Awaitable[FilePage]:
            return self._driver.run(self._flows.page(self._told.code, before, None, None))

        async for one in pages_async(page, self._told.caller.gateway):
            for file in one.files:
                if await self._is_begun(file):
                    return file.id, (await self._driver.run(self._flows.standing(file.id))).offset
        announced = self._flows.announce(
            self._told.code, self._name, self._length, self._told.media, self._mark, ""
        )
        return await self._driver.run(announced), 0

    async def _is_begun(self, one: Listed) -> bool:
        """Whether an unfinished upload is of this very file: name, length, time of change, and its last whole chunk."""
        if (one.name, one.length, one.mark, one.state) != (self._name, self._length, self._mark, "arriving"):
            return False
        if one.uploaded < CHUNK or one.hash != self._suite.hash_name:
            return True
        manifest = await self._driver.run(self._flows.arrived(one.id))
        last = one.uploaded // CHUNK - 1
        _, digest = await self._ahead(last * CHUNK)
        return manifest.chunks[last] == digest.hex()

    async def _send(self, number: str, offset: int) -> None:
        """Keep two pieces under way, each read and digested while the ones before travel."""
        tries, ahead = 0, offset
        coming = self._ahead(ahead)
        sent: deque[Awaitable[int]] = deque()
        self._tell(offset)
        while offset < self._length:
            while len(sent) < UNDER_WAY and ahead < self._length:
                data, digest = await coming
                sent.append(self._driver.send(self._flows.append(number, ahead, data, digest, None)))
                ahead += len(data)
                coming = self._ahead(ahead)
            try:
                offset = await sent.popleft()
                tries = 0
            except GatewayRefused as refused:
                tries += 1
                if refused.code not in AGAIN or tries > ATTEMPTS:
                    raise
                while sent:
                    with contextlib.suppress(ClientError):
                        await sent.popleft()
                await self._driver.pause(min(0.05 * 2**tries, 5.0))
                offset = ahead = (await self._driver.run(self._flows.standing(number))).offset
                await coming
                coming = self._ahead(ahead)
            self._tell(offset)
        facts = os.fstat(self._content.fileno())
        if (facts.st_size, str(facts.st_mtime_ns)) != (self._length, self._mark):
            await self._driver.run(self._flows.withdraw(number))
            raise LocalFileChanged(path=str(self._told.path))

    def _ahead(self, offset: int) -> Awaitable[tuple[bytes, bytes]]:
        """Read and digest the next piece while the one before is on its way."""
        return self._driver.beside(lambda: self._piece(offset))

    def _piece(self, offset: int) -> tuple[bytes, bytes]:
        if offset >= self._length:
            return b"", b""
        size = min(CHUNK - offset % CHUNK, self._length - offset)
        data = os.pread(self._content.fileno(), size, offset)
        if len(data) != size:
            raise LocalFileChanged(path=str(self._told.path))
        return data, self._suite.digest(data)

    def _tell(self, done: int) -> None:
        if self._told.progress is not None:
            self._told.progress(done, self._length)
