from __future__ import annotations

import ctypes

import pytest

from yiwang.vocabulary.crypto import CryptoError, LibcryptoMissing, libcrypto
from yiwang.vocabulary.crypto.sm2 import Sm2SigningKey, generate_sm2


class Library:
    """A stand-in for a loaded library of some version, without any function we need."""

    def __init__(self, version: int) -> None:
        class Number:
            restype = None

            def __call__(self) -> int:
                return version

        self.OpenSSL_version_num = Number()


def test_a_machine_without_openssl_3_is_told_which_package_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(name: str) -> ctypes.CDLL:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    with pytest.raises(LibcryptoMissing) as caught:
        libcrypto._load()
    assert "libcrypto.so.3" in caught.value.text("en")
    assert "libssl3" in caught.value.mend("zh")
    assert "libssl3" in caught.value.mend("en")


def test_an_older_openssl_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: Library(0x1010117F))
    with pytest.raises(LibcryptoMissing, match="not OpenSSL 3"):
        libcrypto._load()


def test_a_library_that_lacks_a_function_is_named_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libcrypto, "_load", lambda: Library(0x30000000))
    with pytest.raises(LibcryptoMissing, match="ERR_get_error"):
        libcrypto.libcrypto.__wrapped__()


def test_a_call_that_fails_raises_instead_of_giving_a_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    key = generate_sm2()
    assert isinstance(key, Sm2SigningKey)
    monkeypatch.setattr(key, "_sign", lambda *_: 0)
    with pytest.raises(CryptoError, match="EVP_PKEY_sign"):
        key.sign(b"x")
