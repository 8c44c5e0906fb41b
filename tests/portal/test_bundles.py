"""Asking for thirty resources in one sitting, and the texts an agency keeps for its answers."""

from __future__ import annotations

import pytest

from tests.portal.conftest import Browser
from tests.portal.test_asking import FILLED
from tests.portal.test_finding import words
from tests.store.exchange.cast import CLERK, HE_QING, NOW, WANG_MIN, ZHAO_JING, ZHOU_HANG, deciding, mounted
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SourceForm

pytestmark = pytest.mark.django_db
SHARED = {
    name: FILLED[name]
    for name in ("kind_0", "code_0", "title_0", "reason", "rows_per_call", "calls_per_day", "subjects_per_day",
                 "attempts_per_subject", "days")
}  # fmt: skip


def test_thirty_resources_are_collected_and_handed_in_with_one_form(
    browser: Browser, source: SourceForm
) -> None:
    codes = [mounted(source, f"企业登记信息{n:02d}") for n in range(30)]
    client = browser(ZHOU_HANG)
    for code in codes:
        assert (
            client.post("/share/basket/add/", {"code": code, "next": "/share/resources/"}).status_code == 302
        )
    page = client.get("/share/basket/").content.decode()
    assert all(code in page for code in codes)
    answer = client.post("/share/basket/", {**SHARED, f"fields:{codes[0]}": ["名称"]})
    assert answer.status_code == 302, words(answer.content)
    number = answer.headers["Location"].strip("/").rsplit("/", 1)[1]
    view = exchange.bundle(ZHOU_HANG, number, NOW)
    assert view.counts == {"submitted": 30}
    asked = {row.resource: row.field_count for row in view.requests}
    assert asked[codes[0]] == 1
    told = words(client.get(f"/share/bundles/{number}/").content)
    assert number in told
    assert browser(ZHAO_JING).get(f"/share/bundles/{number}/").status_code == 404
    assert browser(HE_QING).get(f"/share/bundles/{number}/").status_code == 200
    assert "申请篮是空的" in words(client.get("/share/basket/").content)


def test_what_is_missing_is_told_beside_its_box_and_nothing_is_lost(
    browser: Browser, source: SourceForm
) -> None:
    code = mounted(source)
    client = browser(ZHOU_HANG)
    client.post("/share/basket/add/", {"code": code})
    answer = client.post("/share/basket/", {**SHARED, "reason": "", f"fields:{code}": ["名称"]})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="000111004000"' in page
    assert f'name="fields:{code}" value="名称" checked' in page
    assert exchange.basket_codes(ZHOU_HANG) == {code}


def test_a_resource_that_cannot_be_asked_for_is_named_and_all_stay(
    browser: Browser, source: SourceForm
) -> None:
    good, bad = mounted(source, "甲"), mounted(source, "乙")
    client = browser(ZHOU_HANG)
    for code in (good, bad):
        client.post("/share/basket/add/", {"code": code})
    answer = client.post("/share/basket/", {**SHARED, f"fields:{bad}": ["不存在"]})
    assert answer.status_code == 422
    assert "有 1 项不能这样申请" in words(answer.content)
    assert exchange.basket_codes(ZHOU_HANG) == {good, bad}
    assert client.post("/share/basket/remove/", {"code": bad}).status_code == 302
    assert client.post("/share/basket/", SHARED).status_code == 302


def test_who_is_no_data_officer_has_no_basket(browser: Browser, source: SourceForm) -> None:
    code = mounted(source)
    assert browser(CLERK).get("/share/basket/").status_code == 403
    assert browser(CLERK).post("/share/basket/add/", {"code": code}).status_code == 403
    assert browser(ZHOU_HANG).post("/share/basket/add/", {"code": "306999/404"}).status_code == 404


def test_going_back_never_leaves_the_site(browser: Browser, source: SourceForm) -> None:
    answer = browser(ZHOU_HANG).post(
        "/share/basket/add/", {"code": mounted(source), "next": "https://elsewhere.example/"}
    )
    assert answer.headers["Location"] == "/share/basket/"


def test_a_kept_text_is_filled_from_the_request_it_answers(browser: Browser, source: SourceForm) -> None:
    client = browser(WANG_MIN)
    given = {
        "step": "return",
        "title": "缺依据",
        "text": "请 {consumer} 补充 {resource} 的依据。",
        "basis": "",
    }
    assert client.post("/desk/texts/new/", given).status_code == 302
    assert "缺依据" in words(client.get("/desk/texts/").content)
    number = deciding(mounted(source))
    page = client.get(f"/desk/decisions/{number}/").content.decode()
    assert "请 市民政局 补充 企业登记信息 的依据。" in page
    kept = exchange.phrases(WANG_MIN)[0].id
    plain = client.get(f"/desk/decisions/{number}/return/", {"text": kept}).content.decode()
    assert "请 市民政局 补充 企业登记信息 的依据。</textarea>" in plain
    assert browser(ZHOU_HANG).get(f"/desk/texts/{kept}/").status_code == 404
    assert browser(ZHOU_HANG).post(f"/desk/texts/{kept}/drop/").status_code == 404
    assert client.post(f"/desk/texts/{kept}/drop/").status_code == 302
    assert exchange.phrases(WANG_MIN) == ()


def test_a_wrong_text_keeps_what_was_typed(browser: Browser) -> None:
    answer = browser(WANG_MIN).post(
        "/desk/texts/new/", {"step": "refuse", "title": "x", "text": "给 {secret}", "basis": ""}
    )
    assert answer.status_code == 422
    told = words(answer.content)
    assert "没有这样的占位" in told
    assert "法律依据" in told
    assert browser(CLERK).get("/desk/texts/").status_code == 403
