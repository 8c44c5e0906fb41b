"""The keys by which this node's own evidence is checked: those that its launch pinned in the node's folder."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from yiwang.vocabulary.evidence import EvidenceError, Trust, parse_trust

TRUST_FILE = "trust.json"


def own_trust() -> Trust | None:
    """The node's own trust; None where nothing was pinned, or the file cannot be read."""
    try:
        return parse_trust((Path(settings.YW_DATA) / TRUST_FILE).read_bytes())
    except (OSError, EvidenceError):
        return None
