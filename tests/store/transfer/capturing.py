"""Jobs that capture changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.store.transfer.conftest import Pair, run
from yiwang.dataplane.transfer.report import Report

TABLE = "CREATE TABLE t (id bigint PRIMARY KEY, v text, n numeric(12,2), at timestamptz, j jsonb, raw bytea, ok boolean, tags text[])"
FILL = (
    "INSERT INTO t SELECT i, '王敏' || i, i / 4.0, now(), '{\"a\": 1}', '\\x00ff', i % 2 = 0, ARRAY['甲', NULL]"
    " FROM generate_series(1, 500) i"
)
DROP_SLOTS = (
    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()"
)


def captured(folder: Path, pair: Pair, table: str = "t", **words: Any) -> Report:
    """One run of the job until it has caught up."""
    source = words.pop("source", pair.source)
    return run(folder, source, words.pop("target", pair.target), table, mode="cdc", **words)
