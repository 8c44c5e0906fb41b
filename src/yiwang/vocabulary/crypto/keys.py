"""What a key is, whichever suite it belongs to."""

from __future__ import annotations

import base64
import hashlib
from abc import ABC, abstractmethod

from yiwang.vocabulary.crypto.errors import BadKey
from yiwang.vocabulary.crypto.suites import Suite


def kid_of(spki_der: bytes) -> str:
    """The key id: the first 32 hexadecimal characters of SHA-256 over the DER SubjectPublicKeyInfo."""
    return hashlib.sha256(spki_der).hexdigest()[:32]


def check_password(password: bytes) -> None:
    """Refuse a password that the libraries would take differently.

    Raises:
        BadKey: it is empty, longer than 1,000 bytes, or holds a zero byte.
    """
    if not 1 <= len(password) <= 1000 or b"\0" in password:
        raise BadKey(reason="a password has 1 to 1000 bytes and no zero byte")


class PublicKey(ABC):
    """A public key. Equal when its SubjectPublicKeyInfo is equal. Safe to share between threads.

    Attributes:
        suite: the suite it belongs to.
        kid: its key id, see `kid_of`.
        spki_der: its SubjectPublicKeyInfo in DER; exactly one encoding is accepted for a key.
    """

    suite: Suite
    kid: str
    spki_der: bytes

    def __init__(self, suite: Suite, spki_der: bytes) -> None:
        self.suite = suite
        self.spki_der = spki_der
        self.kid = kid_of(spki_der)

    @abstractmethod
    def verify(self, data: bytes, signature: bytes) -> bool:
        """Whether `signature` over `data` was made by this key. `data` is the message, not a digest.

        Raises:
            BadSignatureEncoding: the signature is not of the suite's form.
        """

    def to_pem(self) -> bytes:
        """The key as PEM `PUBLIC KEY`."""
        body = base64.b64encode(self.spki_der).decode("ascii")
        lines = [body[at : at + 64] for at in range(0, len(body), 64)]
        return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""]).encode(
            "ascii"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and other.spki_der == self.spki_der

    def __hash__(self) -> int:
        return hash(self.spki_der)

    def __repr__(self) -> str:
        return f"<PublicKey {self.suite.name} {self.kid}>"


class SigningKey(ABC):
    """A private key. Safe to share between threads; never shows its secret in `repr`.

    Attributes:
        suite: the suite it belongs to.
        kid: the key id of its public key.
        public: its public key.
    """

    suite: Suite
    kid: str
    public: PublicKey

    def __init__(self, public: PublicKey) -> None:
        self.suite = public.suite
        self.kid = public.kid
        self.public = public

    @abstractmethod
    def sign(self, data: bytes) -> bytes:
        """The signature over `data` (the message, not a digest): DER for SM2, 64 bytes for Ed25519."""

    @abstractmethod
    def to_pem(self, password: bytes | None = None) -> bytes:
        """The key as PKCS#8 PEM, encrypted (PBES2, AES-256-CBC) when a password is given.

        Raises:
            BadKey: the password is empty, too long, or holds a zero byte.
        """

    def __repr__(self) -> str:
        return f"<SigningKey {self.suite.name} {self.kid}>"
