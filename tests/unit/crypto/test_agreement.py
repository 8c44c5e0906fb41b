"""What two sides agree on: the same bytes, those of the standards, and nothing with a share that is no point."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.crypto.reference_sm2 import public_point, times
from yiwang.vocabulary.crypto import SHARE_BYTES, SUITES, BadKey, Mac, ephemeral, hkdf, suite

NAMES = sorted(SUITES)


@pytest.mark.parametrize("name", NAMES)
def test_both_sides_arrive_at_the_same_secret_and_a_third_does_not(name: str) -> None:
    one, two, three = (ephemeral(suite(name)) for _ in range(3))
    assert len(one.share) == SHARE_BYTES[name]
    assert one.agree(two.share) == two.agree(one.share)
    assert one.agree(two.share) != one.agree(three.share)


def test_the_secret_of_the_sm2_curve_is_the_x_of_the_common_point() -> None:
    side, d = ephemeral(suite("sm2-sm3")), 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
    x, y = public_point(d)
    theirs = (int.from_bytes(side.share[1:33], "big"), int.from_bytes(side.share[33:], "big"))
    common = times(d, theirs)
    assert common is not None
    assert side.agree(b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")) == common[0].to_bytes(
        32, "big"
    )


def test_the_secret_of_x25519_is_that_of_the_library() -> None:
    side, key = ephemeral(suite("ed25519")), X25519PrivateKey.generate()
    secret = side.agree(key.public_key().public_bytes_raw())
    assert secret == key.exchange(X25519PublicKey.from_public_bytes(side.share))


@given(st.sampled_from(NAMES), st.binary(max_size=80))
def test_what_is_no_point_is_refused(name: str, share: bytes) -> None:
    side = ephemeral(suite(name))
    if name == "ed25519" and len(share) == 32:
        return
    with pytest.raises(BadKey):
        side.agree(share)


@pytest.mark.parametrize("share", [bytes(32), b"\x01" + bytes(31)])
def test_a_share_of_small_order_is_refused(share: bytes) -> None:
    with pytest.raises(BadKey):
        ephemeral(suite("ed25519")).agree(share)


@given(
    st.sampled_from(NAMES),
    st.binary(max_size=80),
    st.binary(max_size=80),
    st.binary(max_size=40),
    st.integers(1, 200),
)
def test_keys_are_derived_as_rfc_5869_says(
    name: str, secret: bytes, salt: bytes, info: bytes, size: int
) -> None:
    algorithm = hashes.SM3() if name == "sm2-sm3" else hashes.SHA256()
    expected = HKDF(algorithm, size, salt, info).derive(secret)
    assert hkdf(suite(name), secret, salt=salt, info=info, size=size) == expected


@given(st.sampled_from(NAMES), st.binary(min_size=16, max_size=64), st.binary(max_size=300))
def test_a_code_is_the_hmac_of_the_standard(name: str, key: bytes, data: bytes) -> None:
    one = Mac(suite(name), key)
    assert one.code(data) == one.code(data) == suite(name).hmac(key, data)
    if name == "ed25519":
        assert one.code(data) == hmac.digest(key, data, hashlib.sha256)


@pytest.mark.parametrize("size", [0, 15, 65])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(BadKey):
        Mac(suite("ed25519"), bytes(size))
