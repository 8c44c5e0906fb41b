from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiwang.vocabulary.crypto import BadKey, BadSignatureEncoding, load_private, load_public
from yiwang.vocabulary.crypto.ed25519 import SPKI_PREFIX, SigningEd25519

SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
L = 2**252 + 27742317777372353535851937790883648493


def pem_of(seed: bytes) -> bytes:
    """PKCS#8 of a seed. test-only."""
    data = bytes.fromhex("302e020100300506032b657004220420") + seed
    kind = b"PRIVATE KEY"
    return b"-----BEGIN " + kind + b"-----\n" + base64.encodebytes(data) + b"-----END " + kind + b"-----\n"


def test_the_second_vector_of_rfc_8032_signs_and_verifies() -> None:
    key = load_private(pem_of(SEED))
    assert isinstance(key, SigningEd25519)
    assert key.public.spki_der == SPKI_PREFIX + PUBLIC
    assert key.sign(b"\x72") == SIGNATURE
    assert key.public.verify(b"\x72", SIGNATURE)
    assert not key.public.verify(b"\x73", SIGNATURE)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 511))
def test_a_signature_with_any_bit_turned_never_verifies(bit: int) -> None:
    changed = bytearray(SIGNATURE)
    changed[bit // 8] ^= 1 << bit % 8
    with contextlib.suppress(BadSignatureEncoding):
        assert not load_public(SPKI_PREFIX + PUBLIC).verify(b"\x72", bytes(changed))


def test_a_second_form_of_a_signature_is_refused() -> None:
    s = int.from_bytes(SIGNATURE[32:], "little") + L
    key = load_public(SPKI_PREFIX + PUBLIC)
    for other in (SIGNATURE[:32] + s.to_bytes(32, "little"), SIGNATURE[:63], SIGNATURE + b"\0", b""):
        with pytest.raises(BadSignatureEncoding):
            key.verify(b"\x72", other)


def order_divides_eight() -> list[bytes]:
    """The points of small order in every encoding that could be tried."""
    p = 2**255 - 19
    eighth = 2707385501144840649318225287225658788936804267575313519463743609750303021598
    ys = [0, 1, p - 1, p, p + 1, eighth, p - eighth]
    return [(y | sign << 255).to_bytes(32, "little") for y in ys for sign in (0, 1)]


@pytest.mark.parametrize("point", order_divides_eight())
def test_keys_that_sign_almost_anything_are_refused(point: bytes) -> None:
    with pytest.raises(BadKey):
        load_public(SPKI_PREFIX + point)


def test_a_point_off_the_curve_is_refused() -> None:
    with pytest.raises(BadKey):
        load_public(SPKI_PREFIX + (2).to_bytes(32, "little"))
