"""A sealing key in generations: a sealed value begins with the number of its key, so that a key can be replaced.

Format: two bytes with the generation (from 1, big-endian), then what `seal` makes. New values are sealed by the
newest generation while values of the older ones stay readable, until they are sealed anew and the old key is destroyed.
The key of a generation is kept under the purpose `<purpose>-<generation>`.
"""

from __future__ import annotations

from typing import Final, Protocol

from yiwang.vocabulary.crypto.errors import BadKey, SealBroken
from yiwang.vocabulary.crypto.sealing import open_sealed, seal

PREFIX: Final = 2
LAST: Final = (1 << 8 * PREFIX) - 1


class SealingKeys(Protocol):
    """Gives a sealing key by its full name; with `existing` one that is not there is not made."""

    def __call__(self, purpose: str, *, existing: bool = False) -> bytes:
        """The key. Raises: KeyMissing, KeyRetired."""


def key_name(purpose: str, generation: int) -> str:
    """Under which purpose a provider keeps the key of a generation. Raises: BadKey, for a number out of range."""
    if not 1 <= generation <= LAST:
        raise BadKey(reason=f"a generation is a number from 1 to {LAST}")
    return f"{purpose}-{generation}"


def seal_by(keys: SealingKeys, purpose: str, generation: int, plaintext: bytes, aad: bytes) -> bytes:
    """Seal by the key of a generation. Raises: BadKey, KeyRetired."""
    sealed = seal(keys(key_name(purpose, generation)), plaintext, aad)
    return generation.to_bytes(PREFIX, "big") + sealed


def open_any(keys: SealingKeys, purpose: str, sealed: bytes, aad: bytes) -> bytes:
    """Open what `seal_by` sealed, whichever the generation.

    Raises:
        SealBroken: anything was changed, or it was sealed for another place.
        KeyMissing: the key of its generation is not there.
        KeyRetired: the key of its generation was destroyed.
    """
    generation = generation_of(sealed)
    if generation < 1:
        raise SealBroken
    return open_sealed(keys(key_name(purpose, generation), existing=True), sealed[PREFIX:], aad)


def generation_of(sealed: bytes) -> int:
    """By which generation a value was sealed. Raises: SealBroken, when it is too short to say."""
    if len(sealed) < PREFIX:
        raise SealBroken
    return int.from_bytes(sealed[:PREFIX], "big")
