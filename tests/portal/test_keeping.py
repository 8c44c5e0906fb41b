"""A form of asking is kept while it is written: by field, by window, with the button and without scripts."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.portal.conftest import Browser
from tests.portal.test_asking import FILLED
from tests.portal.test_finding import words
from tests.store.exchange.cast import HE_QING, NOW, WANG_MIN, ZHAO_JING, ZHOU_HANG, mounted, person, wish
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm

pytestmark = pytest.mark.django_db
HALF = {"kind_0": "item", "code_0": "自编 码", "reason": "核对低保", "fields": ["名称"], "days": "90"}
COLLEAGUE = person(22, "孙丽", ZHOU_HANG.agency, "市民政局", "data_officer")


@pytest.fixture
def code(source: SourceForm) -> str:
    return mounted(source)


def keep(client: Client, path: str, known: int, **values: object) -> tuple[int, str]:
    answer = client.post(f"{path}keep/", {**HALF, **values, "kept": known})
    return answer.status_code, answer.content.decode()


def test_what_stands_in_the_form_is_there_again_also_what_is_wrong(browser: Browser, code: str) -> None:
    zhou, path = browser(ZHOU_HANG), f"/share/resources/{code}/request/"
    status, line = keep(zhou, path, 0)
    assert (status, 'name="kept" value="1"' in line) == (200, True)
    assert "已保存" in line
    page = zhou.get(path).content.decode()
    assert 'value="自编 码"' in page
    assert ">核对低保</textarea>" in page.replace("\n", "")
    assert 'name="fields" value="名称" checked' in page
    assert 'name="lookups" value="信用代码" checked' not in page, "what was unticked stays unticked"
    assert "这是您写到" in words(zhou.get(path).content)
    assert exchange.my_requests(ZHOU_HANG, NOW).total == 0, "it is no request yet"


def test_the_second_window_is_told_and_may_choose(browser: Browser, code: str) -> None:
    zhou, path = browser(ZHOU_HANG), f"/share/resources/{code}/request/"
    keep(zhou, path, 0)
    status, line = keep(zhou, path, 0, reason="另一个窗口")
    assert status == 409
    assert "另一个窗口" in line
    assert 'data-keep-over="1"' in line
    assert "核对低保" in zhou.get(path).content.decode()
    assert keep(zhou, path, 1, reason="另一个窗口")[0] == 200
    assert "in another window" in keep(browser(ZHOU_HANG, "en"), path, 1)[1]


def test_a_page_that_leaves_while_it_is_saved_loses_nothing(browser: Browser, code: str) -> None:
    zhou, path = browser(ZHOU_HANG), f"/share/resources/{code}/request/"
    mine = {"window": "a" * 32, "before": ""}
    assert keep(zhou, path, 0, **mine, turn="1")[0] == 200
    assert keep(zhou, path, 0, **mine, turn="2", reason="写到一半")[0] == 200
    assert keep(zhou, path, 0, **mine, turn="1")[0] == 200, "what was sent first may come last"
    page = zhou.get(path).content.decode()
    assert "写到一半" in page
    assert f'data-window="{"a" * 32}"' in page
    # a name that no script gave is none
    assert keep(zhou, path, 0, window='"><b>', turn="3")[0] == 409
    assert keep(zhou, path, 0, window="a" * 32, turn="x" * 40)[0] == 200
    assert "写到一半" in zhou.get(path).content.decode()


def test_nobody_else_sees_or_keeps_it(browser: Browser, code: str) -> None:
    path = f"/share/resources/{code}/request/"
    keep(browser(ZHOU_HANG), path, 0)
    for other in (COLLEAGUE, ZHAO_JING):
        assert "核对低保" not in browser(other).get(path).content.decode()
        assert "写了一半" not in browser(other).get("/share/requests/").content.decode()
    for stranger in (HE_QING, None):
        assert keep(browser(stranger), path, 0)[0] in {302, 403}
    # an own resource is not asked for, nor is such a form begun
    assert keep(browser(WANG_MIN), path, 0)[0] in {403, 409}


def test_the_list_shows_what_was_begun_until_it_is_discarded(browser: Browser, code: str) -> None:
    zhou, path = browser(ZHOU_HANG), f"/share/resources/{code}/request/"
    keep(zhou, path, 0)
    assert "写了一半" in words(zhou.get("/share/requests/").content)
    assert (
        zhou.post(f"{path}keep/", {"do": "forget", "next": "list"}).headers["Location"] == "/share/requests/"
    )
    assert "写了一半" not in words(zhou.get("/share/requests/").content).replace("写了一半的内容已丢弃", "")
    assert "核对低保" not in zhou.get(path).content.decode()


def test_without_scripts_the_button_keeps_a_form_that_is_not_whole(browser: Browser, code: str) -> None:
    zhou, path = browser(ZHOU_HANG), f"/share/resources/{code}/request/"
    answer = zhou.post(path, {**HALF, "kept": "0", "do": "save"})
    assert answer.status_code == 422
    assert "已留存您写的内容" in words(answer.content)
    assert 'value="自编 码"' in zhou.get(path).content.decode()


def test_once_it_is_a_draft_or_handed_in_nothing_is_kept_beside_it(browser: Browser, code: str) -> None:
    zhou, path = browser(ZHOU_HANG), f"/share/resources/{code}/request/"
    for do in ("save", "submit"):
        keep(zhou, path, 0)
        assert zhou.post(path, {**FILLED, "kept": "1", "do": do}).status_code == 302
        assert exchange.kept_form(ZHOU_HANG, f"resource:{code}") is None
    # the late echo of a window that is still open
    assert keep(zhou, path, 1)[0] == 409


def test_a_draft_that_a_colleague_changed_meanwhile_says_so(browser: Browser, code: str) -> None:
    number = exchange.create_request(ZHOU_HANG, code, wish(), NOW)
    zhou, path = browser(ZHOU_HANG), f"/share/requests/{number}/edit/"
    revision = exchange.request(ZHOU_HANG, number, NOW).revision
    keep(zhou, path, 0, seen=revision)
    assert "还没有存进这份申请" in words(zhou.get(f"/share/requests/{number}/").content)
    assert "同事" not in words(zhou.get(path).content)
    exchange.edit_request(COLLEAGUE, number, wish(reason="同事改的"), NOW)
    assert "被您或同事保存过" in words(zhou.get(path).content)


def test_saving_on_an_outrun_page_keeps_what_was_typed_and_asks_again(browser: Browser, code: str) -> None:
    number = exchange.create_request(ZHOU_HANG, code, wish(), NOW)
    zhou, path = browser(ZHOU_HANG), f"/share/requests/{number}/edit/"
    old = exchange.request(ZHOU_HANG, number, NOW).revision
    exchange.edit_request(COLLEAGUE, number, wish(reason="同事改的"), NOW)
    answer = zhou.post(path, {**FILLED, "reason": "我写的", "seen": old, "do": "save"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "孙丽" in words(answer.content)
    assert "我写的" in page
    assert exchange.request(ZHOU_HANG, number, NOW).reason == "同事改的"
    new = exchange.request(ZHOU_HANG, number, NOW).revision
    assert f'name="seen" value="{new}"' in page
    assert zhou.post(path, {**FILLED, "reason": "我写的", "seen": new, "do": "save"}).status_code == 302
    assert exchange.request(ZHOU_HANG, number, NOW).reason == "我写的"


def test_the_form_of_the_basket_is_kept_too(browser: Browser, code: str) -> None:
    exchange.put_in_basket(ZHOU_HANG, code, NOW)
    zhou = browser(ZHOU_HANG)
    assert keep(zhou, "/share/basket/", 0, **{f"fields:{code}": ["法人"]})[0] == 200
    page = zhou.get("/share/basket/").content.decode()
    assert "核对低保" in page
    assert f'name="fields:{code}" value="法人" checked' in page
    assert f'name="fields:{code}" value="名称" checked' not in page
    zhou.post("/share/basket/keep/", {"do": "forget"})
    assert "核对低保" not in zhou.get("/share/basket/").content.decode()
    assert exchange.basket_codes(ZHOU_HANG) == {code}


def test_enter_in_a_field_of_the_basket_takes_nothing_out(browser: Browser, code: str) -> None:
    exchange.put_in_basket(ZHOU_HANG, code, NOW)
    page = browser(ZHOU_HANG).get("/share/basket/").content.decode()
    inside = page[page.index('id="bundle"') : page.index("</form>", page.index('id="bundle"'))]
    first = inside[inside.index("<button") :]
    # the first button of the form that is the form's own is the one that Enter presses
    own = [part for part in inside.split("<button")[1:] if 'form="' not in part.partition(">")[0]]
    assert 'form="take-out"' in first.partition(">")[0]
    assert "提交" in own[0]
