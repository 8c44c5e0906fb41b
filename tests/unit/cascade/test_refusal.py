"""What a node itself says travels as code and facts, is said in the reader's language, and stands as it came where it is unknown."""

from __future__ import annotations

import re

import msgspec
import pytest

from tests.unit.cascade.saying import reads_well
from yiwang.blocks.cascade.domain.bodies import AnswerBody, DecisionBody, document
from yiwang.blocks.cascade.domain.errors import NotARecipient, NotDivided, NotGivenBack
from yiwang.blocks.cascade.domain.refusal import (
    LONGEST,
    MOST_FACTS,
    Refusal,
    refusal_in,
    refusal_of,
    told,
    written,
)
from yiwang.blocks.exchange.domain.errors import FormInvalid
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.forms import Problem
from yiwang.vocabulary.kept_errors import known_error

NAMED = re.compile(r"nation|lanzhou|Expected `int`|new-cause|3/1")
PROBLEMS = (
    NotGivenBack(resource="3/1", node="lanzhou"),
    NotDivided(resource="3/1"),
    NotARecipient(resource="3/1"),
    FormInvalid(
        (Problem("rows", "条件不对。", "The condition is wrong."), Problem("days", "太长。", "Too long."))
    ),
    msgspec.ValidationError("Expected `int`"),
)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda one: type(one).__name__)
def test_a_refusal_is_the_same_error_on_the_other_side_in_both_languages(problem: Exception) -> None:
    made = refusal_of(problem, "nation")
    sent = document(DecisionBody("rejected", "", made.zh, refusal=made.document()))
    came = msgspec.convert(msgspec.json.decode(msgspec.json.encode(sent)), DecisionBody)
    heard = refusal_in(came.refusal)
    assert heard == made
    error = made.error("nation")
    reads_well(error, NAMED)
    assert (error.text("zh"), error.text("en")) == (made.zh, made.en)
    assert written(came.text, heard) == "", "the sentence beside it is for nodes that know no refusals"


def test_mistakes_of_a_form_are_named_one_by_one() -> None:
    error = refusal_of(PROBLEMS[3], "nation").error("nation")
    assert error.text("zh") == "nation 没有收下这份申请：条件不对；太长。"
    assert error.text("en") == "nation did not take the request: The condition is wrong; Too long."


def test_a_cause_that_this_release_does_not_know_is_told_in_the_words_of_the_other_side() -> None:
    other = Refusal("new-cause", {"n": 1}, "配额已用完。", "The quota is used up.")
    error = other.error("nation")
    reads_well(error, NAMED)
    assert (error.text("zh"), error.text("en")) == (
        "nation 拒绝了这一步：配额已用完。", "nation refuses this step: The quota is used up.",
    )  # fmt: skip
    assert "new-cause" in error.mend("en")
    assert known_error("new-cause", {}) is None


@pytest.mark.parametrize(
    "held",
    [
        None, {}, "", "a sentence", 7, ["x"], {"code": "x"}, {"code": "", "facts": {}, "zh": "", "en": ""},
        {"code": "<b>", "facts": {}, "zh": "", "en": ""}, {"code": "x", "facts": {"a": {"b": 1}}, "zh": "", "en": ""},
        {"code": "x", "facts": {"a": "y" * (LONGEST + 1)}, "zh": "", "en": ""},
        {"code": "x", "facts": {"a": ["y"] * (MOST_FACTS + 1)}, "zh": "", "en": ""},
        {"code": "x", "facts": {"a": 2**60}, "zh": "", "en": ""},
        {"code": "x", "facts": {str(n): n for n in range(MOST_FACTS + 1)}, "zh": "", "en": ""},
        {"code": "x", "facts": {}, "zh": "y" * (LONGEST + 1), "en": ""},
    ],
)  # fmt: skip
def test_what_is_no_refusal_is_none_and_takes_nothing_else_along(held: object) -> None:
    body = msgspec.convert({"state": "rejected", "number": "", "text": "说明", "refusal": held}, DecisionBody)
    assert refusal_in(body.refusal) is None
    assert written(body.text, refusal_in(body.refusal)) == "说明"


def test_events_of_earlier_releases_have_none() -> None:
    assert (
        refusal_in(msgspec.convert({"state": "rejected", "text": "没有在用的授权。"}, AnswerBody).refusal)
        is None
    )


def test_what_is_long_is_cut_and_still_heard() -> None:
    class Wordy(YwError):
        code = "wordy-only-here"
        message_zh = message_en = "{much}"

    facts = {str(number): number for number in range(MOST_FACTS + 5)}
    made = refusal_of(Wordy(much="字" * 5000, many=["x" * 5000] * 50, **facts), "nation")
    assert refusal_in(made.document()) == made
    wrong = FormInvalid([Problem("rows", "不对。" * 50, "Wrong. " * 50)] * 20)
    assert refusal_in(refusal_of(wrong, "nation").document()) is not None


def test_a_notice_says_a_persons_words_as_they_are_and_a_nodes_words_in_each_language() -> None:
    refusal = refusal_of(NotDivided(resource="3/1"), "nation")
    assert told("不同意", refusal, "nation") == ("不同意", "不同意")
    assert told("不同意", None, "nation") == ("不同意", "不同意")
    zh, en = told("", refusal, "nation")
    assert ("不能按区划拆分" in zh, "cannot be divided" in en) == (True, True)
