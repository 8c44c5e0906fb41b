"""Puts one gateway process together from its settings, and takes it apart again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from zoneinfo import ZoneInfo

import asyncpg

from yiwang.blocks.exchange.domain.compiled import CompiledSource
from yiwang.blocks.exchange.domain.sealing import open_password
from yiwang.blocks.journal.domain.coding import PURPOSE
from yiwang.blocks.journal.domain.subjects import period_purpose
from yiwang.dataplane.connectors.facts import SourceAddress
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.gateway.answering import Answering
from yiwang.gateway.authentication import Authentication
from yiwang.gateway.calls import STALE_SECONDS, Calls, Committer, Terrain
from yiwang.gateway.cascade.assembly import Crossing
from yiwang.gateway.cascade.table import Routes
from yiwang.gateway.config import Config
from yiwang.gateway.edge.serving import Edge
from yiwang.gateway.errors import KeysRefused
from yiwang.gateway.evidence.reading import EvidenceReader
from yiwang.gateway.evidence.signing import NodeSigner
from yiwang.gateway.evidence.writer import EvidenceWriter
from yiwang.gateway.files.assembly import Files
from yiwang.gateway.item_use import ItemUse
from yiwang.gateway.lookaside import Lookaside
from yiwang.gateway.policy import IsWorkday
from yiwang.gateway.recollection import Recollection
from yiwang.gateway.retrieval import Retrieval
from yiwang.gateway.sandbox.serving import Sandbox
from yiwang.gateway.selection import Cursors
from yiwang.gateway.sessions.book import Book
from yiwang.gateway.sessions.countersigning import Countersignatures
from yiwang.gateway.sessions.door import Sessions
from yiwang.gateway.sessions.ledger import SessionLedger
from yiwang.gateway.sessions.opening import Openings, Place
from yiwang.gateway.sessions.register import Register
from yiwang.gateway.snapshot import Loader
from yiwang.gateway.sources import Sources
from yiwang.gateway.subscriptions.assembly import Subscriptions
from yiwang.gateway.tables.door import TableDoor
from yiwang.gateway.tables.reading import SECONDS
from yiwang.gateway.verification.pool import Verifiers
from yiwang.vocabulary.crypto import FileKeyProvider, KeyProvider
from yiwang.vocabulary.working_days import working_calendar

log = logging.getLogger(__name__)

CURSOR_PURPOSE = "cursors"
CASCADE_PURPOSE = "cascade"
READING_MS = int(SECONDS * 1000)


class Gateway:
    """Everything of one gateway process behind its addresses."""

    def __init__(
        self,
        config: Config,
        *,
        keys: KeyProvider | None = None,
        is_workday: IsWorkday | None = None,
        writer: Callable[[EvidenceWriter], Committer] | None = None,
    ) -> None:
        """Nothing is opened before `start`. `writer` wraps the evidence writer (a benchmark's use)."""
        self.config = config
        self.keys = keys or _file_keys(config)
        self.loader = Loader(config.database_url)
        self.verifiers = Verifiers(config.verifiers)
        self.sources = Sources(AllowedHosts.parse(config.source_hosts), self._password)
        self.evidence = EvidenceWriter(
            config.database_url,
            node=config.node,
            log=config.log,
            signer=NodeSigner(config.data / "keys"),
            subject_key=self._subject_key,
            high_water=config.data / "journal",
            head_key=lambda: self.keys.sealing_key(PURPOSE),
        )
        self.reader = EvidenceReader(config.database_url, sealed=self.evidence.seal)
        self.recollection = Recollection()
        self.item_use = ItemUse(config.database_url)
        self.book = Book(lambda: self.loader.current)
        self.authentication = Authentication(
            config.node,
            lambda: self.loader.current,
            self.verifiers,
            refresh=self.loader.refresh,
            sessions=self.book,
        )
        terrain = Terrain(
            zone=config.zone,
            timezone=ZoneInfo(config.timezone),
            is_workday=is_workday or working_calendar().is_workday,
        )
        committer = self.evidence if writer is None else writer(self.evidence)
        self.calls = Calls(
            self.authentication,
            self.loader,
            Answering(self.sources, Cursors(self.keys.sealing_key(CURSOR_PURPOSE))),
            committer,
            terrain=terrain,
            recollection=self.recollection,
            item_use=self.item_use,
            per_client=config.calls_per_client,
        )
        self.routes = Routes(config.database_url)
        self.files = Files(config, self.authentication, self.calls, self.loader, self.evidence)
        hosts = AllowedHosts.parse(config.source_hosts)
        self.tables = TableDoor(
            config.database_url, self.calls, self.loader, committer, lambda source: self._place(source, hosts)
        )
        self.cascade = Crossing(
            config.node,
            self.authentication,
            self.calls,
            committer,
            self.files,
            self.tables,
            routes=self.routes,
            verifiers=self.verifiers,
            key=lambda: self.keys.signing_key(CASCADE_PURPOSE),
        )
        self.lookaside = Lookaside(config.database_url)
        self.sandbox = Sandbox(
            config.node,
            terrain.timezone,
            lambda: self.loader.current,
            self.verifiers,
            self.lookaside,
            self.keys,
            self.loader.refresh,
        )
        self.edge = Edge(config.node, self.calls, self.lookaside, self.keys)
        self.subscriptions = Subscriptions(
            config, self.authentication, self.calls, self.loader, self.evidence, self.keys
        )
        self.retrieval = Retrieval(
            self.authentication, self.loader, self.reader, self.verifiers, self.recollection
        )
        self.session_ledger = SessionLedger(config.database_url)
        self.register = Register(self.book, self.session_ledger, config.log)
        self.openings = Openings(
            Place(config.node, config.log, config.address),
            self.book,
            self.loader,
            committer,
            self.session_ledger,
        )
        self.sessions = Sessions(
            self.authentication,
            self.calls,
            self.loader,
            self.retrieval,
            self.reader,
            ledger=self.session_ledger,
            openings=self.openings,
            countersignatures=Countersignatures(
                config.node, config.log, self.verifiers, self.reader, self.session_ledger
            ),
        )

    async def start(self) -> None:
        """Open everything. Raises: JournalError, OSError, PostgresError; nothing stays open then."""
        try:
            await asyncio.gather(
                self.loader.start(), self.verifiers.start(), self.evidence.start(), self.reader.start(),
                self.routes.start(), self.files.open(), self.tables.open(), self.session_ledger.start(), self.subscriptions.start(),
            )  # fmt: skip
        except BaseException:
            await self.stop()
            raise
        self.item_use.start()
        self.book.start(self.openings.farewell)
        self.register.start()
        self.files.start()

    async def stop(self) -> None:
        """Finish what is under way and close everything."""
        self.cascade.close()
        for part in (
            self.files.stop,
            self.tables.stop,
            self.register.stop,
            self.book.stop,
            self.subscriptions.stop,
            self.item_use.stop,
            self.evidence.stop,
            self.verifiers.stop,
            self.reader.stop,
            self.session_ledger.stop,
            self.lookaside.close,
            self.sources.close,
            self.routes.stop,
            self.loader.stop,
        ):
            try:
                await part()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
                log.warning("while stopping: %r", problem)

    def failures(self) -> list[str]:
        """What keeps this process from answering at this moment, in words for operators and without addresses."""
        found = []
        if self.loader.age > STALE_SECONDS:
            found.append(f"database: not seen for {self.loader.age:.0f} s")
        if self.evidence.state != "open":
            found.append(f"evidence: {self.evidence.state}")
        if self.config.verifiers and not self.verifiers.alive:
            found.append("verifiers: none is running")
        return found

    def complaints(self) -> list[str]:
        """What is wrong for some callers only."""
        found = [f"document: {name} cannot be used" for name in self.loader.current.broken]
        found.extend(f"source: {name} is resting after failures" for name in self.sources.resting())
        found.extend(self.files.complaints())
        return found

    def _password(self, source: CompiledSource) -> str:
        return open_password(self.keys, source.id, source.sealed_password)

    def _place(self, source: CompiledSource, hosts: AllowedHosts) -> DatabasePlace:
        """A source as a whole table is read from it. Raises: ConnectorError."""
        address = SourceAddress(
            source.host,
            source.port,
            source.database,
            source.user,
            self._password(source),
            timeout_ms=READING_MS,
        )
        return DatabasePlace("postgresql", address, hosts.pin(source.host, source.port))

    def _subject_key(self, period: str) -> bytes:
        return self.keys.sealing_key(period_purpose(period))


def _file_keys(config: Config) -> KeyProvider:
    """The keys of a node that keeps them in files, which production does not accept."""
    if config.mode == "production" and not FileKeyProvider.production_ready:
        raise KeysRefused
    return FileKeyProvider(config.data / "keys", create=True, suite_name=config.suite)
