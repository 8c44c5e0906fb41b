from __future__ import annotations

import json
from decimal import Decimal

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from yiwang.vocabulary.canonical import MAX_INTEGER, NotCanonical, canonical, parse_canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=20,
)


@given(VALUES)
def test_the_text_equals_the_one_of_the_reference_library(value: object) -> None:
    text = canonical(value)
    assert text == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert parse_canonical(text) == value
    assert parse_canonical(text.decode()) == value


def test_keys_stand_in_the_order_of_utf16_code_units() -> None:
    value = {"\ufb33": 1, "😀": 2, "é": 3, "\r": 4, "1": 5, "\x80": 6, "€": 7}
    assert list(json.loads(canonical(value))) == ["\r", "1", "\x80", "é", "€", "😀", "\ufb33"]
    assert canonical([{"a": value, "A": ()}]) == rfc8785.dumps([{"a": value, "A": []}])


def test_control_characters_are_escaped_as_rfc_8785_says() -> None:
    assert canonical('\x00\b\t\n\v\f\r\x1f\x7f"\\/\u2028') == (
        b'"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\x7f\\"\\\\/\xe2\x80\xa8"'
    )


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


class Lookalike(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        MAX_INTEGER + 1,
        -MAX_INTEGER - 1,
        {1: 2},
        {"a": {None: 1}},
        b"bytes",
        Decimal(1),
        {"a", "b"},
        "\ud800",
        {"\udfff": 1},
        ["😀\ud800"],
        {"😀": "\ud800"},
        object(),
        nested(65),
        Lookalike("a"),
    ],
)
def test_what_has_no_canonical_text_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_depth_is_bounded_at_sixty_four() -> None:
    assert canonical(nested(64)).count(b"[") == 64


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1.0",
        "1e2",
        "-0",
        "01",
        '{"b":1,"a":2}',
        '{"a":1,"a":1}',
        '{"a": 1}',
        '"\\u0041"',
        '"\\/"',
        '"\\u000A"',
        "9007199254740992",
        "NaN",
        '"\ud800"',
        '"\\ud800"',
        "[" * 5000 + "]" * 5000,
    ],
)
def test_a_text_that_is_not_the_canonical_one_is_refused(text: str) -> None:
    with pytest.raises(NotCanonical):
        parse_canonical(text)


@given(st.binary(max_size=60))
def test_any_bytes_are_either_refused_or_canonical(data: bytes) -> None:
    try:
        value = parse_canonical(data)
    except NotCanonical:
        return
    assert canonical(value) == data
