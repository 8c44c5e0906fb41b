"""What a number means against its target, which numbers are too small to be shown, and where periods begin."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.registry.domain.figures.declared import Direction, Per
from yiwang.blocks.registry.domain.figures.judging import SMALLEST, Verdict, hidden, verdict
from yiwang.blocks.registry.domain.figures.periods import KEPT, between, moved, oldest, start_of, written

PERIODS: st.SearchStrategy[Per] = st.sampled_from(["hour", "day", "week", "month", "quarter", "year"])
MOMENTS = st.datetimes(datetime(1995, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("value", "target", "direction", "expected"),
    [
        (95.0, 95.0, "up", "reached"), (94.9, 95.0, "up", "near"), (85.5, 95.0, "up", "near"),
        (85.4, 95.0, "up", "missed"), (3.0, 3.0, "down", "reached"), (3.3, 3.0, "down", "near"),
        (3.4, 3.0, "down", "missed"), (0.1, 0.0, "down", "missed"), (None, 95.0, "up", "none"),
        (95.0, None, "up", "none"), (10.0, 95.0, "neutral", "none"),
    ],
)  # fmt: skip
def test_a_target_is_reached_near_or_missed(
    value: float | None, target: float | None, direction: Direction, expected: Verdict
) -> None:
    assert verdict(value, target, direction) == expected


@given(st.lists(st.integers(0, 30), max_size=8))
def test_no_small_group_can_be_worked_out_from_the_total(counted: list[int]) -> None:
    found = hidden(counted)
    assert all(at in found for at, rows in enumerate(counted) if 0 < rows < SMALLEST)
    alone = len(found) == 1 and any(rows > 0 for at, rows in enumerate(counted) if at not in found)
    assert not alone


@given(MOMENTS, PERIODS)
def test_a_moment_lies_in_its_period_and_the_next_begins_where_it_ends(at: datetime, per: Per) -> None:
    start = start_of(at, per)
    following = moved(start, per, 1)
    assert start <= at < following
    assert start_of(following, per) == following
    assert moved(following, per, -1) == start
    assert start_of(start, per) == start


@given(MOMENTS, PERIODS)
def test_so_many_periods_of_a_stock_are_kept_as_is_told(at: datetime, per: Per) -> None:
    starts = list(between(oldest(at, per), at, per))
    assert len(starts) == KEPT[per]
    assert len({written(one, per) for one in starts}) == KEPT[per]
