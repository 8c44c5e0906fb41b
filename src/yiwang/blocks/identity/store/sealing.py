"""Secrets of this block at rest: sealed under a key that a provider keeps, bound to the place where they lie."""

from __future__ import annotations

from yiwang.vocabulary.crypto import open_sealed, seal, sealing_key

PURPOSE = "identity"


def seal_secret(secret: bytes, place: str) -> bytes:
    """Seal a secret for one place, for example `identity_client_key/<kid>`. Raises: KeysNotWired."""
    return seal(sealing_key(PURPOSE), secret, place.encode())


def open_secret(sealed: bytes | memoryview, place: str) -> bytes:
    """Open what was sealed for the same place. Raises: KeysNotWired, SealBroken."""
    return open_sealed(sealing_key(PURPOSE), bytes(sealed), place.encode())
