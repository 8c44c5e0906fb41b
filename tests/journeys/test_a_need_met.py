"""A need through the pages: searched in vain, stated, answered, catalogued, met, asked for; an outsider looks on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Node
from tests.journeys.test_main_job import Cast

TITLE = "企业动产抵押登记"


@pytest.fixture(scope="module")
def cast(node: Node, browser: Browser) -> Iterator[Cast]:
    people = Cast(node, browser)
    yield people
    for context in people.contexts.values():
        context.close()


def test_a_need_is_met(cast: Cast) -> None:
    zhou = cast.open("zhouhang", f"/share/resources/?q={TITLE}流水明细")
    zhou.get_by_role("link", name="提出需求").click()
    expect(zhou.locator("input[name=title]")).to_have_value(f"{TITLE}流水明细")
    zhou.locator("input[name=title]").fill(TITLE)
    zhou.locator("textarea[name=reason]").fill("审核低保时核对家庭经营的抵押情况")
    zhou.locator("input[name=code]").fill("000111004000")
    zhou.locator("input[name=purpose_title]").fill("最低生活保障对象认定")
    zhou.locator("input[name=item_name_0]").fill("统一社会信用代码")
    zhou.locator("input[name=contact_phone]").fill("内线 6210")
    expect(zhou.get_by_text("是不是这些？")).to_be_visible()
    zhou.locator("button[value=submit]").click()
    zhou.wait_for_url(re.compile(r"/share/needs/N-"))
    expect(zhou.get_by_text("待部门答复").first).to_be_visible()
    path = zhou.url.removeprefix(cast.node.url)

    wang = cast.open("wangmin", "/share/needs/?tab=routed")
    wang.get_by_role("link", name=TITLE, exact=True).click()
    wang.get_by_role("link", name="答复", exact=True).click()
    wang.get_by_label("有，将编入目录").check()
    wang.get_by_role("button", name="发出答复").click()
    wang.locator("input[name=classification]").fill("306001003")
    wang.get_by_role("button", name="起草目录").click()
    wang.wait_for_url(re.compile(r"/desk/resources/"))
    wang.locator("button[value=publish]").click()
    wang.wait_for_load_state()

    outsider = cast.open("zhaojing", path)
    expect(outsider.get_by_text("已在目录中").first).to_be_visible()
    expect(outsider.get_by_text("内线 6210")).to_have_count(0)
    assert cast.status("zhaojing", f"{path}answer/") == 404

    zhou.goto(f"{cast.node.url}/share/notices/")
    expect(zhou.get_by_text(f"“{TITLE}”已在目录中，可以申请").first).to_be_visible()
    zhou.goto(cast.node.url + path)
    asking = zhou.get_by_role("link", name="申请", exact=False).last
    expect(asking).to_be_visible()
