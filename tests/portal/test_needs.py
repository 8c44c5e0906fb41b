"""Supply and demand through the pages."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.demand.cast import near_entry, routed, stated
from tests.store.exchange.cast import CHEN_CHEN, HE_QING, NOW, WANG_MIN, ZHAO_JING, ZHOU_HANG, mounted
from yiwang.blocks.demand import public as demand
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm

pytestmark = pytest.mark.django_db
FILLED = {
    "title": "企业股权出质登记", "reason": "核对低保家庭成员的股权", "kind": "item", "code": "000111004000",
    "purpose_title": "最低生活保障审核", "item_name_0": "统一社会信用代码", "item_name_1": "出质股权数额", "modes": ["query"],
    "freshness": "daily", "calls_per_day": "100", "urgency": "normal", "contact_post": "救助科", "contact_phone": "5550000",
}  # fmt: skip


def state(client: Client, do: str = "submit") -> str:
    answer = client.post("/share/needs/new/", {**FILLED, "do": do})
    assert answer.status_code == 302, words(answer.content)
    return answer.headers["Location"].strip("/").rsplit("/", 1)[1]


def test_a_search_that_finds_nothing_leads_to_a_need_with_its_words(browser: Browser) -> None:
    zhou = browser(ZHOU_HANG)
    page = zhou.get("/share/resources/", {"q": "公交刷卡流水"}).content.decode()
    assert "/share/needs/new/?q=%E5%85%AC" in page
    assert 'value="公交刷卡流水"' in zhou.get("/share/needs/new/", {"q": "公交刷卡流水"}).content.decode()


def test_while_typing_the_catalogue_and_other_needs_are_shown(browser: Browser) -> None:
    near_entry()
    number = routed()
    page = words(browser(ZHAO_JING).post("/share/needs/near/", FILLED).content)
    assert "企业登记基本信息" in page
    assert "已有部门提出" in page
    form = browser(ZHAO_JING).post("/share/needs/new/", {**FILLED, "do": "look"})
    assert form.status_code == 200
    assert f"/share/needs/{number}/" in form.content.decode()


def test_a_need_is_stated_answered_catalogued_and_asked_for(browser: Browser, source: SourceForm) -> None:
    code = mounted(source, title="企业登记基本信息")
    zhou, wang = browser(ZHOU_HANG), browser(WANG_MIN)
    number = state(zhou)
    assert "待部门答复" in words(zhou.get(f"/share/needs/{number}/").content)
    assert number in wang.get("/share/needs/?tab=routed").content.decode()
    assert "将编目" not in words(wang.get(f"/share/needs/{number}/").content)
    wrong = wang.post(f"/share/needs/{number}/answer/", {"kind": "cannot", "text": "涉密"})
    assert wrong.status_code == 422
    assert "请写明法律依据" in words(wrong.content)
    assert wang.post(f"/share/needs/{number}/answer/", {"kind": "have", "resource": code}).status_code == 302
    page = zhou.get(f"/share/needs/{number}/").content.decode()
    assert f"?need={number}" in page
    asked = zhou.get(f"/share/resources/{code}/request/", {"need": number}).content.decode()
    assert 'value="000111004000"' in asked
    assert "核对低保家庭成员的股权" in asked
    assert 'name="fields" value="信用代码" checked' in asked
    assert "已在目录中，可以申请" in words(zhou.get("/share/notices/").content)


def test_a_promise_starts_a_draft_that_opens_at_the_desk(browser: Browser) -> None:
    near_entry()
    wang, number = browser(WANG_MIN), routed()
    wang.post(f"/share/needs/{number}/answer/", {"kind": "will", "by": "2099-01-04"})
    answer = wang.post(f"/share/needs/{number}/entry/", {"classification": "306001003"})
    assert answer.status_code == 302
    assert wang.get(answer.headers["Location"]).status_code == 200
    assert answer.headers["Location"] in wang.get(f"/share/needs/{number}/").content.decode()


def test_the_bureau_rules_and_a_ruling_without_reason_is_told(browser: Browser) -> None:
    he, number = browser(HE_QING), routed()
    assert "没有找到可能的部门" in words(he.get(f"/share/needs/{number}/rule/").content)
    wrong = he.post(f"/share/needs/{number}/rule/", {"ruling": "nobody"})
    assert wrong.status_code == 422
    assert he.post(f"/share/needs/{number}/rule/", {"ruling": "assign", "text": "x"}).status_code == 422
    assert (
        he.post(f"/share/needs/{number}/rule/", {"ruling": "nobody", "text": "各部门均未采集"}).status_code
        == 302
    )
    assert "各部门均未采集" in words(browser(ZHAO_JING).get(f"/share/needs/{number}/").content)
    assert "满足率" in words(he.get("/share/needs/?tab=done").content)


def test_an_outsider_may_join_but_sees_neither_contact_nor_answers_and_cannot_act(browser: Browser) -> None:
    near_entry()
    number, draft = routed(), stated()
    demand.answer_need(WANG_MIN, number, demand.Answer("none", "本局没有采集"), NOW)
    zhao = browser(ZHAO_JING)
    page = words(zhao.get(f"/share/needs/{number}/").content)
    assert "我们也需要" in page
    for hidden in ("0931-5550000", "社会救助科", "本局没有采集", "周航"):
        assert hidden not in page
    assert zhao.get(f"/share/needs/{draft}/").status_code == 404
    assert zhao.get(f"/share/needs/{number}/answer/").status_code == 404
    assert zhao.get(f"/share/needs/{number}/rule/").status_code == 403
    assert zhao.post(f"/share/needs/{number}/withdraw/").status_code == 403
    assert zhao.post(f"/share/needs/{number}/entry/", {"classification": "306001003"}).status_code == 403
    assert zhao.post(f"/share/needs/{number}/join/").status_code == 302
    assert "0931-5550000" in words(zhao.get(f"/share/needs/{number}/").content)


def test_a_citizen_and_a_visitor_see_no_need(browser: Browser) -> None:
    number = routed()
    for page in ("", f"{number}/", "new/"):
        assert browser(CHEN_CHEN).get(f"/share/needs/{page}").status_code == 403
        assert browser(None).get(f"/share/needs/{page}").status_code == 302
    assert "企业股权出质登记" not in words(browser(CHEN_CHEN).get("/share/").content)


def test_the_home_page_ties_each_need_to_what_was_found(browser: Browser) -> None:
    near_entry()
    routed()
    page = browser(ZHOU_HANG).get("/share/").content.decode()
    assert 'class="tie"' in page
    assert "1 个需求在找数据" in words(page.encode())


def test_mistakes_stand_at_their_fields_and_nothing_typed_is_lost(browser: Browser) -> None:
    given = {**FILLED, "code": "", "item_name_0": "", "item_name_1": "", "do": "save"}
    answer = browser(ZHOU_HANG).post("/share/needs/new/", given)
    assert answer.status_code == 422
    assert 'href="#id_item_name_0"' in answer.content.decode()
    assert "核对低保家庭成员的股权" in answer.content.decode()


def test_withdrawing_and_disputing_ask_first(browser: Browser) -> None:
    code = near_entry()
    number = routed()
    demand.answer_need(WANG_MIN, number, demand.Answer("have", resource=code), NOW)
    zhou = browser(ZHOU_HANG)
    assert zhou.post(f"/share/needs/{number}/dispute/").status_code == 200
    assert zhou.post(f"/share/needs/{number}/dispute/", {"text": "缺少数额"}).status_code == 302
    assert zhou.get(f"/share/needs/{number}/withdraw/").status_code == 200
    assert zhou.post(f"/share/needs/{number}/withdraw/").status_code == 302
    assert demand.need(ZHOU_HANG, number, NOW).row.state == "withdrawn"
    assert exchange.unread_count(HE_QING) > 0
