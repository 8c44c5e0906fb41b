"""How a writer takes a log over: lease, tree, and the comparison with the high-water files.

A database that was restored from an older backup knows less than the high-water file. Then a new epoch begins
with a recovery statement, and requests signed before the lost time are refused, since their nonces are lost too.
"""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from yiwang.blocks.journal.domain.coding import HeadCoder, is_code
from yiwang.blocks.journal.domain.errors import JournalDamaged, LogTaken
from yiwang.blocks.journal.domain.prepared import Prepared
from yiwang.blocks.journal.domain.proofs import NODE_LEVEL
from yiwang.gateway.evidence.batch import Standing
from yiwang.gateway.evidence.highwater import read_all
from yiwang.gateway.evidence.reading import LATEST, head_of
from yiwang.vocabulary.crypto import suite
from yiwang.vocabulary.envelope import NODE_WINDOW_SECONDS
from yiwang.vocabulary.evidence import Head, Recovery, SignedHead, parse_head, parse_instant
from yiwang.vocabulary.evidence.leaf import SuiteName
from yiwang.vocabulary.merkle import Frontier, perfect_parts

LOCK_SPACE = 7302
WINDOW_SECONDS = NODE_WINDOW_SECONDS
"""By which a request may be dated ahead at most: those between nodes have the wider window."""
"""How far the time of signing may lie from the server's: requests of the lost time are at most this far ahead."""

_LOCK = "SELECT pg_try_advisory_lock($1, hashtext($2))"
_LOG = """
INSERT INTO journal_log (name, node, suite, not_before, opened) VALUES ($1, $2, $3, 0, now())
ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING node, suite
"""
_TERM = """
INSERT INTO journal_lease AS l (log, term, holder, taken) VALUES ($1, 1, $2, now())
ON CONFLICT (log) DO UPDATE SET term = l.term + 1, holder = excluded.holder, taken = excluded.taken RETURNING term
"""
_LAST = "SELECT head, signature FROM journal_head WHERE log = $1 ORDER BY size DESC LIMIT 1"
_AT = "SELECT head FROM journal_head WHERE log = $1 AND size = $2"
_BEYOND = "SELECT max(index) FROM journal_leaf WHERE log = $1"
_NODE = "SELECT hash FROM journal_node WHERE log = $1 AND level = $2 AND index = $3"
_HASHES = "SELECT leaf_hash FROM journal_leaf WHERE log = $1 AND index >= $2 AND index < $3 ORDER BY index"
_RAISE_FLOOR = "UPDATE journal_log SET not_before = greatest(not_before, $2) WHERE name = $1"


@dataclass(frozen=True)
class Opened:
    """A log taken over. `recovery`, when set, must become the first leaf of the new epoch in `standing`.

    `head` is the last one, which may carry a code; `signed` the last that is signed.
    """

    term: int
    standing: Standing
    last: datetime
    head: SignedHead | None
    signed: SignedHead | None
    recovery: Prepared | None


async def take(connection: asyncpg.Connection, log: str, patience: float) -> None:
    """Hold the log's lock for as long as the connection lives. Raises: LogTaken after `patience` seconds."""
    deadline = asyncio.get_running_loop().time() + patience
    while not await connection.fetchval(_LOCK, LOCK_SPACE, log):
        if asyncio.get_running_loop().time() >= deadline:
            raise LogTaken(log=log)
        await asyncio.sleep(0.05)  # a killed writer's server process ends a moment after it


async def open_log(
    connection: asyncpg.Connection,
    *,
    node: str,
    log: str,
    suite_name: SuiteName,
    high_water: Path,
    coder: HeadCoder | None = None,
) -> Opened:
    """Begin a new term and load the tree. Raises: JournalDamaged; CryptoError, where the key of the codes cannot be had."""
    async with connection.transaction():
        known = await connection.fetchrow(_LOG, log, node, suite_name)
        if known is None or known["node"] != node:
            raise JournalDamaged(log=log, reason=f"it belongs to another node, not {node}")
        if known["suite"] != suite_name:
            raise JournalDamaged(log=log, reason=f"its suite is {known['suite']}, the key's is {suite_name}")
        holder = f"{socket.gethostname()}:{os.getpid()}"
        term: int = await connection.fetchval(_TERM, log, holder)
    last_row = await connection.fetchrow(_LAST, log)
    kept = head_of(last_row) if last_row else None
    head = parse_head(kept.head) if kept else None
    signed = kept
    if kept is not None and head is not None and is_code(kept.signature):
        if coder is None or not coder.is_right(kept.head, kept.signature, head.suite):
            raise JournalDamaged(
                log=log, reason=f"the head of size {head.size} is not signed, and its code is not this node's"
            )
        signed_row = await connection.fetchrow(LATEST, log)
        signed = head_of(signed_row) if signed_row else None
    frontier = await _frontier(connection, log, suite_name, head)
    ahead = {
        name: water
        for name, water in read_all(high_water).items()
        if await _is_ahead(connection, name, water)
    }
    floor = max((_floor(parse_head(water.head)) for water in ahead.values()), default=0)
    if floor:
        await connection.execute(_RAISE_FLOOR, log, floor)
    lost = ahead.get(log)
    epoch = head.epoch if head else 1
    recovery = None
    if lost is not None:
        epoch = max(epoch, parse_head(lost.head).epoch) + 1
        recovery = _statement(log, frontier, parse_head(lost.head), floor)
    digest = suite(suite_name).digest(kept.head.encode()).hex() if kept else None
    standing = Standing(node, log, suite_name, epoch, frontier, digest)
    last = parse_instant(head.time) if head else datetime(2000, 1, 1, tzinfo=UTC)
    return Opened(term, standing, last, kept, signed, recovery)


async def _frontier(
    connection: asyncpg.Connection, log: str, suite_name: SuiteName, head: Head | None
) -> Frontier:
    """The tree of the last head, from stored nodes where there are some, checked against the head's root."""
    used = suite(suite_name)
    size = head.size if head else 0
    beyond = await connection.fetchval(_BEYOND, log)
    if (beyond if beyond is not None else -1) != size - 1:
        raise JournalDamaged(log=log, reason=f"the last head covers {size} leaves, the last leaf is {beyond}")
    peaks = []
    for level, index in perfect_parts(0, size):
        known = await connection.fetchval(_NODE, log, level, index) if level >= NODE_LEVEL else None
        if known is None:
            part = Frontier(used)
            start, stop = index << level, (index + 1) << level
            for at in range(start, stop, 1 << 14):
                rows = await connection.fetch(_HASHES, log, at, min(stop, at + (1 << 14)))
                part = part.grow([row["leaf_hash"] for row in rows]).frontier
            known = part.root()
        peaks.append(known)
    frontier = Frontier(used, size, peaks)
    if head is not None and frontier.root().hex() != head.root:
        raise JournalDamaged(log=log, reason=f"the leaves do not give the root of the head of size {size}")
    return frontier


async def _is_ahead(connection: asyncpg.Connection, log: str, water: SignedHead) -> bool:
    """Whether a head was given out that the database does not know."""
    given = parse_head(water.head)
    row = await connection.fetchrow(_LAST, log)
    if row is None:
        return True
    last = parse_head(row["head"])
    if last.epoch != given.epoch:
        return last.epoch < given.epoch
    if last.size < given.size:
        return True
    return bool(await connection.fetchval(_AT, log, given.size) != water.head)


def _floor(lost: Head) -> int:
    return int(parse_instant(lost.time).timestamp()) + WINDOW_SECONDS + 1


def _statement(log: str, kept: Frontier, lost: Head, floor: int) -> Prepared:
    """The leaf that says what the restore lost, as docs/specs/evidence.md §7 wants it."""
    longer = lost.size >= kept.size
    until = datetime.fromtimestamp(floor, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = Recovery(
        last_known_root=lost.root if longer else None,
        last_known_size=lost.size if longer else None,
        old_root=kept.root().hex(),
        old_size=kept.size,
        reason=f"The database was restored from a backup. A head of epoch {lost.epoch} with {lost.size} leaves was "
        f"signed at {lost.time}; requests signed before {until} are refused.",
    )
    return Prepared(
        kind="recovery", request_id=f"recovery-{log}-{lost.epoch}-{lost.size}", status=0, detail=told.detail()
    )
