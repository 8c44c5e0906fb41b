"""What stands out in a request beside the grants in force."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.exchange.domain.comparing import beyond_usual

NAMES = st.sampled_from(["a", "b", "c", "d"])


def test_without_grants_nothing_stands_out() -> None:
    assert beyond_usual(("a", "b"), ()) == ()


def test_a_field_that_half_of_the_grants_have_is_usual() -> None:
    granted = (frozenset("ab"), frozenset("b"))
    assert beyond_usual(("c", "a", "b"), granted) == ("c",)
    assert beyond_usual(("a",), (*granted, frozenset("b"))) == ("a",)


@given(st.lists(NAMES, unique=True), st.lists(st.frozensets(NAMES), max_size=6))
def test_only_fields_asked_for_stand_out_in_their_order(
    asked: list[str], granted: list[frozenset[str]]
) -> None:
    found = beyond_usual(tuple(asked), tuple(granted))
    assert list(found) == [name for name in asked if name in found]
    assert not any(all(name in fields for fields in granted) for name in found)
