"""What only a real browser shows: forms kept while they are written, widths, and the whole way by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Node
from tests.journeys.test_main_job import Cast, cast

__all__ = ["cast"]

REASON = "核对申请低保家庭的成员"


def code_of(node: Node, title: str) -> str:
    resources = node.facts["resources"]
    assert isinstance(resources, list)
    return str(next(row["code"] for row in resources if row["title"] == title))


@pytest.fixture
def form(cast: Cast) -> str:
    """The address of an empty form, with nothing kept from before."""
    path = f"/share/resources/{code_of(cast.node, '企业登记基本信息')}/request/"
    page = cast.open("sunli", path)
    if page.locator("#start-over").count():
        page.get_by_role("button", name="重新填写").click()
        page.wait_for_url(f"**{path}")
    return path


def write(page: Page, text: str) -> None:
    page.locator("#id_reason").fill(text)
    page.locator("#id_reason").blur()


def test_leaving_a_field_keeps_it_and_says_when(cast: Cast, form: str) -> None:
    page = cast.open("sunli", form)
    write(page, REASON)
    expect(page.locator("[data-kept]")).to_contain_text(re.compile(r"\d\d:\d\d 已保存"))
    page.locator("#id_code_0").fill("自编 码")
    page.get_by_label("核验", exact=True).check()
    expect(page.locator("[name=kept]")).not_to_have_value("1")
    cast.open("sunli", form)
    expect(page.locator("#id_reason")).to_have_value(REASON)
    expect(page.locator("#id_code_0")).to_have_value("自编 码")
    expect(page.get_by_label("核验", exact=True)).to_be_checked()
    cast.open("sunli", "/share/requests/")
    expect(page.get_by_role("heading", name="写了一半")).to_be_visible()
    # somebody who closes the page while it is saved, or in the middle of a field, loses nothing either
    cast.open("sunli", form)
    write(page, "马上就走")
    cast.open("sunli", "/share/requests/")
    cast.open("sunli", form)
    expect(page.locator("#id_reason")).to_have_value("马上就走")
    expect(page.locator("[data-kept]")).not_to_contain_text("另一个窗口")
    cast.open("sunli", form)
    page.locator("#id_reason").fill("写到一半")
    cast.open("sunli", "/share/requests/")
    cast.open("sunli", form)
    expect(page.locator("#id_reason")).to_have_value("写到一半")


def test_the_second_window_is_told_and_chooses(cast: Cast, form: str) -> None:
    first = cast.open("sunli", form)
    second = first.context.new_page()
    second.goto(cast.node.url + form)
    write(first, "第一个窗口")
    expect(first.locator("[data-kept]")).to_contain_text("已保存")
    write(second, "第二个窗口")
    expect(second.locator("[data-kept]")).to_contain_text("另一个窗口")
    cast.open("sunli", form)
    expect(first.locator("#id_reason")).to_have_value("第一个窗口")
    second.get_by_role("button", name="用这里的内容").click()
    expect(second.locator("[data-kept]")).to_contain_text("已保存")
    cast.open("sunli", form)
    expect(first.locator("#id_reason")).to_have_value("第二个窗口")
    second.close()


def test_without_a_line_nothing_is_lost_and_it_is_sent_later(cast: Cast, form: str) -> None:
    page = cast.open("sunli", form)
    page.context.set_offline(True)
    write(page, "断网时写的")
    expect(page.locator("[data-kept]")).to_contain_text("没连上网络")
    page.context.set_offline(False)
    expect(page.locator("[data-kept]")).to_contain_text("已保存")
    # the page itself is lost before the line is back: the window still holds the text
    page.route("**/request/keep/", lambda route: route.abort())
    write(page, "页面也没了")
    expect(page.locator("[data-kept]")).to_contain_text("没连上网络")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("#id_reason")).to_have_value("页面也没了")
    page.unroute("**/request/keep/")
    page.reload()
    expect(page.locator("[data-kept]")).to_contain_text("已保存")
    other = page.context.new_page()
    other.goto(cast.node.url + form)
    expect(other.locator("#id_reason")).to_have_value("页面也没了")
    other.close()


def test_the_header_is_one_row_on_every_phone_in_both_languages(cast: Cast) -> None:
    page = cast.page("sunli")
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for language in ("en", "zh-hans"):
            page.context.add_cookies([{"name": "django_language", "value": language, "url": cast.node.url}])
            for path in ("/share/", "/share/resources/", "/evidence/"):
                page.goto(cast.node.url + path)
                header, brand = (
                    page.locator(".site-header").bounding_box(),
                    page.locator(".brand").bounding_box(),
                )
                tools = page.locator(".site-tools").bounding_box()
                assert header is not None
                assert brand is not None
                assert tools is not None
                assert header["height"] <= 72, (width, language, path)
                assert brand["y"] >= header["y"], (width, language, path)
                assert brand["x"] + brand["width"] <= tools["x"] + 1, (width, language, path)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
                    width,
                    language,
                    path,
                )
    page.set_viewport_size({"width": 1440, "height": 1000})


def test_facets_follow_the_width_until_the_person_chooses(cast: Cast) -> None:
    page = cast.page("sunli")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{cast.node.url}/share/resources/")
    fold = page.locator("details.facets-fold")
    expect(fold).not_to_have_attribute("open", "")
    page.set_viewport_size({"width": 1440, "height": 1000})
    expect(fold).to_have_attribute("open", "")
    page.set_viewport_size({"width": 390, "height": 800})
    expect(fold).not_to_have_attribute("open", "")
    fold.locator("summary").click()
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.set_viewport_size({"width": 390, "height": 800})
    expect(fold).to_have_attribute("open", "")
    page.set_viewport_size({"width": 1440, "height": 1000})


def test_what_can_be_done_with_a_row_stands_in_one_line_of_sight(cast: Cast) -> None:
    page = cast.page("sunli")
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": cast.node.url}])
    page.goto(f"{cast.node.url}/share/resources/")
    cell = page.locator("td.found-act:has(form)").first
    ask, basket = cell.locator("> a").bounding_box(), cell.locator("button").bounding_box()
    assert ask is not None
    assert basket is not None
    assert basket["height"] < 32, "it does not wrap"
    assert abs((ask["x"] + ask["width"]) - (basket["x"] + basket["width"])) < 2
    page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": cast.node.url}])


def focused(page: Page) -> str:
    """What has the focus, by its tag and name; it is visible and marked, or this fails."""
    told = page.evaluate(
        """() => {
          const one = document.activeElement, box = one.getBoundingClientRect();
          const marked = [one, one.closest('.choice'), one.closest('.search')].some(
            (part) => part && getComputedStyle(part).outlineStyle !== 'none');
          const label = one.getAttribute('aria-label') || [...(one.labels || [])].map((l) => l.textContent).join(' ')
            || one.textContent || [...one.querySelectorAll('[aria-label]')].map((p) => p.getAttribute('aria-label')).join('');
          return [one.tagName, label.trim().replace(/\\s+/g, ' '), box.width * box.height, marked];
        }"""
    )
    assert isinstance(told, list)
    tag, name, area, marked = told
    assert name, f"a {tag} without a name"
    assert area > 4, f"{tag} {name} is not to be seen"
    assert marked, f"{tag} {name} does not show its focus"
    return f"{tag} {name}"


def tab_to(page: Page, wanted: str, most: int = 120) -> None:
    """Press Tab until the wanted thing has the focus; each stop on the way is named, visible and marked."""
    last = ""
    for _ in range(most):
        page.keyboard.press("Tab")
        now = focused(page)
        if re.search(wanted, now):
            return
        last = now
    raise AssertionError(f"not reached with {most} tabs: {wanted}; the last stop was {last}")


def test_a_person_with_a_keyboard_alone_searches_asks_and_hands_in(cast: Cast) -> None:
    page = cast.open("sunli", "/share/")
    page.keyboard.press("/")
    page.keyboard.type("企业经营状态")
    page.keyboard.press("Enter")
    page.wait_for_url("**/share/resources/?q=*")
    tab_to(page, "^A 企业经营状态信息")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/share/resources/\d+/\d+/$"))
    tab_to(page, "(A|BUTTON) (申请使用|再申请)")
    page.keyboard.press("Enter")
    page.wait_for_url("**/request/*")
    tab_to(page, "INPUT 事项编码")
    page.keyboard.type("000111004000")
    tab_to(page, "INPUT 事项名称")
    page.keyboard.type("最低生活保障对象认定")
    tab_to(page, "TEXTAREA 做什么用")
    page.keyboard.type(REASON)
    tab_to(page, "BUTTON 提交")
    page.keyboard.press("Enter")
    # what is missing is told first; its link leads to the field
    page.locator("#errors").wait_for()
    assert page.evaluate("document.activeElement.id") == "errors"
    tab_to(page, "^A 请选返回的项")
    page.keyboard.press("Enter")
    tab_to(page, "INPUT .*企业名称")
    page.keyboard.press("Space")
    tab_to(page, "BUTTON 提交")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/share/requests/R-\d+-\d+/(#.*)?$"))
    expect(page.locator("main")).to_contain_text("已提交")


def test_nothing_on_the_pages_of_asking_and_deciding_holds_the_keyboard(cast: Cast) -> None:
    walks = (
        ("sunli", "/share/requests/"), ("linfeng", "/desk/decisions/"),
    )  # fmt: skip
    for who, path in walks:
        page = cast.open(who, path)
        seen: list[str] = []
        for _ in range(150):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
            seen.append(focused(page))
        else:
            raise AssertionError(f"{path}: no end to the tabs")
        assert len(seen) > 5, path


def test_a_decision_is_reached_and_given_by_keyboard(cast: Cast) -> None:
    page = cast.open("linfeng", "/desk/decisions/")
    tab_to(page, "^A .*(户籍|居民)")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/desk/decisions/R-"))
    tab_to(page, "^A 要求补正|^BUTTON 要求补正")
    page.keyboard.press("Enter")
    # the question opens above the page: the keyboard is in it, and Escape leads back
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    assert page.evaluate("document.querySelector('dialog[open]').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
