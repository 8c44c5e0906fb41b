"""The notary: one process a node, sole writer of the log `office`.

Turns outbox rows, which web and worker leave with their changes, into leaves within milliseconds; stores nodes and
sums for all logs; clears away old nonces. Started as `python -m yiwang.gateway.evidence.notary`.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import msgspec
import uvloop

from yiwang.blocks.journal.domain.errors import JournalError
from yiwang.blocks.journal.domain.outbox import prepared_of
from yiwang.blocks.journal.domain.prepared import Prepared
from yiwang.blocks.journal.domain.subjects import period_purpose
from yiwang.gateway.config import Config
from yiwang.gateway.errors import KeysRefused
from yiwang.gateway.evidence.deriving import derive, prune
from yiwang.gateway.evidence.faults import FAULTS
from yiwang.gateway.evidence.signing import KeySigner, Signer
from yiwang.gateway.evidence.writer import EvidenceWriter
from yiwang.vocabulary.crypto import FileKeyProvider
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.evidence import LeafMalformed
from yiwang.vocabulary.logs import log_to_stderr

_log = logging.getLogger(__name__)

LOG = "office"
CHANNEL = "yw_outbox"
POLL_SECONDS = 1.0
PRUNE_SECONDS = 300.0
LARGEST = 200
_OUTBOX = "SELECT id, entry FROM journal_outbox WHERE id <> ALL ($1::bigint[]) ORDER BY id LIMIT $2"
_TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, JournalError)


class Notary:
    """Writes the office log and everything that is derived from the logs."""

    def __init__(
        self, dsn: str, *, node: str, signer: Signer, keys: FileKeyProvider, high_water: Path
    ) -> None:
        """Nothing is opened before `run`."""
        self._dsn = dsn
        self._writer = EvidenceWriter(
            dsn, node=node, log=LOG, signer=signer, high_water=high_water,
            subject_key=lambda period: keys.sealing_key(period_purpose(period)),
        )  # fmt: skip
        self._wake = asyncio.Event()
        self._stopping = False
        self._unreadable: list[int] = []
        self._pruned = float("-inf")

    def stop(self) -> None:
        """Ask `run` to return."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Work until `stop`; a lost database is waited for. Raises: LogTaken, JournalDamaged, JournalUnavailable."""
        await self._writer.start()
        try:
            while not self._stopping:
                try:
                    await self._serve()
                except _TROUBLE as problem:
                    _log.warning("the notary waits: %s", problem)
                    await self._pause(POLL_SECONDS)
        finally:
            await self._writer.stop()

    async def _serve(self) -> None:
        connection: asyncpg.Connection = await asyncpg.connect(
            self._dsn, timeout=10, command_timeout=60, server_settings={"application_name": "yiwang notary"}
        )
        try:
            await connection.add_listener(CHANNEL, self._heard)
            while not self._stopping:
                self._wake.clear()
                more = await self._notarise(connection)
                more |= await derive(connection)
                await self._clear(connection)
                if not more:
                    await self._pause(POLL_SECONDS)
        finally:
            await connection.close(timeout=2)

    async def _notarise(self, connection: asyncpg.Connection) -> bool:
        """Turn what is in the outbox into leaves; the rows go in the transaction that stores the leaves."""
        rows = await connection.fetch(_OUTBOX, self._unreadable, LARGEST)
        prepared: list[Prepared] = []
        for row in rows:
            try:
                prepared.append(prepared_of(row["entry"], row["id"]))
            except msgspec.DecodeError:
                _log.exception("outbox row %d cannot be read and stays", row["id"])
                self._unreadable.append(row["id"])
        if FAULTS and prepared:
            FAULTS.reach("outbox-read")
        done = await asyncio.gather(*map(self._writer.commit, prepared), return_exceptions=True)
        for given, one in zip(prepared, done, strict=True):
            if isinstance(one, LeafMalformed) and given.outbox is not None:
                _log.error("outbox row %d is no leaf and stays: %s", given.outbox, one)
                self._unreadable.append(given.outbox)
            elif isinstance(one, BaseException):
                raise one
        return len(rows) == LARGEST

    async def _clear(self, connection: asyncpg.Connection) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._pruned >= PRUNE_SECONDS:
            self._pruned = now
            await prune(connection, datetime.now(UTC))

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return

    def _heard(self, *_: object) -> None:
        self._wake.set()


async def serve() -> None:
    """Run with the settings of the environment until SIGTERM or SIGINT."""
    config = Config.from_environment()
    if config.mode == "production" and not FileKeyProvider.production_ready:
        raise KeysRefused
    keys = FileKeyProvider(config.data / "keys", create=True, suite_name=config.suite)
    notary = Notary(
        config.database_url,
        node=config.node,
        signer=KeySigner(keys.signing_key("evidence")),
        keys=keys,
        high_water=config.data / "journal",
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, notary.stop)
    await notary.run()


def main() -> None:
    """Exit 0 after a stop, 1 with the reason when the office log cannot be taken or is damaged."""
    log_to_stderr()
    try:
        uvloop.run(serve())
    except YwError as problem:
        sys.stderr.write(f"{problem.code}: {problem.text('zh')} {problem.text('en')}\n{problem.mend('zh')}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
