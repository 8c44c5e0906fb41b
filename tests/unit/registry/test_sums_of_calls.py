"""Sums of calls: the same in whatever order and pieces they are added, and what a figure over the journal compiles to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.registry.asking import figures
from yiwang.blocks.registry.domain.figures.calls import Judge, Plain, Sum, two_digits
from yiwang.blocks.registry.domain.figures.declared import Counting, Figure
from yiwang.blocks.registry.domain.labels import Label
from yiwang.systems.cel.evaluating import Evaluator

NUMBERS = st.none() | st.integers(0, 10**7) | st.integers(0, 10**9).map(lambda us: us / 1000)
AT = datetime(2026, 5, 31, 16, 30, tzinfo=UTC)
CALL: dict[str, Plain] = {
    "kind": "verify", "outcome": "answered", "entity": "family", "resource": "R/1", "consumer": "C", "client": "c",
    "grant": "G", "purpose": None, "code": None, "status": 200, "rows": 0, "took_ms": 1.5,
}  # fmt: skip


def added(counting: Counting, values: list[Plain]) -> Sum:
    made = Sum()
    for one in values:
        made.add(counting, one)
    return made


@pytest.mark.parametrize("counting", ["sum", "avg", "min", "max", "median", "p95"])
@given(values=st.lists(NUMBERS, max_size=20), cut=st.integers(0, 20))
def test_pieces_add_up_to_the_whole(counting: Counting, values: list[Plain], cut: int) -> None:
    whole, first = added(counting, values), added(counting, values[cut:])
    first.grow(added(counting, values[:cut]))
    assert first == whole
    assert first.value(counting) == whole.value(counting)


@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_a_quantile_is_a_value_that_was_there_but_for_its_third_digit(values: list[Plain]) -> None:
    there = sorted(float(one) for one in values if one is not None)
    middle, most = added("median", values).value("median"), added("p95", values).value("p95")
    if not there:
        assert middle is most is None
        return
    assert middle == pytest.approx(there[(len(there) - 1) // 2], rel=0.05, abs=0.001)
    assert most == pytest.approx(there[-(-len(there) * 95 // 100) - 1], rel=0.05, abs=0.001)


@given(st.integers(0, 10**15))
def test_two_digits_are_kept_and_no_number_is_moved_by_more_than_a_twentieth(number: int) -> None:
    kept = two_digits(number)
    assert abs(kept - number) * 20 <= number
    assert kept < 100 or not str(kept)[2:].strip("0")


def test_nothing_is_zero_only_where_things_are_counted() -> None:
    empty = Sum()
    assert [empty.value(one) for one in ("count", "sum", "distinct")] == [0, 0, 0]
    assert [empty.value(one) for one in ("share", "avg", "min", "max", "median", "p95")] == [None] * 6


def test_different_values_are_counted_once_and_those_that_are_not_there_not_at_all() -> None:
    assert added("distinct", ["a", "b", None, "a"]).value("distinct") == 2.0


def test_a_call_counts_in_its_period_of_china_by_the_values_it_has() -> None:
    found = {one.id: Judge(one, Evaluator()).of(CALL, AT) for one in figures() if one.kind == "journal"}
    asked = found["asked"]
    assert asked is not None
    assert asked.start.isoformat() == "2026-06-01T00:00:00+08:00"
    assert asked.dims == {"consumer": "C", "entity": "family", "purpose": None}
    assert found["slow"] is None
    hits, refused = found["hits"], found["refused"]
    assert hits is not None
    assert hits.value is False
    assert refused is not None
    assert refused.value is False


def test_a_condition_that_fails_on_a_call_does_not_count_it() -> None:
    figure = Figure(
        id="x",
        system="s",
        title=Label("x"),
        kind="journal",
        where="call.took_ms > 1.0",
        per="day",
        counting="count",
    )
    judge = Judge(figure, Evaluator())
    assert judge.of(CALL, AT) is not None
    assert judge.of({**CALL, "took_ms": None}, AT) is None


def test_a_figure_over_the_journal_names_its_dimensions_and_reads_no_table() -> None:
    made = {one.id: one for one in figures()}
    asked = made["asked"]
    assert [(one.path, one.title.en, one.kind) for one in asked.dimensions] == [
        ("consumer", "Calling agency", "org"), ("entity", "Table", "entity"), ("purpose", "Purpose", "purpose"),
    ]  # fmt: skip
    assert (asked.entity, asked.reads, asked.columns) == ("", (), ())
    assert (made["most"].unit, made["most"].unit_en, made["refused"].unit) == ("毫秒", "ms", "%")
    assert made["less"].kind == "formula"
    assert [(one.path, one.title.en) for one in made["less"].dimensions] == [("consumer", "Calling agency")]
