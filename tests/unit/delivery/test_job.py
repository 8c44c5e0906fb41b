"""Who may do what with a job, which run goes first, when one that failed is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.delivery.domain.errors import DeliveryNotAllowed, JobStateWrong
from yiwang.blocks.delivery.domain.job import (
    FOLLOWING,
    RETRIES,
    STEPS,
    By,
    Job,
    StepName,
    Waiting,
    check,
    may,
    retry_at,
    to_start,
)

NOW = datetime(2026, 11, 20, tzinfo=UTC)
MINE, OTHER, OPERATOR = By("C", officer=True), By("P", officer=True), By("D", officer=False, operator=True)


def job(**changes: object) -> Job:
    return Job(**{"id": "J", "consumer": "C", "state": "active", **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("step", STEPS)
def test_another_agency_takes_no_step_whatever_the_state(step: StepName) -> None:
    for state in ("active", "paused", "failed", "ended"):
        with pytest.raises(DeliveryNotAllowed):
            check(job(state=state, busy=True, mended=1), step, OTHER)


@pytest.mark.parametrize(
    ("facts", "steps"),
    [
        ({}, {"run", "pause", "change", "end"}),
        ({"busy": True}, {"pause", "cancel", "change", "end"}),
        ({"mended": 2}, {"run", "pause", "change", "end", "replay"}),
        ({"state": "paused", "reason": "person"}, {"resume", "change", "end"}),
        ({"state": "paused", "reason": "schema"}, {"accept", "change", "end"}),
        ({"state": "failed"}, {"run", "change", "end"}),
        ({"state": "ended"}, set()),
    ],
)
def test_the_steps_fit_the_state(facts: dict[str, object], steps: set[str]) -> None:
    assert {step for step in STEPS if may(job(**facts), step, MINE)} == steps


def test_an_operator_only_stops_things() -> None:
    assert {step for step in STEPS if may(job(busy=True), step, OPERATOR)} == {"pause", "cancel"}


def test_a_step_that_does_not_fit_says_how_the_job_stands() -> None:
    with pytest.raises(JobStateWrong) as error:
        check(job(state="paused", reason="schema"), "resume", MINE)
    assert "已暂停" in error.value.text("zh")


waiting = st.builds(
    Waiting, st.integers(1, 1000), st.sampled_from("abcdef"), st.integers(1, 9),
    st.integers(0, 100).map(lambda n: NOW + timedelta(minutes=n)), st.booleans(),
)  # fmt: skip


@given(
    st.lists(waiting, unique_by=lambda one: one.run),
    st.lists(waiting, unique_by=lambda one: one.job),
    st.integers(1, 4),
)
def test_runs_begin_by_priority_one_a_job_and_never_too_many(
    queue: list[Waiting], busy: list[Waiting], at_once: int
) -> None:
    started = to_start(queue, busy, at_once)
    jobs, taken = [one.job for one in started], {one.job for one in busy}
    assert len(set(jobs)) == len(jobs)
    assert not set(jobs) & taken
    for follows, most in ((True, FOLLOWING), (False, at_once)):
        begun = [one for one in started if one.follows == follows]
        free = max(0, most - sum(one.follows == follows for one in busy))
        assert len(begun) <= free
        left = [
            one for one in queue
            if one.follows == follows and one not in started and one.job not in {*jobs, *taken}
        ]  # fmt: skip
        assert not left or len(begun) == free
        assert all(one.priority <= other.priority for one in begun for other in left)


def test_runs_that_follow_their_source_keep_no_other_from_its_turn() -> None:
    following = [Waiting(n, f"f{n}", 1, NOW, follows=True) for n in range(FOLLOWING + 1)]
    plain = Waiting(99, "plain", 9, NOW)
    assert to_start([*following, plain], [], 1) == [*following[:-1], plain]
    assert to_start([plain], following, 1) == [plain]


def test_a_failure_that_may_pass_is_tried_thrice_and_then_waits_for_a_person() -> None:
    assert [retry_at(n, NOW) for n in (1, 2, 3, 4)] == [*(NOW + span for span in RETRIES), None]
