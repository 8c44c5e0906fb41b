"""Jobs that capture changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.store.transfer.conftest import Pair, run
from yiwang.dataplane.transfer.report import Report


def captured(folder: Path, pair: Pair, table: str = "t", **words: Any) -> Report:
    """One run of the job until it has caught up."""
    source = words.pop("source", pair.source)
    return run(folder, source, words.pop("target", pair.target), table, mode="cdc", **words)
