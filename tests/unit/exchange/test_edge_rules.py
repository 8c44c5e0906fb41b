"""What an operator may enter for an old client, and what not."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.exchange.domain.edge import (
    EdgeForm,
    EdgeServiceForm,
    addresses,
    parameters,
    problems,
)

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FORM = EdgeForm(
    "gjgxjhpt", "f9e001b4@2399", "10.1.2.3", NOW + timedelta(days=90), (EdgeServiceForm("s_1", "G-2026-000001"),)
)  # fmt: skip


def test_a_sound_form_has_no_problem() -> None:
    assert problems(FORM, NOW, opening=True) == ()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"dialect": "soap"}, "dialect"),
        ({"requester": "a b"}, "requester"),
        ({"requester": ""}, "requester"),
        ({"secret": "short"}, "secret"),
        ({"addresses": ""}, "addresses"),
        ({"addresses": "0.0.0.0/0"}, "addresses"),
        ({"addresses": "10.0.0.0/16"}, "addresses"),
        ({"addresses": "10.0.0.1/24"}, "addresses"),
        ({"addresses": "host.example"}, "addresses"),
        ({"sunset": None}, "sunset"),
        ({"sunset": NOW}, "sunset"),
        ({"sunset": NOW + timedelta(days=800)}, "sunset"),
        ({"services": ()}, "services.0.service"),
        ({"services": (EdgeServiceForm("a/b", "G"),)}, "services.0.service"),
        ({"services": (EdgeServiceForm("s", "G"), EdgeServiceForm("s", "G"))}, "services.1.service"),
        ({"services": (EdgeServiceForm("s", ""),)}, "services.0.grant"),
    ],
)
def test_each_mistake_is_named_where_it_stands(change: dict[str, object], where: str) -> None:
    found = problems(replace(FORM, **change), NOW, opening=True)  # type: ignore[arg-type]
    assert [problem.where for problem in found] == [where]


def test_addresses_come_one_a_line_or_with_commas_of_either_language() -> None:
    assert addresses("10.1.2.3, 10.1.3.0/24，\n2001:db8::1") == (
        "10.1.2.3/32",
        "10.1.3.0/24",
        "2001:db8::1/128",
    )


@given(st.text(max_size=60))
def test_no_text_makes_the_address_reader_fail_in_another_way(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert addresses(text)


def test_parameters_lead_to_exactly_the_key() -> None:
    assert parameters("", ("a", "b")) == {"a": "a", "b": "b"}
    assert parameters("x=a，y = b", ("a", "b")) == {"x": "a", "y": "b"}
    for wrong in ("x=a", "x=a,y=b,z=c", "x=a,x=b", "x", "x=a,y=a"):
        with pytest.raises(ValueError, match="a, b"):
            parameters(wrong, ("a", "b"))
    with pytest.raises(ValueError, match=r"^$"):
        parameters("", ())
