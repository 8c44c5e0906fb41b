"""A download: gone on with where it broke off, every chunk compared before it counts, confirmed when it is whole."""

from __future__ import annotations

import os
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import httpx

from yiwang.client.caller import Caller
from yiwang.client.evidence import Evidence
from yiwang.client.file_errors import ChunkBroken, DownloadStuck, LocalFileExists
from yiwang.client.files import FileFlows, content_ask
from yiwang.client.transfer.drivers import Driver
from yiwang.client.transfer.local import ATTEMPTS, Progress, usable
from yiwang.vocabulary.crypto import SUITES, Suite
from yiwang.vocabulary.envelope import Purpose
from yiwang.vocabulary.file_names import safe_name
from yiwang.vocabulary.manifest import CHUNK, Manifest


@dataclass(frozen=True)
class Downloaded:
    """A file that was fetched. `evidence` proves what the node said it is made of, `receipt` that it was confirmed."""

    path: Path
    manifest: Manifest
    evidence: Evidence
    receipt: Evidence
    resumed_at: int


@dataclass(frozen=True)
class Fetch:
    """What is fetched, to where and for what."""

    caller: Caller
    file: str
    folder: Path
    purpose: str
    grant: str | None
    progress: Progress | None

    async def run(self, driver: Driver) -> Downloaded:
        """Fetch it. Raises: as `download`."""
        flows = FileFlows(self.caller)
        manifest, evidence = await driver.run(flows.manifest(self.file, self.purpose, self.grant))
        target = self.folder / safe_name(manifest.name, manifest.file)
        with usable(target):
            begun = await self._into(target, manifest, driver)
        receipt = await driver.run(flows.confirm(manifest, self.purpose, self.grant))
        return Downloaded(target, manifest, evidence, receipt, begun)

    async def _into(self, target: Path, manifest: Manifest, driver: Driver) -> int:
        """Fill a file beside the name, then give it the name; returns where it began."""
        if target.exists():
            raise LocalFileExists(path=str(target))
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f".{manifest.file}.part"
        with part.open("r+b" if part.exists() else "w+b") as into:
            async with driver:
                begun = await _Download(self, manifest, into, driver).run()
        if target.exists():
            raise LocalFileExists(path=str(target))
        part.rename(target)
        return begun


class _Download:
    def __init__(self, told: Fetch, manifest: Manifest, into: BinaryIO, driver: Driver) -> None:
        self._told = told
        self._manifest = manifest
        self._into = into
        self._driver = driver
        self._purpose = Purpose.parse(told.purpose)
        self._suite: Suite = next(one for one in SUITES.values() if one.hash_name == manifest.hash)
        self._done = 0

    async def run(self) -> int:
        """Fetch what is missing and see it on the disk; returns where it began."""
        begun = self._done = await self._intact()
        self._tell()
        tries = 0
        while self._done < self._manifest.length:
            before = self._done
            try:
                await self._fetch()
            except httpx.HTTPError as problem:
                tries = 0 if self._done > before else tries + 1
                if tries > ATTEMPTS:
                    raise DownloadStuck(
                        file=self._manifest.file, reason=type(problem).__name__, done=self._done
                    ) from problem
                await self._driver.pause(min(0.2 * 2**tries, 10.0))
        await self._driver.beside(self._to_disk)
        return begun

    async def _intact(self) -> int:
        """How much of an earlier attempt is as the manifest says: whole chunks only."""
        at = 0
        for number, size in enumerate(self._manifest.sizes()):
            if not await self._driver.beside(partial(self._is_intact, number, at, size)):
                break
            at += size
        return at

    def _is_intact(self, number: int, at: int, size: int) -> bool:
        data = os.pread(self._into.fileno(), size, at)
        return len(data) == size and self._suite.digest(data).hex() == self._manifest.chunks[number]

    async def _fetch(self) -> None:
        """Take chunks from one answer; each is digested while the next one comes."""
        checking: Awaitable[int] | None = None
        arrived = self._done
        ask = content_ask(self._manifest, arrived)
        async with self._driver.content(ask, self._purpose, self._told.grant) as pieces:
            held = bytearray()
            try:
                async for piece in pieces:
                    held += piece
                    size = min(CHUNK, self._manifest.length - arrived)
                    while len(held) >= size > 0:
                        chunk = bytes(held[:size])
                        del held[:size]
                        before, checking = checking, None
                        await self._counted(before)
                        checking = self._driver.beside(partial(self._keep, arrived, chunk))
                        arrived += size
                        size = min(CHUNK, self._manifest.length - arrived)
            finally:
                await self._counted(checking)

    async def _counted(self, checking: Awaitable[int] | None) -> None:
        """Count a chunk once it is compared and written. Raises: ChunkBroken."""
        if checking is not None:
            self._done = await checking
            self._tell()

    def _keep(self, at: int, chunk: bytes) -> int:
        number = at // CHUNK
        if self._suite.digest(chunk).hex() != self._manifest.chunks[number]:
            raise ChunkBroken(file=self._manifest.file, chunk=number)
        os.pwrite(self._into.fileno(), chunk, at)
        return at + len(chunk)

    def _to_disk(self) -> None:
        self._into.truncate(self._manifest.length)
        os.fsync(self._into.fileno())

    def _tell(self) -> None:
        if self._told.progress is not None:
            self._told.progress(self._done, self._manifest.length)
