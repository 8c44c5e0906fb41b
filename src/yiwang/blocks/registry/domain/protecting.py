"""Encrypted fields: sealed with SM4-GCM by a key of the node, bound to table, field and record.

Sealed values and the digests by which equal ones are found both begin with the generation of their key (two bytes),
so that a rotation seals anew at leisure while all is readable and found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from yiwang.blocks.registry.domain.values import Plain
from yiwang.vocabulary.crypto import SealingKeys, generation_of, key_name, open_any, seal_by

PURPOSE: Final = "registry"
"""Of the keys that seal."""
FINDING: Final = "registry-find"
"""Of the keys that digests are made with; they change together with those that seal."""
_DIGEST = 16
_PREFIX = 2


class Protector:
    """Seals and opens values of encrypted fields."""

    def __init__(self, keys: SealingKeys, generation: int) -> None:
        """`keys` gives the node's sealing keys; `generation` (from 1) is the one to seal with."""
        self._keys = keys
        self.generation = generation

    def seal(self, place: str, record: str, value: Plain) -> bytes:
        """The value of a field; `place` is `system.entity.field`, `record` the record's key."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        return seal_by(self._keys, PURPOSE, self.generation, text, _bound(place, record))

    def open(self, place: str, record: str, sealed: bytes) -> Plain:
        """The value again.

        Raises: SealBroken, when anything was changed or moved to another place or record; KeyMissing, KeyRetired.
        """
        value: Plain = json.loads(open_any(self._keys, PURPOSE, sealed, _bound(place, record)))
        return value

    def current(self, sealed: bytes) -> bool:
        """Whether a value or digest is of the present generation. Raises: SealBroken, when it cannot say."""
        return generation_of(sealed) == self.generation

    def digest(self, place: str, value: Plain, generation: int = 0) -> bytes:
        """By what equal values of a field are found: HMAC-SM3 under a key of its own, 128 bits.

        `generation` is another one than that of new values: what was written before is found by its own.
        """
        number = generation or self.generation
        mac = HMAC(self._keys(key_name(FINDING, number)), hashes.SM3())
        mac.update(place.encode() + b"\0" + str(value).encode("utf-8"))
        return number.to_bytes(_PREFIX, "big") + mac.finalize()[:_DIGEST]

    def digests(self, place: str, value: Plain, generations: Iterable[int]) -> list[bytes]:
        """The digests that an equal value may have by now."""
        return [self.digest(place, value, one) for one in generations]


def _bound(place: str, record: str) -> bytes:
    return f"{place}|{record}".encode()
