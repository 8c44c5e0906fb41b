from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.vocabulary.crypto import BadKey, SealBroken, open_sealed, seal

KEYS = st.sampled_from([b"k" * 16, b"K" * 32])


@given(KEYS, st.binary(max_size=200), st.binary(max_size=50))
def test_what_is_sealed_opens_again(key: bytes, plain: bytes, aad: bytes) -> None:
    sealed = seal(key, plain, aad)
    assert open_sealed(key, sealed, aad) == plain
    assert len(sealed) == len(plain) + 29
    assert seal(key, plain, aad) != sealed


@given(KEYS, st.data())
def test_any_bit_turned_breaks_the_seal(key: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(key, "密码".encode(), b"exchange_source/7"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealBroken):
        open_sealed(key, bytes(sealed), b"exchange_source/7")


def test_a_sealed_value_cannot_be_moved_or_opened_by_another_key() -> None:
    sealed = seal(b"k" * 16, b"secret", b"exchange_source/7")
    for key, value, aad in (
        (b"k" * 16, sealed, b"exchange_source/8"),
        (b"l" * 16, sealed, b"exchange_source/7"),
        (b"k" * 32, sealed, b"exchange_source/7"),
        (b"k" * 16, sealed[:-1], b"exchange_source/7"),
        (b"k" * 16, b"", b"exchange_source/7"),
    ):
        with pytest.raises(SealBroken):
            open_sealed(key, value, aad)


@pytest.mark.parametrize("size", [0, 15, 24, 33])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(BadKey):
        seal(b"k" * size, b"", b"")
    with pytest.raises(BadKey):
        open_sealed(b"k" * size, b"x" * 60, b"")
