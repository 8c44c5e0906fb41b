"""Everything a gateway decides by, in memory: immutable, replaced as a whole when something changed.

The database announces changes (`yw_compiled`), but an announcement can be lost: the tables are also asked for
later epochs every quarter of a second, and read anew after a lost connection. Epochs grow in commit order, so
`epoch > last` misses nothing.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import time
from contextlib import suppress
from typing import Final

import asyncpg
import msgspec

from yiwang.blocks.exchange.domain.compiled import CompiledGrant, CompiledResource
from yiwang.blocks.identity.domain.compiled import CompiledClient
from yiwang.gateway.held import Caller, HeldGrant, HeldResource, Snapshot
from yiwang.gateway.terms import Terms, TermsBroken, terms
from yiwang.vocabulary.crypto import CryptoError, load_public

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.25
RECONNECT_SECONDS: Final = 0.5
CHANNEL: Final = "yw_compiled"

_CHANGES: Final = """
SELECT 'client', id, epoch, state, doc FROM identity_compiled_client WHERE epoch > $1
UNION ALL SELECT 'grant', id, epoch, state, doc FROM exchange_compiled_grant WHERE epoch > $1
UNION ALL SELECT 'resource', id, epoch, state, doc FROM exchange_compiled_resource WHERE epoch > $1
ORDER BY 3
"""


Row = tuple[str, str, int, str, str]
"""Kind, id, epoch, state, document."""


class Rows:
    """The compiled rows as last read, from which snapshots are built."""

    def __init__(self) -> None:
        self.last = -1
        self._clients: dict[str, tuple[int, str, str]] = {}
        self._grants: dict[str, tuple[int, str, CompiledGrant]] = {}
        self._resources: dict[str, HeldResource] = {}
        self._terms: dict[tuple[str, int, int], Terms | None] = {}
        self._callers: dict[tuple[str, int], list[Caller]] = {}
        self._broken: dict[str, str] = {}

    def take(self, rows: list[Row]) -> Snapshot:
        """Take changed rows in and build the snapshot that follows."""
        for kind, name, epoch, state, doc in rows:
            self.last = max(self.last, epoch)
            label = f"{kind} {name}"
            self._broken.pop(label, None)
            try:
                self._take(kind, name, epoch, state, doc)
            except (msgspec.MsgspecError, CryptoError, ValueError) as problem:
                self._forget(kind, name)
                self._broken[label] = type(problem).__name__
                log.error("compiled %s cannot be used: %s", label, problem)
        return self._build()

    def _take(self, kind: str, name: str, epoch: int, state: str, doc: str) -> None:
        if kind == "client":
            self._callers[name, epoch] = _callers(msgspec.json.decode(doc, type=CompiledClient), epoch, state)
            self._clients[name] = (epoch, state, doc)
        elif kind == "grant":
            self._grants[name] = (epoch, state, msgspec.json.decode(doc, type=CompiledGrant))
        else:
            resource = msgspec.json.decode(doc, type=CompiledResource)
            self._resources[name] = HeldResource(resource, epoch, state)

    def _forget(self, kind: str, name: str) -> None:
        if kind == "client":
            self._clients.pop(name, None)
        elif kind == "grant":
            self._grants.pop(name, None)
        else:
            self._resources.pop(name, None)

    def _build(self) -> Snapshot:
        self._callers = {
            (name, epoch): self._callers[name, epoch] for name, (epoch, _, _) in self._clients.items()
        }
        resources = {held.resource.code: held for held in self._resources.values()}
        kept: dict[tuple[str, int, int], Terms | None] = {}
        grants: dict[tuple[str, str], list[HeldGrant]] = {}
        for name, (epoch, state, grant) in self._grants.items():
            held = resources.get(grant.resource)
            mark = (name, epoch, held.epoch if held else -1)
            laid = self._terms[mark] if mark in self._terms else self._lay(grant, epoch, held)
            kept[mark] = laid
            grants.setdefault((grant.consumer, grant.resource), []).append(
                HeldGrant(grant, epoch, state, laid)
            )
        self._terms = kept
        return Snapshot(
            epoch=self.last,
            callers={caller.key.kid: caller for callers in self._callers.values() for caller in callers},
            grants={key: tuple(held) for key, held in grants.items()},
            resources=resources,
            broken=tuple(sorted(self._broken)),
        )

    def _lay(self, grant: CompiledGrant, epoch: int, held: HeldResource | None) -> Terms | None:
        if held is None:
            return None
        try:
            laid = terms(grant, epoch, held.resource)
            self._broken.pop(f"grant {grant.id}", None)
            return laid
        except TermsBroken as problem:
            self._broken[f"grant {grant.id}"] = "TermsBroken"
            log.error("a grant cannot be used: %s", problem)
            return None


def _callers(client: CompiledClient, epoch: int, state: str) -> list[Caller]:
    found = []
    for key in client.keys:
        public = load_public(base64.b64decode(key.spki, validate=True))
        if public.kid != key.kid or public.suite.name != key.suite:
            raise ValueError(f"key {key.kid} is not what it is said to be")
        found.append(Caller(client, epoch, state, key, public))
    return found


class Loader:
    """Keeps the snapshot current; `current` is always whole."""

    def __init__(self, dsn: str) -> None:
        """`dsn`: the gateway's database."""
        self.current = Snapshot()
        self.checked = 0.0
        """Monotonic time of the last successful look at the database."""
        self._dsn = dsn
        self._rows = Rows()
        self._task: asyncio.Task[None] | None = None
        self._hint = asyncio.Event()
        self._look = asyncio.Lock()
        self._connection: asyncpg.Connection | None = None

    async def start(self) -> None:
        """Load everything once, then keep it current in the background. Raises: OSError, PostgresError."""
        await self._connect()
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._connection is not None:
            self._connection.terminate()

    @property
    def age(self) -> float:
        """Seconds since the database was last seen to have nothing newer."""
        return time.monotonic() - self.checked

    async def refresh(self) -> None:
        """Look now: a commit has shown that something changed."""
        connection = self._connection
        if connection is not None and not connection.is_closed():
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await self._catch_up(connection)

    async def _connect(self) -> None:
        connection = await asyncpg.connect(
            self._dsn, timeout=5, server_settings={"application_name": "yiwang-gateway-snapshot"}
        )
        try:
            await connection.add_listener(CHANNEL, self._notified)
            fresh = Rows()
            rows = await connection.fetch(_CHANGES, -1, timeout=60)
            self.current = fresh.take([tuple(row) for row in rows])
            self._rows = fresh
        except BaseException:
            connection.terminate()
            raise
        self._connection = connection
        self.checked = time.monotonic()

    async def _catch_up(self, connection: asyncpg.Connection) -> None:
        async with self._look:
            rows = await connection.fetch(_CHANGES, self._rows.last, timeout=5)
            self.checked = time.monotonic()
            if rows:
                self.current = self._rows.take([tuple(row) for row in rows])

    async def _keep(self) -> None:
        while True:
            try:
                if self._connection is None or self._connection.is_closed():
                    await self._connect()
                    log.info("snapshot loaded anew at epoch %d", self.current.epoch)
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._hint.wait()
                self._hint.clear()
                if self._connection is not None:
                    await self._catch_up(self._connection)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as problem:
                log.warning("the snapshot cannot be kept current: %r", problem)
                if self._connection is not None:
                    self._connection.terminate()
                self._connection = None
                await asyncio.sleep(RECONNECT_SECONDS)

    def _notified(self, *_facts: object) -> None:
        self._hint.set()
