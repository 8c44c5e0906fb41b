"""Conditions as they are written on the command line."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.client.errors import WhereMalformed
from yiwang.client.where import OPERATORS, parse_fields, parse_where

names = st.text(st.characters(blacklist_characters="=:", blacklist_categories=["Cs"]), min_size=1)
values = st.text(st.characters(blacklist_categories=["Cs"]))
words = st.text(st.characters(blacklist_characters=",", blacklist_categories=["Cs"]), min_size=1)


@pytest.mark.parametrize(
    ("given_texts", "expected"),
    [
        (["统一社会信用代码=91370100964709014M"], {"统一社会信用代码": "91370100964709014M"}),
        (["a=b=c"], {"a": "b=c"}),
        (["a="], {"a": ""}),
        (["年份:gte=2020", "年份:lte=2024"], {"年份": {"gte": "2020", "lte": "2024"}}),
        (["类型:in=甲,乙", "类型:in=丙"], {"类型": {"in": ["甲", "乙", "丙"]}}),
        (["ns:field=1"], {"ns:field": "1"}),
        (["ns:field:prefix=1"], {"ns:field": {"prefix": "1"}}),
        ([], {}),
    ],
)
def test_conditions_are_read(given_texts: list[str], expected: dict[str, object]) -> None:
    assert parse_where(given_texts) == expected


@pytest.mark.parametrize(
    "given_texts",
    [
        ["a"],
        ["=b"],
        [":in=b"],
        ["a=1", "a=2"],
        ["a=1", "a:gte=2"],
        ["a:gte=1", "a=2"],
        ["a:in=,"],
        ["a:gte=1", "a:gte=2"],
    ],
)
def test_what_cannot_be_meant_is_refused(given_texts: list[str]) -> None:
    with pytest.raises(WhereMalformed):
        parse_where(given_texts)


@given(st.dictionaries(names, values))
def test_equalities_of_any_text_come_back_as_they_were(pairs: dict[str, str]) -> None:
    texts = [f"{name}={value}" for name, value in pairs.items()]
    assert parse_where(texts) == pairs
    assert parse_fields(texts) == pairs


@given(names, st.sampled_from(OPERATORS), st.lists(words, min_size=1))
def test_operators_of_any_text_come_back_as_they_were(
    name: str, operator: str, given_words: list[str]
) -> None:
    found = parse_where([f"{name}:{operator}={','.join(given_words)}"])
    assert found == {name: {operator: given_words if operator == "in" else ",".join(given_words)}}


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"]))))
def test_nothing_but_our_own_error_is_raised(texts: list[str]) -> None:
    for parse in (parse_where, parse_fields):
        with contextlib.suppress(WhereMalformed):
            parse(texts)


@pytest.mark.parametrize("text", ["a", "=b"])
def test_a_claim_needs_a_field_and_a_value(text: str) -> None:
    with pytest.raises(WhereMalformed):
        parse_fields([text])
