"""Departments' databases: each with connections, queue, time-out and breaker of its own.

A slow or dead source costs its own callers an error, and nobody else anything.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import asyncpg

from yiwang.blocks.exchange.domain.compiled import CompiledResource, CompiledSource
from yiwang.dataplane.connectors.errors import HostNotAllowed, HostUnknown
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.gateway import source_errors as e
from yiwang.gateway.breaker import Breaker
from yiwang.gateway.lookups import Kind, Queue
from yiwang.gateway.sql import Statement
from yiwang.gateway.structure import differs
from yiwang.vocabulary.crypto import SealBroken

QUEUE_PER_CONNECTION: Final = 32
CONNECT_SECONDS: Final = 3.0
STRUCTURE_SECONDS: Final = 5.0
"""How long a look at the table's columns holds before the next read looks again."""
MAX_STATEMENTS: Final = 100

_CHANGED: Final = ("42703", "42P01", "42883", "42804", "3F000", "42704", "42846", "42P18", "42809", "0A000")
_GARBLED: Final = ("22021", "22P05")
_DENIED: Final = ("28000", "28P01", "42501", "3D000")
_NAMES_LOST: Final = ("26000", "42P05")
"""A prepared statement is not there, or another one has its name."""
_PERSISTENT: Final = 4
"""Failures in a row after which the source rests."""


class _QueueFull(Exception):
    """Nobody gave a connection back in time, or too many wait already."""


class Link:
    """One connection to a source with the statements prepared on it."""

    def __init__(self, connection: asyncpg.Connection, *, named: bool) -> None:
        """`named`: statements get names, so that the server parses each once and keeps its plan."""
        self.connection = connection
        self.named = named
        self.statements: dict[str, asyncpg.prepared_stmt.PreparedStatement] = {}
        self.looked: dict[str, float] = {}
        self._number = 0

    async def fetch(
        self, resource: CompiledResource, statement: Statement, args: Sequence[object], seconds: float
    ) -> list[asyncpg.Record]:
        """Run a statement, preparing it and looking at the table's structure where that is due."""
        relation = f"{resource.code}/{resource.version}"
        now = time.monotonic()
        if now - self.looked.get(relation, 0.0) > STRUCTURE_SECONDS:
            if await differs(self.connection, resource, seconds):
                raise e.SourceChanged(resource=resource.code)
            self.looked[relation] = now
        prepared = self.statements.get(statement.text)
        if prepared is None:
            if len(self.statements) >= MAX_STATEMENTS:
                self.statements.pop(next(iter(self.statements)))
            # the driver gives no name by itself where its cache is off, and then sends the text with every read
            self._number += 1
            name = f"yw_{self._number}" if self.named else None
            prepared = await self.connection.prepare(statement.text, name=name, timeout=seconds)
            self.statements[statement.text] = prepared
        rows: list[asyncpg.Record] = await prepared.fetch(*args, timeout=seconds)
        return rows


class Source:
    """One external PostgreSQL database. `password` opens the sealed password when a connection is made."""

    def __init__(
        self, facts: CompiledSource, hosts: AllowedHosts, password: Callable[[CompiledSource], str]
    ) -> None:
        """Nothing is connected before the first read."""
        self.facts = facts
        self.breaker = Breaker(_PERSISTENT)
        self._hosts = hosts
        self._password = password
        self._idle: list[Link] = []
        self._open = 0
        self._waiting: deque[asyncio.Future[Link | None]] = deque()
        self._seconds = facts.timeout_ms / 1000
        self._address: str | None = None
        self._lookups: dict[int, Queue] = {}
        self._closed = False
        self._named_statements = True

    async def fetch(
        self, resource: CompiledResource, statement: Statement, args: Sequence[object]
    ) -> list[asyncpg.Record]:
        """The rows of one bounded read. Raises: a SourceTrouble that names the resource, never a value."""
        try:
            return await self._fetch(resource, statement, args)
        except e.SourceFailed as problem:
            if problem.facts.get("sqlstate") not in _NAMES_LOST or not self._named_statements:
                raise
            # a pooler between us and the server hands each read to another of its connections
            self._named_statements = False
            while self._idle:
                self._idle.pop().connection.terminate()
                self._open -= 1
            return await self._fetch(resource, statement, args)

    async def _fetch(
        self, resource: CompiledResource, statement: Statement, args: Sequence[object]
    ) -> list[asyncpg.Record]:
        now = time.monotonic()
        if not self.breaker.allows(now):
            raise e.SourceResting(resource=resource.code, retry_after=self.breaker.rest(now))
        link: Link | None = None
        try:
            link = await self._take()
            if link is None:
                link = await self._connect()
            rows = await link.fetch(resource, statement, args, self._seconds + 0.25)
        except BaseException as problem:
            connected = link is not None
            if link is not None:
                self._give_after(link, problem)
            error = self._named(problem, resource, connected=connected)
            self._judge(error)
            if error is problem:
                raise
            raise error from problem
        self.breaker.succeeded()
        self._give(link)
        return rows

    async def look_up(
        self,
        resource: CompiledResource,
        alone: Statement,
        together: Statement,
        *,
        asked: list[object],
        fixed: list[object],
    ) -> Sequence[Sequence[object]]:
        """The rows of one read by key, together with others that wait. Raises: as `fetch`."""
        # by the very statement: another grant may have the same text, but has other fixed values
        queue = self._lookups.get(id(together))
        if queue is None or queue.kind.together is not together:
            if len(self._lookups) >= MAX_STATEMENTS:
                self._lookups = {mark: kept for mark, kept in self._lookups.items() if not kept.idle}
            queue = self._lookups[id(together)] = Queue(Kind(resource, alone, together, fixed), self.fetch)
        return await queue.look_up(asked)

    async def close(self) -> None:
        """Close what is idle; what is under way closes itself when it ends."""
        self._closed = True
        while self._idle:
            link = self._idle.pop()
            self._open -= 1
            with suppress(Exception):
                await link.connection.close(timeout=1)

    async def _take(self) -> Link | None:
        """An idle connection, or None with the right to open one. Raises: _QueueFull."""
        while self._idle:
            link = self._idle.pop()
            if not link.connection.is_closed():
                return link
            self._open -= 1
        if self._open < self.facts.pool_size:
            self._open += 1
            return None
        if len(self._waiting) >= self.facts.pool_size * QUEUE_PER_CONNECTION:
            raise _QueueFull
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Link | None] = loop.create_future()
        self._waiting.append(waiter)
        timer = loop.call_later(self._seconds, _expire, waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._release(waiter.result())
            raise
        finally:
            timer.cancel()

    def _give(self, link: Link) -> None:
        if self._closed or link.connection.is_closed():
            link.connection.terminate()
            self._release(None)
        else:
            self._release(link)

    def _release(self, link: Link | None) -> None:
        """Hand a connection, or the right to open one, to the first who waits."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(link)
                return
        if link is None:
            self._open -= 1
        else:
            self._idle.append(link)

    def _give_after(self, link: Link, problem: BaseException) -> None:
        """Keep the connection after an error that the server reported; drop it after anything else."""
        link.looked.clear()
        link.statements.clear()
        if not isinstance(problem, asyncpg.PostgresError | e.SourceChanged):
            link.connection.terminate()
        self._give(link)

    async def _connect(self) -> Link:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                if self._address is None:
                    # resolved once: a name that later points elsewhere leads nowhere
                    self._address = await asyncio.to_thread(self._hosts.pin, self.facts.host, self.facts.port)
                connection = await asyncpg.connect(
                    host=self._address,
                    port=self.facts.port,
                    database=self.facts.database,
                    user=self.facts.user,
                    password=self._password(self.facts),
                    statement_cache_size=0,
                    passfile="/dev/null",
                    server_settings={"application_name": "yiwang-gateway", "client_encoding": "UTF8"},
                )
                await connection.execute(
                    "SET default_transaction_read_only = on; SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; "
                    f"SET statement_timeout = {self.facts.timeout_ms:d}; SET search_path = pg_catalog"
                )
        except BaseException:
            self._release(None)
            raise
        return Link(connection, named=self._named_statements)

    def _judge(self, error: BaseException) -> None:
        """Tell the breaker what a failed call says about the source."""
        if isinstance(error, e.SourceSlow | e.SourceUnreachable | e.SourceDenied | e.SourceFailed):
            self.breaker.failed(time.monotonic())
        elif isinstance(error, e.SourceChanged | e.SourceGarbled):
            self.breaker.succeeded()
        else:
            self.breaker.undecided()

    def _named(self, problem: BaseException, resource: CompiledResource, *, connected: bool) -> BaseException:
        """The error that a caller sees."""
        code = resource.code
        match problem:
            case e.SourceTrouble():
                return problem
            case _QueueFull():
                return e.SourceBusy(resource=code)
            case asyncpg.PostgresError():
                return _reported(problem, self.facts, code)
            case UnicodeDecodeError():
                return e.SourceGarbled(resource=code)
            case TimeoutError() if connected:
                return e.SourceSlow(resource=code, timeout_ms=self.facts.timeout_ms)
            case OSError() | asyncpg.InterfaceError():
                return e.SourceUnreachable(resource=code)
            case HostNotAllowed():
                return e.SourceNotAllowed(resource=code)
            case HostUnknown():
                return e.SourceUnreachable(resource=code)
            case SealBroken():
                return e.SourceDenied(resource=code)
            case _:
                return problem


def _reported(problem: asyncpg.PostgresError, facts: CompiledSource, code: str) -> e.SourceTrouble:
    state = str(problem.sqlstate)
    if state in _CHANGED:
        return e.SourceChanged(resource=code)
    if state in _GARBLED:
        return e.SourceGarbled(resource=code)
    if state in _DENIED:
        return e.SourceDenied(resource=code)
    if state == "57014":
        return e.SourceSlow(resource=code, timeout_ms=facts.timeout_ms)
    if state.startswith(("08", "53", "57")):
        return e.SourceUnreachable(resource=code)
    return e.SourceFailed(resource=code, sqlstate=state)


def _expire(waiter: asyncio.Future[Link | None]) -> None:
    if not waiter.done():
        waiter.set_exception(_QueueFull())


class Sources:
    """Every source that a mounted resource names, by what it is and not only by its id."""

    def __init__(self, hosts: AllowedHosts, password: Callable[[CompiledSource], str]) -> None:
        """`hosts` is the operator's list; no other address is ever connected to."""
        self._hosts = hosts
        self._password = password
        self._sources: dict[str, Source] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def of(self, facts: CompiledSource) -> Source:
        """The source with these facts; changed facts (a new password, another host) make a new one."""
        source = self._sources.get(facts.id)
        if source is not None and (source.facts is facts or source.facts == facts):
            return source
        if source is not None:
            task = asyncio.get_running_loop().create_task(source.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        source = self._sources[facts.id] = Source(facts, self._hosts, self._password)
        return source

    def resting(self) -> list[str]:
        """Ids of sources that are left alone at this moment."""
        now = time.monotonic()
        return sorted(s.facts.id for s in self._sources.values() if not s.breaker.allows(now, probe=False))

    async def close(self) -> None:
        """Close every connection."""
        for source in list(self._sources.values()):
            await source.close()
