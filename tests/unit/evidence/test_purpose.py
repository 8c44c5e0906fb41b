from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.vocabulary.envelope import OWN_EVIDENCE, Purpose, PurposeMalformed

WORD = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20)


@given(WORD, st.none() | WORD, st.booleans())
def test_a_purpose_goes_through_the_header_and_back(code: str, case: str | None, law: bool) -> None:
    purpose = Purpose("law", code, "48", case) if law else Purpose("item", code, None, case)
    assert Purpose.parse(purpose.text) == purpose
    assert Purpose.from_header(purpose.header) == purpose
    assert purpose.header.isascii()


def test_the_parts_are_named() -> None:
    purpose = Purpose.parse("law:社会救助暂行办法#第四十八条;case=兰民救〔2026〕12号")
    assert (purpose.kind, purpose.code, purpose.article) == ("law", "社会救助暂行办法", "第四十八条")
    assert purpose.case == "兰民救〔2026〕12号"
    assert purpose.ground == "law:社会救助暂行办法#第四十八条"
    assert Purpose.parse("item:0115001000").text == "item:0115001000"
    assert Purpose.parse("item:0115001000;case=a b").header == "item:0115001000;case=a%20b"
    assert Purpose.from_header("evidence:own") == OWN_EVIDENCE == Purpose.parse("evidence:own")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "item:",
        "item",
        "item:a b",
        "item:a#b",
        "law:a",
        "law:#1",
        "law:a#",
        "other:a",
        "ITEM:a",
        " item:a",
        "item:a\n",
        "item:a;case=",
        "item:a;case= x",
        "item:a;case=x ",
        "item:a;case=x;case=y",
        "item:a;other=x",
        "item:a;case=x\ny",
        "item:a\x00",
        "item:a;case=\u2028x",
        "item:a;case=x\u2028y",
        "item:\ud800",
        "item:" + "a" * 65,
        "item:a;case=" + "a" * 101,
        "evidence:other",
    ],
)
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(PurposeMalformed):
        Purpose.parse(text)


@pytest.mark.parametrize(
    "value",
    [
        "item:%e6%b1%89",
        "item:%61",
        "item:%FF",
        "item:%E6%B1",
        "item:%",
        "item:汉",
        "item:a b",
        "item%3Aa",
        "item:a;case=%0A",
        "item:" + "%E6%B1%89" * 200,
        "",
    ],
)
def test_a_header_in_another_encoding_is_refused(value: str) -> None:
    with pytest.raises(PurposeMalformed):
        Purpose.from_header(value)
