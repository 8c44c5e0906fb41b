"""What values say a column is, and what decoys must not."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks._columns import MAKERS
from yiwang.dataplane.census.profile import masked, profile
from yiwang.dataplane.census.source import Column
from yiwang.dataplane.census.values import evidence

TODAY = dt.date(2026, 11, 21)


def shown(kind: str, rows: int = 200) -> str:
    draw = random.Random(kind)
    held = profile(Column("c"), [MAKERS[kind](draw, at) or None for at in range(rows)], whole=True)
    found = evidence(held, TODAY)
    return found[0].concept if found and found[0].confidence >= 0.5 else ""


@pytest.mark.parametrize(
    ("kind", "concept"),
    [
        ("resident_id", "resident_id"), ("person", "person_name"), ("mobile", "mobile"), ("home", "home_address"),
        ("email", "email"), ("bank_card", "bank_account"), ("plate", "plate"), ("uscc", "uscc"), ("vin", "vin"),
        ("passport", "passport"), ("company", "org_name"), ("ethnic_word", "ethnic"), ("religion", "religion"), ("health", "health"),
        ("ip", "ip_address"), ("bcrypt", "password"), ("landline", "phone"), ("complaint", "free_text"), ("marital_word", "marital"),
    ],
)  # fmt: skip
def test_values_are_known_by_their_form(kind: str, concept: str) -> None:
    assert shown(kind) == concept


@pytest.mark.parametrize(
    "kind", ["order18", "serial11", "random16", "random19", "serial8", "product", "place", "project", "amount", "date",
             "small", "licence", "school", "hex32", "color", "postcode", "parcel", "lng", "status_word", "docno"],
)  # fmt: skip
def test_decoys_are_not_taken_for_people(kind: str) -> None:
    assert shown(kind) not in {
        "resident_id", "person_name", "mobile", "bank_account", "passport", "health", "home_address", "plate", "email",
    }  # fmt: skip


@given(st.text(min_size=1, max_size=60))
def test_a_masked_value_never_equals_the_value_and_keeps_no_letter_or_digit_of_it(value: str) -> None:
    form = masked(value)
    assert form != value
    kept = form.partition("…")[0]
    assert not any(c.isalnum() and c not in "a〇#" for c in kept)


def test_a_profile_never_shows_its_values() -> None:
    held = profile(Column("xm"), ["王敏", "周航"], whole=True)
    assert "王敏" not in repr(held)


@given(st.lists(st.one_of(st.none(), st.text(max_size=30)), max_size=30))
def test_any_values_can_be_profiled(values: list[str | None]) -> None:
    held = profile(Column("c"), list(values), whole=True)
    assert 0 <= held.complete <= 1
    assert held.distinct <= held.filled <= held.sampled
    evidence(held, TODAY)
