"""Thirty resources asked for with one form, reviewed and granted in one sitting each; an outsider sees none of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Node
from tests.journeys.test_main_job import Cast

NUMBER = 30
KIND = re.compile("许可|备案|登记信息|注册|核准|考核|批准|认定|认证|成员|声明")


@pytest.fixture(scope="module")
def cast(node: Node, browser: Browser) -> Iterator[Cast]:
    people = Cast(node, browser)
    yield people
    for context in people.contexts.values():
        context.close()


def test_thirty_resources_are_asked_for_and_granted_in_one_sitting(cast: Cast) -> None:
    page = cast.open("zhouhang", "/share/resources/?q=许可证编号")
    for at in range(NUMBER):
        button = page.get_by_role("button", name=re.compile("放入申请篮")).first
        if button.count() == 0:
            page.get_by_role("link", name=re.compile("下一页|后一页")).first.click()
            page.wait_for_load_state()
        page.get_by_role("button", name=re.compile("放入申请篮")).first.click()
        expect(page.get_by_text(f"申请篮里有 {at + 1} 项资源")).to_be_visible()
    page.goto(f"{cast.node.url}/share/basket/")
    page.locator("[name=code_0]").fill("000111004000")
    page.locator("[name=title_0]").fill("最低生活保障对象认定")
    page.locator("[name=reason]").fill("核对低保家庭成员名下的许可和备案。")
    page.get_by_role("button", name=f"提交 {NUMBER} 份申请").click()
    page.wait_for_url(re.compile(r"/share/bundles/P-"))
    path = page.url.removeprefix(cast.node.url)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"一起申请的 {NUMBER} 项资源")
    assert cast.status("zhaojing", path) == 404

    decide(cast, "heqing", "/desk/reviews/", "审查所选")
    decide(cast, "wangmin", "/desk/decisions/", "答复所选")
    page.goto(cast.node.url + path)
    expect(page.get_by_role("link", name="调用", exact=True)).to_have_count(NUMBER)
    assert cast.status("zhaojing", path) == 404


def decide(cast: Cast, who: str, queue: str, button: str) -> None:
    """Tick the permits that wait and say yes to all of them together; the queue shows twenty a page."""
    for _ in range(NUMBER):
        page = cast.open(who, queue)
        boxes = page.locator("tr").filter(has_text=KIND).locator("input[name=ids]")
        if boxes.count() == 0:
            return
        for at in range(boxes.count()):
            boxes.nth(at).check()
        page.get_by_role("button", name=re.compile(button)).click()
        page.wait_for_load_state()
        page.get_by_role("button", name="办理").click()
        page.wait_for_load_state()
        assert page.locator(".field-error").count() == 0, page.locator("main").inner_text()[:1500]
    raise AssertionError("the queue never ends")
