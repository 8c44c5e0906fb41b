"""Quarantine: a file that arrived is given to nobody before its size, digest, kind and, where there is a scanner, its
content were looked at. What is found keeps it from everyone; a scanner that does not answer keeps it waiting."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

import msgspec

from yiwang.blocks.files.domain import media
from yiwang.blocks.files.domain.keeping import Finding
from yiwang.blocks.journal.domain.errors import JournalError
from yiwang.blocks.journal.domain.prepared import Prepared
from yiwang.dataplane.filestore.errors import FileStoreError
from yiwang.dataplane.filestore.store import FileStore
from yiwang.gateway.calls import Committer
from yiwang.gateway.errors import Unavailable
from yiwang.gateway.files.ledger import Ledger
from yiwang.gateway.files.rows import FileRow, Place
from yiwang.gateway.files.scanning import Scanner, ScannerUnavailable
from yiwang.gateway.files.uploads import Uploads
from yiwang.gateway.request_ids import new_request_id
from yiwang.vocabulary.manifest import chunk_sizes, root

log = logging.getLogger(__name__)
T = TypeVar("T")
LOOK_SECONDS: Final = 5.0
"""How often another process's unfinished checks are looked for; an upload of this process is checked at once."""


class Outcome(msgspec.Struct, frozen=True):
    """What a check came to; no finding means that the file may be fetched."""

    digest: str
    sha256: str
    finding: Finding = ""
    text: str = ""


class Checker:
    """Checks files one after the other."""

    def __init__(
        self, ledger: Ledger, store: FileStore, uploads: Uploads, writer: Committer, executor: Executor,
        scanner: Scanner | None,
    ) -> None:  # fmt: skip
        """Nothing runs before `start`."""
        self._ledger = ledger
        self._store = store
        self._uploads = uploads
        self._writer = writer
        self._executor = executor
        self._scanner = scanner
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.trouble = ""
        """Why files wait at this moment, for /healthz."""

    def start(self) -> None:
        """Check what is waiting, and from now on what arrives."""
        self._task = asyncio.create_task(self._run(), name="files checker")

    async def stop(self) -> None:
        """Stop; a check under way is begun again by whoever comes next."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def look(self) -> None:
        """A file has arrived."""
        self._wake.set()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                while (file := await self._ledger.claim(self._uploads.now())) is not None:
                    await self._settle(file)
                    self.trouble = ""
            except ScannerUnavailable as problem:
                self.trouble = f"scanner: {problem}"
                log.warning("files wait for the scanner: %s", problem)
            except (Unavailable, JournalError, FileStoreError) as problem:
                self.trouble = f"check: {problem.code}"
                log.warning("files wait to be checked: %r", problem)
            except Exception:
                self.trouble = "check: fault"
                log.exception("a file could not be checked")
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._wake.wait()

    async def _settle(self, file: FileRow) -> None:
        outcome = await self.check(file, await self._ledger.places(file.id))
        detail: dict[str, object] = {"file": file.id, "length": file.length}
        if outcome.digest:
            detail |= {"digest": outcome.digest, "hash": file.hash}
        if outcome.finding:
            detail |= {"finding": outcome.finding}
        await self._writer.commit(
            Prepared(
                kind="event", event="file-refused" if outcome.finding else "file-ready", request_id=new_request_id(),
                status=0, provider=file.provider, resource=file.resource, client=file.client, detail=detail,
            )
        )  # fmt: skip
        await self._ledger.judged(
            file.id, outcome.digest, outcome.sha256, outcome.finding, outcome.text, self._uploads.now()
        )

    async def check(self, file: FileRow, places: tuple[Place, ...]) -> Outcome:
        """Look at a whole file. Raises: ScannerUnavailable, StoreTrouble."""
        if [place.size for place in places] != list(chunk_sizes(file.length)):
            return Outcome("", "", "damaged", "chunks")
        sha256 = await self._uploads.running.of(file.id, file.length)
        if sha256 is None:
            sha256 = await self._sha256(file, places)
        if sha256 is None:
            return Outcome("", "", "damaged", "digest")
        digest = root(self._uploads.hash_name, [place.digest for place in places])
        if file.declared and file.declared != sha256:
            return Outcome(digest, sha256, "digest", "declared")
        shown = media.contradicts(file.media, await self._head(places))
        if shown is not None:
            return Outcome(digest, sha256, "media", shown)
        if self._scanner is not None:
            found = await self._scanner.verdict(self._content(file, places))
            if found is not None:
                return Outcome(digest, sha256, "malware", found)
        return Outcome(digest, sha256)

    async def _sha256(self, file: FileRow, places: tuple[Place, ...]) -> str | None:
        """SHA-256 of the whole, every chunk compared with its own digest; None where one is damaged."""
        whole = hashlib.sha256()
        for number, place in enumerate(places):
            data = await self._aside(partial(self._store.whole, place.digest, place.size))
            if data is None:
                return None
            await self._aside(partial(whole.update, data))
            if number % 32 == 31:
                await self._ledger.keep_claim(file.id, self._uploads.now())
        return whole.hexdigest()

    async def _head(self, places: tuple[Place, ...]) -> bytes:
        if not places:
            return b""
        return await self._aside(partial(self._store.read, places[0].digest, 0, media.HEAD))

    async def _content(self, file: FileRow, places: tuple[Place, ...]) -> AsyncIterator[bytes]:
        for number, place in enumerate(places):
            yield await self._aside(partial(self._store.read, place.digest))
            if number % 32 == 31:
                await self._ledger.keep_claim(file.id, self._uploads.now())

    async def _aside(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)
