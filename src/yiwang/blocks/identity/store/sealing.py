"""Secrets of this block at rest: sealed under a key that a provider keeps, bound to the place where they lie."""

from __future__ import annotations

from typing import Final

from yiwang.blocks.sealing.public import hold
from yiwang.vocabulary.crypto import open_any, seal_by, sealing_key

PURPOSE: Final = "identity"


def seal_secret(secret: bytes, place: str) -> bytes:
    """Seal a secret for one place, for example `identity_client_key/<kid>`, in a transaction. Raises: KeysNotWired."""
    return seal_by(sealing_key, PURPOSE, hold(PURPOSE), secret, place.encode())


def open_secret(sealed: bytes | memoryview, place: str) -> bytes:
    """Open what was sealed for the same place. Raises: KeysNotWired, SealBroken, KeyRetired."""
    return open_any(sealing_key, PURPOSE, bytes(sealed), place.encode())
