"""Several requests on one page: seen side by side, decided with one opinion, exceptions by themselves."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.exchange.cast import (
    CLERK,
    HE_QING,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    deciding,
    mounted,
    submitted,
)
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm
from yiwang.blocks.identity.public import Actor

pytestmark = pytest.mark.django_db
REVIEWS, DECISIONS = "/desk/reviews/together/", "/desk/decisions/together/"


def sent(who: Actor, numbers: list[str], verdict: str, **more: str) -> dict[str, object]:
    """What the page sends when it shows the requests as they stand now."""
    shown = exchange.compared_requests(who, tuple(numbers), timezone.now())
    return {
        "ids": numbers, "verdict": verdict, **{f"seen_{one.row.id}": one.revision for one in shown}, **more,
    }  # fmt: skip


def state(number: str) -> str:
    return exchange.request(WANG_MIN, number, timezone.now()).state


def test_the_queue_offers_to_tick_and_the_page_shows_what_stands_out(
    browser: Browser, source: SourceForm
) -> None:
    numbers = [deciding(code := mounted(source)), deciding(code)]
    wang = browser(WANG_MIN)
    assert "答复所选" in words(wang.get("/desk/decisions/").content)
    page = words(wang.get(DECISIONS, {"ids": numbers}).content)
    assert "2 项申请" in page
    assert "联系电话" in page
    assert all(number in page for number in numbers)
    assert "2 requests" in words(browser(WANG_MIN, "en").get(DECISIONS, {"ids": numbers}).content)


def test_one_opinion_for_all_and_an_exception_with_its_own(browser: Browser, source: SourceForm) -> None:
    code = mounted(source)
    first, second, third = (deciding(code) for _ in range(3))
    form = sent(
        WANG_MIN, [first, second, third], "approve", text="同意共享", basis="某法第二条",
        **{f"verdict_{second}": "refuse", f"text_{second}": "用途不符", f"verdict_{third}": "leave"},
    )  # fmt: skip
    page = words(browser(WANG_MIN).post(DECISIONS, form).content)
    assert "已办理 2 项" in page
    assert [state(n) for n in (first, second, third)] == ["granted", "refused", "deciding"]
    assert exchange.request(WANG_MIN, second, timezone.now()).answer == "用途不符"


def test_the_opinion_for_all_is_never_the_reason_of_an_exception(
    browser: Browser, source: SourceForm
) -> None:
    numbers = [deciding(code := mounted(source)), deciding(code)]
    form = sent(
        WANG_MIN, numbers, "approve", text="同意", basis="某法", **{f"verdict_{numbers[0]}": "refuse"}
    )
    answer = browser(WANG_MIN).post(DECISIONS, form)
    assert answer.status_code == 422
    assert [state(n) for n in numbers] == ["deciding", "deciding"]


@pytest.mark.parametrize("more", [{}, {"text": "不符"}, {"basis": "某法第二条"}])
def test_a_refusal_of_all_needs_reason_and_basis(
    browser: Browser, source: SourceForm, more: dict[str, str]
) -> None:
    number = deciding(mounted(source))
    assert browser(WANG_MIN).post(DECISIONS, sent(WANG_MIN, [number], "refuse", **more)).status_code == 422
    assert state(number) == "deciding"


def test_what_changed_since_the_page_was_shown_is_named_and_the_rest_is_done(
    browser: Browser, source: SourceForm
) -> None:
    numbers = [submitted(code := mounted(source)), submitted(code)]
    form = sent(HE_QING, numbers, "accept")
    exchange.return_request(HE_QING, numbers[0], "补正", timezone.now())
    exchange.submit_request(ZHOU_HANG, numbers[0], timezone.now())
    page = words(browser(HE_QING).post(REVIEWS, form).content)
    assert "已办理 1 项" in page
    assert "1 项未办理" in page
    assert [state(n) for n in numbers] == ["submitted", "deciding"]


def test_a_verdict_of_the_other_queue_and_a_missing_revision_are_refused(
    browser: Browser, source: SourceForm
) -> None:
    number = submitted(mounted(source))
    he = browser(HE_QING)
    assert he.post(REVIEWS, sent(HE_QING, [number], "approve")).status_code == 422
    assert he.post(REVIEWS, {"ids": [number], "verdict": "accept"}).status_code == 422
    assert state(number) == "submitted"


def test_others_open_neither_page_and_an_outsider_reads_no_number(
    browser: Browser, source: SourceForm
) -> None:
    number = deciding(mounted(source))
    for path in (REVIEWS, DECISIONS):
        assert browser(None).get(path, {"ids": [number]}).status_code == 302
        assert browser(CLERK).get(path, {"ids": [number]}).status_code == 403
    for who in (ZHAO_JING, ZHOU_HANG):
        answer = browser(who).get(DECISIONS, {"ids": [number]}, follow=True)
        assert number not in words(answer.content)
        browser(who).post(DECISIONS, {"ids": [number], "verdict": "approve", f"seen_{number}": "2"})
    assert state(number) == "deciding"
