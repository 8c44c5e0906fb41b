"""Work told while it goes on: the latest count of each moment, then the outcome, or what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.portal import streaming
from yiwang.portal.streaming import Done, told


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "TELL_SECONDS", 0)


@given(counts=st.lists(st.integers(1, 10**6)))
def test_counts_come_in_order_and_the_outcome_last(counts: list[int]) -> None:
    def work(watch: Callable[[int], None]) -> str:
        for one in counts:
            watch(one)
        return "made"

    *seen, outcome = told(work)
    assert outcome == Done("made")
    told_of: Iterator[object] = iter(counts)
    assert all(one in told_of for one in seen)  # a subsequence of what was counted
    assert seen[-1:] == counts[-1:]


def test_what_the_work_raises_is_raised_where_the_page_is_made() -> None:
    def work(watch: Callable[[int], None]) -> str:
        watch(5)
        raise KeyError("broken")

    made = told(work)
    assert next(made) == 5
    with pytest.raises(KeyError, match="broken"):
        next(made)
