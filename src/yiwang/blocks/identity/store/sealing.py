"""Secrets of this block at rest: sealed under a key that a provider keeps, bound to the place where they lie."""

from __future__ import annotations

from yiwang.blocks.identity.domain.errors import KeysNotWired
from yiwang.vocabulary.crypto import KeyProvider, open_sealed, seal

PURPOSE = "identity"

_providers: list[KeyProvider] = []


def use_key_provider(provider: KeyProvider) -> None:
    """Wire where sealing keys come from; called once when a process starts."""
    _providers[:] = [provider]


def seal_secret(secret: bytes, place: str) -> bytes:
    """Seal a secret for one place, for example `identity_client_key/<kid>`. Raises: KeysNotWired."""
    return seal(_sealing_key(), secret, place.encode())


def open_secret(sealed: bytes | memoryview, place: str) -> bytes:
    """Open what was sealed for the same place. Raises: KeysNotWired, SealBroken."""
    return open_sealed(_sealing_key(), bytes(sealed), place.encode())


def _sealing_key() -> bytes:
    if not _providers:
        raise KeysNotWired()
    return _providers[0].sealing_key(PURPOSE)
