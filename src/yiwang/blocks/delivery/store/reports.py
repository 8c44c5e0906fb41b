"""Reports of runs as they are kept, and the digest of them that stands in the evidence."""

from __future__ import annotations

import hashlib

import msgspec

from yiwang.dataplane.transfer.report import Report
from yiwang.vocabulary.canonical import canonical


def plain(report: Report) -> dict[str, object]:
    """The report as JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(report), type=dict[str, object])


def sealed_digest(kept: dict[str, object]) -> str:
    """SHA-256 of its canonical text."""
    return hashlib.sha256(canonical(kept)).hexdigest()
