"""Parts of the edge without a server: signatures, what an old call asks, nonces."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.gateway.edge.dialects import dialects
from yiwang.gateway.edge.errors import EdgeNotByKey
from yiwang.gateway.edge.request import key_of, once_for

FIELDS = {"sfzh": "身份号码"}
IGNORED = ("gjgxjhpt_rid",)


def test_each_dialect_signs_what_its_file_says() -> None:
    for name, text in (("gjgxjhpt", "SRT"), ("gateway", "RT")):
        wanted = base64.b64encode(hmac.digest(b"key", text.encode(), hashlib.sha256)).decode()
        assert dialects()[name].sign("key", {"service": "S", "requester": "R", "time": "T"}) == wanted


@pytest.mark.parametrize(
    ("text", "seconds"), [("1700000000123", 1700000000), ("0", 0), ("-1", None), ("１", None), ("", None)]
)
def test_times_are_milliseconds_in_digits(text: str, seconds: int | None) -> None:
    assert dialects()["gjgxjhpt"].seconds(text) == seconds


@pytest.mark.parametrize(
    ("body", "query"),
    [
        (b'{"sfzh": "1"}', ""),
        (b"sfzh=1", ""),
        (b"", "sfzh=1"),
        (b'{"sfzh": "1", "gjgxjhpt_rid": "x"}', ""),
        (b' {"sfzh": "1"}\n', ""),
    ],
)
def test_a_look_up_is_read_from_every_form(body: bytes, query: str) -> None:
    assert key_of(body, query, FIELDS, IGNORED) == {"身份号码": "1"}


@pytest.mark.parametrize(
    ("body", "query"),
    [
        (b"", ""),
        (b"[]", ""),
        (b"{", ""),
        (b'{"sfzh": null}', ""),
        (b'{"sfzh": 1.5}', ""),
        (b'{"sfzh": "1"}', "sfzh=2"),
        (b"sfzh=1&sfzh=2", ""),
        (b"sfzh=1&xm=2", ""),
        (b"\xff\xfe", ""),
    ],
)
def test_anything_else_is_no_look_up(body: bytes, query: str) -> None:
    with pytest.raises(EdgeNotByKey):
        key_of(body, query, FIELDS, IGNORED)


@given(st.binary(max_size=80), st.text(max_size=40))
def test_no_body_makes_the_reader_fail_in_another_way(body: bytes, query: str) -> None:
    with contextlib.suppress(EdgeNotByKey):
        assert key_of(body, query, FIELDS, IGNORED).keys() == {"身份号码"}


@given(st.lists(st.text(alphabet="ab", max_size=3), min_size=2, max_size=3, unique=True))
def test_a_nonce_is_the_same_for_the_same_call_alone(parts: list[str]) -> None:
    assert once_for(*parts) == once_for(*parts)
    assert len(once_for(*parts)) == 43
    assert once_for(*parts) != once_for(*reversed(parts)) or parts == parts[::-1]
