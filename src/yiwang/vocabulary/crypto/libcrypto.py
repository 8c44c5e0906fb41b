"""The door to the system's OpenSSL 3: prototypes, loading, and errors.

`cryptography` links its own OpenSSL statically and does not sign with SM2, so the shared library of the system
(Debian package libssl3) is used through `ctypes`, which releases the GIL during each call.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from ctypes import POINTER, c_char_p, c_int, c_long, c_size_t, c_ulong, c_void_p
from functools import cache

from yiwang.vocabulary.crypto.errors import CryptoError, LibcryptoMissing

_CANDIDATES = (
    "libcrypto.so.3",
    "/usr/lib/x86_64-linux-gnu/libcrypto.so.3",
    "/usr/lib/aarch64-linux-gnu/libcrypto.so.3",
    "/usr/lib64/libcrypto.so.3",
)

_SIZE = POINTER(c_size_t)
_PROTOTYPES: dict[str, tuple[object, tuple[object, ...]]] = {
    "OpenSSL_version_num": (c_ulong, ()),
    "ERR_get_error": (c_ulong, ()),
    "ERR_error_string_n": (None, (c_ulong, c_char_p, c_size_t)),
    "ERR_clear_error": (None, ()),
    "BIO_new": (c_void_p, (c_void_p,)),
    "BIO_s_secmem": (c_void_p, ()),
    "BIO_new_mem_buf": (c_void_p, (c_char_p, c_int)),
    "BIO_read": (c_int, (c_void_p, c_char_p, c_int)),
    "BIO_ctrl_pending": (c_size_t, (c_void_p,)),
    "BIO_free": (c_int, (c_void_p,)),
    "EVP_PKEY_free": (None, (c_void_p,)),
    "EVP_PKEY_is_a": (c_int, (c_void_p, c_char_p)),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, (c_void_p, c_char_p, c_char_p)),
    "EVP_PKEY_CTX_new_from_pkey": (c_void_p, (c_void_p, c_void_p, c_char_p)),
    "EVP_PKEY_CTX_free": (None, (c_void_p,)),
    "EVP_PKEY_CTX_set_group_name": (c_int, (c_void_p, c_char_p)),
    "EVP_PKEY_new": (c_void_p, ()),
    "EVP_PKEY_copy_parameters": (c_int, (c_void_p, c_void_p)),
    "EVP_PKEY_get1_encoded_public_key": (c_size_t, (c_void_p, POINTER(c_void_p))),
    "EVP_PKEY_set1_encoded_public_key": (c_int, (c_void_p, c_char_p, c_size_t)),
    "EVP_PKEY_derive_init": (c_int, (c_void_p,)),
    "EVP_PKEY_derive_set_peer": (c_int, (c_void_p, c_void_p)),
    "EVP_PKEY_derive": (c_int, (c_void_p, c_char_p, _SIZE)),
    "CRYPTO_free": (None, (c_void_p, c_char_p, c_int)),
    "EVP_PKEY_keygen_init": (c_int, (c_void_p,)),
    "EVP_PKEY_generate": (c_int, (c_void_p, POINTER(c_void_p))),
    "EVP_PKEY_check": (c_int, (c_void_p,)),
    "EVP_PKEY_public_check": (c_int, (c_void_p,)),
    "EVP_PKEY_sign_init": (c_int, (c_void_p,)),
    "EVP_PKEY_sign": (c_int, (c_void_p, c_char_p, _SIZE, c_char_p, c_size_t)),
    "EVP_PKEY_verify_init": (c_int, (c_void_p,)),
    "EVP_PKEY_verify": (c_int, (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t)),
    "d2i_PUBKEY": (c_void_p, (c_void_p, POINTER(c_char_p), c_long)),
    "i2d_PUBKEY": (c_int, (c_void_p, POINTER(c_char_p))),
    "PEM_read_bio_PrivateKey": (c_void_p, (c_void_p, c_void_p, c_void_p, c_char_p)),
    "PEM_write_bio_PKCS8": (c_int, (c_void_p, c_void_p)),
    "PEM_write_bio_PKCS8_PRIV_KEY_INFO": (c_int, (c_void_p, c_void_p)),
    "EVP_PKEY2PKCS8": (c_void_p, (c_void_p,)),
    "PKCS8_PRIV_KEY_INFO_free": (None, (c_void_p,)),
    "EVP_aes_256_cbc": (c_void_p, ()),
    "PKCS8_encrypt": (
        c_void_p,
        (c_int, c_void_p, c_char_p, c_int, c_char_p, c_int, c_int, c_void_p),
    ),
    "X509_SIG_free": (None, (c_void_p,)),
}


def _load() -> ctypes.CDLL:
    names = [*_CANDIDATES]
    found = ctypes.util.find_library("crypto")
    if found is not None:
        names.append(found)
    reasons: list[str] = []
    for name in names:
        try:
            library = ctypes.CDLL(name)
            library.OpenSSL_version_num.restype = c_ulong
            version = library.OpenSSL_version_num()
        except (OSError, AttributeError) as problem:
            reasons.append(f"{name}: {problem}")
            continue
        if isinstance(version, int) and version >> 28 >= 3:
            return library
        reasons.append(f"{name}: not OpenSSL 3")
    raise LibcryptoMissing(reason="; ".join(reasons)[:300])


@cache
def libcrypto() -> ctypes.CDLL:
    """The loaded library with every prototype set.

    Raises:
        LibcryptoMissing: there is no OpenSSL 3 on this machine.
    """
    library = _load()
    for name, (restype, argtypes) in _PROTOTYPES.items():
        try:
            function = getattr(library, name)
        except AttributeError as problem:
            raise LibcryptoMissing(reason=f"{name}: {problem}") from problem
        function.restype = restype
        function.argtypes = argtypes
    return library


def failure(operation: str) -> CryptoError:
    """The error for a failed call, with the oldest reason OpenSSL queued in this thread; empties the queue."""
    return CryptoError(reason=f"{operation}: {reason_of_failure()}")


def reason_of_failure() -> str:
    """The oldest reason OpenSSL queued in this thread; empties the queue."""
    library = libcrypto()
    number = library.ERR_get_error()
    library.ERR_clear_error()
    if not number:
        return "no reason given"
    text = ctypes.create_string_buffer(256)
    library.ERR_error_string_n(number, text, len(text))
    return text.value.decode("ascii", "replace")
