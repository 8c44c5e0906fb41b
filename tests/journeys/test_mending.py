"""A ticket of quality in the browser: opened by a run, mended at the source, closed by itself, reopened by a relapse."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Node
from tests.journeys.test_main_job import Cast
from yiwang.bootstrap.node import NodeFolder

TITLE, VIEW = "专利代理机构备案信息", "v_xk_32"
FINDING = "统一社会信用代码 校验码错误"
BREAK = (
    "UPDATE scjg.xzxk SET tyshxydm = '91290105MA0000000X' WHERE xkzbh = (SELECT min(xkzbh) FROM scjg.v_xk_32)"
)
MEND = "UPDATE scjg.xzxk SET tyshxydm = q.tyshxydm FROM scjg.qy_jbxx q WHERE q.qymc = xzxk.qymc AND xklb = 32"


@pytest.fixture(scope="module")
def cast(node: Node, browser: Browser) -> Iterator[Cast]:
    people = Cast(node, browser)
    yield people
    for context in people.contexts.values():
        context.close()


def at_the_source(node: Node, statement: str) -> None:
    """What a clerk of the department does in their own database."""
    password = (node.folder / "postgres" / "superuser.password").read_text(encoding="ascii")
    port = urlsplit(NodeFolder(node.folder).urls().owner).port
    with psycopg.connect(
        f"postgresql://yw_super:{password}@127.0.0.1:{port}/shichang", autocommit=True
    ) as connection:
        assert connection.execute(statement.encode()).rowcount > 0


def shown_after_a_run(page: Page, url: str, text: str) -> None:
    """The worker runs the rules within a minute; the page is looked at until it tells."""
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        page.goto(url)
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(1500)
    expect(page.get_by_text(text).first).to_be_visible()


def test_a_ticket_is_mended_closes_by_itself_and_comes_back(cast: Cast) -> None:
    node = cast.node
    wang = cast.open("wangmin", f"/quality/?q={TITLE}")
    shown_after_a_run(wang, wang.url, "5 级")  # the worker has judged it for the first time
    wang.get_by_role("link", name=TITLE).click()
    wang.wait_for_url(re.compile(r"/quality/(?!\?)"))
    resource = wang.url

    at_the_source(node, BREAK)
    wang.get_by_role("link", name="规则", exact=True).click()
    severity = wang.get_by_label("重要程度").first
    severity.select_option("blocking")  # a change of the rules has them run at once
    expect(wang.get_by_text("规则已保存，正在检查").first).to_be_visible()
    shown_after_a_run(wang, resource, FINDING)
    wang.get_by_role("link", name=FINDING).first.click()
    wang.wait_for_url(re.compile(r"/quality/tickets/Q-"))
    ticket = wang.url
    expect(wang.get_by_text("1 / 40")).to_be_visible()
    expect(wang.get_by_text("91290105MA0000000X")).to_have_count(0)

    wang.get_by_role("button", name="开始整改").click()
    at_the_source(node, MEND)
    wang.get_by_role("link", name="已经整改").click()
    wang.get_by_label("做了什么").fill("按营业执照更正")
    wang.get_by_role("button", name="发送").click()
    expect(wang.get_by_text("按营业执照更正").first).to_be_visible()
    shown_after_a_run(wang, ticket, "检查全部合格，自动关闭")

    at_the_source(node, BREAK)
    wang.goto(resource)
    wang.get_by_role("link", name="规则", exact=True).click()
    wang.get_by_label("重要程度").first.select_option("major")
    expect(wang.get_by_text("规则已保存，正在检查").first).to_be_visible()
    shown_after_a_run(wang, ticket, "问题复发，重新打开")
    at_the_source(node, MEND)

    path = ticket.removeprefix(node.url)
    assert cast.status("zhaojing", path) == 404
    assert cast.status("zhaojing", resource.removeprefix(node.url)) == 404
    bureau = cast.open("heqing", path)
    expect(bureau.get_by_text("按营业执照更正").first).to_be_visible()
    expect(bureau.get_by_text("在本部门数据库中查找")).to_have_count(0)
