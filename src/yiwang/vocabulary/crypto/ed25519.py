"""Ed25519 (RFC 8032) through `cryptography`."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from yiwang.vocabulary.crypto.errors import BadKey, BadSignatureEncoding
from yiwang.vocabulary.crypto.keys import PublicKey, SigningKey, check_password
from yiwang.vocabulary.crypto.suites import ED25519, SUITES

SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_L = 2**252 + 27742317777372353535851937790883648493
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        _P - 1,
        2707385501144840649318225287225658788936804267575313519463743609750303021598,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    }
)
"""y of the eight points whose order divides 8: a signature by such a key fits almost any message."""


class PublicEd25519(PublicKey):
    """An Ed25519 public key."""

    def __init__(self, spki_der: bytes) -> None:
        """Read a SubjectPublicKeyInfo.

        Raises:
            BadKey: another algorithm, a point that is not on the curve, not canonical or of small order.
        """
        if len(spki_der) != 44 or not spki_der.startswith(SPKI_PREFIX):
            raise BadKey(reason="not the SubjectPublicKeyInfo of an Ed25519 key")
        _check_point(spki_der[12:])
        super().__init__(SUITES[ED25519], spki_der)
        self._key = Ed25519PublicKey.from_public_bytes(spki_der[12:])

    def verify(self, data: bytes, signature: bytes) -> bool:
        """See `PublicKey.verify`."""
        if len(signature) != 64:
            raise BadSignatureEncoding(reason=f"{len(signature)} bytes")
        if int.from_bytes(signature[32:], "little") >= _L:
            raise BadSignatureEncoding(reason="S is out of range")
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


class SigningEd25519(SigningKey):
    """An Ed25519 private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        super().__init__(PublicEd25519(public))

    def sign(self, data: bytes) -> bytes:
        """See `SigningKey.sign`."""
        return self._key.sign(data)

    def to_pem(self, password: bytes | None = None) -> bytes:
        """See `SigningKey.to_pem`."""
        if password is not None:
            check_password(password)
        sealing: KeySerializationEncryption = (
            NoEncryption() if password is None else BestAvailableEncryption(password)
        )
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealing)


def generate_ed25519() -> SigningEd25519:
    """A new key from the system's random generator."""
    return SigningEd25519(Ed25519PrivateKey.generate())


def _check_point(encoded: bytes) -> None:
    y = int.from_bytes(encoded, "little") & ((1 << 255) - 1)
    if y >= _P:
        raise BadKey(reason="the Ed25519 point is not canonical")
    if y in _SMALL_ORDER_Y:
        raise BadKey(reason="the Ed25519 point is of small order")
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    if pow(square, (_P - 1) // 2, _P) != 1:
        raise BadKey(reason="the point is not on the Ed25519 curve")
