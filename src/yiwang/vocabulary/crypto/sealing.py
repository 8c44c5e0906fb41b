"""Sealing of secrets at rest: authenticated encryption with the national or the international cipher.

Format: one version byte (1 = SM4-GCM with a 16-byte key, 2 = AES-256-GCM with a 32-byte key), a random 12-byte
nonce, the ciphertext, a 16-byte tag. The version byte is authenticated together with the caller's `aad`, which
names the place of the value (for example `exchange_source/7/password`), so that a value cannot be moved.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from yiwang.vocabulary.crypto.errors import BadKey, SealBroken

_NONCE = 12
_TAG = 16
_MAX_PLAIN = 1 << 24
_VERSIONS = {16: 1, 32: 2}


def seal(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Encrypt and authenticate: SM4-GCM for a 16-byte key, AES-256-GCM for a 32-byte key.

    Raises:
        BadKey: the key has another length, or the plaintext is longer than 16 MiB.
    """
    version = _version(key)
    if len(plaintext) > _MAX_PLAIN:
        raise BadKey(reason="a sealed value is at most 16 MiB")
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(_algorithm(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bytes([version]) + aad)
    body = encryptor.update(plaintext) + encryptor.finalize()
    return bytes([version]) + nonce + body + encryptor.tag


def open_sealed(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """The plaintext of `seal(key, plaintext, aad)`.

    Raises:
        BadKey: the key has a wrong length.
        SealBroken: anything was changed, or the key or `aad` is another one.
    """
    version = _version(key)
    if not 1 + _NONCE + _TAG <= len(sealed) <= _MAX_PLAIN + 64 or sealed[0] != version:
        raise SealBroken
    nonce, body, tag = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE : -_TAG], sealed[-_TAG:]
    decryptor = Cipher(_algorithm(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(bytes([version]) + aad)
    try:
        return decryptor.update(body) + decryptor.finalize()
    except InvalidTag as problem:
        raise SealBroken from problem


def _version(key: bytes) -> int:
    version = _VERSIONS.get(len(key))
    if version is None:
        raise BadKey(reason="a sealing key has 16 bytes (SM4) or 32 bytes (AES-256)")
    return version


def _algorithm(key: bytes) -> algorithms.SM4 | algorithms.AES256:
    return algorithms.SM4(key) if len(key) == 16 else algorithms.AES256(key)
