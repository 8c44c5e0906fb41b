"""The life of a need, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.demand.domain import errors
from yiwang.blocks.demand.domain.need import (
    OPEN,
    Answer,
    Assign,
    By,
    Candidate,
    Command,
    Decision,
    Decline,
    Dispute,
    Edit,
    Escalate,
    Join,
    Meet,
    Need,
    Published,
    Route,
    Submit,
    Withdraw,
    allowed,
    decide,
)

TODAY = date(2026, 11, 20)
ASKER = By(2, "A", frozenset({"data_officer"}))
HOLDER = By(1, "H", frozenset({"data_officer"}))
OTHER = By(3, "O", frozenset({"data_officer"}))
BUREAU = By(5, "D", frozenset({"reviewer"}))
CLOCK = By(0, "", frozenset({"system"}))
DRAFT = Need("N-1", "A", 2, "draft", ("A",))
WILL = Answer("will", by=TODAY, today=TODAY)


def taken(need: Need, *steps: tuple[Command, By]) -> Decision:
    decision = Decision(need, ())
    for command, by in steps:
        decision = decide(decision.need, command, by)
    return decision


ROUTED = taken(DRAFT, (Submit(("H", "O", "A")), ASKER)).need


def test_the_asker_is_never_asked_for_its_own_need() -> None:
    assert [one.agency for one in ROUTED.candidates] == ["H", "O"]


def test_without_a_holder_it_goes_to_the_bureau_at_once() -> None:
    decision = taken(DRAFT, (Submit(("A",)), ASKER))
    assert (decision.need.state, decision.need.why, decision.clock) == (
        "arbitration",
        "unmatched",
        "arbitration",
    )


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (Answer("none", "没有"), Answer("none", "没有"), "nobody"),
        (Answer("none", "没有"), Answer("cannot", "涉密", basis="法"), "refused"),
        (WILL, WILL, "several"),
        (WILL, Answer("have", resource="1/1"), "several"),
    ],
)
def test_what_no_single_holder_settles_goes_to_the_bureau(first: Answer, second: Answer, why: str) -> None:
    need = taken(ROUTED, (first, HOLDER), (second, OTHER)).need
    assert (need.state, need.why) == ("arbitration", why)


def test_one_no_waits_for_the_other_answer() -> None:
    decision = taken(ROUTED, (Answer("none", "没有"), HOLDER))
    assert (decision.need.state, decision.clock) == ("routed", "keep")


def test_a_promise_that_others_do_not_contradict_stands_until_it_is_kept_or_broken() -> None:
    promised = taken(ROUTED, (WILL, HOLDER), (Answer("none", "没有"), OTHER)).need
    assert promised.state == "promised"
    assert taken(promised, (Published("1/1"), CLOCK)).need.resources == ("1/1",)
    assert taken(promised, (Escalate(), CLOCK)).need.why == "broken"


def test_the_bureau_names_one_source_where_several_claim() -> None:
    several = taken(ROUTED, (WILL, HOLDER), (WILL, OTHER)).need
    need = taken(several, (Assign("O", TODAY, TODAY, "一数一源"), BUREAU)).need
    assert {one.agency: one.answer for one in need.candidates} == {"H": "released", "O": "will"}
    assert need.state == "promised"


def test_a_released_claimant_cannot_answer_again() -> None:
    several = taken(ROUTED, (WILL, HOLDER), (WILL, OTHER), (Assign("O", TODAY, TODAY, "一数一源"), BUREAU))
    with pytest.raises(errors.AnsweredAlready):
        decide(several.need, WILL, HOLDER)


def test_routing_again_asks_even_one_who_answered() -> None:
    asked = taken(ROUTED, (Answer("none", "没有"), HOLDER), (Route(("H", "A"), ""), BUREAU))
    assert asked.asked == ("H",)
    assert asked.need.candidate("H") == Candidate("H")


@pytest.mark.parametrize(
    "answer",
    [
        Answer("have"), Answer("will"), Answer("will", by=date(2026, 11, 19), today=TODAY), Answer("none", " "),
        Answer("cannot", "涉密"), Answer("cannot", "", basis="法"),
    ],
)  # fmt: skip
def test_an_answer_says_what_its_kind_asks_for(answer: Answer) -> None:
    with pytest.raises(errors.NeedInvalid):
        decide(ROUTED, answer, HOLDER)


@pytest.mark.parametrize(
    "command",
    [Decline("law", "不得共享"), Decline("nobody", " "), Meet((), "x"), Assign("A", TODAY, TODAY, "x")],
)
def test_a_ruling_has_a_reason_and_a_target(command: Command) -> None:
    waiting = replace(ROUTED, state="arbitration")
    with pytest.raises(errors.NeedInvalid):
        decide(waiting, command, BUREAU)


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (Edit(), HOLDER), (Submit(()), OTHER), (WILL, ASKER), (WILL, BUREAU), (Join(), HOLDER),
        (Route(("O",)), HOLDER), (Withdraw(), OTHER), (Dispute("x"), BUREAU), (Escalate(), BUREAU),
        (Published("1/1"), HOLDER), (Answer("none", "x"), By(9, "H", frozenset({"approver"}))),
    ],
)  # fmt: skip
def test_a_wrong_person_gets_nowhere(command: Command, by: By) -> None:
    with pytest.raises(errors.NeedNotAllowed):
        decide(ROUTED, command, by)


def test_a_reviewer_does_not_rule_on_a_need_of_their_own() -> None:
    both = By(2, "A", frozenset({"reviewer", "data_officer"}))
    with pytest.raises(errors.OwnNeed):
        decide(ROUTED, Route(("O",)), both)


def test_a_dispute_opens_what_was_met() -> None:
    met = taken(ROUTED, (Answer("have", resource="1/1"), HOLDER)).need
    again = taken(met, (Dispute("缺少数额"), ASKER)).need
    assert (again.state, again.why, again.resources) == ("arbitration", "disputed", ())


COMMANDS = st.sampled_from(
    [
        (Edit(), ASKER), (Submit(("H", "O")), ASKER), (WILL, HOLDER), (WILL, OTHER), (Answer("none", "没有"), HOLDER),
        (Answer("none", "没有"), OTHER), (Answer("cannot", "涉密", basis="法"), OTHER), (Escalate(), CLOCK),
        (Answer("have", resource="1/1"), HOLDER), (Route(("O",)), BUREAU), (Assign("O", TODAY, TODAY, "x"), BUREAU),
        (Decline("nobody", "无"), BUREAU), (Dispute("x"), ASKER), (Published("1/1"), CLOCK), (Withdraw(), ASKER),
    ]
)  # fmt: skip


@given(st.lists(COMMANDS, max_size=12))
def test_whatever_happens_silence_never_meets_a_need_and_open_ones_have_a_way_on(
    steps: list[tuple[Command, By]],
) -> None:
    need = DRAFT
    for command, by in steps:
        before = need
        try:
            need = decide(need, command, by).need
        except errors.DemandError:
            continue
        if isinstance(command, Escalate):
            assert need.state == "arbitration"
            assert need.resources == before.resources
        assert (need.state == "met") == bool(need.resources)
        if need.state in OPEN:
            assert allowed(need, BUREAU) | allowed(need, HOLDER) | allowed(need, ASKER)
