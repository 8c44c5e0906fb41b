"""Cryptography behind one small interface: suites, keys, sealing, and where keys are kept."""

from yiwang.vocabulary.crypto.errors import (
    BadKey,
    BadSignatureEncoding,
    CryptoError,
    KeyFileExposed,
    KeyMissing,
    KeysNotWired,
    KeyStoreError,
    LibcryptoMissing,
    SealBroken,
    UnknownSuite,
    WrongPassword,
)
from yiwang.vocabulary.crypto.keys import PublicKey, SigningKey, kid_of
from yiwang.vocabulary.crypto.loading import generate, load_private, load_public
from yiwang.vocabulary.crypto.provider import FileKeyProvider, KeyProvider, KeyRecord
from yiwang.vocabulary.crypto.sealing import open_sealed, seal
from yiwang.vocabulary.crypto.suites import ED25519, SM2_SM3, SUITES, Hash, Suite, same_bytes, suite
from yiwang.vocabulary.crypto.wired import key_provider, sealing_key, use_key_provider

__all__ = [
    "ED25519",
    "SM2_SM3",
    "SUITES",
    "BadKey",
    "BadSignatureEncoding",
    "CryptoError",
    "FileKeyProvider",
    "Hash",
    "KeyFileExposed",
    "KeyMissing",
    "KeyProvider",
    "KeyRecord",
    "KeyStoreError",
    "KeysNotWired",
    "LibcryptoMissing",
    "PublicKey",
    "SealBroken",
    "SigningKey",
    "Suite",
    "UnknownSuite",
    "WrongPassword",
    "generate",
    "key_provider",
    "kid_of",
    "load_private",
    "load_public",
    "open_sealed",
    "same_bytes",
    "seal",
    "sealing_key",
    "suite",
    "use_key_provider",
]
