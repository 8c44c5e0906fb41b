"""Where the key of row marks comes from."""

from __future__ import annotations

from yiwang.blocks.quality.domain.errors import QualityKeysNotWired
from yiwang.vocabulary.crypto import KeyProvider

PURPOSE = "quality-marks"
_providers: list[KeyProvider] = []


def use_key_provider(provider: KeyProvider) -> None:
    """Wire where keys come from; called once when a process starts."""
    _providers[:] = [provider]


def mark_key() -> bytes:
    """The node's key of marks. Raises: QualityKeysNotWired."""
    if not _providers:
        raise QualityKeysNotWired()
    return _providers[0].sealing_key(PURPOSE)
