"""Texts that an agency keeps for its decisions, with placeholders from a closed list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.exchange.cast import CLERK, NOW, WANG_MIN, ZHOU_HANG
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.domain import bundle_errors, errors
from yiwang.blocks.exchange.domain.phrasing import PLACEHOLDERS, filled


@pytest.mark.django_db
def test_a_text_is_kept_changed_and_dropped_by_its_agency_alone() -> None:
    number = exchange.keep_phrase(WANG_MIN, "approve", "同意", "同意 {consumer} 使用 {resource}。", NOW)
    exchange.keep_phrase(WANG_MIN, "refuse", "不同意", "超出职责", NOW, basis="《政务数据共享条例》第21条")
    assert [one.title for one in exchange.phrases(WANG_MIN)] == ["同意", "不同意"]
    assert [one.title for one in exchange.phrases(WANG_MIN, "refuse")] == ["不同意"]
    assert exchange.phrases(ZHOU_HANG) == ()
    for act in (
        lambda: exchange.drop_phrase(ZHOU_HANG, number),
        lambda: exchange.keep_phrase(ZHOU_HANG, "approve", "改", "改", NOW, phrase=number),
    ):
        with pytest.raises(bundle_errors.PhraseUnknown):
            act()
    exchange.keep_phrase(WANG_MIN, "approve", "同意使用", "同意。", NOW, phrase=number)
    with pytest.raises(bundle_errors.PhraseTaken):
        exchange.keep_phrase(WANG_MIN, "approve", "同意使用", "再一条", NOW)
    exchange.drop_phrase(WANG_MIN, number)
    assert [one.title for one in exchange.phrases(WANG_MIN)] == ["不同意"]


@pytest.mark.django_db
def test_who_decides_nothing_keeps_nothing() -> None:
    with pytest.raises(errors.NotAllowed):
        exchange.keep_phrase(CLERK, "approve", "同意", "同意", NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("step", "title", "text", "basis", "where"),
    [
        ("grant", "x", "x", "", "step"), ("approve", " ", "x", "", "title"), ("approve", "x" * 61, "x", "", "title"),
        ("approve", "x", " ", "", "text"), ("approve", "x", "给 {password}", "", "text"), ("refuse", "x", "x", "", "basis"),
    ],
)  # fmt: skip
def test_a_wrong_text_is_told(step: str, title: str, text: str, basis: str, where: str) -> None:
    with pytest.raises(errors.FormInvalid) as caught:
        exchange.keep_phrase(WANG_MIN, step, title, text, NOW, basis=basis)
    assert where in {problem.where for problem in caught.value.problems}


@given(st.text(), st.dictionaries(st.sampled_from(sorted(PLACEHOLDERS)), st.text(max_size=5)))
def test_filling_never_fills_twice_and_never_grows_past_its_bound(text: str, facts: dict[str, str]) -> None:
    assert len(filled(text, facts)) <= 2000
    assert filled("{resource}", {"resource": "{request}", "request": "R"}) == "{request}"
    assert filled("{nothing}", facts) == "{nothing}"
