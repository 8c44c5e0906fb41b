"""Where the keys of encrypted fields come from, and which generation of them seals."""

from __future__ import annotations

from django.db import connection

from yiwang.blocks.registry.domain.protecting import PURPOSE, Protector
from yiwang.blocks.sealing.public import hold, living, present
from yiwang.vocabulary.crypto import sealing_key

HELD = f"SELECT sealing_held('{PURPOSE}', %s)"
"""Goes before a write that was sealed outside its transaction: refused where that generation seals no more."""


def protector(generation: int = 1) -> Protector:
    """What seals with this generation of the key, opens all of them and makes digests.

    Its calls raise KeysNotWired where the process has no keys.
    """
    return Protector(sealing_key, generation)


def sealing_protector() -> Protector:
    """What seals new values: held until the end of the transaction at hand, or to be checked by `HELD` in the next."""
    return protector(hold(PURPOSE) if connection.in_atomic_block else present(PURPOSE))


def living_generations() -> tuple[int, ...]:
    """The generations whose digests may still be there."""
    return living(PURPOSE)
