"""The desk: reviewing, deciding, narrowing, and what happens to a grant afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.exchange.cast import (
    AUDITOR,
    CLERK,
    HE_QING,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    deciding,
    granted,
    mounted,
    submitted,
)
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm

pytestmark = pytest.mark.django_db


def form_of(number: str, **changes: object) -> dict[str, object]:
    """What the decision page sends when nothing is changed."""
    view = exchange.request(WANG_MIN, number, timezone.now())
    terms = view.terms
    values: dict[str, object] = {
        "modes": list(terms.modes), "fields": [f.name for f in terms.fields], "claims": list(terms.claims),
        "lookups": [p.name for p in terms.predicates], "purposes": [p.code for p in terms.purposes],
        "calls_per_day": terms.calls_per_day, "subjects_per_day": terms.subjects_per_day,
        "rows_per_call": terms.rows_per_call, "attempts_per_subject": terms.attempts_per_subject, "days": terms.days,
        "seen": view.revision, **{f"mask_{f.name}": f.mask or "" for f in terms.fields},
    }  # fmt: skip
    if terms.case_required:
        values["case_required"] = "on"
    return {**values, **changes}


def test_nobody_without_the_role_opens_the_desk(browser: Browser) -> None:
    for path in ("/desk/", "/desk/reviews/", "/desk/decisions/", "/desk/sources/", "/desk/mounts/"):
        assert browser(None).get(path).status_code == 302
        assert browser(CLERK).get(path).status_code == 403
    assert browser(WANG_MIN).get("/desk/reviews/").status_code == 403
    assert browser(HE_QING).get("/desk/sources/").status_code == 403


def test_the_reviewer_sees_points_and_days_and_passes_the_request(
    browser: Browser, source: SourceForm
) -> None:
    number = submitted(mounted(source), timezone.now() - timedelta(hours=1))
    he = browser(HE_QING)
    page = words(he.get(f"/desk/reviews/{number}/").content)
    assert "审查要点" in page
    assert "为什么是" in page
    assert "敏感项保持脱敏" in page
    seen = exchange.request(HE_QING, number, timezone.now()).revision
    answer = he.post(f"/desk/reviews/{number}/", {"seen": seen}, follow=True)
    assert "现由提供方答复" in words(answer.content)
    assert exchange.request(WANG_MIN, number, timezone.now()).state == "deciding"


def test_a_return_without_words_stays_on_its_page_with_the_error_beside_the_box(
    browser: Browser, source: SourceForm
) -> None:
    number = submitted(mounted(source))
    he = browser(HE_QING)
    for step in ("return", "reject"):
        answer = he.post(f"/desk/reviews/{number}/{step}/", {"text": "  "})
        assert answer.status_code == 422
        assert "请写理由，对方会看到" in words(answer.content)
    he.post(f"/desk/reviews/{number}/return/", {"text": "请写明办件来源"})
    assert exchange.request(HE_QING, number, timezone.now()).state == "returned"


def test_whoever_comes_second_is_told_and_nothing_is_done(browser: Browser, source: SourceForm) -> None:
    number = submitted(mounted(source))
    he = browser(HE_QING)
    seen = exchange.request(HE_QING, number, timezone.now()).revision
    he.post(f"/desk/reviews/{number}/", {"seen": seen})
    answer = he.post(f"/desk/reviews/{number}/return/", {"text": "再看", "seen": seen}, follow=True)
    assert "没有执行" in words(answer.content)
    assert exchange.request(HE_QING, number, timezone.now()).state == "deciding"


def test_the_provider_grants_less_than_was_asked(browser: Browser, source: SourceForm) -> None:
    number = deciding(mounted(source))
    wang = browser(WANG_MIN)
    page = words(wang.get(f"/desk/decisions/{number}/").content)
    assert "申请 1,000" in page
    sent = form_of(number, fields=["信用代码", "名称"], calls_per_day=100, row_field_0="名称", row_operator_0="prefix",
                   row_value_0="甲", hour_from="480", hour_to="1080", text="先试用")  # fmt: skip
    answer = wang.post(f"/desk/decisions/{number}/", sent, follow=True)
    assert "已授权" in words(answer.content)
    grant = exchange.grants(WANG_MIN, side="provider")[0]
    terms = exchange.grant(WANG_MIN, grant.id, timezone.now()).terms
    assert [f.name for f in terms.fields] == ["信用代码", "名称"]
    assert (terms.calls_per_day, terms.hours) == (100, (480, 1080))
    assert terms.rows == (exchange.RowCondition("名称", "prefix", "甲"),)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"mask_电话": ""}, "请写明为什么原样给出"),
        ({"lookups": []}, "批量获取别人的数据"),
        ({"fields": []}, "至少留一个数据项"),
        ({"purposes": []}, "至少留一个用途"),
        ({"modes": []}, "至少留一种方式"),
        ({"calls_per_day": "1001"}, "不能超过申请的 1000"),
        ({"days": "0"}, "1"),
        ({"hour_from": "480"}, "都不填"),
        ({"row_field_0": "名称"}, "请填条件的值"),
    ],
)
def test_a_decision_that_cannot_stand_says_why_beside_its_field(
    browser: Browser, source: SourceForm, change: dict[str, object], says: str
) -> None:
    number = deciding(mounted(source))
    answer = browser(WANG_MIN).post(f"/desk/decisions/{number}/", form_of(number, **change))
    assert answer.status_code == 422
    assert says in words(answer.content)
    assert exchange.request(WANG_MIN, number, timezone.now()).state == "deciding"


def test_a_mask_is_lifted_with_its_reason(browser: Browser, source: SourceForm) -> None:
    number = deciding(mounted(source))
    sent = form_of(number, mask_reason="核对本人须看到完整号码", **{"mask_电话": ""})
    browser(WANG_MIN).post(f"/desk/decisions/{number}/", sent)
    view = exchange.request(WANG_MIN, number, timezone.now())
    assert view.state == "granted"
    assert "核对本人须看到完整号码" in view.answer


def test_a_refusal_names_its_legal_basis_and_an_extension_who_consented(
    browser: Browser, source: SourceForm
) -> None:
    number = deciding(mounted(source))
    wang = browser(WANG_MIN)
    assert wang.post(f"/desk/decisions/{number}/refuse/", {"text": "不给"}).status_code == 422
    assert wang.post(f"/desk/decisions/{number}/extend/", {"text": "要核"}).status_code == 422
    wang.post(f"/desk/decisions/{number}/extend/", {"text": "要核", "consent": "李局长"})
    page = words(wang.get(f"/desk/decisions/{number}/").content)
    assert "李局长" in page
    assert 'id="step-extend"' not in wang.get(f"/desk/decisions/{number}/").content.decode()
    wang.post(f"/desk/decisions/{number}/refuse/", {"text": "超出职责", "basis": "《数据安全法》第三十八条"})
    assert exchange.request(WANG_MIN, number, timezone.now()).answer_basis == "《数据安全法》第三十八条"


def test_others_find_neither_request_nor_grant(browser: Browser, source: SourceForm) -> None:
    code = mounted(source)
    number, grant = deciding(code), granted(code)
    for who in (ZHAO_JING, ZHOU_HANG):
        client = browser(who)
        assert client.get(f"/desk/decisions/{number}/").status_code == 404
        assert client.post(f"/desk/decisions/{number}/", form_of(number)).status_code == 404
        assert (
            client.post(f"/desk/decisions/{number}/refuse/", {"text": "x", "basis": "y"}).status_code == 404
        )
        assert client.get(f"/desk/grants/{grant}/").status_code == 404
        assert client.post(f"/desk/grants/{grant}/revoke/", {"reason": "x"}).status_code == 404
    assert browser(WANG_MIN).get("/desk/decisions/R-2026-999999/").status_code == 404
    assert exchange.grant(WANG_MIN, grant, timezone.now()).state == "active"


def test_a_grant_is_suspended_resumed_and_revoked_with_reasons(browser: Browser, source: SourceForm) -> None:
    grant = granted(mounted(source))
    wang = browser(WANG_MIN)

    def state() -> str:
        return exchange.grant(WANG_MIN, grant, timezone.now()).state

    assert wang.post(f"/desk/grants/{grant}/suspend/", {"reason": ""}).status_code == 422
    wang.post(f"/desk/grants/{grant}/suspend/", {"reason": "核查中"})
    assert state() == "suspended"
    wang.post(f"/desk/grants/{grant}/resume/")
    assert state() == "active"
    wang.post(f"/desk/grants/{grant}/revoke/", {"reason": "用途结束", "basis": "协议第三条"})
    view = exchange.grant(WANG_MIN, grant, timezone.now())
    assert (view.state, view.reason) == ("revoked", "用途结束（依据：协议第三条）")
    again = wang.post(f"/desk/grants/{grant}/suspend/", {"reason": "x"}, follow=True)
    assert "不能" in words(again.content)


def test_the_home_page_lists_by_urgency_in_both_languages(browser: Browser, source: SourceForm) -> None:
    deciding(mounted(source), timezone.now() - timedelta(days=60))
    assert "1 件超期" in words(browser(WANG_MIN).get("/desk/").content)
    english = words(browser(WANG_MIN, "en").get("/desk/").content)
    assert "1 answer is overdue" in english
    assert browser(AUDITOR).get("/desk/").status_code == 403
