"""English pages say things in English where somebody gave the English, and mark the Chinese as Chinese where not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.portal.conftest import Browser
from tests.portal.test_asking import FILLED
from tests.portal.test_finding import words
from tests.store.exchange.cast import NOW, WANG_MIN, ZHOU_HANG, deciding, draft, mounted
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import Purpose, SourceForm

pytestmark = pytest.mark.django_db
NAMED = Purpose("item:1001", "低保审核", "Review of allowances")
BARE, LAW = Purpose("item:1002", "道路许可"), Purpose("law:decree-809#21", "《政务数据共享条例》第21条")


def test_a_purpose_has_its_english_name_on_every_page_about_it(browser: Browser, source: SourceForm) -> None:
    number = deciding(mounted(source), purposes=(NAMED, BARE, LAW))
    wang, zhou = browser(WANG_MIN, "en"), browser(ZHOU_HANG, "en")
    for page in (
        zhou.get("/share/requests/"), zhou.get(f"/share/requests/{number}/"), wang.get("/desk/decisions/"),
        wang.get(f"/desk/decisions/{number}/"),
    ):  # fmt: skip
        text = page.content.decode()
        assert "Review of allowances" in text
        assert "低保审核" not in text
        assert '<span lang="zh-CN">道路许可</span>' in text
        assert "Regulation" in text
        assert "《政务数据共享条例》第21条" not in text
    chinese = browser(ZHOU_HANG).get(f"/share/requests/{number}/").content.decode()
    assert "低保审核" in chinese
    assert 'lang="zh-CN">道路许可' not in chinese


def test_the_form_takes_the_english_name_and_keeps_it(browser: Browser, source: SourceForm) -> None:
    code, zhou = mounted(source), browser(ZHOU_HANG)
    answer = zhou.post(
        f"/share/resources/{code}/request/", {**FILLED, "title_en_0": "Allowances", "do": "save"}
    )
    number = answer.headers["Location"].strip("/").rsplit("/", 1)[1]
    (purpose,) = exchange.request(ZHOU_HANG, number, NOW).terms.purposes
    assert (purpose.title, purpose.title_en) == ("最低生活保障审核", "Allowances")
    assert 'value="Allowances"' in zhou.get(f"/share/requests/{number}/edit/").content.decode()


def test_a_request_from_before_there_were_english_names_still_reads(source: SourceForm) -> None:
    from yiwang.blocks.exchange.store.models import Request

    number = deciding(mounted(source), purposes=(NAMED,))
    row = Request.objects.get(pk=number)
    for purpose in row.terms["purposes"]:
        del purpose["title_en"]
    row.save()
    (purpose,) = exchange.request(ZHOU_HANG, number, NOW).terms.purposes
    assert (purpose.title, purpose.title_en) == ("低保审核", "")


def test_conditions_of_sharing_are_english_where_given_and_marked_where_not(browser: Browser) -> None:
    for title, english in (("甲类信息", "For permits only"), ("乙类信息", "")):
        made = replace(draft(title), share_condition="只用于许可", share_condition_en=english)
        code = catalogue.create_resource(WANG_MIN, made, NOW)
        exchange.publish_resource(WANG_MIN, code, NOW)
        page = browser(ZHOU_HANG, "en").get(f"/share/resources/{code}/").content.decode()
        assert ("For permits only" in page) is bool(english)
        assert ('<span lang="zh-CN">只用于许可</span>' in page) is not bool(english)
        assert "只用于许可" in words(browser(ZHOU_HANG).get(f"/share/resources/{code}/").content)


def test_the_entry_form_takes_conditions_in_english(browser: Browser) -> None:
    code = catalogue.create_resource(WANG_MIN, replace(draft(), share_condition_en="For permits only"), NOW)
    page = browser(WANG_MIN).get(f"/desk/resources/{code}/").content.decode()
    assert 'name="share_condition_en"' in page
    assert 'value="For permits only"' in page
