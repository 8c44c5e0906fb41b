"""Arrays written as text are read back as they were, whatever stands in them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from yiwang.gateway.arrays import numbers, texts

_ELEMENT = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


def read(text: str) -> list[str]:
    """What PostgreSQL reads from the text of an array of quoted elements (its manual, 8.15.6)."""
    assert text[0] == "{"
    assert text[-1] == "}"
    found = [re.sub(r"\\(.)", r"\1", one, flags=re.DOTALL) for one in _ELEMENT.findall(text)]
    assert len(text) == 2 + sum(len(one) for one in _ELEMENT.findall(text)) + 2 * len(found) + max(
        0, len(found) - 1
    )
    return found


@given(
    st.lists(st.text() | st.sampled_from(['"', "\\", '","', "NULL", "{}", "", " ", '\\"', "a\nb", "张三"]))
)
def test_texts_come_back_whatever_quotes_and_backslashes_they_hold(values: list[str]) -> None:
    assert read(texts(values)) == values


@given(st.lists(st.integers()))
def test_whole_numbers_come_back(values: list[int]) -> None:
    assert [int(one) for one in numbers(values)[1:-1].split(",") if one] == values
