"""Puts the parts of file exchange together."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from yiwang.dataplane.filestore.store import FileStore
from yiwang.gateway.authentication import Authenticated, Authentication, Scope
from yiwang.gateway.bodies import Incoming
from yiwang.gateway.calls import Calls, Committer, Keeper, Reply
from yiwang.gateway.config import Config
from yiwang.gateway.files.checking import Checker
from yiwang.gateway.files.door import FileDoor
from yiwang.gateway.files.downloads import Downloads
from yiwang.gateway.files.ledger import Ledger
from yiwang.gateway.files.permits import Permits
from yiwang.gateway.files.scanning import Scanner
from yiwang.gateway.files.uploads import Uploads
from yiwang.vocabulary.crypto import SUITES

THREADS = 4
"""For the disk and for digests, both of which leave the interpreter free while they work."""


class Files:
    """File exchange of one gateway process."""

    def __init__(
        self, config: Config, authentication: Authentication, calls: Calls, keeper: Keeper, writer: Committer
    ) -> None:
        """Nothing is opened before `open`, nothing runs before `start`."""
        suite = SUITES[config.suite]
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="files")
        self._ledger = Ledger(config.database_url)
        store = FileStore(config.files_folder, suite)
        permits = Permits(calls, keeper, writer, time.time)
        uploads = Uploads(self._ledger, store, suite, self._executor, time.time)
        scanner = Scanner(config.scanner) if config.scanner else None
        self._checker = Checker(self._ledger, store, uploads, writer, self._executor, scanner)
        downloads = Downloads(config.node, self._ledger, store, permits, self._executor)
        self._door = FileDoor(
            authentication, calls, keeper, self._ledger, permits, uploads, downloads, self._checker
        )

    async def open(self) -> None:
        """Raises: OSError, PostgresError."""
        await self._ledger.start()

    def start(self) -> None:
        """Check what waits, from now on."""
        self._checker.start()

    async def stop(self) -> None:
        """Finish what is under way."""
        await self._checker.stop()
        await self._ledger.stop()
        self._executor.shutdown(wait=False)

    async def answer(self, scope: Scope, incoming: Incoming, request_id: str) -> Reply:
        """Answer a request below `/v1/files`."""
        return await self._door.answer(scope, incoming, request_id)

    async def routed(self, proven: Authenticated, code: str, request_id: str, started: int) -> Reply:
        """Answer what a peer asks for one of its receivers. Raises: YwError."""
        return await self._door.routed(proven, code, request_id, started)

    def complaints(self) -> list[str]:
        """What is wrong, in words for operators."""
        return [f"files: {self._checker.trouble}"] if self._checker.trouble else []
