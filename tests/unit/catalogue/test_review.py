"""The way of a text to publication: who may do which step, and when it may be published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.catalogue.domain import errors
from yiwang.blocks.catalogue.domain.review import Move, Way, check_edit, check_publish, decide

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
WRITTEN = Way("306001003/1", authors=frozenset({1}))


def reviewed() -> Way:
    return decide(decide(WRITTEN, "submit", 1, "", NOW), "pass_review", 2, "", NOW)


def test_three_people_bring_a_text_to_publication() -> None:
    done = decide(reviewed(), "clear", 3, "不涉密", NOW)
    assert (done.stage, done.effective_from) == ("approved", NOW)
    check_publish(done, NOW, review_required=True)


@pytest.mark.parametrize("move", ["pass_review", "return"])
def test_who_wrote_does_not_review(move: Move) -> None:
    waiting = decide(WRITTEN, "submit", 9, "", NOW)
    for by in (1, 9):
        with pytest.raises(errors.SamePerson):
            decide(waiting, move, by, "x", NOW)


@pytest.mark.parametrize("by", [1, 2])
def test_who_wrote_or_reviewed_does_not_clear(by: int) -> None:
    with pytest.raises(errors.SamePerson):
        decide(reviewed(), "clear", by, "不涉密", NOW)


def test_a_secrecy_review_and_a_return_need_words() -> None:
    for move in ("clear", "return"):
        with pytest.raises(errors.ConclusionMissing):
            decide(reviewed(), move, 3, "  ", NOW)


def test_a_text_under_review_is_neither_written_nor_published() -> None:
    waiting = decide(WRITTEN, "submit", 1, "", NOW)
    with pytest.raises(errors.StageWrong):
        check_edit(waiting)
    with pytest.raises(errors.StageWrong):
        check_publish(waiting, NOW, review_required=False)
    check_edit(decide(waiting, "recall", 1, "", NOW))
    check_edit(decide(waiting, "return", 2, "补充摘要", NOW))


def test_a_node_that_asks_for_review_publishes_nothing_without() -> None:
    check_publish(WRITTEN, NOW, review_required=False)
    with pytest.raises(errors.ReviewMissing):
        check_publish(WRITTEN, NOW, review_required=True)


def test_users_have_their_notice_before_a_narrowing_change() -> None:
    done = decide(reviewed(), "clear", 3, "不涉密", NOW, narrowing=True, notice_days=5)
    with pytest.raises(errors.NoticeRunning):
        check_publish(done, NOW + timedelta(days=5, seconds=-1), review_required=True)
    check_publish(done, NOW + timedelta(days=5), review_required=True)


@given(
    st.lists(
        st.tuples(st.sampled_from(["submit", "pass_review", "clear", "return", "recall"]), st.integers(1, 4))
    )
)
def test_no_order_of_steps_lets_one_person_do_two_checks(steps: list[tuple[Move, int]]) -> None:
    hands: dict[Move, int] = {}
    way = WRITTEN
    for move, by in steps:
        try:
            way = decide(way, move, by, "x", NOW)
        except errors.CatalogueError:
            continue
        if not way.stage:
            hands = {}
        else:
            hands[move] = by
        if way.stage == "approved":
            assert len({1, hands["submit"], hands["pass_review"], hands["clear"]}) >= 3
            assert hands["pass_review"] != hands["clear"]
            assert not {hands["pass_review"], hands["clear"]} & {1, hands["submit"]}
