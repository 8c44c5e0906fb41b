"""Keys made and read, whichever suite they are of."""

from __future__ import annotations

import base64
import binascii
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from yiwang.vocabulary.crypto import ed25519, sm2
from yiwang.vocabulary.crypto.errors import BadKey
from yiwang.vocabulary.crypto.keys import PublicKey, SigningKey, check_password
from yiwang.vocabulary.crypto.suites import ED25519, suite

_MAX_PEM = 16_384
_PUBLIC_PEM = re.compile(
    rb"\s*-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]{1,4096})-----END PUBLIC KEY-----\s*"
)


def generate(suite_name: str) -> SigningKey:
    """A new private key of the suite.

    Raises:
        UnknownSuite: the suite is not known.
    """
    if suite(suite_name).name == ED25519:
        return ed25519.generate_ed25519()
    return sm2.generate_sm2()


def load_private(pem: bytes, password: bytes | None = None) -> SigningKey:
    """A private key from PEM: PKCS#8, encrypted PKCS#8, or SEC1 for SM2.

    Raises:
        WrongPassword: it is encrypted and the password is missing or wrong.
        BadKey: it is not a private key of a known suite.
    """
    if len(pem) > _MAX_PEM or pem.count(b"-----BEGIN ") < 1 or b"PRIVATE KEY-----" not in pem:
        raise BadKey(reason="no PEM private key")
    given = password if b"ENCRYPTED" in pem else None
    if given is not None:
        check_password(given)
    try:
        key = load_pem_private_key(pem, given)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return sm2.read_private_sm2(pem, given)
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(reason="the key is neither SM2 nor Ed25519")
    return ed25519.SigningEd25519(key)


def load_public(der_or_pem: bytes) -> PublicKey:
    """A public key from its SubjectPublicKeyInfo, DER or PEM.

    Raises:
        BadKey: it is not the one accepted encoding of a valid key of a known suite.
    """
    der = der_or_pem
    if b"-----BEGIN" in der_or_pem[:64]:
        found = _PUBLIC_PEM.fullmatch(der_or_pem[:_MAX_PEM])
        if found is None:
            raise BadKey(reason="no PEM public key")
        try:
            der = base64.b64decode(b"".join(found[1].split()), validate=True)
        except binascii.Error as problem:
            raise BadKey(reason="the PEM is not base64") from problem
    if der.startswith(ed25519.SPKI_PREFIX):
        return ed25519.PublicEd25519(der)
    return sm2.Sm2PublicKey(der)
