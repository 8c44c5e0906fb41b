"""docs/howto/measure-with-indicators.md: a leader reads the figures, changes the period and opens the rows behind a number."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.journeys.test_main_job import Cast, cast

__all__ = ["cast"]


def test_a_leader_sees_targets_and_goes_down_to_the_rows_he_may_see(cast: Cast) -> None:
    page = cast.open("heqing", "/cockpit/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("项目标")
    row = page.locator("tr").filter(has=page.get_by_role("link", name="解决率", exact=True))
    expect(row).to_contain_text("≥ 90")
    expect(row).to_contain_text(re.compile(r"达标|差 "))
    row.get_by_role("link", name="解决率", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("解决率")
    expect(page.get_by_text("越高越好")).to_be_visible()
    earlier(page)
    on_the_map(page)
    behind(cast, page)
    on_a_phone(page)


def earlier(page: Page) -> None:
    """The period before: its number, its parts."""
    months = page.locator("#period option").all_inner_texts()
    assert len(months) > 2
    page.locator("#period").select_option(months[1])
    page.get_by_role("button", name="显示", exact=True).click()
    page.wait_for_url(re.compile(rf"period={months[1]}"))
    expect(page.locator(".live-label").first).to_have_text(months[1])


def on_the_map(page: Page) -> None:
    """By keyboard from one town to the next; each leads to its rows, as the table beside does."""
    towns = page.locator("svg.map a")
    expect(towns.first).to_be_attached()
    expect(page.locator(".map-legend li").first).to_be_visible()
    towns.first.focus()
    name = towns.first.get_attribute("aria-label") or ""
    assert re.search(r"(街道|镇): \d", name)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/rows/\d+/"))
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("解决率")


def behind(cast: Cast, page: Page) -> None:
    """The rows that his role and purpose show; an outsider finds neither number nor rows."""
    page.locator(".live-note a").first.click()
    page.wait_for_url(re.compile(r"/rows/\d+/"))
    expect(page.get_by_text(re.compile(r"您的岗位和用途可看 [\d,]+ 条"))).to_be_visible()
    assert page.locator("table tbody tr").count() > 1
    path = re.sub(r"^https?://[^/]+", "", page.url)
    assert cast.status("zhaojing", path) == 404 or "您看不到" in cast.open("zhaojing", path).content()


def on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/cockpit/", "/cockpit/hotline/solved_rate/"):
        page.goto(re.sub(r"(https?://[^/]+).*", r"\1", page.url) + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
