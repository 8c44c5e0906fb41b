from __future__ import annotations

import contextlib
import gc
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.crypto import reference_sm2 as reference
from yiwang.vocabulary.crypto import BadKey, BadSignatureEncoding, generate, load_public
from yiwang.vocabulary.crypto.sm2 import Sm2PublicKey, Sm2SigningKey, generate_sm2, parse_signature

D = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
K = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
X = 0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020
Y = 0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13
E = bytes.fromhex("F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640")
Z = bytes.fromhex("B2E14C5C79C6DF5B85F4FE7ED8DB7A262B9DA7E07CCB0EA9F4747B8CCDA8A4F3")
MESSAGE = b"message digest"


def standard_key() -> Sm2PublicKey:
    key = load_public(reference.spki_of(D))
    assert isinstance(key, Sm2PublicKey)
    return key


def binding() -> Sm2SigningKey:
    key = reference.binding_key(D)
    assert isinstance(key, Sm2SigningKey)
    return key


def test_the_vector_of_the_standard_verifies() -> None:
    key = standard_key()
    assert reference.public_point(D) == (X, Y)
    assert key.z == Z
    assert key.digest(MESSAGE) == E
    assert reference.sign_digest(D, int.from_bytes(E, "big"), K) == (R, S)
    assert key.verify(MESSAGE, reference.der(R, S))
    assert key.verify_digest(E, reference.der(R, S))
    assert not key.verify(MESSAGE + b".", reference.der(R, S))


def test_what_the_binding_signs_the_reference_verifies() -> None:
    key = binding()
    for message in (b"", b"a", "王敏".encode() * 100):
        r, s = parse_signature(key.sign(message))
        assert reference.verify_digest(X, Y, int.from_bytes(key.public.digest(message), "big"), r, s)


def test_what_the_reference_signs_the_binding_verifies() -> None:
    key = generate_sm2()
    repeatable = reference.RepeatableSm2Key(D)
    signature = repeatable.sign(b"x")
    assert repeatable.public.verify(b"x", signature)
    assert not key.public.verify(b"x", signature)


def test_signatures_differ_each_time_and_all_verify() -> None:
    key = binding()
    signatures = {key.sign(b"same") for _ in range(20)}
    assert len(signatures) == 20
    assert all(key.public.verify(b"same", one) for one in signatures)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_signature_with_any_bit_turned_never_verifies(data: st.DataObject) -> None:
    signature = bytearray(reference.der(R, S))
    at = data.draw(st.integers(0, len(signature) - 1))
    signature[at] ^= 1 << data.draw(st.integers(0, 7))
    with contextlib.suppress(BadSignatureEncoding):
        assert not standard_key().verify(MESSAGE, bytes(signature))


@given(st.binary(max_size=80))
def test_only_the_one_der_encoding_of_two_numbers_is_read(data: bytes) -> None:
    try:
        r, s = parse_signature(data)
    except BadSignatureEncoding:
        return
    assert reference.der(r, s) == data


@given(st.integers(1, reference.N - 1), st.integers(1, reference.N - 1))
def test_every_proper_der_encoding_is_read(r: int, s: int) -> None:
    assert parse_signature(reference.der(r, s)) == (r, s)


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("empty", b""),
        ("raw r and s", R.to_bytes(32, "big") + S.to_bytes(32, "big")),
        ("trailing byte", reference.der(R, S) + b"\0"),
        ("long form length", b"\x30\x81" + reference.der(R, S)[1:]),
        ("indefinite length", b"\x30\x80" + reference.der(R, S)[2:] + b"\0\0"),
        ("padded integer", b"\x30\x08\x02\x02\x00\x01\x02\x02\x00\x01"),
        ("negative integer", b"\x30\x06\x02\x01\xff\x02\x01\x01"),
        ("r is zero", b"\x30\x06\x02\x01\x00\x02\x01\x01"),
        ("s is n", reference.der(1, reference.N)),
        ("r above n", reference.der(reference.N + 1, 1)),
        ("three numbers", b"\x30\x09\x02\x01\x01\x02\x01\x01\x02\x01\x01"),
        ("one number", b"\x30\x06\x02\x04\x01\x01\x01\x01"),
    ],
)
def test_a_signature_in_another_form_is_refused(name: str, signature: bytes) -> None:
    with pytest.raises(BadSignatureEncoding):
        standard_key().verify(MESSAGE, signature)


def test_numbers_whose_sum_is_n_do_not_verify() -> None:
    assert not standard_key().verify_digest(E, reference.der(5, reference.N - 5))


@pytest.mark.parametrize("x", [X + 1, 0, reference.P, 2**256 - 1])
def test_a_point_off_the_curve_is_refused(x: int) -> None:
    with pytest.raises(BadKey):
        load_public(reference.spki_of(D)[:-64] + x.to_bytes(32, "big") + Y.to_bytes(32, "big"))


def test_other_encodings_of_a_key_are_refused() -> None:
    spki = reference.spki_of(D)
    compressed = (
        bytes.fromhex("3039301306072a8648ce3d020106082a811ccf5501822d032200") + b"\x03" + spki[-64:-32]
    )
    prime256v1 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004") + spki[-64:]
    for other in (compressed, prime256v1, spki + b"\0", spki[:-1], b"", b"\x30", spki[-65:]):
        with pytest.raises(BadKey):
            load_public(other)


def test_a_digest_of_another_length_is_refused() -> None:
    key = binding()
    with pytest.raises(BadSignatureEncoding):
        key.sign_digest(E[:31])
    with pytest.raises(BadSignatureEncoding):
        standard_key().verify_digest(E + b"\0", reference.der(R, S))


def test_one_key_serves_many_threads_at_once() -> None:
    key = binding()
    wrong: list[int] = []

    def work(number: int) -> None:
        for turn in range(40):
            message = b"%d/%d" % (number, turn)
            signature = key.sign(message)
            if not key.public.verify(message, signature) or key.public.verify(message + b"x", signature):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_keys_are_freed_with_their_contexts() -> None:
    from yiwang.vocabulary.crypto import sm2

    freed: list[int] = []
    original = sm2._release

    def counted(key: int, *pools: sm2._Contexts) -> None:
        freed.append(key)
        original(key, *pools)

    sm2._release = counted
    try:
        key = generate("sm2-sm3")
        assert key.public.verify(b"a", key.sign(b"a"))
        del key
        gc.collect()
    finally:
        sm2._release = original
    assert len(freed) == 2
