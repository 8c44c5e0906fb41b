"""The day clock says in words what its ticks show."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from yiwang.portal.clocks import MOST_TICKS, DayClock


@pytest.mark.parametrize(
    ("clock", "tone", "words"),
    [
        (DayClock(10, 7), "running", "还剩 7 个工作日"),
        (DayClock(10, 2), "soon", "还剩 2 个工作日"),
        (DayClock(10, 0), "soon", "今天到期"),
        (DayClock(10, -3), "late", "超 3 个工作日"),
        (DayClock(10, 6, held=3, paused=True), "paused", "待补正，停计"),
        (DayClock(10, 4, done=True), "done", "6 个工作日办完"),
        (DayClock(10, 10, started=False), "ahead", "10 个工作日"),
    ],
)
def test_a_clock_has_the_tone_and_the_words_of_its_state(clock: DayClock, tone: str, words: str) -> None:
    with translation.override("zh-hans"):
        assert (clock.tone, clock.words) == (tone, words)


def test_english_counts_one_day_and_several() -> None:
    with translation.override("en"):
        assert DayClock(10, 1).words == "1 working day left"
        assert DayClock(10, 5).words == "5 working days left"
        assert DayClock(10, -1).short == "1 day late"


@given(st.integers(1, 200), st.integers(-50, 200), st.integers(0, 20), st.booleans(), st.booleans())
def test_ticks_never_overflow_and_always_fill_the_clock(
    total: int, remaining: int, held: int, paused: bool, done: bool
) -> None:
    clock = DayClock(total, min(remaining, total), held=held, paused=paused, done=done)
    assert 1 <= len(clock.ticks) <= MOST_TICKS
    assert [tick.x for tick in clock.ticks] == sorted(tick.x for tick in clock.ticks)
    kinds = [tick.kind for tick in clock.ticks]
    assert kinds == sorted(kinds, key=["used", "held", "left"].index)


def test_a_late_clock_is_full() -> None:
    assert {tick.kind for tick in DayClock(10, -1).ticks} == {"used"}


def test_a_long_span_has_one_tick_a_week() -> None:
    assert len(DayClock(60, 60).ticks) == 12
