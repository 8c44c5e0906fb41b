"""The gateway's own SQL over the tables of files: offsets, chunks and their references, states, deliveries."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import asyncpg

from yiwang.blocks.files.domain.errors import FileUnknown, UploadBusy
from yiwang.blocks.files.domain.keeping import EndReason, Finding
from yiwang.gateway.errors import DatabaseUnavailable
from yiwang.gateway.files.rows import COLUMNS, FileRow, Place, ShelfRow, file_of
from yiwang.gateway.pool import SmallPool

_SHELF: Final = "SELECT largest, media FROM files_shelf WHERE resource = $1 AND open"
_ANNOUNCE: Final = f"""
INSERT INTO files_file (id, resource, provider, client, name, media, length, uploaded, hash, declared, mark, part, digest,
  sha256, state, finding, finding_text, ended, told, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, '', '', 'arriving', '', '', '', '', $12, $13)
RETURNING {COLUMNS}
"""  # noqa: S608
_BY_ID: Final = f"SELECT {COLUMNS} FROM files_file WHERE id = $1"  # noqa: S608
_OPEN: Final = (
    "SELECT count(*) FROM files_file WHERE provider = $1 AND state = 'arriving' AND expires_at > $2"
)
_LOCKED: Final = _BY_ID + " FOR UPDATE NOWAIT"
_HOLD: Final = """
INSERT INTO files_chunk (digest, hash, size, refs) VALUES ($1, $2, $3, 1)
ON CONFLICT (digest) DO UPDATE SET refs = files_chunk.refs + 1 RETURNING refs > 1
"""
_PLACE: Final = "INSERT INTO files_part (file_id, place, digest) VALUES ($1, $2, $3)"
_MOVE: Final = "UPDATE files_file SET uploaded = $2, expires_at = $3 WHERE id = $1"
_ARRIVED: Final = "UPDATE files_file SET state = 'checking', arrived_at = $2 WHERE id = $1 AND state = 'arriving' AND uploaded = length"
_PLACES: Final = """
SELECT p.digest, c.size FROM files_part p JOIN files_chunk c USING (digest) WHERE p.file_id = $1 ORDER BY p.place
"""
_PLACE_AT: Final = """
SELECT p.digest, c.size FROM files_part p JOIN files_chunk c USING (digest) WHERE p.file_id = $1 AND p.place = $2
"""
_JOIN: Final = """
INSERT INTO files_part (file_id, place, digest)
SELECT $1, row_number() OVER (ORDER BY w.at, p.place) - 1, p.digest
FROM unnest($2::text[]) WITH ORDINALITY AS w (id, at) JOIN files_part p ON p.file_id = w.id
"""
_HOLD_JOINED: Final = """
UPDATE files_chunk c SET refs = c.refs + n.times
FROM (SELECT digest, count(*) AS times FROM files_part WHERE file_id = $1 GROUP BY digest) n WHERE c.digest = n.digest
"""
_RELEASE: Final = """
UPDATE files_chunk c SET refs = c.refs - n.times
FROM (SELECT digest, count(*) AS times FROM files_part WHERE file_id = $1 GROUP BY digest) n WHERE c.digest = n.digest
"""
_FORGET: Final = "DELETE FROM files_part WHERE file_id = $1"
_END: Final = (
    "UPDATE files_file SET state = 'ended', ended = $2, ended_at = $3 WHERE id = $1 AND state <> 'ended'"
)
_CLAIM: Final = f"""
UPDATE files_file SET check_until = $1 + interval '2 minutes' WHERE id = (
  SELECT id FROM files_file WHERE state = 'checking' AND (check_until IS NULL OR check_until < $1)
  ORDER BY arrived_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING {COLUMNS}
"""  # noqa: S608
_KEEP_CLAIM: Final = "UPDATE files_file SET check_until = $2 + interval '2 minutes' WHERE id = $1"
_JUDGED: Final = """
UPDATE files_file SET state = $2, digest = $3, sha256 = $7, finding = $4, finding_text = $5, ready_at = $6, check_until = NULL
WHERE id = $1 AND state = 'checking'
"""
_LIST: Final = f"""
SELECT {COLUMNS} FROM files_file WHERE resource = $1 AND NOT part AND (state = 'ready' OR ($2 AND state <> 'ended'))
  AND id < $3 ORDER BY id DESC LIMIT $4
"""  # noqa: S608
_OPENED: Final = """
INSERT INTO files_delivery (file_id, provider, consumer, client, "grant", purpose, opened_at, sent, evidence, receipt)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, '')
ON CONFLICT (file_id, "grant") DO UPDATE SET client = excluded.client, evidence = excluded.evidence
"""
_SENT: Final = 'UPDATE files_delivery SET sent = sent + $3 WHERE file_id = $1 AND "grant" = $2'
_RECEIVED: Final = """
UPDATE files_delivery SET received_at = coalesce(received_at, $3), receipt = CASE receipt WHEN '' THEN $4 ELSE receipt END
WHERE file_id = $1 AND "grant" = $2
"""


class Ledger(SmallPool):
    """Over a small pool of its own."""

    def __init__(self, dsn: str, *, pool_size: int = 6) -> None:
        """Nothing is opened before `start`."""
        super().__init__(dsn, name="yiwang files", size=pool_size, timeout=30)

    async def shelf(self, resource: str) -> ShelfRow | None:
        """What a resource takes; None where it is not exchanged by file. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            row = await connection.fetchrow(_SHELF, resource)
        return None if row is None else ShelfRow(row["largest"], tuple(json.loads(row["media"])))

    async def open_uploads(self, provider: str, now: datetime) -> int:
        """How many uploads of an agency are unfinished. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            return int(await connection.fetchval(_OPEN, provider, now))

    async def announce(self, file: FileRow) -> FileRow:
        """Write a new upload down. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            record = await connection.fetchrow(
                _ANNOUNCE, file.id, file.resource, file.provider, file.client, file.name, file.media, file.length,
                file.hash, file.declared, file.mark, file.part, file.created_at, file.expires_at,
            )  # fmt: skip
        return file_of(record)

    async def file(self, number: str) -> FileRow:
        """Raises: FileUnknown, DatabaseUnavailable."""
        async with self._connection() as connection:
            record = await connection.fetchrow(_BY_ID, number)
        if record is None:
            raise FileUnknown(file=number[:40])
        return file_of(record)

    async def places(self, number: str) -> tuple[Place, ...]:
        """The chunks of a file, in order. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            return tuple(Place(row["digest"], row["size"]) for row in await connection.fetch(_PLACES, number))

    async def place(self, number: str, at: int) -> Place | None:
        """One chunk of a file, counted from 0; None where there is none. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            row = await connection.fetchrow(_PLACE_AT, number, at)
        return None if row is None else Place(row["digest"], row["size"])

    @asynccontextmanager
    async def adding(self, number: str) -> AsyncIterator[Adding]:
        """A transaction in which one request adds to an upload. Raises: FileUnknown, UploadBusy, DatabaseUnavailable."""
        async with self._connection() as connection, connection.transaction():
            try:
                record = await connection.fetchrow(_LOCKED, number)
            except asyncpg.LockNotAvailableError:
                raise UploadBusy(file=number) from None
            if record is None:
                raise FileUnknown(file=number[:40])
            yield Adding(connection, file_of(record))

    async def end(self, number: str, reason: EndReason, now: datetime) -> bool:
        """Let a file's chunks go; the worker destroys those that nobody holds. Raises: DatabaseUnavailable, UploadBusy."""
        async with self._connection() as connection, connection.transaction():
            try:
                await connection.fetchrow(_LOCKED, number)
            except asyncpg.LockNotAvailableError:
                raise UploadBusy(file=number) from None
            if await connection.execute(_END, number, reason, now) == "UPDATE 0":
                return False
            await connection.execute(_RELEASE, number)
            await connection.execute(_FORGET, number)
            return True

    async def claim(self, now: datetime) -> FileRow | None:
        """The next file to check, for two minutes. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            record = await connection.fetchrow(_CLAIM, now)
        return None if record is None else file_of(record)

    async def keep_claim(self, number: str, now: datetime) -> None:
        """Two minutes more. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            await connection.execute(_KEEP_CLAIM, number, now)

    async def judged(
        self, number: str, digest: str, sha256: str, finding: Finding, text: str, now: datetime
    ) -> None:
        """What the check came to. Raises: DatabaseUnavailable."""
        state, ready = ("refused", None) if finding else ("ready", now)
        async with self._connection() as connection:
            await connection.execute(_JUDGED, number, state, digest, finding, text[:200], ready, sha256)

    async def listed(self, resource: str, *, own: bool, before: str, limit: int) -> list[FileRow]:
        """Files of a resource, the newest first; its provider also sees those that are not ready. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            return [file_of(row) for row in await connection.fetch(_LIST, resource, own, before, limit)]

    async def opened(
        self,
        file: FileRow,
        consumer: str,
        client: str,
        grant: str,
        purpose: str,
        evidence: str,
        now: datetime,
    ) -> None:
        """A receiver began to fetch a file. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            await connection.execute(
                _OPENED, file.id, file.provider, consumer, client, grant, purpose, now, evidence
            )

    async def sent(self, number: str, grant: str, count: int) -> None:
        """So many bytes left for a receiver. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            await connection.execute(_SENT, number, grant, count)

    async def received(self, number: str, grant: str, receipt: str, now: datetime) -> bool:
        """A receiver confirmed a file that was opened before. Raises: DatabaseUnavailable."""
        async with self._connection() as connection:
            return str(await connection.execute(_RECEIVED, number, grant, now, receipt)) != "UPDATE 0"

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        if self.pool is None:
            raise DatabaseUnavailable
        try:
            async with self.pool.acquire() as connection:
                yield connection
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as problem:
            raise DatabaseUnavailable from problem


class Adding:
    """An upload whose row is locked; what is written here counts once the transaction is over."""

    def __init__(self, connection: asyncpg.Connection, file: FileRow) -> None:
        """`file` as it stands under the lock."""
        self._connection = connection
        self.file = file

    async def hold(self, place: int, chunk: Place, hash_name: str) -> bool:
        """Refer to a chunk; its row is locked from now on, so that nobody removes its bytes.

        Returns whether another file refers to it: only then its bytes are known to be there.
        """
        held = await self._connection.fetchval(_HOLD, chunk.digest, hash_name, chunk.size)
        await self._connection.execute(_PLACE, self.file.id, place, chunk.digest)
        return bool(held)

    async def move(self, uploaded: int, expires_at: datetime) -> None:
        """The upload stands at so many bytes."""
        await self._connection.execute(_MOVE, self.file.id, uploaded, expires_at)

    async def arrived(self, now: datetime) -> None:
        """The upload is whole and goes into quarantine."""
        await self._connection.execute(_ARRIVED, self.file.id, now)

    async def join(self, parts: Sequence[str], length: int, now: datetime) -> None:
        """Make the file of the chunks of whole partial uploads."""
        await self._connection.execute(_JOIN, self.file.id, list(parts))
        await self._connection.execute(_HOLD_JOINED, self.file.id)
        await self._connection.execute(_MOVE, self.file.id, length, now)
