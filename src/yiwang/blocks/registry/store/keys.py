"""Where the keys of encrypted fields come from."""

from __future__ import annotations

from yiwang.blocks.registry.domain.protecting import Protector
from yiwang.vocabulary.crypto import KeyProvider

_providers: list[KeyProvider] = []
_keys: dict[str, bytes] = {}
"""Keys that were fetched: a list of records opens hundreds of values."""


def use_key_provider(provider: KeyProvider) -> None:
    """Wire where sealing keys come from; called once when a process starts."""
    _providers[:] = [provider]
    _keys.clear()


def protector(generation: int = 1) -> Protector:
    """What seals with this generation of the key, opens all of them and makes digests.

    Raises: LookupError, when nothing was wired.
    """
    if not _providers:
        raise LookupError("no key provider was wired for the registry")
    return Protector(_key, generation)


def _key(purpose: str) -> bytes:
    known = _keys.get(purpose)
    if known is None:
        known = _keys[purpose] = _providers[0].sealing_key(purpose)
    return known
