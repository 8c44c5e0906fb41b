"""The main job through the pages: a database is connected, asked for, granted, called, proven, revoked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import PATIENCE_MS, Node
from yiwang.bootstrap.node import NodeFolder

TABLE = """
CREATE TABLE public.zyxkz (
  xkzh varchar(30) PRIMARY KEY, tyshxydm char(18) NOT NULL, dwmc varchar(100) NOT NULL, fzrq date NOT NULL, zt varchar(10));
COMMENT ON TABLE public.zyxkz IS '食品经营许可核发信息';
COMMENT ON COLUMN public.zyxkz.xkzh IS '许可证编号';
COMMENT ON COLUMN public.zyxkz.tyshxydm IS '统一社会信用代码';
COMMENT ON COLUMN public.zyxkz.dwmc IS '单位名称';
COMMENT ON COLUMN public.zyxkz.fzrq IS '发证日期';
COMMENT ON COLUMN public.zyxkz.zt IS '状态';
INSERT INTO public.zyxkz VALUES
  ('JY12901000001', '91290105MA00000232', '澜州渡江小吃店', '2025-03-01', '有效'),
  ('JY12901000002', '91290104MA1000009A', '澜州松岭饭店', '2024-07-15', '注销');
CREATE ROLE licence_reader LOGIN PASSWORD 'only-reads-1';
GRANT SELECT ON public.zyxkz TO licence_reader;
"""
TITLE = "食品经营许可核发信息"
CREDIT_CODE = "91290105MA00000232"
LISTINGS = (
    "/share/", "/share/requests/", "/share/grants/", "/share/notices/", "/desk/", "/desk/sources/", "/desk/reviews/",
    "/desk/decisions/", "/desk/grants/",
)  # fmt: skip
"""Where an outsider would stumble over what others do."""


@dataclass
class Cast:
    """The people of the journey, each in a browser of their own."""

    node: Node
    browser: Browser
    contexts: dict[str, BrowserContext] = field(default_factory=dict)

    def page(self, username: str) -> Page:
        """A page of somebody who is signed in."""
        if username not in self.contexts:
            context = self.browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 1000})
            context.set_default_timeout(PATIENCE_MS)
            self.contexts[username] = context
            page = context.new_page()
            page.goto(f"{self.node.url}/login/")
            page.get_by_label("用户名").fill(username)
            page.locator("input[name=password]").fill(self.node.account(username).password)
            page.locator("input[name=password]").press("Enter")
            page.wait_for_url(re.compile(r"/share/"))
            return page
        return self.contexts[username].pages[0]

    def open(self, username: str, path: str) -> Page:
        page = self.page(username)
        page.goto(self.node.url + path)
        return page

    def status(self, username: str, path: str) -> int:
        """What a person gets who types an address."""
        answer = self.page(username).request.get(self.node.url + path, max_redirects=0)
        return answer.status

    def outsider_sees_nothing(self, *secrets: str, hidden: tuple[str, ...] = ()) -> None:
        """赵静, of a third agency, opens none of these addresses and finds none of these words in any list."""
        for path in hidden:
            assert self.status("zhaojing", path) in {403, 404}, path
        for listing in LISTINGS:
            text = self.page("zhaojing").request.get(self.node.url + listing).text()
            assert [secret for secret in secrets if secret in text] == [], listing


@pytest.fixture(scope="module")
def cast(node: Node, browser: Browser) -> Iterator[Cast]:
    people = Cast(node, browser)
    yield people
    for context in people.contexts.values():
        context.close()


@pytest.fixture(scope="module")
def licences(node: Node) -> int:
    """A database of the provider, outside the platform; the port of its server."""
    password = (node.folder / "postgres" / "superuser.password").read_text(encoding="ascii")
    port = urlsplit(NodeFolder(node.folder).urls().owner).port
    assert port is not None
    server = f"postgresql://yw_super:{password}@127.0.0.1:{port}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE licences")
    with psycopg.connect(f"{server}/licences") as connection:
        connection.execute(TABLE.encode())
    return port


@pytest.fixture(scope="module")
def code(cast: Cast, licences: int) -> str:
    """王敏 connects the database and publishes its table; the code of the entry."""
    page = cast.open("wangmin", "/desk/sources/new/")
    for name, value in {
        "name": "食品许可库", "host": "127.0.0.1", "port": str(licences), "database": "licences", "user": "licence_reader",
        "password": "wrong-password",
    }.items():  # fmt: skip
        page.locator(f"[name={name}]").fill(value)
    page.locator("form button.button-primary").first.click()
    expect(page.locator(".field-error").first).to_be_visible()
    assert "wrong-password" not in page.content().replace('name="kept"', "")
    page.locator("[name=password]").fill("only-reads-1")
    page.locator("form button.button-primary").first.click()
    page.wait_for_url(re.compile(r"/tables/"))
    tables = urlsplit(page.url).path
    cast.outsider_sees_nothing("食品许可库", "licence_reader", TITLE, hidden=(tables,))
    page.get_by_role("row", name=re.compile("zyxkz")).get_by_role("link").last.click()
    expect(page.locator("[name=title]")).to_have_value(TITLE)
    cast.outsider_sees_nothing("食品许可库", TITLE, hidden=(urlsplit(page.url).path,))
    page.locator("[name=classification]").fill("306001006")
    page.locator("[name=summary]").fill("全市食品经营许可证，每日更新。")
    page.locator("[name=share_type][value=conditional]").check()
    page.locator("[name=share_condition]").fill("用于社会救助和行政许可审核。")
    page.locator("button[name=do][value=publish]").click()
    page.wait_for_load_state()
    found = re.search(r"306001006/\d+", page.content())
    assert found is not None, page.locator("main").inner_text()
    cast.outsider_sees_nothing("食品许可库", "licence_reader", "zyxkz", hidden=(tables,))
    return found[0]


@pytest.fixture(scope="module")
def request_id(cast: Cast, code: str) -> str:
    """周航 finds the entry and asks for it; the number of the request."""
    page = cast.open("zhouhang", "/share/resources/?q=食品经营")
    page.get_by_role("link", name=TITLE).first.click()
    page.wait_for_url(re.compile(r"/share/resources/306001006"))
    page.goto(page.url + "request/")
    page.get_by_role("button", name="提交").first.click()  # nothing said yet: the form tells what is missing
    expect(page.locator(".error-summary, [role=alert]").first).to_be_visible()
    page.locator("[name=code_0]").fill("000111004000")
    page.locator("[name=title_0]").fill("最低生活保障对象认定")
    page.locator("[name=reason]").fill("审核低保申请时核对家庭成员是否经营餐饮。")
    for name, values in {
        "modes": ("query", "verify"), "fields": ("dwmc", "zt", "tyshxydm"), "lookups": ("tyshxydm",),
        "claims": ("zt",),
    }.items():  # fmt: skip
        for value in values:
            page.locator(f"input[name={name}][value='{value}']").check()
    page.locator("button[name=do][value=submit]").click()
    page.wait_for_url(re.compile(r"/share/requests/R-"))
    number = page.url.rstrip("/").rsplit("/", 1)[1]
    cast.outsider_sees_nothing(number, "核对家庭成员", hidden=asked_about(number))
    return number


@pytest.fixture(scope="module")
def grant_id(cast: Cast, request_id: str) -> str:
    """何青 passes it, 王敏 grants it; the number of the grant."""
    assert cast.status("zhouhang", f"/desk/reviews/{request_id}/") in {403, 404}, (
        "the consumer does not review"
    )
    page = cast.open("heqing", f"/desk/reviews/{request_id}/")
    page.locator("form#accept button").click()
    page.wait_for_load_state()
    cast.outsider_sees_nothing(request_id, "核对家庭成员", hidden=asked_about(request_id))
    page = cast.open("wangmin", f"/desk/decisions/{request_id}/")
    page.locator("button.button-primary[form=decide]").click()
    page.wait_for_load_state()
    found = re.search(r"G-\d{4}-\d{6}", cast.open("wangmin", f"/desk/decisions/{request_id}/").content())
    assert found is not None, page.locator("main").inner_text()
    cast.outsider_sees_nothing(request_id, found[0], hidden=asked_about(request_id, found[0]))
    return found[0]


def asked_about(request: str, grant: str | None = None) -> tuple[str, ...]:
    """The addresses of a request, and of the grant that came of it."""
    own = (f"/share/requests/{request}/", f"/desk/reviews/{request}/", f"/desk/decisions/{request}/")
    return own if grant is None else (*own, f"/share/grants/{grant}/", f"/desk/grants/{grant}/")


def ask(cast: Cast, grant_id: str) -> Page:
    page = cast.open("zhouhang", f"/share/grants/{grant_id}/")
    page.locator("[name='where_tyshxydm']").fill(CREDIT_CODE)
    page.get_by_role("button", name="发送请求").click()
    return page


def test_an_outsider_finds_the_entry_but_nothing_of_what_others_do_with_it(
    cast: Cast, code: str, request_id: str, grant_id: str
) -> None:
    page = cast.open("zhaojing", f"/share/resources/{code.replace('/', '%2F')}/")
    assert TITLE in page.content()
    assert request_id not in page.content()
    assert grant_id not in page.content()
    cast.outsider_sees_nothing(request_id, grant_id, hidden=asked_about(request_id, grant_id))


def test_the_answer_stands_beside_its_proof(cast: Cast, grant_id: str) -> None:
    page = ask(cast, grant_id)
    expect(page.locator("pre.code").get_by_text("澜州渡江小吃店")).to_be_visible()
    expect(page.get_by_text("凭证已验证")).to_be_visible()
    cast.outsider_sees_nothing(
        grant_id, CREDIT_CODE, "澜州渡江小吃店", hidden=(f"/share/grants/{grant_id}/",)
    )


def test_the_proof_is_drawn_for_its_parties_alone(cast: Cast, grant_id: str) -> None:
    page = ask(cast, grant_id)
    badge = page.locator(".proof a").first
    expect(badge).to_be_visible()
    path = str(badge.get_attribute("href"))
    leaf = cast.open("zhouhang", path)
    expect(leaf.locator("main svg").first).to_be_visible()
    assert grant_id in leaf.content()
    assert cast.status("wangmin", path) == 200
    assert cast.status("zhaojing", path) == 404
    cast.outsider_sees_nothing(grant_id, CREDIT_CODE, path)


def test_a_revoked_grant_is_refused_within_a_second_and_says_what_to_do(cast: Cast, grant_id: str) -> None:
    page = cast.open("wangmin", f"/desk/grants/{grant_id}/revoke/")
    page.locator("[name=reason]").fill("用途已结束。")
    page.locator("button.button-danger").last.click()
    page.wait_for_load_state()
    page.wait_for_timeout(1000)
    view = cast.open("zhouhang", f"/share/grants/{grant_id}/")
    expect(view.get_by_text("已收回").first).to_be_visible()
    expect(view.get_by_role("button", name="发送请求")).to_have_count(0)
    hidden = (f"/share/grants/{grant_id}/", f"/desk/grants/{grant_id}/revoke/")
    cast.outsider_sees_nothing(grant_id, "用途已结束", hidden=hidden)


@pytest.mark.parametrize(
    "path",
    ["/share/", "/share/resources/", "/share/requests/", "/share/grants/", "/desk/", "/evidence/verify/"],
)
@pytest.mark.parametrize("width", [390, 1440])
def test_pages_fit_the_screen_in_both_languages(cast: Cast, path: str, width: int) -> None:
    page = cast.page("wangmin")
    page.set_viewport_size({"width": width, "height": 900})
    for language in ("en", "zh-hans"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": cast.node.url}])
        page.goto(cast.node.url + path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px wider than the screen ({language})"
        assert page.locator("h1").count() == 1
        if language == "en":
            own = page.evaluate("document.querySelector('header, nav').innerText")
            assert not re.search(r"首页|目录|登录|申请", own)
    page.set_viewport_size({"width": 1440, "height": 1000})
