"""Asking again: one or several grants renewed, a request copied, drafts taken back together."""

from __future__ import annotations

import pytest

from tests.store.exchange.cast import (
    CLERK,
    HE_QING,
    NOW,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    granted,
    mounted,
    submitted,
    wish,
)
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.repeating_errors import RenewalUnderWay
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.identity.public import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def code(source: SourceForm) -> str:
    return mounted(source)


def codes_of(outcomes: tuple[exchange.Repeated, ...]) -> list[str]:
    return [one.refusal.code if one.refusal else "" for one in outcomes]


def test_several_grants_are_renewed_and_handed_in_each_for_itself(code: str) -> None:
    first, second = granted(code, calls_per_day=77), granted(code)
    exchange.revoke_grant(WANG_MIN, second, "用途不符", NOW)
    third = granted(code)
    outcomes = exchange.renew_many(ZHOU_HANG, [first, second, third, first], NOW, hand_in=True)
    assert [one.of for one in outcomes] == [first, second, third]
    assert codes_of(outcomes) == ["", "exchange-not-allowed", ""]
    view = exchange.request(ZHOU_HANG, outcomes[0].request, NOW)
    assert (view.state, view.renews, view.terms.calls_per_day) == ("submitted", first, 77)
    assert exchange.renewals_under_way(ZHOU_HANG) == {first: outcomes[0].request, third: outcomes[2].request}
    assert exchange.renewals_under_way(ZHAO_JING) == {}


def test_a_grant_is_not_renewed_twice_at_a_time(code: str) -> None:
    grant = granted(code)
    number = exchange.renew_grant(ZHOU_HANG, grant, NOW)
    with pytest.raises(RenewalUnderWay) as told:
        exchange.renew_grant(ZHOU_HANG, grant, NOW)
    assert number in str(told.value)
    exchange.withdraw_request(ZHOU_HANG, number, NOW)
    assert exchange.renew_grant(ZHOU_HANG, grant, NOW) != number


def test_what_cannot_be_handed_in_stays_a_draft_and_says_why(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = granted(code)

    def no_longer(*_args: object, **_more: object) -> None:
        raise errors.NotMounted(resource=code)

    monkeypatch.setattr("yiwang.blocks.exchange.actions.repeating.submit_request", no_longer)
    (outcome,) = exchange.renew_many(ZHOU_HANG, [grant], NOW, hand_in=True)
    assert outcome.refusal is not None
    assert exchange.request(ZHOU_HANG, outcome.request, NOW).state == "draft"


@pytest.mark.parametrize("actor", [ZHAO_JING, WANG_MIN, HE_QING, CLERK], ids=lambda a: a.name)
def test_nobody_else_renews_copies_or_withdraws(code: str, actor: Actor) -> None:
    grant = granted(code)
    draft = exchange.create_request(ZHOU_HANG, code, wish(), NOW)
    held = exchange.grant(ZHOU_HANG, grant, NOW).request
    assert all(one.refusal for one in exchange.renew_many(actor, [grant], NOW, hand_in=True))
    assert all(one.refusal for one in exchange.withdraw_drafts(actor, [draft], NOW))
    for number in (draft, held):
        with pytest.raises((errors.RequestUnknown, errors.NotAllowed)):
            exchange.copy_request(actor, number, NOW)
    assert exchange.request(ZHOU_HANG, draft, NOW).state == "draft"
    assert exchange.my_requests(ZHOU_HANG, NOW).total == 2


def test_a_copy_asks_for_the_same_and_is_a_draft_of_its_own(code: str) -> None:
    number = submitted(code, calls_per_day=42)
    exchange.withdraw_request(ZHOU_HANG, number, NOW)
    copy = exchange.copy_request(ZHOU_HANG, number, NOW)
    was, view = (exchange.request(ZHOU_HANG, one, NOW) for one in (number, copy))
    assert (view.state, view.renews, view.reason, view.terms) == ("draft", None, was.reason, was.terms)
    assert was.state == "withdrawn"


def test_only_drafts_are_taken_back_together(code: str) -> None:
    drafts = [exchange.create_request(ZHOU_HANG, code, wish(), NOW) for _ in range(2)]
    lying = submitted(code)
    outcomes = exchange.withdraw_drafts(ZHOU_HANG, [*drafts, lying, "R-2026-999999"], NOW)
    assert codes_of(outcomes) == ["", "", "request-no-draft", "no-such-request"]
    assert [exchange.request(ZHOU_HANG, one, NOW).state for one in (*drafts, lying)] == [
        "withdrawn", "withdrawn", "submitted",
    ]  # fmt: skip


def test_more_than_a_page_at_once_is_refused_before_anything_happens() -> None:
    many = [f"G-2026-{n:06d}" for n in range(exchange.MOST_AT_ONCE + 1)]
    with pytest.raises(errors.BatchTooLong):
        exchange.renew_many(ZHOU_HANG, many, NOW)
    with pytest.raises(errors.BatchTooLong):
        exchange.withdraw_drafts(ZHOU_HANG, many, NOW)
