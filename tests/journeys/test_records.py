"""Records of a declared system in the browser: entered, corrected, their history and sources seen; wide and narrow."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Node
from tests.journeys.test_main_job import Cast

ORDERS = "/systems/hotline/order/"
WIDE, NARROW = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def cast(node: Node, browser: Browser) -> Iterator[Cast]:
    people = Cast(node, browser)
    yield people
    for context in people.contexts.values():
        context.close()


def fits(page: Page) -> None:
    """Nothing hangs over the edge of the screen."""
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]  # type: ignore[index]


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_an_order_is_entered_corrected_and_its_history_seen(cast: Cast, size: dict[str, int]) -> None:
    title = f"路灯不亮 {uuid.uuid4().hex[:8]}"
    page = cast.open("heqing", f"{ORDERS}new/")
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.get_by_label("来源渠道").select_option(label="电话")
    page.get_by_label("诉求类别").select_option(label="投诉")
    page.get_by_label("内容分类").select_option(label="路灯照明")
    page.get_by_label("标题").fill(title)
    page.get_by_label("诉求内容").fill("整条路都不亮。")
    page.get_by_label("联系电话").fill("打不通")
    page.get_by_label("事发区划").fill("290102001")
    fits(page)
    page.get_by_role("button", name="保存", exact=True).click()
    # a wrong value stands at its field, and nothing typed is lost
    expect(page.locator("#errors")).to_contain_text("处要改")
    expect(page.get_by_label("诉求内容")).to_have_value("整条路都不亮。")
    page.get_by_label("联系电话").fill("13812345678")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    # masked on the page, shown on demand, and noted
    expect(page.get_by_text("138****5678")).to_be_visible()
    page.get_by_role("button", name="显示 联系电话").click()
    expect(page.get_by_text("13812345678")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="修改", exact=True).last.click()
    page.get_by_label("标题").fill(f"{title}（已核实）")
    page.get_by_label("理由").fill("现场看过")
    page.get_by_label("理由").press("Control+Enter")
    expect(page.get_by_role("heading", name=f"{title}（已核实）")).to_be_visible()
    expect(page.get_by_text("看了明文")).to_be_visible()
    page.get_by_role("link", name="历史", exact=True).first.click()
    expect(page.get_by_text("现场看过")).to_be_visible()
    expect(page.locator("del", has_text=re.compile(rf"^{title}$"))).to_be_visible()
    expect(page.locator("main").get_by_text("何青").first).to_be_visible()
    fits(page)
    page.goto(cast.node.url + ORDERS)
    page.locator("[data-slash]").last.fill(title)
    page.get_by_role("button", name="查找").click()
    expect(page.locator(".record-table tbody tr")).to_have_count(1)
    assert "%E8%B7%AF" not in page.url
    fits(page)


def test_who_may_take_a_list_out_is_shown_how(cast: Cast) -> None:
    page = cast.open("zhouhang", "/systems/divisions/division/")
    page.get_by_text("导出", exact=True).click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV").click()
    assert taken.value.suggested_filename.endswith(".csv")
    assert cast.status("heqing", f"{ORDERS}export.csv") == 403


def test_who_holds_no_role_finds_no_system(cast: Cast) -> None:
    assert cast.status("linfeng", ORDERS) == 404
    assert "/systems/hotline" not in cast.open("linfeng", "/systems/").content()


def test_a_family_is_asked_for_as_it_was(cast: Cast) -> None:
    page = cast.open("zhouhang", "/systems/social_assistance/?purpose")
    page.get_by_label("低保审核").check()
    page.get_by_label("办件编号").fill("DB-2026-0001")
    page.get_by_role("button", name="继续").click()
    page.wait_for_url(re.compile(r"social_assistance/(?!\?purpose)"))
    page.goto(f"{cast.node.url}/systems/social_assistance/family/")
    page.locator(".record-table tbody a").first.click()
    expect(page.get_by_text("起成立")).to_be_visible()
    page.get_by_role("link", name="历史", exact=True).first.click()
    page.get_by_label("哪天所知").fill("2020-01-01")
    page.get_by_role("button", name="查", exact=True).click()
    expect(page.get_by_text("那时还一无所知")).to_be_visible()
