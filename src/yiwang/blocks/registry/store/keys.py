"""Where the keys of encrypted fields come from."""

from __future__ import annotations

from yiwang.blocks.registry.domain.protecting import Protector
from yiwang.vocabulary.crypto import sealing_key


def protector(generation: int = 1) -> Protector:
    """What seals with this generation of the key, opens all of them and makes digests.

    Its calls raise KeysNotWired where the process has no keys.
    """
    return Protector(sealing_key, generation)
