"""The standards registry through the pages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.exchange.cast import CHEN_CHEN, HE_QING, NOW, WANG_MIN, ZHAO_JING, draft
from tests.store.quality.cast import COLUMNS, ITEMS
from tests.store.quality.conftest import Mend, mend
from yiwang.blocks.catalogue.public import create_resource, publish_resource
from yiwang.blocks.exchange.public import MountForm, SourceForm, add_source, mount_resource
from yiwang.blocks.quality import public as quality

pytestmark = pytest.mark.django_db
__all__ = ["mend"]
FILLED = {
    "number": "DE-JYZT", "name": "经营状态代码", "definition": "企业是否在经营", "type": "text", "format": "C1",
    "longest": "1", "pattern": "[1-9]", "check": "", "code_list": "", "source": "市场监管总局",
}  # fmt: skip


def test_an_element_is_registered_put_in_force_and_read_by_all(browser: Browser) -> None:
    he, wang = browser(HE_QING), browser(WANG_MIN)
    wrong = he.post("/standards/new/", {**FILLED, "pattern": "("})
    assert wrong.status_code == 422
    assert "表达式写法有误" in words(wrong.content)
    assert he.post("/standards/new/", FILLED).status_code == 302
    assert wang.get("/standards/elements/DE-JYZT/").status_code == 404
    he.post("/standards/change/DE-JYZT/", {"do": "in-force"})
    page = words(wang.get("/standards/elements/DE-JYZT/").content)
    assert "企业是否在经营" in page
    assert "尚未与正式文本核对" in page
    assert "DE-JYZT" in wang.get("/standards/?q=经营").content.decode()
    assert he.get("/standards/edit/DE-JYZT/").status_code == 200
    he.post("/standards/change/DE-JYZT/", {"do": "retire", "successor": "nonsense"})
    assert "已停用" not in words(wang.get("/standards/elements/DE-JYZT/").content)
    he.post("/standards/change/DE-JYZT/", {"do": "retire"})
    assert "已停用" in words(wang.get("/standards/elements/DE-JYZT/").content)


def test_numbers_with_slashes_and_blanks_have_a_page(browser: Browser) -> None:
    page = words(browser(ZHAO_JING).get("/standards/elements/GB/T%202261.1/").content)
    assert "性别代码" in page
    assert "1 男性" in page
    english = words(browser(ZHAO_JING, "en").get("/standards/elements/GB/T%202261.1/").content)
    assert "Sex code" in english


def test_files_come_in_and_go_out(browser: Browser) -> None:
    he = browser(HE_QING)
    given = he.get("/standards/elements.csv")
    assert given.content.decode("utf-8-sig").startswith("number,name")
    taken = he.post("/standards/import/", {"file": SimpleUploadedFile("e.csv", given.content)}, follow=True)
    assert "没有变化" in words(taken.content)
    broken = he.post("/standards/import/", {"file": SimpleUploadedFile("e.csv", b"number,name\nlower,x\n")})
    assert broken.status_code == 422
    assert he.post("/standards/import/").status_code == 422
    codes = SimpleUploadedFile("c.csv", "code,name\n1,在营\n2,注销\n".encode())
    made = he.post("/standards/lists/new/", {"id": "business-state", "title": "经营状态", "file": codes})
    assert made.status_code == 302
    he.post("/standards/lists/business-state/change/")
    assert "注销" in words(browser(WANG_MIN).get("/standards/lists/business-state/").content)
    assert b"2,\xe6\xb3\xa8\xe9\x94\x80" in he.get("/standards/lists/business-state/?as=csv").content
    assert "业务" not in words(he.get("/standards/?tab=lists").content)


def test_nobody_but_the_bureau_writes(browser: Browser) -> None:
    for who in (WANG_MIN, ZHAO_JING, CHEN_CHEN):
        person = browser(who)
        assert person.get("/standards/").status_code == 200
        for place in ("new/", "import/", "lists/new/", "edit/GB 11643/", "lists/sex/edit/"):
            assert person.get(f"/standards/{place}").status_code == 403, place
        for place in ("change/GB 11643/", "lists/sex/change/"):
            assert person.post(f"/standards/{place}").status_code == 403, place
    assert browser(None).get("/standards/").status_code == 302
    assert browser(WANG_MIN).get("/standards/elements/DE-NONE/").status_code == 404
    assert browser(WANG_MIN).get("/standards/lists/none/").status_code == 404


def test_rows_of_a_resource_are_looked_at_beside_their_elements(
    browser: Browser, source: SourceForm, mend: Mend
) -> None:
    elements = {"信用代码": "GB 32100", "性别": "GB/T 2261.1", "成立": "GB/T 7408", "名称": "DE-NONE"}
    items = tuple(replace(item, element=elements.get(item.wire, "")) for item in ITEMS)
    code = create_resource(WANG_MIN, replace(draft("标准样本"), items=items), NOW)
    publish_resource(WANG_MIN, code, NOW)
    source_id = add_source(WANG_MIN, replace(source, name="标准样本库"), NOW)
    mount_resource(WANG_MIN, MountForm(code, source_id, "zl", "qyxx", COLUMNS, key=("信用代码",)), NOW)
    quality.follow_mounts(timezone.now())
    page = words(browser(WANG_MIN).get(f"/standards/conformance/{code}/").content)
    assert "1 / 4" in page
    assert "999999999999999999 ×1" in page
    assert "没有这个编号的现行数据元" in page
    assert "914403001922038217" not in page
    assert browser(ZHAO_JING).get(f"/standards/conformance/{code}/").status_code == 404
    assert browser(HE_QING).get(f"/standards/conformance/{code}/").status_code == 403
    entry = browser(ZHAO_JING).get(f"/share/resources/{code}/").content.decode()
    assert "/standards/elements/GB%2032100/" in entry
    assert "DE-NONE</a>" not in entry
