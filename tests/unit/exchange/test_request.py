"""A request moves only as the rules say, and only by those who may move it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.exchange.cases import (
    BUREAU,
    CONSUMER,
    HE_QING,
    OPERATOR,
    PROVIDER,
    TERMS,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    also,
    grant,
    person,
    request,
)
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.compiled import GrantedField
from yiwang.blocks.exchange.domain.request import (
    OPEN,
    STATES,
    Accept,
    Approve,
    Command,
    Edit,
    Escalate,
    Extend,
    Person,
    Refuse,
    Reject,
    RequestState,
    Return,
    Submit,
    Withdraw,
    allowed,
    decide,
)

MOVES: list[tuple[str, RequestState, Command, Person, RequestState, str]] = [
    ("a draft is edited", "draft", Edit(TERMS), ZHOU_HANG, "draft", "keep"),
    ("a returned request is edited", "returned", Edit(TERMS), ZHOU_HANG, "returned", "keep"),
    ("a draft is submitted", "draft", Submit(), ZHOU_HANG, "submitted", "review"),
    ("a returned request is submitted again", "returned", Submit(), ZHOU_HANG, "submitted", "review"),
    ("the bureau accepts", "submitted", Accept(), HE_QING, "deciding", "reply-conditional"),
    ("the bureau returns", "submitted", Return("写明频次"), HE_QING, "returned", "stop"),
    ("the bureau rejects", "submitted", Reject("不是法定职责"), HE_QING, "rejected", "stop"),
    ("the provider approves", "deciding", Approve(), WANG_MIN, "granted", "stop"),
    ("the provider returns", "deciding", Return("缩小字段"), WANG_MIN, "returned", "stop"),
    ("the provider refuses", "deciding", Refuse("超出职责", "个人信息保护法第六条"), WANG_MIN, "refused", "stop"),
    ("the provider extends", "deciding", Extend("需会商", "局长 刘洋"), WANG_MIN, "deciding", "extension"),
    *((f"the consumer withdraws when {state}", state, Withdraw(), ZHOU_HANG, "withdrawn", "stop") for state in sorted(OPEN)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "command", "by", "end", "clock"), [m[1:] for m in MOVES], ids=[m[0] for m in MOVES]
)
def test_a_legal_step_moves_the_request(
    start: RequestState, command: Command, by: Person, end: RequestState, clock: str
) -> None:
    decision = decide(request(start), command, by)
    assert (decision.request.state, decision.clock) == (end, clock)
    assert decision.steps[-1].state == end


LEGAL = {(start, type(command)) for _, start, command, *_ in MOVES}
COMMANDS: list[tuple[Command, Person]] = [
    (Edit(TERMS), ZHOU_HANG), (Submit(), ZHOU_HANG), (Withdraw(), ZHOU_HANG), (Accept(), HE_QING),
    (Reject("x"), HE_QING), (Approve(), WANG_MIN), (Refuse("x", "y"), WANG_MIN), (Extend("x", "y"), WANG_MIN),
    (Return("x"), also(HE_QING, "data_officer", agency=PROVIDER)),
]  # fmt: skip


@pytest.mark.parametrize("state", list(STATES))
@pytest.mark.parametrize(("command", "by"), COMMANDS, ids=[type(c).__name__ for c, _ in COMMANDS])
def test_every_other_step_is_refused_with_the_present_state(
    state: RequestState, command: Command, by: Person
) -> None:
    if (state, type(command)) in LEGAL:
        decide(request(state), command, by)
        return
    with pytest.raises(errors.RequestStateWrong) as caught:
        decide(request(state), command, by)
    assert caught.value.facts["state_zh"] == STATES[state][0]


@pytest.mark.parametrize(
    ("state", "command", "by"),
    [
        ("draft", Submit(), WANG_MIN),
        ("draft", Submit(), ZHAO_JING),
        ("draft", Edit(TERMS), person(9, "同事", CONSUMER, "auditor")),
        ("submitted", Accept(), WANG_MIN),
        ("submitted", Accept(), ZHAO_JING),
        ("submitted", Return("x"), WANG_MIN),
        ("submitted", Reject("x"), OPERATOR),
        ("deciding", Approve(), HE_QING),
        ("deciding", Approve(), ZHAO_JING),
        ("deciding", Approve(), person(8, "审计", PROVIDER, "auditor")),
        ("deciding", Refuse("x", "y"), HE_QING),
        ("deciding", Return("x"), HE_QING),
        ("deciding", Extend("x", "y"), ZHOU_HANG),
        ("deciding", Withdraw(), WANG_MIN),
    ],
)
def test_the_wrong_role_or_agency_is_refused(state: RequestState, command: Command, by: Person) -> None:
    with pytest.raises(errors.NotAllowed):
        decide(request(state), command, by)


def test_nobody_reviews_their_own_request() -> None:
    with pytest.raises(errors.OwnRequest):
        decide(request("submitted"), Accept(), also(ZHOU_HANG, "reviewer"))


def test_nobody_decides_their_own_request_from_the_other_side() -> None:
    with pytest.raises(errors.OwnRequest):
        decide(request("deciding"), Approve(), also(ZHOU_HANG, agency=PROVIDER))


def test_a_colleague_of_the_applicant_may_review_for_the_bureau() -> None:
    assert (
        decide(request("submitted"), Accept(), person(7, "何清", CONSUMER, "reviewer")).request.state
        == "deciding"
    )


def test_an_unconditional_request_is_granted_when_accepted() -> None:
    decision = decide(request("submitted", "unconditional"), Accept(), HE_QING)
    assert decision.request.state == "granted"
    assert [step.name for step in decision.steps] == ["accepted", "granted"]
    assert decision.steps[-1].automatic


def test_an_unconditional_request_waits_for_review_within_the_days_of_an_unconditional_reply() -> None:
    assert decide(request("draft", "unconditional"), Submit(), ZHOU_HANG).clock == "reply-unconditional"


def test_automatic_review_grants_unconditional_data_at_once() -> None:
    decision = decide(request("draft", "unconditional"), Submit(automatic_review=True), ZHOU_HANG)
    assert [step.name for step in decision.steps] == ["submitted", "accepted", "granted"]
    assert [step.automatic for step in decision.steps] == [False, True, True]


def test_automatic_review_never_grants_conditional_data() -> None:
    assert decide(request("draft"), Submit(automatic_review=True), ZHOU_HANG).request.state == "submitted"


@pytest.mark.parametrize("basis", ["", "   ", "\n"])
def test_refusing_without_a_legal_basis_is_impossible(basis: str) -> None:
    with pytest.raises(errors.RefusalWithoutBasis):
        decide(request("deciding"), Refuse("不便提供", basis), WANG_MIN)


@pytest.mark.parametrize("command", [Return(" "), Refuse("", "依据")])
def test_a_step_against_the_consumer_needs_a_reason(command: Command) -> None:
    with pytest.raises(errors.ReasonMissing):
        decide(request("deciding"), command, WANG_MIN)


def test_a_deadline_is_extended_once_and_with_the_heads_consent() -> None:
    with pytest.raises(errors.ConsentMissing):
        decide(request("deciding"), Extend("需会商", " "), WANG_MIN)
    extended = decide(request("deciding"), Extend("需会商", "刘洋"), WANG_MIN).request
    with pytest.raises(errors.ExtendedAlready):
        decide(extended, Extend("再等等", "刘洋"), WANG_MIN)
    assert "extend" not in allowed(extended, WANG_MIN)


def test_silence_is_escalated_once_and_is_never_assent() -> None:
    first = decide(request("deciding"), Escalate(), person(0, "平台", ""))
    assert (first.request.state, first.request.escalated) == ("deciding", True)
    assert decide(first.request, Escalate(), person(0, "平台", "")).steps == ()


def test_a_request_handed_in_again_starts_afresh() -> None:
    again = decide(decide(request("deciding"), Return("缩小"), WANG_MIN).request, Submit(), ZHOU_HANG).request
    assert (again.escalated, again.extended) == (False, False)


def test_a_decision_may_narrow_but_never_widen() -> None:
    narrow = replace(TERMS, fields=TERMS.fields[:1], calls_per_day=10, days=30, purposes=TERMS.purposes[:1])
    assert decide(request("deciding"), Approve(terms=narrow), WANG_MIN).request.terms == narrow
    wide = replace(
        TERMS, fields=(*TERMS.fields, GrantedField("电话")), calls_per_day=99_999, hours=None, required=()
    )
    with pytest.raises(errors.GrantWider) as caught:
        decide(request("deciding"), Approve(terms=wide), WANG_MIN)
    assert caught.value.facts["what"] == ["fields", "required", "calls_per_day", "hours"]


def test_lifting_a_mask_needs_a_reason_and_adding_one_does_not() -> None:
    bare = replace(TERMS, fields=tuple(GrantedField(field.name) for field in TERMS.fields))
    with pytest.raises(errors.MaskReasonMissing) as caught:
        decide(request("deciding"), Approve(terms=bare), WANG_MIN)
    assert caught.value.facts["fields"] == ["法定代表人"]
    lifted = decide(request("deciding"), Approve(terms=bare, mask_reason="须核对全名"), WANG_MIN)
    assert "须核对全名" in lifted.steps[0].text
    masked = replace(TERMS, fields=tuple(GrantedField(field.name, "hidden") for field in TERMS.fields))
    assert decide(request("deciding"), Approve(terms=masked), WANG_MIN).request.state == "granted"


def test_pages_offer_exactly_what_would_succeed() -> None:
    assert allowed(request("draft"), ZHOU_HANG) == {"edit", "submit", "withdraw"}
    assert allowed(request("submitted"), HE_QING) == {"accept", "return", "reject"}
    assert allowed(request("deciding"), WANG_MIN) == {"approve", "refuse", "return", "extend"}
    assert allowed(request("submitted"), ZHOU_HANG) == {"withdraw"}
    for state in STATES:
        assert allowed(request(state), ZHAO_JING) == frozenset()


people = st.builds(
    person, st.integers(1, 9), st.just("某人"), st.sampled_from([PROVIDER, CONSUMER, BUREAU]),
    st.sampled_from(["data_officer", "approver", "reviewer", "auditor", "operator"]),
)  # fmt: skip
commands = st.sampled_from([command for command, _ in COMMANDS])


@given(st.lists(st.tuples(commands, people), max_size=25))
def test_whatever_people_try_a_request_ends_for_good_and_is_granted_only_by_its_provider(
    tries: list[tuple[Command, Person]],
) -> None:
    now, ended = request("draft"), False
    for command, by in tries:
        try:
            decision = decide(now, command, by)
        except errors.ExchangeError:
            continue
        assert not ended
        if decision.request.state == "granted":
            assert by.agency == PROVIDER
            assert by.id != now.applicant
        now = decision.request
        ended = now.state not in OPEN


def test_grants_and_requests_share_no_state_by_accident() -> None:
    assert set(STATES) & {"active", "suspended", "revoked", "expired"} == set()
    assert grant().state == "active"
