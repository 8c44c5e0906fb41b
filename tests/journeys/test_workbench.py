"""Scan, draft, review, secrecy review, published, found by pinyin, asked for, granted, revised with notice; two editors."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Node
from tests.journeys.test_main_job import Cast

TITLE = "特种设备作业人员"


@pytest.fixture(scope="module")
def cast(node: Node, browser: Browser) -> Iterator[Cast]:
    people = Cast(node, browser)
    yield people
    for context in people.contexts.values():
        context.close()


@pytest.fixture(scope="module")
def draft(cast: Cast) -> str:
    """王敏 scans her source again and drafts an entry of a table that has none; its code."""
    page = cast.open("wangmin", "/catalogue/scans/")
    page.locator("[name=source]").select_option(label="市场主体登记库")
    page.get_by_role("button", name="开始普查").click()
    page.wait_for_url(re.compile(r"/scans/C-"))
    expect(page.get_by_role("heading", name="建议的条目")).to_be_visible(timeout=60_000)
    page.get_by_role("checkbox", name=TITLE).check()
    page.locator("[name=classification]").fill("306001")
    page.locator("[name=share_condition]").fill("用于安全生产监管和行政许可审核。")
    page.get_by_role("button", name="起草条目").click()
    page.wait_for_url(re.compile(r"/desk/resources/306001"))
    found = re.search(r"306001/\d+", page.content())
    assert found is not None
    return found[0]


def step(page: Page, name: str, note: str = "") -> None:
    if note:
        page.locator("[name=note]").fill(note)
    page.locator(f"button[name=step][value={name}]").click()
    page.wait_for_load_state()


@pytest.fixture(scope="module")
def published(cast: Cast, draft: str) -> str:
    """Reviewed by 韩冰, cleared by 何青, connected and published by 王敏."""
    case = f"/catalogue/reviews/{draft}/"
    step(cast.open("wangmin", case), "submit")
    expect(cast.open("wangmin", case).locator("button[value=pass_review]")).to_have_count(0)
    step(cast.open("hanbing", case), "pass_review")
    step(cast.open("heqing", case), "clear", "不涉及国家秘密。")
    step(cast.open("wangmin", case), "publish")
    return draft


@pytest.fixture(scope="module")
def granted(cast: Cast, published: str) -> str:
    """周航 finds it by pinyin and asks; 何青 and 王敏 say yes."""
    page = cast.open("wangmin", f"/desk/resources/{published}/connect/")
    connect(page)
    page = cast.open("zhouhang", "/share/resources/?q=tezhongshebei")
    page.get_by_role("link", name=TITLE).first.click()
    page.wait_for_url(re.compile(r"/share/resources/306001"))
    page.goto(page.url + "request/")
    page.locator("[name=code_0]").fill("000111004000")
    page.locator("[name=title_0]").fill("最低生活保障对象认定")
    page.locator("[name=reason]").fill("核对家庭成员的职业资格。")
    for name, values in {
        "modes": ("query",),
        "fields": ("xm", "zylb", "gmsfhm"),
        "lookups": ("gmsfhm",),
    }.items():
        for value in values:
            page.locator(f"input[name={name}][value='{value}']").check()
    page.locator("button[name=do][value=submit]").click()
    page.wait_for_url(re.compile(r"/share/requests/R-"))
    number = page.url.rstrip("/").rsplit("/", 1)[1]
    page = cast.open("heqing", f"/desk/reviews/{number}/")
    page.locator("form#accept button").click()
    page.wait_for_load_state()
    page = cast.open("wangmin", f"/desk/decisions/{number}/")
    page.locator("button.button-primary[form=decide]").click()
    page.wait_for_load_state()
    expect(cast.open("zhouhang", f"/share/requests/{number}/").get_by_text("已授权").first).to_be_visible()
    return published


def connect(page: Page) -> None:
    """The table behind the entry, with its key."""
    page.get_by_role("row", name=re.compile("市场主体登记库")).get_by_role("link", name="选表").click()
    page.wait_for_url(re.compile(r"/tables/"))
    page.get_by_role("row", name=re.compile("tzzy_ry")).get_by_role("link").last.click()
    page.wait_for_load_state()
    page.locator("form button.button-primary").last.click()
    page.wait_for_url(re.compile(r"/desk/mounts/"))


def test_what_was_scanned_is_found_asked_for_and_granted(granted: str) -> None:
    assert granted.startswith("306001/")


def test_a_revision_that_takes_something_is_told_to_the_grantee(cast: Cast, granted: str) -> None:
    page = cast.open("wangmin", f"/desk/resources/{granted}/")
    row = page.locator("table#items tbody tr").filter(has=page.locator("input[value=zylb]"))
    row.locator("input[name$='-use']").uncheck()
    page.locator("button[name=do][value=save]").click()
    page.wait_for_load_state()
    case = f"/catalogue/reviews/{granted}/"
    step(cast.open("wangmin", case), "submit")
    step(cast.open("hanbing", case), "pass_review")
    step(cast.open("heqing", case), "clear", "不涉及国家秘密。")
    expect(cast.open("zhouhang", "/share/notices/").get_by_text(TITLE).first).to_be_visible()
    step(cast.open("wangmin", case), "publish")
    expect(cast.open("wangmin", "/catalogue/").get_by_text("正在告知使用方")).to_be_visible()


def test_of_two_people_on_one_entry_the_second_is_told_and_nothing_is_lost(cast: Cast, node: Node) -> None:
    page = cast.open("wangmin", "/desk/resources/306001/1/")
    other = page.context.new_page()
    other.goto(f"{node.url}/desk/resources/306001/1/")
    page.locator("[name=summary]").fill("第一个人写的摘要。")
    page.locator("[name=office]").click()
    expect(page.locator("#autosaved")).to_contain_text("草稿已存")
    other.locator("[name=summary]").fill("第二个人写的摘要。")
    other.locator("button[name=do][value=save]").click()
    other.wait_for_load_state()
    expect(other.get_by_text("摘要由“第一个人写的摘要。”改为“第二个人写的摘要。”")).to_be_visible()
    expect(other.locator("[name=summary]")).to_have_value("第二个人写的摘要。")
    page.reload()
    expect(page.locator("[name=summary]")).to_have_value("第一个人写的摘要。")
    other.close()


@pytest.mark.parametrize(
    "path",
    [
        "/catalogue/", "/catalogue/scans/", "SCAN/", "/catalogue/standing/",
        "SCAN/tables/0/", "/desk/resources/306001/1/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("width", [390, 1440])
def test_pages_of_the_workbench_fit_the_screen(cast: Cast, path: str, width: int) -> None:
    page = cast.page("wangmin")
    page.set_viewport_size({"width": width, "height": 900})
    for language in ("en", "zh-hans"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": cast.node.url}])
        page.goto(cast.node.url + "/catalogue/scans/")
        scan = page.locator("a[href*='/scans/C-']").last.get_attribute("href")
        page.goto(cast.node.url + path.replace("SCAN/", str(scan)))
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px wider than the screen ({language})"
        assert page.locator("h1").count() == 1
    page.set_viewport_size({"width": 1440, "height": 1000})
