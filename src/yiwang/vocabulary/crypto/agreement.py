"""A secret for two: each side makes a key for this one time, sends its public half, and both arrive at the same bytes.

`sm2-sm3`: Diffie-Hellman on the SM2 curve (GB/T 32918.5) by libcrypto, shares are uncompressed points of 65 bytes.
`ed25519`: X25519 (RFC 7748), shares of 32 bytes. Who the other side is, is not proven here: both shares have to be
signed by somebody (docs/specs/sessions.md). Keys are derived by HKDF (RFC 5869) with the suite's hash.
"""

from __future__ import annotations

import ctypes
import weakref
from abc import ABC, abstractmethod
from ctypes import byref, c_size_t, c_void_p

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from yiwang.vocabulary.crypto.errors import BadKey
from yiwang.vocabulary.crypto.libcrypto import failure, libcrypto, reason_of_failure
from yiwang.vocabulary.crypto.suites import SM2_SM3, Hash, Suite

SHARE_BYTES = {"sm2-sm3": 65, "ed25519": 32}


class Ephemeral(ABC):
    """One side of one agreement; the private half lives as long as this object.

    Attributes:
        share: the public half, to be sent.
    """

    share: bytes

    @abstractmethod
    def agree(self, share: bytes) -> bytes:
        """The 32 secret bytes that this side and the owner of `share` have in common.

        Raises:
            BadKey: the share is no point of the curve in its one form, or one of small order.
        """


class _X25519(Ephemeral):
    def __init__(self, key: X25519PrivateKey) -> None:
        self._key = key
        self.share = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def agree(self, share: bytes) -> bytes:
        if len(share) != 32:
            raise BadKey(reason=f"a share of {len(share)} bytes, not of 32")
        try:
            return self._key.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError as problem:
            raise BadKey(reason="a share of small order") from problem


class _Sm2Curve(Ephemeral):
    """An EC key on the SM2 curve: libcrypto's own SM2 keys sign, but do not agree."""

    def __init__(self, key: int) -> None:
        self._key = key
        weakref.finalize(self, libcrypto().EVP_PKEY_free, key).atexit = False
        at = c_void_p()
        size: int = libcrypto().EVP_PKEY_get1_encoded_public_key(key, byref(at))
        if size != SHARE_BYTES[SM2_SM3] or not at.value:
            raise failure("EVP_PKEY_get1_encoded_public_key")
        self.share = ctypes.string_at(at.value, size)
        libcrypto().CRYPTO_free(at, None, 0)

    def agree(self, share: bytes) -> bytes:
        library = libcrypto()
        if len(share) != SHARE_BYTES[SM2_SM3] or share[0] != 4:
            raise BadKey(reason="a share is an uncompressed point of 65 bytes")
        library.ERR_clear_error()
        peer: int | None = library.EVP_PKEY_new()
        if not peer:
            raise failure("EVP_PKEY_new")
        context: int | None = None
        try:
            if (
                library.EVP_PKEY_copy_parameters(peer, self._key) != 1
                or library.EVP_PKEY_set1_encoded_public_key(peer, share, len(share)) != 1
            ):
                raise BadKey(reason=reason_of_failure())
            context = library.EVP_PKEY_CTX_new_from_pkey(None, self._key, None)
            if not context or library.EVP_PKEY_derive_init(context) != 1:
                raise failure("EVP_PKEY_derive_init")
            if (
                library.EVP_PKEY_derive_set_peer(context, peer) != 1
            ):  # compares the point with the curve again
                raise BadKey(reason=reason_of_failure())
            out, size = ctypes.create_string_buffer(32), c_size_t(32)
            if library.EVP_PKEY_derive(context, out, byref(size)) != 1 or size.value != 32:
                raise failure("EVP_PKEY_derive")
            return out.raw
        finally:
            library.EVP_PKEY_CTX_free(context)
            library.EVP_PKEY_free(peer)


def ephemeral(suite: Suite) -> Ephemeral:
    """A fresh key for one agreement by this suite."""
    if suite.name != SM2_SM3:
        return _X25519(X25519PrivateKey.generate())
    library = libcrypto()
    context = library.EVP_PKEY_CTX_new_from_name(None, b"EC", None)
    if not context:
        raise failure("EVP_PKEY_CTX_new_from_name")
    key = c_void_p()
    try:
        if (
            library.EVP_PKEY_keygen_init(context) != 1
            or library.EVP_PKEY_CTX_set_group_name(context, b"SM2") != 1
            or library.EVP_PKEY_generate(context, byref(key)) != 1
            or not key.value
        ):
            raise failure("EVP_PKEY_generate")
    finally:
        library.EVP_PKEY_CTX_free(context)
    return _Sm2Curve(key.value)


def hkdf(suite: Suite, secret: bytes, *, salt: bytes, info: bytes, size: int) -> bytes:
    """`size` bytes of key material out of a secret: HKDF with the suite's hash.

    Raises:
        BadKey: more is asked for than 255 digests.
    """
    if not 0 < size <= 255 * 32:
        raise BadKey(reason=f"{size} bytes of key material")
    key = suite.hmac(salt or bytes(32), secret)
    found, block = b"", b""
    for number in range(1, (size + 31) // 32 + 1):
        block = suite.hmac(key, block + info + bytes([number]))
        found += block
    return found[:size]


class Mac:
    """HMAC (RFC 2104) with one key, whose two hash states are prepared once: a code is two copies of them."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, suite: Suite, key: bytes) -> None:
        """`key` of at most 64 bytes. Raises: BadKey."""
        if not 16 <= len(key) <= 64:
            raise BadKey(reason=f"a key of {len(key)} bytes")
        padded = key.ljust(64, b"\0")
        self._inner = _started(suite, bytes(byte ^ 0x36 for byte in padded))
        self._outer = _started(suite, bytes(byte ^ 0x5C for byte in padded))

    def code(self, data: bytes) -> bytes:
        """The 32-byte code of `data`."""
        inner = self._inner.copy()
        inner.update(data)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()


def _started(suite: Suite, block: bytes) -> Hash:
    state = suite.new_hash()
    state.update(block)
    return state
