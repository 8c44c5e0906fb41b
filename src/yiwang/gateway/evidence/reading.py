"""Evidence as a gateway gives it out: leaves with proofs, heads, consistency, refusals by request id, acks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg

from yiwang.blocks.journal.domain.acks import Acknowledgement, ack_text
from yiwang.blocks.journal.domain.reading import Consistency, consistency_of, receipt_of
from yiwang.gateway.pool import SmallPool
from yiwang.vocabulary.crypto import BadSignatureEncoding, PublicKey
from yiwang.vocabulary.evidence import Leaf, Receipt, SignedHead, parse_leaf

_LEAF = "SELECT leaf FROM journal_leaf WHERE log = $1 AND index = $2"
# what carries a code, of 32 bytes, in the place of a signature leaves the node in no case (docs/specs/evidence.md §4.4)
LATEST = """
SELECT head, signature FROM journal_head WHERE log = $1 AND octet_length(signature) <> 32 ORDER BY size DESC LIMIT 1
"""
_EXACT = (
    "SELECT head, signature FROM journal_head WHERE log = $1 AND size = $2 AND octet_length(signature) <> 32"
)
_EVERY = """
SELECT h.head, h.signature FROM journal_log l CROSS JOIN LATERAL (
  SELECT head, signature FROM journal_head WHERE log = l.name AND octet_length(signature) <> 32
  ORDER BY size DESC LIMIT 1) h ORDER BY l.name
"""
_NODED = "SELECT noded FROM journal_watermark WHERE log = $1"
_NODES = """
SELECT level, index, hash FROM journal_node
JOIN unnest($2::smallint[], $3::bigint[]) AS w (level, index) USING (level, index) WHERE log = $1
"""
_HASHES = "SELECT leaf_hash FROM journal_leaf WHERE log = $1 AND index >= $2 AND index < $3 ORDER BY index"
_BY_REQUEST = "SELECT log, index, leaf FROM journal_leaf WHERE request_id = $1 ORDER BY log, index"
_FOR_ACK = """
SELECT w.at, l.leaf, l.leaf_hash FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS w (log, index, at)
JOIN journal_leaf l USING (log, index)
"""
_PUT_ACKS = """
INSERT INTO journal_ack (log, index, client, kid, leaf_hash, signature, time)
SELECT n.log, n.index, $5, $6, n.hash, n.signature, now()
FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::bytea[]) AS n (log, index, hash, signature)
ON CONFLICT (log, index) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """A leaf and where it lies."""

    log: str
    index: int
    leaf: Leaf


class EvidenceReader(SmallPool):
    """Reads the journal over a small pool of its own."""

    def __init__(
        self, dsn: str, *, pool_size: int = 2, sealed: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Nothing is opened before `start`. `sealed` waits until what the process has stored lies under a signed head."""
        super().__init__(dsn, name="yiwang evidence reader", size=pool_size, timeout=10)
        self._sealed = sealed

    async def receipt(self, log: str, index: int, size: int | None = None) -> Receipt | None:
        """A leaf with its proof in the latest tree, or in that of a head's size. Who may see it, the caller decides."""
        if size is None:
            await self._fresh()
        return await receipt_of(self, log, index, size)

    async def heads(self) -> list[SignedHead]:
        """The latest head of every log of the node."""
        await self._fresh()
        return [head_of(row) for row in await self._fetch(_EVERY)]

    async def consistency(self, log: str, old: int, new: int | None = None) -> Consistency | None:
        """The proof between the heads of two sizes; None when there is no such head."""
        if new is None:
            await self._fresh()
        return await consistency_of(self, log, old, new)

    async def by_request(self, request_id: str) -> list[Placed]:
        """The leaves of a request: one, or two where a refused commit was followed by the refusal's own leaf."""
        rows = await self._fetch(_BY_REQUEST, request_id)
        return [Placed(row["log"], row["index"], parse_leaf(row["leaf"])) for row in rows]

    async def acknowledge(self, client: str, key: PublicKey, given: Sequence[Acknowledgement]) -> int:
        """Store the acknowledgements of a client that are true; returns how many of those given hold now.

        One is true when the leaf lies where it says, has that hash, names the client, and the signature is by `key`.
        """
        rows = await self._fetch(_FOR_ACK, [one.log for one in given], [one.index for one in given])
        good = []
        for row in rows:
            one = given[row["at"] - 1]
            if bytes(row["leaf_hash"]).hex() != one.leaf_hash or parse_leaf(row["leaf"]).client != client:
                continue
            if _signs(key, one):
                good.append(one)
        if good:
            await self._execute(
                _PUT_ACKS,
                [one.log for one in good],
                [one.index for one in good],
                [bytes.fromhex(one.leaf_hash) for one in good],
                [bytes.fromhex(one.signature) for one in good],
                client,
                key.kid,
            )
        return len(good)

    async def leaf(self, log: str, index: int) -> str | None:
        """See `domain.reading.Source`."""
        rows = await self._fetch(_LEAF, log, index)
        return rows[0]["leaf"] if rows else None

    async def head(self, log: str, size: int | None) -> SignedHead | None:
        """See `domain.reading.Source`."""
        rows = await (self._fetch(LATEST, log) if size is None else self._fetch(_EXACT, log, size))
        return head_of(rows[0]) if rows else None

    async def noded(self, log: str) -> int:
        """See `domain.reading.Source`."""
        rows = await self._fetch(_NODED, log)
        return rows[0]["noded"] if rows else 0

    async def nodes(self, log: str, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """See `domain.reading.Source`."""
        rows = await self._fetch(_NODES, log, [one[0] for one in wanted], [one[1] for one in wanted])
        return {(row["level"], row["index"]): bytes(row["hash"]) for row in rows}

    async def hashes(self, log: str, start: int, stop: int) -> list[bytes]:
        """See `domain.reading.Source`."""
        return [bytes(row["leaf_hash"]) for row in await self._fetch(_HASHES, log, start, stop)]

    async def _fresh(self) -> None:
        if self._sealed is not None:
            await self._sealed()

    async def _fetch(self, query: str, *values: object) -> list[asyncpg.Record]:
        if self.pool is None:
            return []
        rows: list[asyncpg.Record] = await self.pool.fetch(query, *values)
        return rows

    async def _execute(self, query: str, *values: object) -> None:
        if self.pool is not None:
            await self.pool.execute(query, *values)


def head_of(row: asyncpg.Record) -> SignedHead:
    """A head with what stands under it."""
    return SignedHead(row["head"], bytes(row["signature"]).hex())


def _signs(key: PublicKey, one: Acknowledgement) -> bool:
    try:
        return key.verify(ack_text(one.log, one.index, one.leaf_hash), bytes.fromhex(one.signature))
    except (BadSignatureEncoding, ValueError):
        return False
