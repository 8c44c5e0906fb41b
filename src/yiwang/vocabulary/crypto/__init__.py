"""Cryptography behind one small interface: suites, keys, sealing, and where keys are kept."""

from yiwang.vocabulary.crypto.agreement import SHARE_BYTES, Ephemeral, Mac, ephemeral, hkdf
from yiwang.vocabulary.crypto.errors import (
    BadKey,
    BadSignatureEncoding,
    CryptoError,
    KeyFileExposed,
    KeyMissing,
    KeyRetired,
    KeysNotWired,
    KeyStoreError,
    LibcryptoMissing,
    SealBroken,
    UnknownSuite,
    WrongPassword,
)
from yiwang.vocabulary.crypto.generations import SealingKeys, generation_of, key_name, open_any, seal_by
from yiwang.vocabulary.crypto.keys import PublicKey, SigningKey, kid_of
from yiwang.vocabulary.crypto.loading import generate, load_private, load_public
from yiwang.vocabulary.crypto.provider import FileKeyProvider, KeyProvider, KeyRecord
from yiwang.vocabulary.crypto.sealing import open_sealed, seal
from yiwang.vocabulary.crypto.suites import ED25519, SM2_SM3, SUITES, Hash, Suite, same_bytes, suite
from yiwang.vocabulary.crypto.wired import key_provider, retire_sealing_key, sealing_key, use_key_provider

__all__ = [
    "ED25519",
    "SHARE_BYTES",
    "SM2_SM3",
    "SUITES",
    "BadKey",
    "BadSignatureEncoding",
    "CryptoError",
    "Ephemeral",
    "FileKeyProvider",
    "Hash",
    "KeyFileExposed",
    "KeyMissing",
    "KeyProvider",
    "KeyRecord",
    "KeyRetired",
    "KeyStoreError",
    "KeysNotWired",
    "LibcryptoMissing",
    "Mac",
    "PublicKey",
    "SealBroken",
    "SealingKeys",
    "SigningKey",
    "Suite",
    "UnknownSuite",
    "WrongPassword",
    "ephemeral",
    "generate",
    "generation_of",
    "hkdf",
    "key_name",
    "key_provider",
    "kid_of",
    "load_private",
    "load_public",
    "open_any",
    "open_sealed",
    "retire_sealing_key",
    "same_bytes",
    "seal",
    "seal_by",
    "sealing_key",
    "suite",
    "use_key_provider",
]
