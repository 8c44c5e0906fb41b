"""Made-up values: the same for the same seed, valid where a rule says so, and nobody's."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.dataplane.synthetic.rows import row
from yiwang.dataplane.synthetic.values import NOWHERE, Draw, Shape, Type, value
from yiwang.vocabulary.divisions.tree import standard_divisions
from yiwang.vocabulary.resident_id import parse_resident_id
from yiwang.vocabulary.uscc import parse_uscc

TYPES: tuple[Type, ...] = ("text", "integer", "decimal", "boolean", "date", "datetime", "json", "binary")
TODAY = date(2026, 11, 28)
seeds = st.binary(max_size=40)


@given(seed=seeds)
def test_numbers_of_persons_and_organisations_pass_their_check_and_are_nobodys(seed: bytes) -> None:
    person = str(value(Shape("a", "公民身份号码", "text", 18, "resident_id"), Draw(seed)))
    assert parse_resident_id(person, today=TODAY).normalised == person
    firm = str(value(Shape("b", "统一社会信用代码", "text", 18), Draw(seed)))
    assert not parse_uscc(firm).warnings
    assert person.startswith(NOWHERE)
    assert parse_uscc(firm).region == NOWHERE
    assert not standard_divisions().ever_existed(NOWHERE)


@given(seed=seeds)
def test_divisions_are_real_ones(seed: bytes) -> None:
    code = str(value(Shape("a", "行政区划代码", "text", 12), Draw(seed)))
    assert standard_divisions().find(code[:6], TODAY)


@given(
    seed=seeds,
    title=st.sampled_from(
        ["姓名", "手机号码", "户籍地址", "备注", "证书编号", "性别", "成立日期", "状态", "x"]
    ),
    kind=st.sampled_from(TYPES),
    length=st.integers(0, 30),
)
def test_a_value_has_its_type_and_length_and_follows_from_the_seed(
    seed: bytes, title: str, kind: Type, length: int
) -> None:
    shape = Shape("a", title, kind, length)
    made = value(shape, Draw(seed))
    assert made == value(shape, Draw(seed))
    match kind:
        case "text":
            assert isinstance(made, str)
            assert made
            assert not length or len(made) <= length
        case "integer":
            assert isinstance(made, int)
        case "decimal":
            assert Decimal(str(made)) > 0
        case "boolean":
            assert isinstance(made, bool)
        case "date":
            assert date.fromisoformat(str(made))
        case "datetime":
            assert datetime.fromisoformat(str(made)).tzinfo is not None
        case "json":
            assert made == {"synthetic": True}
        case "binary":
            assert made == "c3ludGhldGlj"


SHAPES = (
    Shape("id", "公民身份号码", "text", 18, "resident_id"),
    Shape("birth", "出生日期", "date"),
    Shape("day", "出生日期", "text", 8),
    Shape("sex", "性别代码", "text", 1),
    Shape("word", "性别", "text"),
    Shape("age", "年龄", "integer"),
    Shape("place", "出生地", "text"),
)


@given(seed=seeds)
def test_birth_sex_and_age_follow_from_the_number_of_the_person(seed: bytes) -> None:
    made = row(SHAPES, seed, {})
    number = str(made["id"])
    assert str(made["birth"]).replace("-", "") == number[6:14] == made["day"]
    assert (made["sex"], made["word"]) == (("1", "男") if int(number[16]) % 2 else ("2", "女"))
    assert made["age"] == 2026 - int(number[6:10])


def test_what_is_given_stands_and_decides() -> None:
    made = row(SHAPES, b"x", {"id": "11010519491231002X", "age": 1})
    assert (made["id"], made["birth"], made["sex"], made["age"]) == (
        "11010519491231002X",
        "1949-12-31",
        "2",
        1,
    )


@pytest.mark.parametrize("odd", ["", "123", "11010519991332002X", "X" * 18])
def test_an_odd_number_spoils_nothing(odd: str) -> None:
    assert row(SHAPES, b"x", {"id": odd})["id"] == odd
