"""What of sessions is kept for ever: how each was opened, and every countersignature."""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence

import asyncpg
import msgspec

from yiwang.gateway.pool import SmallPool
from yiwang.vocabulary.sessions import Entry
from yiwang.vocabulary.sessions.record import in_order

_PUT_SESSION = """
INSERT INTO journal_session (id, client, kid, log, index, opening, opened) VALUES ($1, $2, $3, $4, $5, $6, now())
"""
_PUT = """
INSERT INTO journal_countersignature (session, number, log, size, indexes, lost, statement, signature, time)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now())
"""
_STOPPED = "SELECT session FROM journal_session_stop WHERE session = ANY ($1::text[])"
_PUT_STATES = """
INSERT INTO journal_session_state (session, calls, last_call, open, oldest, suspended, expires, ended, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (session) DO UPDATE SET calls = excluded.calls, last_call = excluded.last_call, open = excluded.open,
  oldest = excluded.oldest, suspended = excluded.suspended, ended = excluded.ended, reason = excluded.reason
"""
_END_ALL = """
UPDATE journal_session_state t SET ended = now(), reason = $2, suspended = ''
FROM journal_session s WHERE s.id = t.session AND s.log = $1 AND t.ended IS NULL AND s.id <> ALL ($3::text[])
"""
_OPENING = "SELECT opening FROM journal_session WHERE id = $1"
_CANDIDATES = """
SELECT size, indexes, lost, statement, signature FROM journal_countersignature
WHERE session = $1 AND (position($2::bytea in indexes) > 0 OR position($3::bytea in lost) > 0) ORDER BY number
"""
_DIGESTS = """
SELECT index, leaf::json ->> 'request' AS request, leaf::json ->> 'response' AS response FROM journal_leaf
WHERE log = $1 AND index = ANY ($2::bigint[])
"""


class Kept(msgspec.Struct, frozen=True):
    """A countersignature as it was stored."""

    size: int
    entries: tuple[Entry, ...]
    statement: str
    signature: str


class SessionLedger(SmallPool):
    """The rows of sessions, over a small pool of its own."""

    def __init__(self, dsn: str) -> None:
        """Nothing is opened before `start`."""
        super().__init__(dsn, name="yiwang sessions", size=2, timeout=10)

    async def put_session(
        self, session: str, client: str, kid: str, log: str, index: int, opening: str
    ) -> None:
        """Keep how a session was opened. Raises: OSError, PostgresError."""
        await self._open().execute(_PUT_SESSION, session, client, kid, log, index, opening)

    async def put(
        self, session: str, number: int, log: str, size: int, *, indexes: Sequence[int], lost: Sequence[str],
        statement: str, signature: bytes,
    ) -> None:  # fmt: skip
        """Keep a countersignature. Raises: OSError, PostgresError."""
        await self._open().execute(
            _PUT, session, number, log, size, struct.pack(f">{len(indexes)}q", *indexes),
            bytes.fromhex("".join(lost)), statement, signature,
        )  # fmt: skip

    async def stopped(self, sessions: Sequence[str]) -> list[str]:
        """Which of these a person stopped. Raises: OSError, PostgresError."""
        return [row["session"] for row in await self._open().fetch(_STOPPED, sessions)]

    async def put_states(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Write how sessions stand, in the order of the table's columns. Raises: OSError, PostgresError."""
        await self._open().executemany(_PUT_STATES, rows)

    async def end_all(self, log: str, reason: str, but: Collection[str]) -> None:
        """Mark the sessions of a log as over that its process does not hold. Raises: OSError, PostgresError."""
        await self._open().execute(_END_ALL, log, reason, sorted(but))

    async def opening(self, session: str) -> str | None:
        """The handshake as an evidence file. Raises: OSError, PostgresError."""
        text: str | None = await self._open().fetchval(_OPENING, session)
        return text

    async def covering(self, session: str, log: str, index: int, request: str) -> Kept | None:
        """The countersignature that covers the call, answered or lost. Raises: OSError, PostgresError."""
        pool = self._open()
        rows = await pool.fetch(_CANDIDATES, session, struct.pack(">q", index), bytes.fromhex(request))
        for row in rows:
            indexes = [one for (one,) in struct.iter_unpack(">q", row["indexes"])]
            lost = [bytes(row["lost"][at : at + 32]).hex() for at in range(0, len(row["lost"]), 32)]
            if index in indexes or request in lost:
                break
        else:
            return None
        entries = [
            Entry(one["request"], one["index"], one["response"])
            for one in await pool.fetch(_DIGESTS, log, indexes)
        ]
        entries += [Entry(one) for one in lost]
        return Kept(row["size"], tuple(in_order(entries)), row["statement"], bytes(row["signature"]).hex())

    def _open(self) -> asyncpg.Pool:
        if self.pool is None:
            raise asyncpg.InterfaceError("the pool is closed")
        return self.pool
