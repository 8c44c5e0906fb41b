"""Many requests in one sitting: every rule of a single decision holds for each, and one refusal spoils no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.store.exchange.cast import (
    AUDITOR,
    CLERK,
    CONSUMER,
    HE_QING,
    NOW,
    PROVIDER,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    deciding,
    granted,
    mounted,
    person,
    submitted,
)
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.public import Outcome, Ruling, SourceForm, Verdict
from yiwang.blocks.exchange.store.models import Grant, Request, Step
from yiwang.blocks.identity.public import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def code(source: SourceForm) -> str:
    return mounted(source)


def ruling(number: str, verdict: Verdict = "approve", text: str = "同意", basis: str = "") -> Ruling:
    return Ruling(number, Request.objects.get(pk=number).revision, verdict, text, basis)


def codes(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [one.refusal.code if one.refusal else "" for one in outcomes]


def test_each_gets_its_own_verdict_words_grant_and_ledger(code: str) -> None:
    first, second, third = (deciding(code) for _ in range(3))
    outcomes = exchange.decide_many(
        WANG_MIN,
        (
            ruling(first),
            ruling(second, "refuse", "用途不符", "某法第二条"),
            ruling(third, "return", "写明用途"),
        ),
        NOW,
    )
    assert codes(outcomes) == ["", "", ""]
    assert Grant.objects.get(pk=outcomes[0].grant).request_id == first
    assert [Request.objects.get(pk=n).state for n in (first, second, third)] == [
        "granted",
        "refused",
        "returned",
    ]
    step = Step.objects.filter(request=second).order_by("-revision")[0]
    assert (step.person, step.text, step.basis) == ("王敏", "用途不符", "某法第二条")


def test_one_that_changed_meanwhile_is_named_and_the_others_stand(code: str) -> None:
    first, second = deciding(code), deciding(code)
    rulings = (ruling(first), ruling(second))
    exchange.extend_request(WANG_MIN, first, "需会商", "李局长", NOW)
    before = Step.objects.filter(request=first).count()
    outcomes = exchange.decide_many(WANG_MIN, rulings, NOW)
    assert codes(outcomes) == ["request-changed", ""]
    assert Request.objects.get(pk=first).state == "deciding"
    assert Step.objects.filter(request=first).count() == before
    assert not Grant.objects.filter(request=first).exists()
    assert Request.objects.get(pk=second).state == "granted"


def test_the_same_request_twice_is_decided_once(code: str) -> None:
    number = deciding(code)
    outcomes = exchange.decide_many(WANG_MIN, (ruling(number), ruling(number)), NOW)
    assert codes(outcomes) == ["", "request-changed"]
    assert Grant.objects.filter(request=number).count() == 1


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (ZHAO_JING, "no-such-request"),
        (CLERK, "no-such-request"),
        (ZHOU_HANG, "exchange-not-allowed"),
        (HE_QING, "exchange-not-allowed"),
        (AUDITOR, "exchange-not-allowed"),
    ],
    ids=["outsider", "no role", "consumer", "reviewer", "auditor"],
)
def test_nobody_else_decides_many(code: str, who: Actor, refusal: str) -> None:
    number = deciding(code)
    assert codes(exchange.decide_many(who, (ruling(number),), NOW)) == [refusal]
    assert Request.objects.get(pk=number).state == "deciding"


def test_an_applicant_in_another_post_decides_the_others_only(code: str) -> None:
    own, other = deciding(code), deciding(code)
    moved = person(ZHOU_HANG.user_id, "周航", PROVIDER, "市市场监督管理局", "approver")
    Request.objects.filter(pk=other).update(applicant=99)
    outcomes = exchange.decide_many(moved, (ruling(own), ruling(other)), NOW)
    assert codes(outcomes) == ["request-own", ""]


def test_a_reviewer_passes_many_but_not_their_own(code: str) -> None:
    own, other = submitted(code), submitted(code)
    Request.objects.filter(pk=own).update(applicant=HE_QING.user_id)
    outcomes = exchange.decide_many(HE_QING, (ruling(own, "accept"), ruling(other, "accept")), NOW)
    assert codes(outcomes) == ["request-own", ""]


@pytest.mark.parametrize(
    ("verdict", "text", "basis", "refusal"),
    [("refuse", "理由", "", "refusal-without-basis"), ("return", " ", "", "step-reason-missing")],
)
def test_words_that_the_law_asks_for_are_asked_for_each(
    code: str, verdict: Verdict, text: str, basis: str, refusal: str
) -> None:
    number = deciding(code)
    assert codes(exchange.decide_many(WANG_MIN, (ruling(number, verdict, text, basis),), NOW)) == [refusal]
    assert Request.objects.get(pk=number).state == "deciding"


def test_too_many_are_refused_before_any_is_decided(code: str) -> None:
    number = deciding(code)
    rulings = (ruling(number), *(Ruling("R-0", 0, "approve") for _ in range(exchange.LARGEST_BATCH)))
    with pytest.raises(errors.BatchTooLong):
        exchange.decide_many(WANG_MIN, rulings, NOW)
    assert Request.objects.get(pk=number).state == "deciding"


def test_requests_stand_side_by_side_with_what_stands_out(code: str) -> None:
    granted(code, fields=("信用代码", "名称"))
    number = deciding(code)
    (one,) = exchange.compared_requests(WANG_MIN, (number, "R-2026-999999"), NOW)
    assert [item.wire for item in one.sensitive] == ["电话"]
    assert [item.wire for item in one.beyond] == ["法人", "电话"]
    assert "approve" in one.allowed
    (seen,) = exchange.compared_requests(replace(ZHOU_HANG, agency=CONSUMER), (number,), NOW)
    assert seen.allowed.isdisjoint({"approve", "refuse"})


def test_an_outsider_compares_nothing(code: str) -> None:
    numbers = (deciding(code), submitted(code))
    assert exchange.compared_requests(ZHAO_JING, numbers, NOW) == ()
    assert exchange.compared_requests(CLERK, numbers, NOW) == ()
