"""Division codes as a tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.organisation.domain.errors import BadRegionCode
from yiwang.blocks.organisation.domain.regions import covers, level_of, normal_code, prefix


@pytest.mark.parametrize(
    ("code", "level", "normal"),
    [
        ("290000", 1, "290000"),
        ("290100", 2, "290100"),
        ("290102", 3, "290102"),
        ("290102000", 3, "290102"),
        ("290102001", 4, "290102001"),
        ("290102001000", 4, "290102001"),
        ("290102001003", 5, "290102001003"),
    ],
)
def test_a_code_tells_its_level_and_has_one_normal_form(code: str, level: int, normal: str) -> None:
    assert (level_of(code), normal_code(code)) == (level, normal)


@pytest.mark.parametrize("code", ["", "29", "2901", "29010a", "090000", "２９０１００", "2901000"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(BadRegionCode):
        normal_code(code)


def test_a_province_covers_its_city_and_not_the_other_way_round() -> None:
    assert covers("290000", "290102001003")
    assert covers("290100", "290100")
    assert not covers("290100", "290200")
    assert not covers("290100", "290000")


def test_a_region_without_code_covers_nothing_and_lies_nowhere() -> None:
    assert not covers("", "290100")


@given(st.integers(min_value=10**11, max_value=10**12 - 1))
def test_every_code_lies_in_what_its_prefix_names(number: int) -> None:
    code = normal_code(str(number))
    assert covers(code, code)
    assert code.startswith(prefix(code))
    assert covers(prefix(code)[:2] + "0000", code)
