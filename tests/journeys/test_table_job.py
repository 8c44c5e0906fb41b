"""A department receives a whole table: rows that break its rule wait, one is mended and replayed, the proof stands."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.test_main_job import Cast, cast

__all__ = ["cast"]

RULES = """rules:
  - {id: capital, rule: range, field: 注册资本, max: 9999, severity: major}
"""


def test_a_job_is_made_under_a_grant_and_its_quarantine_mended_and_replayed(cast: Cast) -> None:
    page = cast.page("zhouhang")
    page.goto(f"{cast.node.url}/jobs/")
    # under the older of two grants: the other one, to follow changes, leaves the capital out
    page.get_by_role("link", name="建作业").last.click()
    page.get_by_label("目标表").fill("jieshou.lvcheng")
    page.get_by_label("名称", exact=True).fill("企业核对")
    page.locator("#id_when").select_option("manual")
    page.get_by_label("按自己的规则").check()
    page.locator("summary", has_text="自己的规则").click()
    page.locator("#id_rules").fill(RULES)
    page.get_by_role("button", name="建立并执行").click()
    page.wait_for_url(re.compile(r"/jobs/J-"))
    # the worker takes it up and the page follows by itself
    expect(page.get_by_role("heading", name="一行不少")).to_be_visible(timeout=120_000)
    number = re.search(r"J-\d+-\d+", page.url)
    assert number is not None
    quarantine = page.locator("#quarantine")
    expect(quarantine).to_contain_text("不符合规则 capital")
    quarantine.get_by_role("link", name="修正").first.click()
    page.wait_for_url(re.compile(r"/quarantine/"))
    page.locator("input[name='v_注册资本']").fill("9999")
    page.get_by_role("button", name="保存修正").click()
    page.wait_for_url(re.compile(r"/jobs/J-[\d-]+/#quarantine"))
    page.get_by_role("button", name="回放已修正的行").click()
    expect(page.locator("#quarantine")).to_contain_text("已写入", timeout=120_000)
    page.get_by_role("link", name="看凭据").click()
    page.wait_for_url(re.compile(r"/runs/"))
    expect(page.get_by_role("heading", name="一行不少")).to_be_visible()
    expect(page.locator("main")).to_contain_text("两侧的行数和摘要逐段相同")

    provider = cast.page("wangmin")
    provider.goto(f"{cast.node.url}/jobs/{number[0]}/")
    expect(provider.locator("#quarantine")).to_contain_text("由使用方查看")
    expect(provider.get_by_role("button", name="立即运行")).to_have_count(0)

    outsider = cast.page("zhaojing")
    answer = outsider.goto(f"{cast.node.url}/jobs/{number[0]}/")
    assert answer is not None
    assert answer.status == 404
