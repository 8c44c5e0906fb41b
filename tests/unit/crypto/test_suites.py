from __future__ import annotations

import hashlib
import hmac
import pickle

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from yiwang.vocabulary.crypto import SUITES, UnknownSuite, same_bytes, suite
from yiwang.vocabulary.crypto.suites import _Sm3


def test_sm3_gives_the_digests_of_the_standard() -> None:
    sm3 = suite("sm2-sm3").digest
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


def test_sm4_gives_the_block_of_the_standard() -> None:
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(algorithms.SM4(block), modes.ECB()).encryptor()
    assert encryptor.update(block).hex() == "681edf34d206965e86b3e94f536e4246"


def test_sm4_gcm_gives_the_vector_of_rfc_8998() -> None:
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    plain = b"".join(bytes([n]) * 8 for n in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(bytes.fromhex("00001234567800000000abcd"))).encryptor()
    encryptor.authenticate_additional_data(bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
    body = encryptor.update(plain) + encryptor.finalize()
    assert body.hex().startswith("17f399f08c67d5ee19d0dc9969c4bb7d")
    assert encryptor.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"


@given(st.binary(max_size=300))
def test_the_fallback_sm3_equals_the_one_of_hashlib(data: bytes) -> None:
    state = _Sm3()
    state.update(data[:100])
    copy = state.copy()
    copy.update(data[100:])
    assert copy.digest() == hashlib.new("sm3", data).digest()
    assert state.digest() == hashlib.new("sm3", data[:100]).digest()


@given(st.binary(max_size=150), st.binary(max_size=150), st.sampled_from(sorted(SUITES)))
def test_hmac_equals_the_one_of_the_standard_library(key: bytes, data: bytes, name: str) -> None:
    assert suite(name).hmac(key, data) == hmac.new(key, data, suite(name).hash_name).digest()


def test_a_suite_of_another_name_is_refused_with_the_known_ones_named() -> None:
    with pytest.raises(UnknownSuite) as caught:
        suite("rsa")
    assert "sm2-sm3" in caught.value.text("en")
    assert "ed25519" in caught.value.text("zh")


def test_a_suite_survives_the_way_to_another_process() -> None:
    for one in SUITES.values():
        assert pickle.loads(pickle.dumps(one)) is one


def test_secrets_are_compared_whole() -> None:
    assert same_bytes(b"abc", b"abc")
    assert not same_bytes(b"abc", b"abd")
    assert not same_bytes(b"abc", b"abcd")
