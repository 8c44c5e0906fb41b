"""What a spool writes on disk instead of the values themselves."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final, Protocol

from yiwang.vocabulary.crypto import SealBroken, open_sealed, seal

_PIECE: Final = 8 << 20
"""Bytes that are sealed at once; a value may be longer."""
_LENGTH: Final = 4
MARK: Final = 16


class Veil(Protocol):
    """Between a spool and its file."""

    @property
    def name(self) -> str:
        """Tells veils apart, and gives nothing away: a spool is read by the veil that wrote it alone."""

    def cover(self, data: bytes, place: str) -> bytes:
        """What is written of a value that stands at this place of the spool."""

    def uncover(self, covered: bytes, place: str) -> bytes:
        """The value. Raises: SealBroken."""

    def mark(self, data: bytes) -> bytes:
        """A digest of `MARK` bytes by which a value is known again."""


class Clear:
    """None: the file holds the values, as for a command that keeps no keys."""

    name = ""

    def cover(self, data: bytes, place: str) -> bytes:
        """See `Veil.cover`."""
        del place
        return data

    def uncover(self, covered: bytes, place: str) -> bytes:
        """See `Veil.uncover`."""
        del place
        return covered

    def mark(self, data: bytes) -> bytes:
        """See `Veil.mark`."""
        return hashlib.sha256(data).digest()[:MARK]


class Sealed:
    """Values are sealed, bound to their places, and found again by keyed digests; without the key the file says nothing."""

    def __init__(self, key: bytes) -> None:
        """`key`: 16 bytes (SM4-GCM) or 32 bytes (AES-256-GCM), of this spool alone."""
        self._key = key
        self._marks = hmac.digest(key, b"marks", "sha256")
        self.name = hmac.digest(key, b"name", "sha256").hex()[:32]

    def cover(self, data: bytes, place: str) -> bytes:
        """See `Veil.cover`. A long value is several sealed pieces, each after its length."""
        pieces = range(0, max(len(data), 1), _PIECE)
        sealed = [seal(self._key, data[at : at + _PIECE], _bound(place, at, len(data))) for at in pieces]
        return b"".join(len(one).to_bytes(_LENGTH, "big") + one for one in sealed) + len(data).to_bytes(
            8, "big"
        )

    def uncover(self, covered: bytes, place: str) -> bytes:
        """See `Veil.uncover`."""
        body, size = covered[:-8], int.from_bytes(covered[-8:], "big")
        parts: list[bytes] = []
        at = found = 0
        while at < len(body):
            end = at + _LENGTH + int.from_bytes(body[at : at + _LENGTH], "big")
            parts.append(open_sealed(self._key, body[at + _LENGTH : end], _bound(place, found, size)))
            found += len(parts[-1])
            at = end
        if found != size or not parts:
            raise SealBroken
        return b"".join(parts)

    def mark(self, data: bytes) -> bytes:
        """See `Veil.mark`."""
        return hmac.digest(self._marks, data, "sha256")[:MARK]


def _bound(place: str, at: int, size: int) -> bytes:
    return f"{place}/{at}/{size}".encode()
