"""What the notary makes from committed leaves: stored nodes for proofs, sums for pages; and what it clears away.

Each step moves a watermark in the transaction that stores its result, so a killed notary goes on where it was.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import asyncpg

from yiwang.blocks.journal.domain.proofs import NODE_LEVEL, new_nodes
from yiwang.blocks.journal.domain.rollup import KEPT, Rolled, roll
from yiwang.gateway.evidence.faults import FAULTS
from yiwang.gateway.evidence.opening import WINDOW_SECONDS
from yiwang.vocabulary.crypto import suite
from yiwang.vocabulary.merkle import Frontier, perfect_parts

BLOCKS = 64
LEAVES = 2000
INDEX_MONTHS = 36
"""How long a person's uses are found through the index: three years, as the complaint period of disputes runs."""

_LOGS = """
SELECT l.name, l.suite, h.size, coalesce(w.noded, 0) AS noded, coalesce(w.rolled, 0) AS rolled FROM journal_log l
CROSS JOIN LATERAL (SELECT size FROM journal_head WHERE log = l.name ORDER BY size DESC LIMIT 1) h
LEFT JOIN journal_watermark w ON w.log = l.name ORDER BY l.name
"""
_MARK = """
INSERT INTO journal_watermark AS w (log, noded, rolled) VALUES ($1, $2, $3)
ON CONFLICT (log) DO UPDATE SET noded = greatest(w.noded, excluded.noded), rolled = greatest(w.rolled, excluded.rolled)
"""
_NODE = "SELECT hash FROM journal_node WHERE log = $1 AND level = $2 AND index = $3"
_HASHES = "SELECT leaf_hash FROM journal_leaf WHERE log = $1 AND index >= $2 AND index < $3 ORDER BY index"
_PUT_NODES = """
INSERT INTO journal_node (log, level, index, hash)
SELECT $1, n.level, n.index, n.hash FROM unnest($2::smallint[], $3::bigint[], $4::bytea[]) AS n (level, index, hash)
ON CONFLICT (log, level, index) DO NOTHING
"""
_LEAVES = "SELECT index, leaf, took_us FROM journal_leaf WHERE log = $1 AND index >= $2 AND index < $3 ORDER BY index"
_PUT_SUM = """
INSERT INTO journal_rollup AS r
  (day, consumer, provider, resource, grant_id, kind, status_class, code, calls, rows, histogram)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (day, consumer, provider, resource, grant_id, kind, status_class, code) DO UPDATE SET
  calls = r.calls + excluded.calls, rows = r.rows + excluded.rows,
  histogram = ARRAY(SELECT coalesce(a, 0) + coalesce(b, 0) FROM unnest(r.histogram, excluded.histogram) AS t (a, b))
"""
_PUT_PURPOSE = """
INSERT INTO journal_purpose AS p (day, consumer, provider, resource, grant_id, purpose, calls, rows)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (day, consumer, provider, resource, grant_id, purpose) DO UPDATE SET
  calls = p.calls + excluded.calls, rows = p.rows + excluded.rows
"""
_RECENT = "SELECT logs, indexes FROM journal_recent WHERE scope = $1 AND name = $2"
_PUT_RECENT = """
INSERT INTO journal_recent (scope, name, logs, indexes) VALUES ($1, $2, $3, $4)
ON CONFLICT (scope, name) DO UPDATE SET logs = excluded.logs, indexes = excluded.indexes
"""
_PRUNE = (
    "DELETE FROM journal_nonce WHERE created < $1",
    "DELETE FROM journal_idempotency WHERE day < $1",
    "DELETE FROM journal_usage_subject WHERE day < $1",
    "DELETE FROM journal_subject WHERE period < $1",
)


async def derive(connection: asyncpg.Connection) -> bool:
    """One step for every log; whether there is more to do at once."""
    more = False
    for row in await connection.fetch(_LOGS):
        log, size = row["name"], row["size"]
        more |= await _nodes(connection, log, row["suite"], row["noded"], size)
        more |= await _sums(connection, log, row["rolled"], size)
    return more


async def _nodes(connection: asyncpg.Connection, log: str, suite_name: str, noded: int, size: int) -> bool:
    """Store the nodes of the next complete blocks of 256 leaves."""
    blocks = min((size >> NODE_LEVEL) - (noded >> NODE_LEVEL), BLOCKS)
    if blocks <= 0:
        return False
    used, before = suite(suite_name), noded >> NODE_LEVEL
    peaks = [
        await connection.fetchval(_NODE, log, NODE_LEVEL + level, index)
        for level, index in perfect_parts(0, before)
    ]
    upto = noded + (blocks << NODE_LEVEL)
    hashes = [row["leaf_hash"] for row in await connection.fetch(_HASHES, log, noded, upto)]
    nodes = new_nodes(used, noded, hashes, Frontier(used, before, peaks))
    async with connection.transaction():
        columns = [[node[at] for node in nodes] for at in range(3)]
        await connection.execute(_PUT_NODES, log, *columns)
        if FAULTS:
            FAULTS.reach("nodes-written")
        await connection.execute(_MARK, log, upto, 0)
    return blocks == BLOCKS


async def _sums(connection: asyncpg.Connection, log: str, rolled: int, size: int) -> bool:
    """Add up the next leaves."""
    upto = min(size, rolled + LEAVES)
    if upto == rolled:
        return False
    rows = await connection.fetch(_LEAVES, log, rolled, upto)
    found = roll((log, row["index"], row["leaf"], row["took_us"]) for row in rows)
    async with connection.transaction():
        await _put(connection, found)
        if FAULTS:
            FAULTS.reach("rolled")
        await connection.execute(_MARK, log, 0, upto)
    return upto < size


async def _put(connection: asyncpg.Connection, found: Rolled) -> None:
    for key, sums in found.sums.items():
        await connection.execute(_PUT_SUM, *key, sums.calls, sums.rows, sums.histogram)
    for named, counted in found.purposes.items():
        await connection.execute(_PUT_PURPOSE, *named, *counted)
    for (scope, name), places in found.recent.items():
        row = await connection.fetchrow(_RECENT, scope, name)
        known = list(zip(row["logs"], row["indexes"], strict=True)) if row else []
        kept = [*known, *places][-KEPT:]
        await connection.execute(_PUT_RECENT, scope, name, [one[0] for one in kept], [one[1] for one in kept])


async def prune(connection: asyncpg.Connection, now: datetime) -> None:
    """Clear away what no check can need any more; leaves and heads are never cleared."""
    today = now.astimezone(UTC).date()
    months = today.year * 12 + today.month - 1 - INDEX_MONTHS
    oldest = f"{months // 12:04d}-{months % 12 + 1:02d}"
    two_days_ago = date.fromordinal(today.toordinal() - 2)
    limits = (int(now.timestamp()) - 2 * WINDOW_SECONDS, two_days_ago, two_days_ago, oldest)
    for query, limit in zip(_PRUNE, limits, strict=True):
        await connection.execute(query, limit)
