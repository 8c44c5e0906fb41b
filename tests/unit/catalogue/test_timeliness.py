"""When the data of an entry are late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.catalogue.domain.resource import UPDATE_CYCLES, UpdateCycle
from yiwang.blocks.catalogue.domain.timeliness import DAYS, late_since, timeliness

NOW = datetime(2026, 11, 20, tzinfo=UTC)
MOMENTS = st.none() | st.integers(-800, 0).map(lambda days: NOW + timedelta(days=days))


@pytest.mark.parametrize(
    ("cycle", "days", "found"),
    [("daily", 2, "timely"), ("daily", 3, "late"), ("yearly", 370, "timely"), ("irregular", 700, "unknown")],
)
def test_data_are_late_after_the_cycle_and_its_grace(cycle: UpdateCycle, days: int, found: str) -> None:
    assert timeliness(cycle, NOW - timedelta(days=days), None, NOW) == found


def test_a_table_watched_for_less_than_its_cycle_says_nothing_and_afterwards_it_is_late() -> None:
    since = NOW - timedelta(days=8)
    assert timeliness("weekly", None, since, NOW) == "unknown"
    assert timeliness("weekly", None, since, NOW + timedelta(seconds=1)) == "late"
    assert late_since("weekly", None, since, NOW + timedelta(days=3)) == NOW


@given(st.sampled_from(list(UPDATE_CYCLES)), MOMENTS, MOMENTS)
def test_late_is_told_with_a_moment_in_the_past_and_nothing_is_late_without_a_cycle(
    cycle: UpdateCycle, changed: datetime | None, unchanged: datetime | None
) -> None:
    since = late_since(cycle, changed, unchanged, NOW)
    assert (timeliness(cycle, changed, unchanged, NOW) == "late") == (since is not None)
    if since is not None:
        assert since < NOW
        assert cycle in DAYS
