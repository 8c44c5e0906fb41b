"""Usage and alerts in a real browser: charts that draw themselves under the page's own policy, and without a script."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import PATIENCE_MS, Node


def signed_in(browser: Browser, node: Node, username: str, *, script: bool = True) -> Page:
    context = browser.new_context(
        locale="zh-CN", viewport={"width": 1440, "height": 1000}, java_script_enabled=script
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{node.url}/login/")
    page.get_by_label("用户名").fill(username)
    page.locator("input[name=password]").fill(node.account(username).password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(re.compile(r"/share/"))
    return page


def test_charts_draw_what_their_tables_say_and_the_policy_forbids_nothing(
    browser: Browser, node: Node
) -> None:
    page = signed_in(browser, node, "heqing")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{node.url}/usage/")
    first = page.locator("figure[data-chart]").first
    expect(first.locator(".chart-drawing canvas")).to_be_visible()
    expect(first.locator("table")).to_be_hidden()
    first.get_by_text("看数字").click()
    expect(first.locator("table")).to_be_visible()
    names = page.locator("figure[data-chart=bar]").first.locator("tbody th").all_text_contents()
    drawn = page.locator("figure[data-chart=bar] .chart-drawing").first.evaluate(
        "place => echarts.getInstanceByDom(place).getOption().yAxis[0].data"
    )
    assert drawn == names[::-1]
    page.get_by_role("link", name="7 天").click()
    expect(page.locator("figure[data-chart=line] thead").first).to_contain_text("之前")
    expect(page.locator("figure[data-chart=line] canvas").first).to_be_visible()
    assert complaints == []
    page.context.close()


def test_numbers_stand_open_without_a_script(browser: Browser, node: Node) -> None:
    page = signed_in(browser, node, "heqing", script=False)
    page.goto(f"{node.url}/usage/")
    expect(page.locator("figure[data-chart] table").first).to_be_visible()
    assert page.locator(".chart-drawing canvas").count() == 0
    page.context.close()


def test_an_outsider_finds_the_calls_of_its_own_agency_alone(browser: Browser, node: Node) -> None:
    page = signed_in(browser, node, "zhaojing")
    page.goto(f"{node.url}/usage/?days=90")
    users = page.locator("section").filter(has=page.get_by_role("heading", name="谁在用", exact=True))
    expect(users.locator("tbody tr")).to_have_count(1)
    expect(users.locator("tbody tr")).to_contain_text("市交通局")
    page.goto(f"{node.url}/console/sources/")
    expect(page.get_by_text("没有连接数据源")).to_be_visible()
    page.context.close()
