"""SM2 signatures (GB/T 32918.2-2016, GM/T 0009 encodings) by OpenSSL 3's libcrypto.

The user id is always the default `1234567812345678` (GM/T 0009 §10), so Z is computed once for each key; a
signature then costs one SM3 over the message and one call with the 32-byte digest e = SM3(Z ‖ M).
Contexts are pooled per key: a context serves one thread at a time, and every object is freed with its key.
"""

from __future__ import annotations

import ctypes
import weakref
from collections import deque
from ctypes import byref, c_size_t, c_void_p

from yiwang.vocabulary.crypto.errors import BadKey, BadSignatureEncoding, WrongPassword
from yiwang.vocabulary.crypto.keys import PublicKey, SigningKey, check_password
from yiwang.vocabulary.crypto.libcrypto import failure, libcrypto, reason_of_failure
from yiwang.vocabulary.crypto.suites import SM2_SM3, SUITES

USER_ID = b"1234567812345678"
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123

SPKI_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
"""SubjectPublicKeyInfo up to the coordinates: id-ecPublicKey, curve 1.2.156.10197.1.301, uncompressed point."""

_MAX_SIGNATURE = 72
_PBKDF2_ROUNDS = 600_000
_POOL = 16


def parse_signature(signature: bytes) -> tuple[int, int]:
    """r and s of a DER signature.

    Raises:
        BadSignatureEncoding: not the one DER encoding of two integers in [1, n-1], or bytes follow it.
    """
    size = len(signature)
    if size < 8 or size > _MAX_SIGNATURE:
        raise BadSignatureEncoding(reason=f"{size} bytes")
    if signature[0] != 0x30 or signature[1] != size - 2:
        raise BadSignatureEncoding(reason="not a DER SEQUENCE of that length")
    r, at = _integer(signature, 2)
    s, at = _integer(signature, at)
    if at != size:
        raise BadSignatureEncoding(reason="trailing bytes")
    return r, s


def _integer(data: bytes, at: int) -> tuple[int, int]:
    if at + 3 > len(data) or data[at] != 0x02:
        raise BadSignatureEncoding(reason="an INTEGER is missing")
    size = data[at + 1]
    start, end = at + 2, at + 2 + size
    if size < 1 or size > 33 or end > len(data):
        raise BadSignatureEncoding(reason="an INTEGER has a wrong length")
    first = data[start]
    if first & 0x80 or (first == 0 and size > 1 and not data[start + 1] & 0x80):
        raise BadSignatureEncoding(reason="an INTEGER is negative or not minimal")
    value = int.from_bytes(data[start:end], "big")
    if not 1 <= value < N:
        raise BadSignatureEncoding(reason="r or s is out of range")
    return value, end


class _Contexts:
    """The contexts of one key for one operation, each used by one thread at a time."""

    __slots__ = ("_finalizer", "_free", "_initialise", "_key")

    def __init__(self, key: int, initialise: str) -> None:
        self._key = key
        self._initialise = initialise
        self._free: deque[int] = deque()

    def take(self) -> int:
        try:
            return self._free.pop()
        except IndexError:
            pass
        library = libcrypto()
        context: int | None = library.EVP_PKEY_CTX_new_from_pkey(None, self._key, None)
        if not context:
            raise failure("EVP_PKEY_CTX_new_from_pkey")
        if getattr(library, self._initialise)(context) != 1:
            library.EVP_PKEY_CTX_free(context)
            raise failure(self._initialise)
        return context

    def give(self, context: int) -> None:
        if len(self._free) < _POOL:
            self._free.append(context)
        else:
            libcrypto().EVP_PKEY_CTX_free(context)

    def drain(self) -> None:
        library = libcrypto()
        while self._free:
            library.EVP_PKEY_CTX_free(self._free.pop())


def _release(key: int, *pools: _Contexts) -> None:
    for pool in pools:
        pool.drain()
    libcrypto().EVP_PKEY_free(key)


class Sm2PublicKey(PublicKey):
    """An SM2 public key; `digest` and `verify_digest` separate hashing from the elliptic curve."""

    def __init__(self, spki_der: bytes) -> None:
        """Read a SubjectPublicKeyInfo.

        Raises:
            BadKey: another curve or encoding, or a point that is not on the curve.
        """
        x, y = _point(spki_der)
        if not (x < P and y < P and (y * y - (x * x * x + A * x + B)) % P == 0):
            raise BadKey(reason="the point is not on the SM2 curve")
        super().__init__(SUITES[SM2_SM3], spki_der)
        prefix = len(USER_ID * 8).to_bytes(2, "big") + USER_ID
        prefix += b"".join(n.to_bytes(32, "big") for n in (A, B, GX, GY))
        self.z = self.suite.digest(prefix + spki_der[-64:])
        self._hash = self.suite.new_hash()
        self._hash.update(self.z)
        key = _read_public(spki_der)
        self._contexts = _Contexts(key, "EVP_PKEY_verify_init")
        self._verify = libcrypto().EVP_PKEY_verify
        weakref.finalize(self, _release, key, self._contexts).atexit = False

    def digest(self, data: bytes) -> bytes:
        """e = SM3(Z ‖ data), which is what the curve signs."""
        state = self._hash.copy()
        state.update(data)
        return state.digest()

    def verify(self, data: bytes, signature: bytes) -> bool:
        """See `PublicKey.verify`."""
        return self.verify_digest(self.digest(data), signature)

    def verify_digest(self, digest: bytes, signature: bytes) -> bool:
        """Whether `signature` fits e = `digest` (32 bytes, from `digest()`).

        Raises:
            BadSignatureEncoding: see `parse_signature`.
        """
        if len(digest) != 32:
            raise BadSignatureEncoding(reason=f"a digest of {len(digest)} bytes")
        parse_signature(signature)
        context = self._contexts.take()
        result = self._verify(context, signature, len(signature), digest, 32)
        self._contexts.give(context)
        if result == 1:
            return True
        libcrypto().ERR_clear_error()
        return False


class Sm2SigningKey(SigningKey):
    """An SM2 private key held by libcrypto."""

    public: Sm2PublicKey

    def __init__(self, key: int) -> None:
        """Take over a libcrypto key (`EVP_PKEY*`), which is freed with this object."""
        library = libcrypto()
        self._key = key
        self._contexts = _Contexts(key, "EVP_PKEY_sign_init")
        weakref.finalize(self, _release, key, self._contexts).atexit = False
        self._sign = library.EVP_PKEY_sign
        public = Sm2PublicKey(_write_public(key))
        super().__init__(public)
        self._digest = public.digest

    def sign(self, data: bytes) -> bytes:
        """See `SigningKey.sign`."""
        return self.sign_digest(self._digest(data))

    def sign_digest(self, digest: bytes) -> bytes:
        """The DER signature for e = `digest` (32 bytes, from the public key's `digest()`)."""
        if len(digest) != 32:
            raise BadSignatureEncoding(reason=f"a digest of {len(digest)} bytes")
        out = ctypes.create_string_buffer(_MAX_SIGNATURE)
        size = c_size_t(_MAX_SIGNATURE)
        context = self._contexts.take()
        result = self._sign(context, out, byref(size), digest, 32)
        self._contexts.give(context)
        if result != 1:
            raise failure("EVP_PKEY_sign")
        return out.raw[: size.value]

    def to_pem(self, password: bytes | None = None) -> bytes:
        """See `SigningKey.to_pem`."""
        if password is not None:
            check_password(password)
        library = libcrypto()
        info: int | None = library.EVP_PKEY2PKCS8(self._key)
        if not info:
            raise failure("EVP_PKEY2PKCS8")
        try:
            if password is None:
                return _pem_of(library.PEM_write_bio_PKCS8_PRIV_KEY_INFO, info)
            sealed: int | None = library.PKCS8_encrypt(
                -1, library.EVP_aes_256_cbc(), password, len(password), None, 0, _PBKDF2_ROUNDS, info
            )
            if not sealed:
                raise failure("PKCS8_encrypt")
            try:
                return _pem_of(library.PEM_write_bio_PKCS8, sealed)
            finally:
                library.X509_SIG_free(sealed)
        finally:
            library.PKCS8_PRIV_KEY_INFO_free(info)


def generate_sm2() -> Sm2SigningKey:
    """A new key from libcrypto's random generator."""
    library = libcrypto()
    context = library.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
    if not context:
        raise failure("EVP_PKEY_CTX_new_from_name")
    try:
        key = c_void_p()
        if library.EVP_PKEY_keygen_init(context) != 1 or library.EVP_PKEY_generate(context, byref(key)) != 1:
            raise failure("EVP_PKEY_generate")
    finally:
        library.EVP_PKEY_CTX_free(context)
    if not key.value:
        raise failure("EVP_PKEY_generate")
    return Sm2SigningKey(key.value)


def read_private_sm2(pem: bytes, password: bytes | None) -> Sm2SigningKey:
    """An SM2 private key from PEM (PKCS#8, encrypted PKCS#8 or SEC1).

    Raises:
        WrongPassword: it is encrypted and the password is missing or wrong.
        BadKey: it is not an SM2 private key, or its halves do not fit each other.
    """
    library = libcrypto()
    source = library.BIO_new_mem_buf(pem, len(pem))
    if not source:
        raise failure("BIO_new_mem_buf")
    library.ERR_clear_error()
    try:
        # A null callback with a non-null string uses the string; two nulls would ask on the terminal.
        key = library.PEM_read_bio_PrivateKey(source, None, None, b"" if password is None else password)
    finally:
        library.BIO_free(source)
    if not key:
        reason = reason_of_failure()
        if b"ENCRYPTED" in pem:
            raise WrongPassword
        raise BadKey(reason=reason)
    try:
        if library.EVP_PKEY_is_a(key, b"SM2") != 1:
            raise BadKey(reason="the key is neither SM2 nor Ed25519")
        _check(key, "EVP_PKEY_check")
    except BaseException:
        library.EVP_PKEY_free(key)
        raise
    return Sm2SigningKey(key)


def _point(spki_der: bytes) -> tuple[int, int]:
    if len(spki_der) != len(SPKI_PREFIX) + 64 or not spki_der.startswith(SPKI_PREFIX):
        raise BadKey(reason="not the SubjectPublicKeyInfo of an uncompressed point on the SM2 curve")
    return int.from_bytes(spki_der[-64:-32], "big"), int.from_bytes(spki_der[-32:], "big")


def _read_public(spki_der: bytes) -> int:
    library = libcrypto()
    library.ERR_clear_error()
    at = ctypes.c_char_p(spki_der)
    key: int | None = library.d2i_PUBKEY(None, byref(at), len(spki_der))
    if not key:
        raise BadKey(reason=reason_of_failure())
    try:
        if library.EVP_PKEY_is_a(key, b"SM2") != 1:
            raise BadKey(reason="libcrypto does not take it for an SM2 key")
        _check(key, "EVP_PKEY_public_check")
    except BaseException:
        library.EVP_PKEY_free(key)
        raise
    return key


def _check(key: int, operation: str) -> None:
    library = libcrypto()
    context = library.EVP_PKEY_CTX_new_from_pkey(None, key, None)
    if not context:
        raise failure("EVP_PKEY_CTX_new_from_pkey")
    try:
        if getattr(library, operation)(context) != 1:
            raise BadKey(reason=reason_of_failure())
    finally:
        library.EVP_PKEY_CTX_free(context)


def _write_public(key: int) -> bytes:
    library = libcrypto()
    size = library.i2d_PUBKEY(key, None)
    if not 0 < size <= 1024:
        raise failure("i2d_PUBKEY")
    out = ctypes.create_string_buffer(size)
    at = ctypes.cast(out, ctypes.c_char_p)
    if library.i2d_PUBKEY(key, byref(at)) != size:
        raise failure("i2d_PUBKEY")
    return out.raw


def _pem_of(write: ctypes._NamedFuncPointer, value: int) -> bytes:
    library = libcrypto()
    sink = library.BIO_new(library.BIO_s_secmem())
    if not sink:
        raise failure("BIO_new")
    try:
        if write(sink, value) != 1:
            raise failure("PEM_write_bio")
        out = ctypes.create_string_buffer(library.BIO_ctrl_pending(sink))
        size = library.BIO_read(sink, out, len(out))
        if size <= 0:
            raise failure("BIO_read")
        pem = out.raw[:size]
        ctypes.memset(out, 0, len(out))
        return pem
    finally:
        library.BIO_free(sink)
