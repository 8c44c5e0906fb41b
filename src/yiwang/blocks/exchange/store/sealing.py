"""Sealing by the present generation of the key for sources."""

from __future__ import annotations

from yiwang.blocks.exchange.domain.sealing import PURPOSE, open_password, password_generation, seal_password
from yiwang.blocks.sealing.public import hold
from yiwang.vocabulary.crypto import key_provider


def sealed_password(bound_to: str, password: str) -> str:
    """A password or secret as it is stored, in a transaction. Raises: KeysNotWired."""
    return seal_password(key_provider(), hold(PURPOSE), bound_to, password)


def renewed_password(bound_to: str, sealed: str) -> str:
    """The same by the present generation; what is sealed by it already, or nothing, stays. Raises: SealBroken."""
    if not sealed or password_generation(sealed) == hold(PURPOSE):
        return sealed
    return sealed_password(bound_to, open_password(key_provider(), bound_to, sealed))
