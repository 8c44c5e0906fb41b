"""The two cipher suites and their hash functions.

`sm2-sm3` is the national suite (GB/T 32918 SM2 with id 1234567812345678, GB/T 32905 SM3, GB/T 32907 SM4-GCM),
`ed25519` the international one (RFC 8032, FIPS 180-4 SHA-256, AES-256-GCM).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from cryptography.hazmat.primitives import hashes

from yiwang.vocabulary.crypto.errors import UnknownSuite

SM2_SM3 = "sm2-sm3"
ED25519 = "ed25519"


class Hash(Protocol):
    """A running hash, as `hashlib` gives it."""

    def update(self, data: bytes, /) -> None:
        """Feed more bytes."""

    def copy(self) -> Hash:
        """An independent hash in the same state."""

    def digest(self) -> bytes:
        """The digest of what was fed; the hash can go on."""


class _Sm3:
    """SM3 through `cryptography`, for a Python whose `hashlib` was built without it."""

    __slots__ = ("_state",)

    def __init__(self, state: hashes.Hash | None = None) -> None:
        self._state = state if state is not None else hashes.Hash(hashes.SM3())

    def update(self, data: bytes, /) -> None:
        self._state.update(data)

    def copy(self) -> Hash:
        return _Sm3(self._state.copy())

    def digest(self) -> bytes:
        return self._state.copy().finalize()


def _empty_hash(hash_name: str) -> Hash:
    try:
        return hashlib.new(hash_name)
    except ValueError:
        if hash_name == "sm3":
            return _Sm3()
        raise


@dataclass(frozen=True, slots=True)
class Suite:
    """A signature algorithm with its hash function.

    Attributes:
        name: `sm2-sm3` or `ed25519`, as in `alg="…"` and in evidence.
        hash_name: `sm3` or `sha256`.
        digest_label: the hash's name in `Content-Digest`: `sm3` or `sha-256`.
        seal_key_size: bytes of a sealing key: 16 (SM4) or 32 (AES-256).
    """

    name: str
    hash_name: str
    digest_label: str
    seal_key_size: int
    _empty: Hash = field(repr=False, compare=False)

    def new_hash(self) -> Hash:
        """A fresh hash; copying a prepared one is the cheapest way to a fresh state."""
        return self._empty.copy()

    def digest(self, data: bytes) -> bytes:
        """The 32-byte hash of `data`."""
        state = self._empty.copy()
        state.update(data)
        return state.digest()

    def hmac(self, key: bytes, data: bytes) -> bytes:
        """HMAC (RFC 2104, GB/T 15852.2) with the suite's hash; 32 bytes."""
        block_key = (self.digest(key) if len(key) > 64 else key).ljust(64, b"\0")
        inner = self.digest(block_key.translate(_IPAD) + data)
        return self.digest(block_key.translate(_OPAD) + inner)

    def __reduce__(self) -> tuple[object, ...]:
        return (suite, (self.name,))


_IPAD = bytes(n ^ 0x36 for n in range(256))
_OPAD = bytes(n ^ 0x5C for n in range(256))

SUITES: Mapping[str, Suite] = MappingProxyType(
    {
        SM2_SM3: Suite(SM2_SM3, "sm3", "sm3", 16, _empty_hash("sm3")),
        ED25519: Suite(ED25519, "sha256", "sha-256", 32, _empty_hash("sha256")),
    }
)


def suite(name: str) -> Suite:
    """The suite of that name.

    Raises:
        UnknownSuite: the name is none of `SUITES`.
    """
    found = SUITES.get(name)
    if found is None:
        raise UnknownSuite(suite=name[:40], known=sorted(SUITES))
    return found


def same_bytes(left: bytes, right: bytes) -> bool:
    """Compare secrets in time that depends on their length alone."""
    return hmac.compare_digest(left, right)
