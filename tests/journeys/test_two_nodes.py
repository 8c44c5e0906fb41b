"""Two whole nodes: a city joins a nation by page, asks for a national resource and gets it, and has a wrong row put right."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import PATIENCE_MS, START_SECONDS, Node
from yiwang.blocks.identity.domain.second_factor import code_at, step_of
from yiwang.bootstrap.embedded import free_port

KEY = "91290105MA00000232"
TITLE = "全国企业登记基本信息"


@dataclass
class People:
    """Everybody in a browser of their own, on both nodes."""

    browser: Browser
    contexts: dict[tuple[str, str], BrowserContext] = field(default_factory=dict)

    def open(self, node: Node, username: str, path: str) -> Page:
        if (node.url, username) not in self.contexts:
            self.contexts[node.url, username] = self._signed_in(node, username)
        page = self.contexts[node.url, username].pages[0]
        page.goto(node.url + path)
        return page

    def _signed_in(self, node: Node, username: str) -> BrowserContext:
        context = self.browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 1000})
        context.set_default_timeout(PATIENCE_MS)
        page, account = context.new_page(), node.account(username)
        page.goto(f"{node.url}/login/")
        page.locator("input[name=username]").fill(username)
        page.locator("input[name=password]").fill(account.password)
        page.locator("input[name=password]").press("Enter")
        if account.totp_secret:
            box = page.locator("input[name=code]")
            expect(box).to_be_visible()
            secret = base64.b32decode(account.totp_secret + "=" * (-len(account.totp_secret) % 8))
            box.fill(code_at(secret, step_of(datetime.now(UTC))))
            box.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        return context


@pytest.fixture(scope="module")
def people(browser: Browser) -> Iterator[People]:
    everybody = People(browser)
    yield everybody
    for context in everybody.contexts.values():
        context.close()


@pytest.fixture(scope="module")
def nation() -> Iterator[Node]:
    """A small national node of its own."""
    with tempfile.TemporaryDirectory(prefix="yw-nation-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port(3)
        folder.chmod(0o755)
        process = subprocess.Popen(
            [sys.executable, "-m", "yiwang.bootstrap.demo.beyond", "guojia", name, str(port)],
            stdin=subprocess.DEVNULL, env={k: v for k, v in os.environ.items() if not k.startswith("YW_")},
            start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not (folder / "ready").exists():
            assert process.poll() is None, "the nation did not start"
            assert time.monotonic() < deadline, "the nation is not ready"
            time.sleep(0.2)
        facts = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
        try:
            yield Node(facts["url"], facts["gateway"], folder, facts, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


@pytest.fixture(scope="module")
def joined(people: People, node: Node, nation: Node) -> Iterator[Node]:
    """The nation, joined with the city by its two operators' pages; parted in the same way."""
    page = people.open(nation, "zhouyan", "/console/cascade/")
    page.get_by_role("button", name="邀请下级节点").click()
    invitation = page.locator("#invitation").inner_text()
    page = people.open(node, "zhouyan", "/console/cascade/")
    page.get_by_role("link", name="接入上级节点").click()
    page.locator("[name=invitation]").fill(invitation)
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_text(nation.url)).to_be_visible()
    page.get_by_role("button", name="接入", exact=True).click()
    expect(page.get_by_role("heading", name="国家节点")).to_be_visible()
    yield nation
    page = people.open(node, "zhouyan", "/console/cascade/nodes/guojia/leave/")
    page.locator("[name=typed]").fill("guojia")
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_text("已退出").first).to_be_visible()


def until(page: Page, text: str | re.Pattern[str]) -> None:
    """Open the page anew until it says so: news between nodes takes a second or two."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while page.get_by_text(text).count() == 0:
        assert time.monotonic() < deadline, page.locator("main").inner_text()
        page.wait_for_timeout(500)
        page.reload()


@pytest.fixture(scope="module")
def asking(people: People, node: Node, joined: Node) -> str:
    """周航 of the city finds the nation's resource on the city's page and asks; the path of the request."""
    page = people.open(node, "zhouhang", f"/share/nodes/?q={quote('企业登记')}")
    until(page, TITLE)
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    for mode in ("query", "table", "file"):
        page.locator(f"input[name=modes][value={mode}]").check()
    for name in ("统一社会信用代码", "企业名称", "经营状态"):
        page.locator(f"input[name=fields_][value='{name}']").check()
    page.locator("input[name=ways][value=full]").check()
    page.locator("[name=purposes]").fill("000111004000")
    page.locator("[name=purpose_title]").fill("最低生活保障对象认定")
    page.locator("[name=reason]").fill("审核低保申请时核对申请人名下的企业。")
    page.get_by_role("button", name="送往资源所在节点").click()
    page.wait_for_url(re.compile(r"/share/nodes/requests/[^/]+/$"))
    path = page.url.removeprefix(node.url)
    assert people.open(node, "zhaojing", path).get_by_role("heading", name=TITLE).count() == 0
    return path


@pytest.fixture(scope="module")
def granted(people: People, node: Node, joined: Node, asking: str) -> str:
    """何青 and 王敏 of the nation review and decide on their own pages."""
    page = people.open(joined, "heqing", "/desk/reviews/")
    until(page, TITLE)
    page.get_by_role("link", name=re.compile(TITLE)).first.click()
    expect(page.locator("form#accept button")).to_be_visible()
    page.locator("form#accept button").click()
    expect(page.locator("form#accept button")).to_have_count(0)
    page = people.open(joined, "wangmin", "/desk/decisions/")
    page.get_by_role("link", name=re.compile(TITLE)).first.click()
    page.locator("button.button-primary[form=decide]").click()
    expect(page.locator("button.button-primary[form=decide]")).to_have_count(0)
    until(people.open(node, "zhouhang", asking), "已授权")
    return asking


def query(people: People, node: Node, asking: str) -> Page:
    page = people.open(node, "zhouhang", asking)
    until(page, "发送请求")
    page.locator("[name='where_统一社会信用代码']").fill(KEY)
    page.get_by_role("button", name="发送请求").click()
    expect(page.get_by_text("凭证已验证")).to_be_visible()
    return page


def test_a_city_asks_for_a_national_resource_and_gets_it_with_its_proof(
    people: People, node: Node, granted: str
) -> None:
    page = query(people, node, granted)
    expect(page.locator("pre.code", has_text=KEY)).to_be_visible()
    badge = page.locator(".proof a").first.get_attribute("href")
    assert badge is not None
    leaf = people.open(node, "zhouhang", badge)
    expect(leaf.get_by_role("link", name=TITLE)).to_be_visible()
    expect(leaf.locator("main svg").first).to_be_visible()
    assert leaf.get_by_role("link", name="数据有误").count() == 1
    outsider = people.open(node, "zhaojing", badge)
    assert KEY not in outsider.content()
    assert outsider.get_by_role("link", name=TITLE).count() == 0


def test_a_wrong_value_is_disputed_from_its_row_and_the_right_one_comes_back(
    people: People, node: Node, joined: Node, granted: str
) -> None:
    page = query(people, node, granted)
    page.locator("select#pick").select_option("0:经营状态")
    page.get_by_role("button", name="提出校核").click()
    expect(page.locator("[name=key_value]")).to_have_value(KEY)
    expect(page.locator("[name=given]")).not_to_have_value("")
    assert KEY not in page.url
    page.locator("[name=proposed]").fill("注销")
    page.locator("[name=reason]").fill("企业已提交注销登记通知书。")
    page.get_by_role("button", name="告知提供方").click()
    page.wait_for_url(re.compile(r"/share/disputes/[^/]+/$"))
    path = page.url.removeprefix(node.url)
    for one in (node, joined):
        if one is node:
            assert KEY not in people.open(one, "zhaojing", path).content()
    answer = people.open(joined, "wangmin", "/share/disputes/")
    until(answer, TITLE)
    answer.get_by_role("link", name=TITLE).first.click()
    expect(answer.get_by_text(re.compile("工作日"))).to_be_visible()
    answer.locator("input[name=outcome][value=accepted]").check()
    answer.locator("[name=value]").fill("注销")
    answer.locator("[name=text]").fill("已核对登记档案，状态已更正。")
    answer.get_by_role("button", name="发出答复").click()
    expect(answer.get_by_text("已更正").first).to_be_visible()
    page = people.open(node, "zhouhang", path)
    until(page, "已更正")
    expect(page.get_by_text("注销").first).to_be_visible()
    corrected = people.open(node, "zhouhang", "/share/disputes/")
    until(corrected, "已更正的数据")
    assert KEY in corrected.content()
    assert KEY not in people.open(node, "zhaojing", "/share/disputes/").content()


def test_a_national_file_is_fetched_by_page_and_its_provider_sees_the_receipt(
    people: People, node: Node, joined: Node, granted: str, tmp_path: Path
) -> None:
    content = b"id,amount\n" + b"1,2.50\n" * 900_000
    (tmp_path / "2026.csv").write_bytes(content)
    resources = joined.facts["resources"]
    assert isinstance(resources, list)
    code = resources[0]["code"]
    shelf = people.open(joined, "wangmin", f"/share/resources/{code}/files/")
    shelf.locator("#file").set_input_files(tmp_path / "2026.csv")
    shelf.get_by_role("button", name="上传").click()
    until(shelf, re.compile("^可取$"))
    page = people.open(node, "zhouhang", granted)
    page.get_by_role("link", name="看文件").click()
    until(page, "2026.csv")
    with page.expect_download() as coming:
        page.get_by_role("button", name="下载").click()
    coming.value.save_as(tmp_path / "got.csv")
    assert (tmp_path / "got.csv").read_bytes() == content
    files = page.url.removeprefix(node.url)
    assert "2026.csv" not in people.open(node, "zhaojing", files).content()
    receipt = people.open(joined, "wangmin", f"/share/resources/{code}/files/")
    expect(receipt.get_by_text("还没有", exact=True)).to_have_count(0)
    assert "G-" in receipt.locator("table").inner_text()


def test_a_national_table_is_copied_by_a_job_of_the_city_until_its_provider_takes_the_grant_back(
    people: People, node: Node, joined: Node, granted: str
) -> None:
    page = people.open(node, "zhouhang", granted)
    page.get_by_role("link", name="建库表作业").click()
    expect(page.get_by_role("heading", name="从其他节点取表")).to_be_visible()
    assert page.locator("input[name=check][value=resource]").count() == 0
    assert page.locator("input[name=mode][value=cdc]").count() == 0
    page.get_by_label("目标表").fill("jieshou.guojia_qy")
    page.get_by_label("名称", exact=True).fill("国家企业登记")
    page.locator("#id_when").select_option("manual")
    page.get_by_role("button", name="建立并执行").click()
    page.wait_for_url(re.compile(r"/jobs/J-"))
    expect(page.get_by_role("heading", name="一行不少")).to_be_visible(timeout=120_000)
    expect(page.locator("main")).to_contain_text("由国家节点授予")
    path = page.url.removeprefix(node.url)
    grant = page.locator("a.mono", has_text="G-").inner_text()
    page.get_by_role("link", name="看凭据").click()
    expect(page.locator("main")).to_contain_text("来自提供方节点")
    listed = people.open(node, "zhouhang", "/jobs/")
    expect(listed.get_by_role("link", name="国家企业登记")).to_be_visible()
    assert "国家企业登记" not in people.open(node, "zhaojing", "/jobs/").content()
    assert "国家企业登记" not in people.open(node, "zhaojing", path).content()

    revoke = people.open(joined, "wangmin", f"/desk/grants/{grant}/revoke/")
    revoke.locator("[name=reason]").fill("用途已结束。")
    revoke.locator("button.button-danger").last.click()
    until(people.open(node, "zhouhang", granted), "授权已失效")
    page = people.open(node, "zhouhang", path)
    page.get_by_role("button", name="立即运行").click()
    expect(page.locator("main")).to_contain_text("没有再读取任何数据", timeout=60_000)
