"""What a person types, taken apart; what an entry is found by. Never an error, never foreign syntax."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.catalogue.domain.searching import parsing
from yiwang.blocks.catalogue.domain.searching.lexemes import Text, document
from yiwang.blocks.catalogue.domain.searching.words import (
    all_words,
    normal,
    pairs,
    pinyin,
    reworded,
    sounds,
    synonyms,
    words,
)

QUERY = re.compile(r"(?:[()&| ]|:\*|'(?:=|~|2)?[^\W_]+')*")
TYPED = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="企业法人登记'\"“”\\&|!():*<->%_\x00 ab1/", max_size=60),
)


@given(TYPED)
def test_whatever_is_typed_is_taken_apart_and_says_nothing_but_words(text: str) -> None:
    wanted = parsing.parse(text)
    for query in (
        parsing.by_words(wanted, titles=True),
        parsing.by_words(wanted, titles=False),
        parsing.by_pairs(wanted),
    ):
        assert QUERY.fullmatch(query), query
    assert len(wanted.pieces) <= parsing.MOST_WORDS
    assert re.fullmatch(r"[0-9a-z/]*", wanted.code)


@given(TYPED)
def test_marking_a_text_leaves_its_words_as_they_are(text: str) -> None:
    marks = parsing.parse("企业 登记 ab").marks
    assert "".join(part for part, _ in parsing.marked(text, marks)) == text


@given(TYPED, TYPED, TYPED)
def test_any_entry_has_a_document_without_loose_quotes(title: str, summary: str, item: str) -> None:
    made = document(Text(title, "", summary, "", "某局", ((item, "", "mc"),)), {"grade": ("general",)})
    assert re.fullmatch(r"'[^'\s]+'(?::[0-9A-D,]+)?( '[^'\s]+'(?::[0-9A-D,]+)?)*", made)


def test_words_are_those_of_the_dictionary_and_the_shorter_ones_inside() -> None:
    assert words("企业法人登记信息") == ["企业法人", "登记", "信息"]
    assert {"企业", "法人", "企业法人"} <= set(all_words("企业法人登记信息"))
    assert words("ＡＢＣ　qiye_mc") == ["abc", "qiye", "mc"]
    assert pairs("不动产a登记") == ["不动", "动产", "登记"]


def test_pinyin_knows_words_and_initials() -> None:
    assert pinyin("重庆") == ("chongqing", "cq")
    assert pinyin("abc") == ("", "")
    heard = sounds("企业登记信息")
    assert {"qiye", "qydj", "dengjixinxi", "qydjxx", "qiyedengjixinxi"} <= set(heard)


def test_synonyms_are_for_words_that_stand_in_the_text() -> None:
    assert "法人" in synonyms("企业登记信息")
    assert "企业" not in synonyms("企业法人")
    assert "法人登记" in reworded("企业登记")


def test_weak_words_narrow_only_when_nothing_else_is_said() -> None:
    assert [piece.word for piece in parsing.parse("企业的信息").pieces] == ["企业"]
    assert [piece.word for piece in parsing.parse("信息").pieces] == ["信息"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("306001003/12", "306001003/12"),
        ("306001", "306001"),
        ("３０６", "306"),
        ("12", ""),
        ("2024年", ""),
        ("/", ""),
    ],
)
def test_a_number_with_or_without_a_slash_is_the_beginning_of_a_code(text: str, code: str) -> None:
    assert parsing.parse(text).code == code


def test_quotes_ask_for_neighbours_and_letters_may_be_pinyin() -> None:
    assert parsing.parse("“企业登记” 兰州").phrases == ("企业登记",)
    assert "'2企业' & '2业登' & '2登记'" in parsing.by_words(parsing.parse('"企业登记"'), titles=False)
    assert parsing.by_words(parsing.parse("qi ye"), titles=False).endswith("| '~qiye'")
    assert parsing.parse("'; DROP TABLE x; --").text == "'; drop table x; --"
    assert parsing.parse("!!!").hopeless
    assert parsing.parse("  ").empty
    assert normal("\x00企\ud800业") == " 企 业"
