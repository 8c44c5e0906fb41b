"""The evidence writer of one log: commits whatever is pending when the last commit ends.

There is no timer: the batch grows while the commit before it is under way. One signature covers a batch, or follows where the
batch hands out no proof (sealing.py); one statement stores it, and only then its receipts are given out.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from yiwang.blocks.journal.domain.coding import HeadCoder, is_code
from yiwang.blocks.journal.domain.errors import (
    JournalDamaged,
    JournalUnavailable,
    LeaseLost,
    LogTaken,
    NonceReplayed,
)
from yiwang.blocks.journal.domain.prepared import Prepared
from yiwang.blocks.journal.domain.ticker import Ticker
from yiwang.gateway.evidence.batch import Batch, Item, Standing
from yiwang.gateway.evidence.connection import GONE, SETTINGS, closed, short
from yiwang.gateway.evidence.examine import examine
from yiwang.gateway.evidence.faults import FAULTS
from yiwang.gateway.evidence.highwater import HighWaterFile
from yiwang.gateway.evidence.opening import open_log, take
from yiwang.gateway.evidence.sealing import Ready, Sealing
from yiwang.gateway.evidence.signing import Signer
from yiwang.gateway.evidence.storing import Statements
from yiwang.gateway.evidence.suspicion import RecentNonces, Suspicion
from yiwang.gateway.evidence.tokens import SubjectKeys
from yiwang.vocabulary.crypto import SUITES
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.evidence import Receipt, SignedHead, parse_head
from yiwang.vocabulary.evidence.leaf import SuiteName
from yiwang.vocabulary.merkle import Frontier

_log = logging.getLogger(__name__)

LARGEST_BATCH = 256
RACES = 4
TURNS = 4
"""Turns of the event loop before a batch is closed. An idle loop takes them at once; a busy one brings more calls
along with each, which halves the signatures just when they cost most (docs/adr/0050)."""
SESSION_TURNS = 2
"""The same where all calls are of sessions: no signature of theirs waits for a processor (docs/adr/0271)."""


class EvidenceWriter:
    """Sole writer of one log of a node.

    `subject_key` gives the secret key of a period ("2026-11") for subject tokens; `high_water` is the folder
    of the external head files (YW_DATA/journal).
    """

    def __init__(
        self,
        dsn: str,
        *,
        node: str,
        log: str,
        signer: Signer,
        subject_key: Callable[[str], bytes],
        high_water: Path,
        head_key: Callable[[], bytes] | None = None,
        clock: Callable[[], int] = time.time_ns,
        patience: float = 3.0,
    ) -> None:
        """Within a running loop. `clock` gives Unix nanoseconds; `patience`: seconds to wait for a lease that another process holds.

        `head_key` gives the secret of the codes of heads; without one each head is signed before it is stored.
        """
        self.node = node
        self.log = log
        self._dsn = dsn
        self._signer = signer
        self._secrets = SubjectKeys(subject_key)
        self._folder = high_water
        self._file = HighWaterFile(high_water, log)
        self._clock = clock
        self._patience = patience
        self._loop = asyncio.get_running_loop()  # kept: each look-up of it is a system call (getpid)
        self._queue: list[Item] = []
        self._under_way: Batch | None = None
        self._ahead: tuple[list[Item], asyncio.Task[Ready]] | None = None
        """Taken while a batch is stored, and being signed upon it."""
        self._wake = asyncio.Event()
        self._coder = HeadCoder(head_key) if head_key is not None else None
        self._sealing = Sealing(self._loop, signer, self._coder, self._wake)
        self._connection: asyncpg.Connection | None = None
        self._statements: Statements | None = None
        self._suspicion = Suspicion()
        self._nonces = RecentNonces()
        self._task: asyncio.Task[None] | None = None
        self._term = 0
        self._standing = Standing(node, log, "sm2-sm3", 1, Frontier(SUITES["sm2-sm3"]), None)
        self._ticker = Ticker(datetime(2000, 1, 1, tzinfo=UTC))
        self._stopping = False
        self.state = "closed"
        """`open`, or why nothing can be committed now: for /healthz."""

    @property
    def suite(self) -> SuiteName:
        """The suite of the log, by which answers are digested."""
        return self._signer.suite

    @property
    def kid(self) -> str:
        """The id of the key that signs heads."""
        return self._signer.kid

    @property
    def size(self) -> int:
        """Leaves committed so far."""
        return self._standing.frontier.size

    async def start(self) -> None:
        """Take the lease, load the tree, notice a restore.

        Raises: LogTaken, JournalDamaged, JournalUnavailable.
        """
        await self._signer.start()
        try:
            await self._open()
        except BaseException as problem:
            await self._close_connection()
            await self._signer.stop()
            if isinstance(problem, GONE):
                raise JournalUnavailable(reason=short(problem)) from problem
            raise
        self._stopping = False
        self._task = asyncio.create_task(self._run(), name=f"evidence {self.log}")

    async def stop(self) -> None:
        """Finish what is under way, give the lease back."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await self._task
            self._task = None
        self._fail(self._take(), "the writer stops")
        self._sealing.leave()
        await self._close_connection()
        await self._suspicion.close()
        await self._signer.stop()
        self._file.close()
        self.state = "closed"

    async def commit(self, prepared: Prepared) -> Receipt:
        """Store the leaf; returns after the transaction of its batch is durable.

        Raises: NonceReplayed, RequestBeforeFloor, GrantChanged, ClientChanged, QuotaExhausted,
            SubjectsExhausted, AttemptsExhausted, LeaseLost (all CommitRefused); TooManySubjects, LeafMalformed;
            JournalUnavailable.
        """
        if self.state != "open" or self._stopping:
            raise self._closed()
        item = Item(prepared, self._secrets, self._loop.create_future())
        if item.nonce is not None and not self._nonces.take(item.nonce):
            raise NonceReplayed()
        if self._suspicion.active:
            refusal = await self._suspicion.look(self._dsn, self.log, self._term, item)
            if refusal is not None:
                self._nonces.give_back(item.nonce)
                raise refusal
            if self.state != "open" or self._stopping:
                raise self._closed()
        try:
            item.write(self._standing, self._ticker.tick(self._clock()), self._secrets)
        except (YwError, ValueError):
            self._nonces.give_back(item.nonce)
            raise
        self._queue.append(item)
        if not self._wake.is_set():
            self._wake.set()
        if self._under_way is not None and self._ahead is None and not prepared.proving:
            self._go_ahead(self._under_way)
        return await item.future

    async def seal(self) -> None:
        """Wait until all that is stored lies under a signed head; at once where nothing can be stored now."""
        if self.state == "open" and not self._stopping:
            await self._sealing.sealed()

    async def _run(self) -> None:
        ready: Ready | None = None
        while True:
            if ready is not None:
                items = ready.batch.items
            elif self._queue:
                items = await self._closed_batch()
            elif self._sealing.needed or (self._stopping and self._sealing.coded is not None):
                items = []
            elif self._stopping:
                return
            else:
                self._wake.clear()
                await self._wake.wait()
                continue
            signed, ready = ready, None
            try:
                ready = await self._store(items, signed) if items else await self._seal()
            except GONE as problem:
                await self._recover(items, short(problem))
            except (JournalUnavailable, LeaseLost) as problem:
                _log.warning("log %s: %s", self.log, problem)
                for item in items:
                    self._refuse(item, problem)
                if isinstance(problem, LeaseLost):
                    await self._recover([], "the lease was lost")
            except Exception as problem:
                _log.exception("log %s: a batch was not stored", self.log)
                await self._recover(items, short(problem))

    async def _closed_batch(self) -> list[Item]:
        """What waits, once the loop has had its turns."""
        proving = any(item.prepared.proving for item in self._queue)
        for _ in range(TURNS if proving else SESSION_TURNS):
            await asyncio.sleep(0)
        items = self._take()
        if FAULTS:
            FAULTS.reach("taken")
        return items

    def _take(self) -> list[Item]:
        items, self._queue = self._queue[:LARGEST_BATCH], self._queue[LARGEST_BATCH:]
        return items

    async def _store(self, items: list[Item], ready: Ready | None = None) -> Ready | None:
        """Commit a batch; whoever is refused is dropped and the rest built again. The next batch, where it is signed."""
        races = 0
        while items:
            if ready is None:
                ready = await self._sign(items, self._standing)
            self._under_way, stored = ready.batch, False
            try:
                if self._statements is None:
                    raise JournalUnavailable(reason="the connection is closed")
                stored = await self._statements.store(ready.batch.arguments(self._term, ready.signature))
            finally:
                self._under_way = None
                if not stored:
                    await self._followed(stored=False)
            if stored:
                self._publish(ready)
                return await self._followed(stored=True)
            ready = None
            if self._connection is None:
                raise JournalUnavailable(reason="the connection is closed")
            dropped = await examine(self._connection, self.log, self._term, items)
            if not dropped:
                races += 1
                if races == RACES:
                    raise JournalUnavailable(reason="another gateway wrote the same rows again and again")
                continue
            for item, refusal in dropped.items():
                self._suspicion.note(item, refusal)
                if isinstance(refusal, LeaseLost):
                    raise refusal
                self._refuse(item, refusal)
            items = [item for item in items if item not in dropped]
        return None

    async def _sign(self, items: list[Item], standing: Standing) -> Ready:
        batch = Batch(items, standing, self._signer.kid, self._ticker.tick(self._clock()))
        if FAULTS:
            FAULTS.reach("built")
        return await self._sealing.sign(batch)

    async def _seal(self) -> Ready | None:
        """Sign the last head, which carries a code so far."""
        if self._statements is None:
            raise JournalUnavailable(reason="the connection is closed")
        self._note(await self._sealing.follow(self._statements, self.log, self._term), coded=False)
        return None

    def _go_ahead(self, under_way: Batch) -> None:
        """Where as much waits as is being stored: sign it meanwhile, upon the tree that will then stand."""
        if len(self._queue) >= len(under_way.items):
            items = self._take()
            self._ahead = items, self._loop.create_task(self._sign(items, under_way.after()))

    async def _followed(self, *, stored: bool) -> Ready | None:
        """What was signed meanwhile; upon a batch that is not stored, or not signed, it waits again before the rest."""
        if self._ahead is None:
            return None
        items, task = self._ahead
        (ready,) = await asyncio.gather(task, return_exceptions=True)
        self._ahead = None
        if stored and isinstance(ready, Ready):
            return ready
        self._queue[:0] = items
        return None

    def _note(self, head: SignedHead, *, coded: bool) -> None:
        self._file.write(head)
        self._sealing.stored(head, coded=coded)

    def _publish(self, ready: Ready) -> None:
        """The batch is durable: note its head outside the database, then let the answers go."""
        if FAULTS:
            FAULTS.reach("committed")
        batch = ready.batch
        self._standing = batch.after()
        self._note(ready.head, coded=ready.coded)
        if FAULTS:
            FAULTS.reach("noted")
        for item, receipt in zip(batch.items, batch.receipts(self._sealing.signed), strict=True):
            if not item.future.done():
                item.future.set_result(receipt)
        if FAULTS:
            FAULTS.reach("answered")

    def _refuse(self, item: Item, refusal: Exception) -> None:
        self._nonces.give_back(item.nonce)
        if not item.future.done():
            item.future.set_exception(refusal)

    def _fail(self, items: list[Item], reason: str) -> None:
        for item in items:
            self._refuse(item, JournalUnavailable(reason=reason))

    def _closed(self) -> JournalUnavailable | LeaseLost:
        if self.state == "lease lost":
            return LeaseLost(log=self.log)
        return JournalUnavailable(reason="the writer stops" if self._stopping else self.state)

    async def _open(self) -> None:
        """Connect, take the lease, load the log; begin a new epoch where the database was restored."""
        self._connection = connection = await asyncpg.connect(
            self._dsn,
            timeout=10,
            server_settings={**SETTINGS, "application_name": f"yiwang evidence {self.log}"},
        )
        await take(connection, self.log, self._patience)
        opened = await open_log(
            connection, node=self.node, log=self.log, suite_name=self._signer.suite, high_water=self._folder,
            coder=self._coder,
        )  # fmt: skip
        if FAULTS:
            FAULTS.reach("leased")
        self._term = opened.term
        self._standing = opened.standing
        self._ticker = Ticker(opened.last)
        self._statements = Statements(connection)
        if opened.recovery is not None:
            _log.warning(
                "log %s was restored from a backup: epoch %d begins", self.log, opened.standing.epoch
            )
            item = Item(opened.recovery, self._secrets, self._loop.create_future())
            item.write(self._standing, self._ticker.tick(self._clock()), self._secrets)
            await self._store([item])
        elif opened.head is not None:
            self._file.write(opened.head)
            # a key that was replaced meanwhile signs the next head, which covers this one
            left = is_code(opened.head.signature) and parse_head(opened.head.head).key == self.kid
            self._sealing.resume(opened.signed, opened.head if left else None)
        self._nonces.clear()
        self.state = "open"

    async def _recover(self, items: list[Item], reason: str) -> None:
        """The connection or the lease is gone: nothing may leave. Fail what waits, then take the log again."""
        self.state = "lease lost" if reason == "the lease was lost" else reason
        _log.warning("log %s cannot be written: %s", self.log, reason)
        self._fail(items, reason)
        self._sealing.leave()
        pause = 0.05
        while not self._stopping:
            while self._queue:
                self._fail(self._take(), reason)
            await self._close_connection()
            try:
                await self._open()
            except LogTaken:
                self.state = "lease lost"
            except JournalDamaged as problem:
                self.state = str(problem)
            except (*GONE, asyncpg.PostgresError, JournalUnavailable, LeaseLost) as problem:
                _log.info("log %s: still not writable: %s", self.log, short(problem))
            else:
                _log.info("log %s is written again, term %d", self.log, self._term)
                return
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), pause)
            except TimeoutError:
                pause = min(2.0, pause * 2)

    async def _close_connection(self) -> None:
        left, self._connection, self._statements = self._connection, None, None
        await closed(left)
