"""Finding a resource: search, facets, the entry, and what each person is shown of it."""

from __future__ import annotations

import re

import pytest

from tests.portal.conftest import Browser
from tests.store.exchange.cast import WANG_MIN, ZHAO_JING, ZHOU_HANG, granted, mounted, published
from yiwang.blocks.exchange.public import Delivery, SourceForm
from yiwang.portal.share import catalogue as share_catalogue

pytestmark = pytest.mark.django_db
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def words(html: bytes) -> str:
    text = re.sub(r"<(script|style).*?</\1>", "", re.sub(r"</?mark>", "", html.decode()), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_a_visitor_is_sent_to_sign_in_and_back(browser: Browser) -> None:
    for page in ("/share/", "/share/resources/", "/share/requests/", "/share/grants/", "/share/notices/"):
        answer = browser(None).get(page)
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/login/?next={page}"


def test_the_home_page_of_an_empty_catalogue_still_stands(browser: Browser) -> None:
    answer = browser(ZHAO_JING).get("/share/")
    assert answer.status_code == 200
    assert "没有等您办的事" in words(answer.content)


def test_search_finds_by_title_and_by_item_and_says_what_it_looked_for(browser: Browser) -> None:
    published("企业登记信息")
    published("不动产登记", "unconditional")
    zhou = browser(ZHOU_HANG)
    found = words(zhou.get("/share/resources/", {"q": "不动产"}).content)
    assert "不动产登记" in found
    assert "企业登记信息" not in found
    assert "不动产登记" in words(zhou.get("/share/resources/", {"q": "法定代表人"}).content)
    nothing = words(zhou.get("/share/resources/", {"q": "宅基地流转"}).content)
    assert "没有找到“宅基地流转”" in nothing
    assert "暂无数据" not in nothing


def test_facets_narrow_and_keep_the_rest_of_the_address(browser: Browser) -> None:
    published("企业登记信息")
    published("不动产登记", "unconditional")
    answer = browser(ZHOU_HANG).get("/share/resources/", {"q": "登记", "share_type": "unconditional"})
    assert "1 项资源" in words(answer.content)
    assert 'href="?q=%E7%99%BB%E8%AE%B0"' in answer.content.decode()


def test_words_are_marked_pinyin_finds_and_titles_are_suggested(browser: Browser) -> None:
    published("企业登记信息")
    published("不动产登记", "unconditional")
    zhou = browser(ZHOU_HANG)
    assert "<mark>不动产</mark>登记" in zhou.get("/share/resources/", {"q": "不动产"}).content.decode()
    assert "不动产登记" in words(zhou.get("/share/resources/", {"q": "bdcdj"}).content)
    suggested = zhou.get("/share/resources/suggestions/", {"q": "不动"}).content.decode()
    assert suggested.strip() == '<option value="不动产登记"></option>'
    assert browser(None).get("/share/resources/suggestions/", {"q": "不动"}).status_code == 302


def test_nothing_found_asks_whether_another_word_was_meant(browser: Browser) -> None:
    published("婚姻登记")
    page = words(browser(ZHOU_HANG).get("/share/resources/", {"q": "婚因登记"}).content)
    assert "您要找的是不是" in page
    assert "婚姻登记" in page


def test_a_facet_of_the_address_that_is_nothing_we_know_is_no_error(browser: Browser) -> None:
    published()
    for query in ({"grade": "<b>'"}, {"theme": "\x00"}, {"provider": "x" * 500}, {"mode": "query"}):
        assert browser(ZHOU_HANG).get("/share/resources/", query).status_code == 200


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999", "２"])
def test_an_odd_page_number_is_no_error(browser: Browser, page: str) -> None:
    published()
    assert browser(ZHOU_HANG).get("/share/resources/", {"page": page}).status_code == 200


def test_the_entry_offers_the_request_to_a_consumer_and_not_to_its_provider(
    browser: Browser, source: SourceForm
) -> None:
    code = mounted(source)
    consumer = browser(ZHOU_HANG).get(f"/share/resources/{code}/").content.decode()
    assert consumer.count('name="fields"') == 6
    assert "申请使用" in consumer
    assert "最迟" in consumer
    own = browser(WANG_MIN).get(f"/share/resources/{code}/").content.decode()
    assert 'name="fields"' not in own
    assert "由本部门提供" in own


def test_the_entry_leads_to_the_console_of_grants_under_which_calls_are_made(
    browser: Browser, source: SourceForm
) -> None:
    code = mounted(source, modes=("query", "table"))
    called = granted(code, modes=("query",), claims=())
    delivered = granted(code, modes=("table",), lookups=(), claims=(), delivery=Delivery(("full",), "daily"))
    page = words(browser(ZHOU_HANG).get(f"/share/resources/{code}/").content)
    assert page.index(f"打开测试台 {called}") < page.index(f"看授权 {delivered}")
    assert f"打开测试台 {delivered}" not in page


def test_an_outsider_learns_nothing_of_who_uses_a_resource(browser: Browser, source: SourceForm) -> None:
    code = mounted(source)
    grant = granted(code)
    page = words(browser(ZHAO_JING).get(f"/share/resources/{code}/").content)
    assert "市民政局" not in page
    assert "低保审核" not in page
    assert grant not in page
    assert "市民政局" in words(browser(WANG_MIN).get(f"/share/resources/{code}/").content)


def test_a_resource_that_does_not_exist_has_a_page_that_says_so(browser: Browser) -> None:
    answer = browser(ZHOU_HANG).get("/share/resources/999999999/1/")
    assert answer.status_code == 404
    assert "999999999/1" in words(answer.content)


def test_english_pages_have_no_chinese_but_the_data(browser: Browser) -> None:
    zhao = browser(ZHAO_JING, "en")
    for page in ("/share/", "/share/resources/", "/share/requests/", "/share/grants/", "/share/notices/"):
        text = words(zhao.get(page).content)
        left = CHINESE.findall(
            text.replace("中文", "").replace("赵静", "").replace("市交通运输局", "").replace("赵", "")
        )
        assert left == [], page


def test_every_page_carries_the_policy_and_is_kept_by_nobody(browser: Browser) -> None:
    answer = browser(ZHOU_HANG).get("/share/")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


def test_the_text_size_is_kept_and_leads_back_to_this_site_only(browser: Browser) -> None:
    client = browser(None)
    answer = client.post("/text-size/", {"size": "large", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"
    assert client.cookies["yw_text"].value == "large"


def test_every_entry_is_listed_by_code_to_the_last(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = sorted(published(f"企业登记信息{n}") for n in range(3))
    monkeypatch.setattr(share_catalogue, "LISTED", 2)
    zhao = browser(ZHAO_JING)
    first = zhao.get("/share/resources/all/", {"q": "企业"}).content.decode()
    assert [code for code in codes if f"/share/resources/{code}/" in first] == codes[:2]
    assert f"after={codes[1].replace('/', '%2F')}" in first
    last = zhao.get("/share/resources/all/", {"q": "企业", "after": codes[1]}).content.decode()
    assert [code for code in codes if f"/share/resources/{code}/" in last] == codes[2:]
    assert 'rel="next"' not in last
    assert "没有含这些词的条目" in words(zhao.get("/share/resources/all/", {"q": "查无此物"}).content)
    assert browser(None).get("/share/resources/all/").status_code == 302


def test_a_list_that_is_cut_off_says_so_where_it_ends(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yiwang.blocks.catalogue.queries.finding.MOST", 20)
    for number in range(22):
        published(f"企业登记信息第{number}类")
    zhou = browser(ZHOU_HANG)
    page = words(zhou.get("/share/resources/?q=企业").content)
    assert "超过 20 项资源" in page
    assert "列表到此为止" in page
    assert "列表到此为止" not in words(zhou.get("/share/resources/?q=第3类").content)
