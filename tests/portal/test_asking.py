"""Asking for a resource, following the request, using the grant: the consumer's way through the pages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from tests.portal.conftest import Browser
from tests.portal.sending import as_sent
from tests.portal.test_finding import words
from tests.store.exchange.cast import (
    HE_QING,
    NOW,
    WANG_MIN,
    ZHAO_JING,
    ZHOU_HANG,
    granted,
    mount_form,
    mounted,
    published,
    submitted,
)
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm
from yiwang.portal.share import console
from yiwang.portal.share.console import Entered, Outcome

pytestmark = pytest.mark.django_db

FILLED = {
    "kind_0": "item", "code_0": "000111004000", "title_0": "最低生活保障审核", "reason": "核对低保家庭",
    "modes": ["query", "verify"], "fields": ["信用代码", "名称"], "lookups": ["信用代码"], "how_信用代码": "in",
    "claims": ["名称"], "case_required": "on", "rows_per_call": "20", "calls_per_day": "500", "subjects_per_day": "100",
    "attempts_per_subject": "3", "days": "90", "workdays_only": "on", "hour_from": "480", "hour_to": "1200",
    "row_field_0": "名称", "row_operator_0": "prefix", "row_value_0": "云泽",
}  # fmt: skip


@pytest.fixture
def code(source: SourceForm) -> str:
    return mounted(source)


def ask(client: Client, code: str, do: str = "submit", **changes: object) -> str:
    answer = client.post(f"/share/resources/{code}/request/", {**FILLED, **changes, "do": do})
    assert answer.status_code == 302, words(answer.content)
    return answer.headers["Location"].strip("/").rsplit("/", 1)[1]


def test_what_was_ticked_on_the_entry_stands_in_the_form(browser: Browser, code: str) -> None:
    page = (
        browser(ZHOU_HANG)
        .get(f"/share/resources/{code}/request/", {"fields": ["名称", "不存在"]})
        .content.decode()
    )
    assert 'name="fields" value="名称" checked' in page
    assert 'name="fields" value="法人" checked' not in page
    assert 'name="lookups" value="信用代码" checked' in page


def test_asking_from_the_entry_puts_no_token_into_the_address(browser: Browser, code: str) -> None:
    page = browser(ZHOU_HANG).get(f"/share/resources/{code}/").content.decode()
    asks = page[page.index('<form id="items"') :]
    assert 'type="hidden" name="csrfmiddlewaretoken"' not in asks[: asks.index("</form>")]
    # the button that puts it into the basket sends the token with itself alone
    into = next(part for part in page.split("<button")[1:] if "/share/basket/add/" in part.partition(">")[0])
    assert 'name="csrfmiddlewaretoken"' in into.partition(">")[0]
    strict = browser(ZHOU_HANG)
    strict.handler.enforce_csrf_checks = True
    shown = strict.get(f"/share/resources/{code}/").content.decode()
    token = shown.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    sent = {"code": code, "fields": ["名称"]}
    assert strict.post("/share/basket/add/", sent).status_code == 403
    assert strict.post("/share/basket/add/", {**sent, "csrfmiddlewaretoken": token}).status_code == 302
    assert exchange.basket_codes(ZHOU_HANG) == {code}


def test_a_whole_form_becomes_a_request_with_all_its_terms(browser: Browser, code: str) -> None:
    number = ask(browser(ZHOU_HANG), code)
    view = exchange.request(ZHOU_HANG, number, NOW)
    terms = view.terms
    assert view.state == "submitted"
    assert [field.name for field in terms.fields] == ["信用代码", "名称"]
    assert [(p.name, p.operators) for p in terms.predicates] == [("信用代码", ("eq", "in"))]
    assert terms.purposes == (exchange.Purpose("item:000111004000", "最低生活保障审核"),)
    assert terms.rows == (exchange.RowCondition("名称", "prefix", "云泽"),)
    assert (terms.hours, terms.workdays_only, terms.days, terms.calls_per_day) == ((480, 1200), True, 90, 500)
    assert terms.case_required


@pytest.mark.parametrize("modes", [("query",), ("verify",), ("query", "verify")])
def test_a_page_filled_in_and_sent_once_as_it_stands_is_handed_in(
    browser: Browser, source: SourceForm, modes: tuple[str, ...]
) -> None:
    code = published()
    form = mount_form(code, exchange.add_source(WANG_MIN, source, NOW))
    exchange.mount_resource(WANG_MIN, replace(form, modes=modes), NOW)  # type: ignore[arg-type]
    zhou, address = browser(ZHOU_HANG), f"/share/resources/{code}/request/"
    typed: dict[str, str | list[str]] = {
        "code_0": "000111004000", "title_0": "最低生活保障审核", "reason": "核对低保家庭", "modes": list(modes),
        "fields": ["信用代码"],
    }  # fmt: skip
    if "verify" in modes:
        typed["claims"] = ["名称"]
    # the page is left and come back to: what was kept fills the form, and nothing is missing from it
    kept = as_sent(zhou.get(address).content, "reason", **typed)
    assert zhou.post(f"{address}keep/", kept).status_code == 200
    sent = as_sent(zhou.get(address).content, "reason")
    assert sent["reason"] == ["核对低保家庭"]
    for given in (as_sent(zhou.get(address).content, "reason", **typed), sent):
        answer = zhou.post(address, {**given, "do": ["submit"]})
        assert answer.status_code == 302, words(answer.content)
    assert {row.state for row in exchange.my_requests(ZHOU_HANG, NOW).rows} == {"submitted"}


def test_a_purpose_may_be_an_article_of_law(browser: Browser, code: str) -> None:
    number = ask(
        browser(ZHOU_HANG), code, kind_0="law", law_0="decree-809", article_0="21", code_0="", title_0=""
    )
    purpose = exchange.request(ZHOU_HANG, number, NOW).terms.purposes[0]
    assert purpose.code == "law:decree-809#21"
    assert purpose.title == "《政务数据共享条例》第21条"


def test_mistakes_are_summed_up_above_and_nothing_typed_is_lost(browser: Browser, code: str) -> None:
    given = {**FILLED, "reason": "", "lookups": [], "days": "90", "code_0": "自编 码", "do": "submit"}
    answer = browser(ZHOU_HANG).post(f"/share/resources/{code}/request/", given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="errors"' in page
    assert 'href="#id_reason"' in page
    assert 'href="#id_lookups"' in page
    assert 'value="自编 码"' in page
    assert 'name="fields" value="名称" checked' in page
    assert exchange.my_requests(ZHOU_HANG, NOW).rows == ()


def test_what_the_exchange_finds_wrong_stands_at_its_field(browser: Browser, code: str) -> None:
    given = {**FILLED, "lookups": ["名称"], "how_名称": "prefix", "do": "save"}
    page = browser(ZHOU_HANG).post(f"/share/resources/{code}/request/", given).content.decode()
    assert 'href="#id_lookups"' in page
    assert "能定位到具体对象" in page


def test_a_draft_is_kept_corrected_and_handed_in(browser: Browser, code: str) -> None:
    zhou = browser(ZHOU_HANG)
    number = ask(zhou, code, do="save")
    assert "草稿" in words(zhou.get(f"/share/requests/{number}/").content)
    form = zhou.get(f"/share/requests/{number}/edit/").content.decode()
    assert 'value="最低生活保障审核"' in form
    assert 'name="row_value_0" value="云泽"' in form
    assert zhou.post(f"/share/requests/{number}/submit/").status_code == 302
    page = words(zhou.get(f"/share/requests/{number}/").content)
    assert "审查中" in page
    assert "最迟" in page
    assert "为什么是" in page


def test_a_returned_request_shows_the_note_and_can_be_sent_again(browser: Browser, code: str) -> None:
    zhou = browser(ZHOU_HANG)
    number = ask(zhou, code)
    exchange.return_request(HE_QING, number, "请写明户数", NOW)
    assert "请写明户数" in words(zhou.get(f"/share/requests/{number}/").content)
    form = zhou.get(f"/share/requests/{number}/edit/")
    assert "请写明户数" in words(form.content)
    seen = exchange.request(ZHOU_HANG, number, NOW).revision
    answer = zhou.post(
        f"/share/requests/{number}/edit/", {**FILLED, "reason": "约 3,000 户", "seen": seen, "do": "submit"}
    )
    assert answer.status_code == 302
    assert exchange.request(ZHOU_HANG, number, NOW).state == "submitted"


def test_the_one_who_comes_second_is_told_and_changes_nothing(browser: Browser, code: str) -> None:
    zhou = browser(ZHOU_HANG)
    number = ask(zhou, code, do="save")
    answer = zhou.post(f"/share/requests/{number}/submit/", {"seen": "99"})
    assert answer.status_code == 409
    assert "request-changed" in words(answer.content)
    assert exchange.request(ZHOU_HANG, number, NOW).state == "draft"


def test_withdrawing_asks_first_also_without_scripts(browser: Browser, code: str) -> None:
    zhou = browser(ZHOU_HANG)
    number = ask(zhou, code)
    assert "撤回" in words(zhou.get(f"/share/requests/{number}/withdraw/").content)
    assert exchange.request(ZHOU_HANG, number, NOW).state == "submitted"
    zhou.post(f"/share/requests/{number}/withdraw/", {"text": "不再需要"})
    assert exchange.request(ZHOU_HANG, number, NOW).state == "withdrawn"


def test_an_outsider_finds_neither_request_nor_grant(browser: Browser, code: str) -> None:
    number, grant = submitted(code), granted(code)
    zhao = browser(ZHAO_JING)
    for page in (
        f"requests/{number}/",
        f"requests/{number}/edit/",
        f"grants/{grant}/",
        f"requests/{number}/withdraw/",
    ):
        answer = zhao.get(f"/share/{page}")
        assert answer.status_code == 404, page
        assert "市民政局" not in words(answer.content)
    for action in (
        f"requests/{number}/submit/",
        f"grants/{grant}/call/",
        f"grants/{grant}/revoke/",
        f"grants/{grant}/renew/",
    ):
        assert zhao.post(f"/share/{action}").status_code == 404, action


def test_a_person_without_the_role_cannot_open_the_form(browser: Browser, code: str) -> None:
    clerk = replace(ZHOU_HANG, user_id=20, roles=frozenset())
    assert browser(clerk).get(f"/share/resources/{code}/request/").status_code == 403


def test_the_grant_shows_five_facts_the_code_and_the_console(browser: Browser, code: str) -> None:
    grant = granted(code)
    page = browser(ZHOU_HANG).get(f"/share/grants/{grant}/").content.decode()
    text = words(page.encode())
    for fact in ("6 项中的 4 项", "低保审核", "每次调用写办件编号", "今日额度", "全天"):
        assert fact in text
    assert 'name="where_信用代码"' in page
    assert "openssl pkeyutl" in text
    assert "yiwang.client" in text


def test_the_provider_sees_the_grant_but_cannot_send_from_its_console(
    browser: Browser, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = granted(code)
    monkeypatch.setattr(console, "send", lambda *_: pytest.fail("the provider called"))
    wang = browser(WANG_MIN)
    assert "只有被授权部门的数据专员可以发送" in words(wang.get(f"/share/grants/{grant}/").content)
    assert wang.post(f"/share/grants/{grant}/call/", {"where_信用代码": "1"}).status_code == 200


def test_the_console_sends_what_the_grant_names_and_nothing_else(
    browser: Browser, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = granted(code)
    sent: list[Entered] = []

    def send(_me: object, _resource: str, _grant: str, what: Entered, _now: object) -> Outcome:
        sent.append(what)
        return Outcome(200, 12, {"rows": [{"名称": "<b>甲</b>"}]}, rows=1)

    monkeypatch.setattr(console, "send", send)
    given = {
        "where_信用代码": " 91350100M000100Y43 ", "where_资本": "1", "fields": ["名称", "资本"], "purpose": "item:9999",
        "case": "DB-1",
    }  # fmt: skip
    answer = browser(ZHOU_HANG).post(f"/share/grants/{grant}/call/", given, headers={"HX-Request": "true"})
    assert sent == [
        Entered("query", {"信用代码": "91350100M000100Y43"}, {}, ("名称",), "item:1001", "DB-1"),
    ]
    page = answer.content.decode()
    assert "<html" not in page
    assert "<b>甲" not in page
    assert "item:1001;case=DB-1" in page


def test_revoking_asks_for_a_reason_and_names_the_consequence(browser: Browser, code: str) -> None:
    grant = granted(code)
    wang = browser(WANG_MIN)
    assert "一秒内拒绝所有调用" in words(wang.get(f"/share/grants/{grant}/revoke/").content)
    assert wang.post(f"/share/grants/{grant}/revoke/", {"reason": " "}).status_code == 409
    assert exchange.grant(WANG_MIN, grant, NOW).state == "active"
    wang.post(f"/share/grants/{grant}/revoke/", {"reason": "用途已结束", "basis": "某法第五条"})
    assert exchange.grant(WANG_MIN, grant, NOW).state == "revoked"
    page = words(browser(ZHOU_HANG).get(f"/share/grants/{grant}/").content)
    assert "已收回" in page
    assert "用途已结束（依据：某法第五条）" in page


def test_a_consumer_cannot_revoke(browser: Browser, code: str) -> None:
    grant = granted(code)
    assert browser(ZHOU_HANG).post(f"/share/grants/{grant}/revoke/", {"reason": "x"}).status_code == 403
    assert exchange.grant(ZHOU_HANG, grant, NOW).state == "active"


def test_renewing_starts_a_request_with_the_same_terms(browser: Browser, code: str) -> None:
    grant = granted(code)
    zhou = browser(ZHOU_HANG)
    target = zhou.post(f"/share/grants/{grant}/renew/").headers["Location"]
    form = zhou.get(target).content.decode()
    assert "续期" in form
    assert 'value="低保审核"' in form


def test_news_has_words_leads_to_its_page_and_is_marked_read(browser: Browser, code: str) -> None:
    grant = granted(code)
    zhou = browser(ZHOU_HANG)
    page = zhou.get("/share/notices/").content.decode()
    assert "企业登记信息已授权" in words(page.encode())
    assert f'value="/share/grants/{grant}/"' in page
    assert not any(kind in words(page.encode()) for kind in ("request-", "grant-"))
    first = exchange.notices(ZHOU_HANG).rows[0].id
    answer = zhou.post(f"/share/notices/{first}/", {"next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/share/notices/"
    zhou.post("/share/notices/")
    assert exchange.unread_count(ZHOU_HANG) == 0
