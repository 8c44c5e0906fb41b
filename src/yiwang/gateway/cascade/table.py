"""Peers, grants that cross nodes, and leases, in memory; read anew every quarter of a second."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import asyncpg
import msgspec

from yiwang.blocks.cascade.domain.card import CardKey
from yiwang.blocks.cascade.domain.compiled import CompiledPeer, ForeignTerms
from yiwang.blocks.cascade.domain.errors import CardMalformed
from yiwang.blocks.cascade.domain.leases import LEASE_SECONDS
from yiwang.blocks.exchange.domain.compiled import CompiledGrant
from yiwang.gateway.held import HeldGrant
from yiwang.vocabulary.crypto import PublicKey

log = logging.getLogger(__name__)
POLL_SECONDS: Final = 0.25
RETRY_SECONDS: Final = 1.0
_CHANGES: Final = "SELECT id, kind, epoch, state, doc FROM cascade_compiled WHERE epoch > $1 ORDER BY epoch"
_LEASES: Final = "SELECT owner, until FROM cascade_held"


@dataclass(frozen=True, slots=True)
class HeldPeer:
    """A peer with its keys ready for use."""

    peer: CompiledPeer
    state: str
    calling: dict[str, tuple[CardKey, PublicKey]]
    """Keys that sign calls, by id."""
    heads: dict[str, tuple[CardKey, PublicKey]]
    """Keys that sign tree heads, by id."""


@dataclass(frozen=True, slots=True)
class HeldTerms:
    """A grant that crosses nodes."""

    terms: ForeignTerms
    grant: CompiledGrant
    epoch: int
    state: str

    @property
    def held(self) -> HeldGrant:
        """As the policy chooses between grants."""
        return HeldGrant(self.grant, self.epoch, self.state, None)


@dataclass(frozen=True, slots=True)
class HeldLease:
    """How long an owner's grants hold here, by both clocks: `until` in Unix seconds, `least` in monotonic ones.

    A clock that is set back while the owner is out of reach would make a lease longer than it was given; one that is set
    forward ends it at once.
    """

    until: float
    least: float

    def holds(self, now: float, moment: float) -> bool:
        """Whether it lasts at Unix time `now` and monotonic time `moment`."""
        return now < self.until and moment < self.least

    @classmethod
    def seen(cls, until: float, now: float, moment: float, before: HeldLease | None) -> HeldLease:
        """A lease as it stands in the database, which may be the one that was seen before."""
        if before is not None and before.until == until:
            return before
        return cls(until, moment + min(LEASE_SECONDS, until - now))


@dataclass(slots=True)
class Table:
    """Everything at one moment."""

    peers: dict[str, HeldPeer] = field(default_factory=dict)
    by_kid: dict[str, HeldPeer] = field(default_factory=dict)
    grants: dict[tuple[str, str], HeldTerms] = field(default_factory=dict)
    """By (owner, number)."""
    by_consumer: dict[tuple[str, str, str], list[HeldTerms]] = field(default_factory=dict)
    """Those for agencies of this node, by (consumer, owner, code)."""
    leases: dict[str, HeldLease] = field(default_factory=dict)
    """By owner."""


class Routes:
    """Keeps the table current."""

    def __init__(self, dsn: str) -> None:
        """`dsn`: the gateway's database."""
        self.current = Table()
        self._dsn = dsn
        self.epoch = -1
        """Of the newest row that is in force here; -1 where there is none."""
        self._rows: dict[str, tuple[str, int, str, str]] = {}
        self._task: asyncio.Task[None] | None = None
        self._connection: asyncpg.Connection | None = None

    async def start(self) -> None:
        """Load everything once, then keep it current. Raises: OSError, PostgresError."""
        await self._look()
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._connection is not None:
            self._connection.terminate()

    async def _keep(self) -> None:
        while True:
            # a node without peers is asked seldom
            await asyncio.sleep(POLL_SECONDS if self.current.peers else RETRY_SECONDS)
            try:
                await self._look()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as problem:
                # leases run out by themselves: nothing is let through for long on old knowledge
                log.warning("the cascade's table cannot be kept current: %r", problem)
                if self._connection is not None:
                    self._connection.terminate()
                self._connection = None
                await asyncio.sleep(RETRY_SECONDS)

    async def _look(self) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._dsn, timeout=5, server_settings={"application_name": "yiwang-gateway-cascade"}
            )
            self.epoch, self._rows = -1, {}
        rows = await self._connection.fetch(_CHANGES, self.epoch, timeout=5)
        leases: list[tuple[str, datetime]] = [
            tuple(row) for row in await self._connection.fetch(_LEASES, timeout=5)
        ]
        for row_id, kind, epoch, state, doc in rows:
            self._rows[row_id] = (kind, epoch, state, doc)
        before = self.current.leases
        if rows:
            self.current = _table(self._rows)
            self.epoch = max(epoch for _, _, epoch, _, _ in rows)
        now, moment = time.time(), time.monotonic()
        self.current.leases = {
            owner: HeldLease.seen(until.timestamp(), now, moment, before.get(owner))
            for owner, until in leases
        }


def _table(rows: dict[str, tuple[str, int, str, str]]) -> Table:
    table = Table()
    for name, (kind, epoch, state, doc) in rows.items():
        try:
            if kind == "peer":
                _add_peer(table, msgspec.json.decode(doc, type=CompiledPeer), state)
            else:
                _add_terms(table, msgspec.json.decode(doc, type=ForeignTerms), epoch, state)
        except (msgspec.MsgspecError, CardMalformed) as problem:
            log.error("compiled %s cannot be used: %r", name, problem)
    return table


def _add_peer(table: Table, peer: CompiledPeer, state: str) -> None:
    keys = {
        purpose: {one.kid: (one, one.public()) for one in peer.keys if one.purpose == purpose}
        for purpose in ("cascade", "evidence")
    }
    held = HeldPeer(peer, state, keys["cascade"], keys["evidence"])
    table.peers[peer.name] = held
    for kid in held.calling:
        table.by_kid[kid] = held


def _add_terms(table: Table, terms: ForeignTerms, epoch: int, state: str) -> None:
    grant = msgspec.json.decode(terms.doc, type=CompiledGrant)
    held = HeldTerms(terms, grant, epoch, state)
    table.grants[terms.owner, grant.id] = held
    if not terms.toward:
        table.by_consumer.setdefault((grant.consumer, terms.owner, grant.resource), []).append(held)
