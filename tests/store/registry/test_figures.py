"""Figures: counted as a naive count does, increments equal to a rebuild, the last numbers kept when a run fails."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.registry.counting import Told, applied, naive, stored, tell
from yiwang.blocks.registry.actions.figures import count_figures

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)
DAYS = st.dates(date(2026, 2, 20), date(2026, 8, 10))
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["a", "b", None]),
        "day": st.none() | DAYS.map(date.isoformat),
        "size": st.none() | st.integers(0, 4),
        "ok": st.sampled_from([True, False, None]),
    },
)
Cells = dict[tuple[str, datetime, str], tuple[float | None, int]]
SAYING = st.tuples(
    st.sampled_from(["none", "versions", "bitemporal"]), st.integers(1, 4), st.none() | VALUES, DAYS,
    st.none() | st.integers(1, 90), st.integers(1, 40 * 24 * 60), st.booleans(),
)  # fmt: skip


def rounded(cells: Cells) -> Cells:
    return {key: (None if one is None else round(one, 6), rows) for key, (one, rows) in cells.items()}


@pytest.fixture
def system() -> None:
    applied()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sayings=st.lists(SAYING, min_size=1, max_size=12))
def test_increments_equal_a_rebuild_and_a_naive_count(
    system: None, sayings: list[tuple[str, int, dict[str, object] | None, date, int | None, int, bool]]
) -> None:
    with transaction.atomic():
        known: dict[tuple[str, int], int] = {}
        now = BEGIN
        for history, n, values, since, days, minutes, count in sayings:
            now = min(now + timedelta(minutes=minutes), datetime(2026, 11, 20, tzinfo=UTC))
            until = since + timedelta(days=days) if days is not None and history == "bitemporal" else None
            tell(history, Told(n, values, since, until, now), known)
            if count:
                assert not [one.problem for one in count_figures(now, "tally") if one.problem]
        now += timedelta(hours=3)
        count_figures(now, "tally")
        increments = stored()
        count_figures(now, "tally", rebuild=True)
        assert increments == stored()
        assert rounded({key: one for key, one in increments.items() if key[0] != "both"}) == rounded(
            naive(now)
        )
        transaction.set_rollback(True)
