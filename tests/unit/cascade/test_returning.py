"""Data given back by division: silence is no offer, and a request is bound to the rows of its own node."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.cascade.domain.needing import supply_problems
from yiwang.blocks.cascade.domain.returning import Offer, bound, problems

NODES = ("lanzhou", "tianshui", "jiuquan")
OFFERS = st.lists(
    st.builds(
        Offer, st.sampled_from(NODES), st.just("区划"), st.sampled_from(("2901", "2905")),
        st.sampled_from(("offered", "ended")),
    ),
    max_size=6,
    unique_by=lambda one: one.node,
)  # fmt: skip


@given(OFFERS, st.sampled_from(NODES))
def test_a_resource_with_any_offer_is_bound_and_each_node_gets_its_own_or_nothing(
    offers: list[Offer], origin: str
) -> None:
    is_bound, mine = bound(offers, origin)
    assert is_bound == bool(offers)
    standing = [one for one in offers if one.node == origin and one.state == "offered"]
    assert mine == (standing[0] if standing else None)


@pytest.mark.parametrize("division", ["", "2", "0901", "290", "29011", "2901001", "29%", "29' OR", "二九"])
def test_a_division_is_two_four_or_six_digits(division: str) -> None:
    assert [
        one.where for one in problems("区划", division, "lanzhou", fields={"区划"}, nodes={"lanzhou"})
    ] == ["division"]


def test_data_goes_to_nodes_below_by_an_item_that_is_served() -> None:
    wrong = problems("没有", "2901", "guojia", fields={"区划"}, nodes={"lanzhou"})
    assert [one.where for one in wrong] == ["node", "field"]
    assert problems("区划", "2901", "lanzhou", fields={"区划"}, nodes={"lanzhou"}) == ()


def test_a_need_is_met_by_a_published_resource_or_declined_with_a_reason() -> None:
    assert supply_problems("met", "可申请", published=True) == ()
    assert [one.where for one in supply_problems("met", "可申请", published=False)] == ["resource"]
    assert [one.where for one in supply_problems("later", "", published=False)] == ["state", "text"]
