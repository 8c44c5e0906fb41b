"""Where the key of row marks comes from."""

from __future__ import annotations

from yiwang.vocabulary.crypto import sealing_key

PURPOSE = "quality-marks"


def mark_key() -> bytes:
    """The node's key of marks. Raises: KeysNotWired."""
    return sealing_key(PURPOSE)
