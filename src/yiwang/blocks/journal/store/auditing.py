"""An audit's rows, streamed from PostgreSQL in one snapshot, so that a running node can be audited."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import psycopg
from psycopg.rows import TupleRow

from yiwang.blocks.journal.domain.audit.kept import Witness
from yiwang.blocks.journal.domain.audit.report import Report
from yiwang.blocks.journal.domain.audit.rows import HeadRow, LeafRow, NodeRow
from yiwang.blocks.journal.domain.audit.walk import LogWalk
from yiwang.blocks.journal.domain.coding import HeadCoder
from yiwang.vocabulary.evidence import SignedHead, Trust, parse_head

AT_ONCE = 2000
_LOGS = """
SELECT l.name, l.node, l.suite, coalesce(w.rolled, 0), coalesce(w.noded, 0)
FROM journal_log l LEFT JOIN journal_watermark w ON w.log = l.name ORDER BY l.name
"""
_LEAVES = "SELECT index, leaf, leaf_hash FROM journal_leaf WHERE log = %s ORDER BY index"
_HEADS = "SELECT size, epoch, head, signature FROM journal_head WHERE log = %s ORDER BY size"
_NODES = "SELECT level, index, hash FROM journal_node WHERE log = %s ORDER BY (index + 1) << level, level"
_ACKS = "SELECT index, leaf_hash FROM journal_ack WHERE log = %s ORDER BY index"


class _Rows:
    """The rows of one log through server-side cursors."""

    def __init__(self, connection: psycopg.Connection[TupleRow], facts: TupleRow) -> None:
        self._connection = connection
        self.name: str = facts[0]
        self.node: str = facts[1]
        self.suite: str = facts[2]
        self.rolled: int = facts[3]
        self.noded: int = facts[4]

    def leaves(self) -> Iterator[LeafRow]:
        for index, text, stored in self._stream("leaves", _LEAVES):
            yield LeafRow(index, text, bytes(stored))

    def heads(self) -> Iterator[HeadRow]:
        for size, epoch, head, signature in self._stream("heads", _HEADS):
            yield HeadRow(size, epoch, SignedHead(head, bytes(signature).hex()))

    def nodes(self) -> Iterator[NodeRow]:
        for level, index, value in self._stream("nodes", _NODES):
            yield NodeRow(level, index, bytes(value))

    def acks(self) -> Iterator[tuple[int, bytes]]:
        for index, value in self._stream("acks", _ACKS):
            yield index, bytes(value)

    def _stream(self, name: str, query: str) -> Iterator[TupleRow]:
        with self._connection.cursor(name=f"audit_{name}") as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(query, [self.name])
            yield from cursor


def audit_database(
    url: str,
    trust: Trust,
    witnesses: Sequence[Witness],
    *,
    log: str | None = None,
    coder: HeadCoder | None = None,
    clock: Callable[[], float] = time.time,
    progress: Callable[[str, int], None] = lambda _log, _leaves: None,
) -> list[Report]:
    """Audit every log of a database, or the one named. Heads of `witnesses` must have been kept before now.

    `coder` compares the codes of heads that carry no signature.

    Raises: psycopg.Error, when the database cannot be read.
    """
    with psycopg.connect(url, application_name="yiwang audit") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        every = [_Rows(connection, facts) for facts in connection.execute(_LOGS)]
        chosen = [rows for rows in every if log is None or rows.name == log]
        reports = [
            LogWalk(rows, trust, witnesses, progress, coder=coder, clock=clock).run() for rows in chosen
        ]
    reports += _gone({rows.name for rows in every}, witnesses, log)
    return reports


def _gone(known: set[str], witnesses: Sequence[Witness], wanted: str | None) -> list[Report]:
    """Logs that somebody kept a head of, and that the database does not have."""
    reports: dict[str, Report] = {}
    for witness in witnesses:
        head = parse_head(witness.signed.head)
        if head.log in known or (wanted is not None and head.log != wanted):
            continue
        report = reports.setdefault(head.log, Report(head.log))
        report.damage("log-missing", source=witness.source, known=head.size)
    return list(reports.values())
