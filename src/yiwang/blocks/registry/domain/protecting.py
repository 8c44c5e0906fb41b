"""Encrypted fields: sealed with SM4-GCM by a key of the node, bound to table, field and record.

A sealed value begins with the generation of its key (two bytes), so that a rotation seals anew at leisure while all
is readable. Equal values are found by a keyed digest that is the same in every generation.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from yiwang.blocks.registry.domain.values import Plain
from yiwang.vocabulary.crypto import open_sealed, seal

DIGEST: Final = 16
_GENERATION = 2


class Protector:
    """Seals and opens values of encrypted fields."""

    def __init__(self, key: Callable[[str], bytes], generation: int) -> None:
        """`key` gives the node's sealing key for a purpose; `generation` (from 1) is the one to seal with."""
        self._key = key
        self._generation = generation

    def seal(self, place: str, record: str, value: Plain) -> bytes:
        """The value of a field; `place` is `system.entity.field`, `record` the record's key."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        sealed = seal(self._of(self._generation), text, _bound(place, record))
        return self._generation.to_bytes(_GENERATION, "big") + sealed

    def open(self, place: str, record: str, sealed: bytes) -> Plain:
        """The value again. Raises: SealBroken, when anything was changed or moved to another place or record."""
        generation = int.from_bytes(sealed[:_GENERATION], "big")
        text = open_sealed(self._of(generation), sealed[_GENERATION:], _bound(place, record))
        value: Plain = json.loads(text)
        return value

    def current(self, sealed: bytes) -> bool:
        """Whether a value is sealed by the present generation."""
        return int.from_bytes(sealed[:_GENERATION], "big") == self._generation

    def digest(self, place: str, value: Plain) -> bytes:
        """By what equal values of a field are found: HMAC-SM3 under a key of its own, 128 bits."""
        mac = HMAC(self._key("registry-find"), hashes.SM3())
        mac.update(place.encode() + b"\0" + str(value).encode("utf-8"))
        return mac.finalize()[:DIGEST]

    def same(self, place: str, value: Plain, digest: bytes) -> bool:
        """Whether a digest is that of a value."""
        return hmac.compare_digest(self.digest(place, value), digest)

    def _of(self, generation: int) -> bytes:
        return self._key(f"registry-{generation}")


def _bound(place: str, record: str) -> bytes:
    return f"{place}|{record}".encode()
