"""The keys of this process: one provider, wired when it starts, for every block that seals something."""

from __future__ import annotations

from yiwang.vocabulary.crypto.errors import KeysNotWired
from yiwang.vocabulary.crypto.provider import KeyProvider

_providers: list[KeyProvider] = []
_sealing: dict[str, bytes] = {}
"""Sealing keys that were fetched: a list of records opens hundreds of values."""


def use_key_provider(provider: KeyProvider) -> None:
    """Wire where keys come from; called once when a process starts."""
    _providers[:] = [provider]
    _sealing.clear()


def key_provider() -> KeyProvider:
    """The provider that was wired. Raises: KeysNotWired."""
    if not _providers:
        raise KeysNotWired()
    return _providers[0]


def sealing_key(purpose: str, *, existing: bool = False) -> bytes:
    """The sealing key of a purpose, fetched once; with `existing` it is not made. Raises: KeysNotWired, KeyMissing."""
    known = _sealing.get(purpose)
    if known is None:
        known = _sealing[purpose] = key_provider().sealing_key(purpose, existing=existing)
    return known


def retire_sealing_key(purpose: str) -> None:
    """Destroy a sealing key for ever, here and where it is kept. Raises: KeysNotWired."""
    key_provider().retire_sealing_key(purpose)
    _sealing.pop(purpose, None)
