"""From a database to a published entry, and what becomes of it when its table changes."""

from __future__ import annotations

import re

import psycopg
import pytest
from django.utils import timezone

from tests.conftest import Server
from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.exchange.cast import WANG_MIN, ZHAO_JING, ZHOU_HANG, mounted, published
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm

pytestmark = pytest.mark.django_db
ABOUT = {
    "title": "变化的表", "classification": "306001003", "summary": "试验用。", "share_type": "conditional",
    "share_condition": "作为行政依据", "update_cycle": "daily", "modes": ["query", "verify"], "disclosure": "immediate",
}  # fmt: skip


def address(source: SourceForm, **changes: object) -> dict[str, object]:
    values = {
        "name": "业务库", "host": source.host, "port": source.port, "database": source.database, "user": source.user,
        "password": source.password, "connect_timeout_ms": 3000, "timeout_ms": 3000, "pool_size": 4,
    }  # fmt: skip
    return {**values, **changes}


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)"', page))


def filled(page: str) -> dict[str, str]:
    """The item boxes as the page proposes them, in the way a browser would send them."""
    values = {}
    for tag in re.findall(r"<input[^>]+name=\"item-[^>]+>", page):
        name = re.search(r'name="([^"]+)"', tag)[1]  # type: ignore[index]
        value = re.search(r'value="([^"]*)"', tag)
        if "checkbox" in tag:
            if " checked" in tag:
                values[name] = "on"
        else:
            values[name] = value[1] if value else ""
    for name, options in re.findall(r'<select name="(item-[^"]+)".*?>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        values[name] = chosen[1] if chosen else ""
    return values


def added(browser: Browser, source: SourceForm) -> str:
    browser(WANG_MIN).post("/desk/sources/new/", address(source))
    return exchange.sources(WANG_MIN)[0].id


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"host": "10.9.9.9"}, "host"),
        ({"port": 1}, "host"),
        ({"database": "keine"}, "database"),
        ({"password": "falsch"}, "password"),
    ],
)
def test_what_the_database_answers_stands_beside_the_field_it_is_about(
    browser: Browser, source: SourceForm, change: dict[str, object], field: str
) -> None:
    answer = browser(WANG_MIN).post("/desk/sources/new/", address(source, **change))
    assert answer.status_code == 422
    assert f'id="id_{field}-error"' in answer.content.decode()
    assert exchange.sources(WANG_MIN) == ()


def test_the_password_never_comes_back_and_need_not_be_typed_twice(
    browser: Browser, source: SourceForm
) -> None:
    wang = browser(WANG_MIN)
    page = wang.post("/desk/sources/new/", address(source, database="keine")).content.decode()
    assert source.password not in page
    kept = hidden(page)["kept"]
    wang.post("/desk/sources/new/", address(source, password="", kept=kept))
    assert len(exchange.sources(WANG_MIN)) == 1
    stolen = browser(ZHOU_HANG).post("/desk/sources/new/", address(source, password="", kept=kept))
    assert "请填口令" in words(stolen.content)
    refused = wang.post("/desk/sources/new/", address(source, password="falsch")).content.decode()
    assert "kept" not in hidden(refused)


def test_a_user_that_can_write_is_taken_only_on_purpose(browser: Browser, source: SourceForm) -> None:
    wang = browser(WANG_MIN)
    writer = address(source, user="ext_writer", password="writes")
    answer = wang.post("/desk/sources/new/", writer)
    assert "该用户能修改数据" in words(answer.content)
    kept = hidden(answer.content.decode())["kept"]
    wang.post("/desk/sources/new/", {**writer, "password": "", "kept": kept, "accept_writable": "on"})
    view = exchange.source(WANG_MIN, exchange.sources(WANG_MIN)[0].id)
    assert view.writable_accepted
    assert "该用户能修改数据" in words(wang.get(f"/desk/sources/{view.id}/").content)


def test_a_table_is_published_and_connected_by_one_page(browser: Browser, source: SourceForm) -> None:
    number = added(browser, source)
    wang = browser(WANG_MIN)
    assert "企业 基本信息" in words(wang.get(f"/desk/sources/{number}/tables/").content)
    where = {"schema": "数据", "relation": "企业 基本信息"}
    page = wang.get(f"/desk/sources/{number}/entry/", where).content.decode()
    assert "tags" in words(page.encode())
    assert "不能直接交换" in words(page.encode())
    sent = {**ABOUT, **hidden(page), **filled(page), "item-0-title_en": "Credit code", "do": "publish"}
    sent["item-5-use"] = ""
    answer = wang.post(f"/desk/sources/{number}/entry/", sent, follow=True)
    assert "已发布并挂接" in words(answer.content), words(answer.content)
    mount = exchange.mounts(WANG_MIN)[0]
    entry = catalogue.resource(ZHOU_HANG, mount.resource)
    assert (entry.title, len(entry.items), entry.items[0].title_en) == ("变化的表", 5, "Credit code")
    assert entry.items[0].check == "uscc"
    assert mount.paging
    assert exchange.resource_entry(ZHOU_HANG, mount.resource, timezone.now()).can_request


def test_a_key_that_is_none_is_said_and_the_second_try_makes_no_second_entry(
    browser: Browser, source: SourceForm
) -> None:
    number = added(browser, source)
    wang = browser(WANG_MIN)
    where = {"schema": "public", "relation": "v_double"}
    page = wang.get(f"/desk/sources/{number}/entry/", where).content.decode()
    sent = {**ABOUT, **hidden(page), **filled(page), "item-0-key": "on", "do": "publish"}
    answer = wang.post(f"/desk/sources/{number}/entry/", sent)
    assert answer.status_code == 422
    assert "不能作为唯一键" in words(answer.content)
    code = hidden(answer.content.decode())["code"]
    assert catalogue.resource(WANG_MIN, code).state == "draft"
    sent |= {"code": code, "item-0-key": ""}
    wang.post(f"/desk/sources/{number}/entry/", sent)
    assert catalogue.resource(ZHOU_HANG, code).state == "published"
    assert catalogue.search_resources(WANG_MIN, mine=True, state="").total == 1


def test_mistakes_of_the_entry_stand_beside_their_boxes(browser: Browser, source: SourceForm) -> None:
    number = added(browser, source)
    wang = browser(WANG_MIN)
    where = {"schema": "public", "relation": "changing"}
    page = wang.get(f"/desk/sources/{number}/entry/", where).content.decode()
    wrong = {
        **ABOUT,
        **hidden(page),
        **filled(page),
        "classification": "9",
        "share_condition": "",
        "item-1-wire": "dm",
    }
    answer = wang.post(f"/desk/sources/{number}/entry/", wrong)
    text = words(answer.content)
    assert answer.status_code == 422
    assert "分类码由类 1 位" in text
    assert "有条件共享须写明" in text
    assert "出现了 2 次" in text
    assert catalogue.search_resources(WANG_MIN, mine=True, state="").total == 0


def test_a_table_that_changed_under_the_page_is_not_published(browser: Browser, source: SourceForm) -> None:
    number = added(browser, source)
    wang = browser(WANG_MIN)
    page = wang.get(
        f"/desk/sources/{number}/entry/", {"schema": "public", "relation": "changing"}
    ).content.decode()
    sent = {**ABOUT, **hidden(page), **filled(page), "shape": "dm:text a:text", "do": "publish"}
    answer = wang.post(f"/desk/sources/{number}/entry/", sent)
    assert "表的结构变了" in words(answer.content)


def test_an_entry_is_edited_published_again_and_withdrawn(browser: Browser) -> None:
    code = published()
    wang = browser(WANG_MIN)
    page = wang.get(f"/desk/resources/{code}/").content.decode()
    sent = {**ABOUT, **filled(page), "title": "企业登记信息（新）", "item-6-use": "on", "item-6-title": "邮编", "item-6-type": "text",
            "item-6-grade": "general"}  # fmt: skip
    wang.post(f"/desk/resources/{code}/", {**sent, "do": "save"})
    assert catalogue.resource(WANG_MIN, code).has_draft
    wang.post(f"/desk/resources/{code}/", {**sent, "do": "publish", "note": "加邮编"})
    view = catalogue.resource(ZHOU_HANG, code)
    assert (view.version, view.title, view.items[-1].wire) == (2, "企业登记信息（新）", "邮编")
    assert wang.post(f"/desk/resources/{code}/withdraw/", {"reason": ""}).status_code == 422
    wang.post(f"/desk/resources/{code}/withdraw/", {"reason": "机构改革"})
    assert catalogue.resource(WANG_MIN, code).state == "withdrawn"
    assert "机构改革" in words(wang.get(f"/desk/resources/{code}/").content)


def test_an_entry_in_the_catalogue_is_connected_with_guessed_columns(
    browser: Browser, source: SourceForm
) -> None:
    code, number = published(), added(browser, source)
    wang = browser(WANG_MIN)
    assert "数据在哪个库里" in words(wang.get(f"/desk/resources/{code}/connect/").content)
    where = {"source": number, "schema": "数据", "relation": "企业 基本信息"}
    page = wang.get(f"/desk/resources/{code}/connect/", where).content.decode()
    assert re.search(r'<option value="lxdh" selected', page), "the comment 联系电话 names the item's title"
    sent = {
        **where, "col_信用代码": "统一社会信用代码", "col_名称": "企业名称", "col_成立": "企业名称", "key_信用代码": "on",
        "modes": ["query"], "disclosure": "immediate",
    }  # fmt: skip
    answer = wang.post(f"/desk/resources/{code}/connect/", sent)
    assert answer.status_code == 422
    assert "不能作为" in words(answer.content)
    wang.post(f"/desk/resources/{code}/connect/", {**sent, "col_成立": "clrq"})
    mount = exchange.mounts(WANG_MIN)[0]
    assert (mount.modes, mount.paging) == (("query",), True)


def test_a_changed_table_is_shown_column_by_column_and_mended(
    browser: Browser, external: Server, source: SourceForm
) -> None:
    number = added(browser, source)
    wang = browser(WANG_MIN)
    with psycopg.connect(external.url("ext_market"), autocommit=True) as owner:
        owner.execute(
            "DROP TABLE IF EXISTS drifting; CREATE TABLE drifting (dm text PRIMARY KEY, a integer, b text)"
        )
        owner.execute("GRANT SELECT ON drifting TO ext_reader")
        page = wang.get(
            f"/desk/sources/{number}/entry/", {"schema": "public", "relation": "drifting"}
        ).content.decode()
        wang.post(
            f"/desk/sources/{number}/entry/", {**ABOUT, **hidden(page), **filled(page), "do": "publish"}
        )
        mount = exchange.mounts(WANG_MIN)[0].id
        owner.execute("ALTER TABLE drifting RENAME COLUMN b TO c; ALTER TABLE drifting ALTER a TYPE text")
        text = words(wang.post(f"/desk/mounts/{mount}/check/", follow=True).content)
        assert "表有变化，下面写了怎么办" in text
        assert "列不见了" in text
        assert "原为 integer，现为 text" in text
        sent = {"col_dm": "dm", "col_b": "c", "key_dm": "on", "modes": ["query"], "disclosure": "immediate"}
        answer = wang.post(f"/desk/mounts/{mount}/map/", sent, follow=True)
        assert "已挂接" in words(answer.content)
        assert exchange.mount(WANG_MIN, mount).state == "active"
        owner.execute("DROP TABLE drifting")
    text = words(wang.post(f"/desk/mounts/{mount}/check/", follow=True).content)
    assert "不见了，或失去了读取权限" in text
    assert wang.post(f"/desk/mounts/{mount}/end/", {"reason": " "}).status_code == 422
    wang.post(f"/desk/mounts/{mount}/end/", {"reason": "系统下线"})
    assert exchange.mounts(WANG_MIN) == ()


def test_a_source_stops_runs_and_goes_and_strangers_find_nothing(
    browser: Browser, source: SourceForm
) -> None:
    number = added(browser, source)
    wang = browser(WANG_MIN)
    for path in ("", "edit/", "tables/", "entry/?schema=public&relation=changing", "suspend/"):
        assert browser(ZHAO_JING).get(f"/desk/sources/{number}/{path}").status_code == 404
    assert wang.post(f"/desk/sources/{number}/suspend/", {"reason": ""}).status_code == 422
    wang.post(f"/desk/sources/{number}/suspend/", {"reason": "检修"})
    assert exchange.source(WANG_MIN, number).state == "suspended"
    wang.post(f"/desk/sources/{number}/resume/")
    wang.post(f"/desk/sources/{number}/check/")
    wang.post(f"/desk/sources/{number}/edit/", address(source, name="新名字", password=""))
    assert exchange.source(WANG_MIN, number).name == "新名字"
    wang.post(f"/desk/sources/{number}/remove/")
    assert exchange.sources(WANG_MIN) == ()


def test_a_source_that_carries_something_is_not_removed(browser: Browser, source: SourceForm) -> None:
    mounted(source)
    number = exchange.sources(WANG_MIN)[0].id
    answer = browser(WANG_MIN).post(f"/desk/sources/{number}/remove/")
    assert answer.status_code == 409
    assert "还有挂接" in words(answer.content)
