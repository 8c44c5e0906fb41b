"""The catalogue workbench in the browser: a scan and its proposals, drift, what has to be done, the whole entry."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.catalogue.test_reviewing import DRAFT, HE_QING, NOW, WANG_MIN, ZHAO_JING
from tests.store.exchange.test_scanning import IDS, NAMES, ORDER, residents
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange

pytestmark = pytest.mark.django_db
TERMS = {
    "classification": "306001003", "share_type": "conditional", "share_condition": "作为行政依据", "do": "draft",
}  # fmt: skip


def scanned(path: Path, extra: str = "") -> str:
    number = exchange.scan_file(WANG_MIN, "户籍.db", residents(path, extra), ORDER, timezone.now())
    assert exchange.run_scan(number) == "done"
    return number


def test_a_file_is_uploaded_watched_and_its_proposals_are_shown_without_a_value(
    browser: Browser, tmp_path: Path
) -> None:
    wang = browser(WANG_MIN)
    upload = SimpleUploadedFile("户籍.db", residents(tmp_path / "a.db"))
    answer = wang.post("/catalogue/scans/", {"file": upload, "rate": "50"})
    assert answer.status_code == 302
    page = answer.headers["Location"]
    assert "排队中" in words(wang.get(page).content)
    number = page.split("/")[-2]
    assert exchange.run_scan(number) == "done"
    assert wang.get(page, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    shown = words(wang.get(page).content)
    at = next(one.position for one in exchange.scan_view(WANG_MIN, number).tables if "rk" in one.table.table)
    columns = words(wang.get(f"{page}tables/{at}/").content)
    assert "公民身份号码" in columns
    assert "敏感个人信息" in columns
    for value in (*NAMES, *IDS):
        assert value not in shown + columns


def test_neither_nothing_nor_both_can_be_scanned(browser: Browser) -> None:
    answer = browser(WANG_MIN).post("/catalogue/scans/", {"rate": "50"})
    assert answer.status_code == 422
    assert "数据源和文件选一个" in words(answer.content)


def test_a_wrong_file_is_refused_on_the_page(browser: Browser) -> None:
    answer = browser(WANG_MIN).post(
        "/catalogue/scans/", {"file": SimpleUploadedFile("a.exe", b"x"), "rate": "50"}
    )
    assert answer.status_code == 422
    assert "不能普查文件“a.exe”" in words(answer.content)


def test_columns_are_corrected_and_chosen_tables_become_drafts(browser: Browser, tmp_path: Path) -> None:
    number = scanned(tmp_path / "a.db")
    wang = browser(WANG_MIN)
    at = next(one for one in exchange.scan_view(WANG_MIN, number).tables if "rk" in one.table.table)
    form: dict[str, str] = {"title": "户籍人口信息"}
    for place, item in enumerate(at.table.items):
        form |= {
            f"column-{place}-title": f"名称{place}", f"column-{place}-type": "text", f"column-{place}-length": "20",
            f"column-{place}-grade": "personal", f"column-{place}-level": "2",
        }  # fmt: skip
        if item.column != "bz":
            form[f"column-{place}-use"] = "on"
    assert wang.post(f"/catalogue/scans/{number}/tables/{at.position}/", form).status_code == 302
    missing = wang.post(f"/catalogue/scans/{number}/draft/", TERMS | {"table": "999"})
    assert missing.status_code == 422
    wrong = wang.post(
        f"/catalogue/scans/{number}/draft/", TERMS | {"table": str(at.position), "share_condition": ""}
    )
    assert wrong.status_code == 422
    assert "checked" in wrong.content.decode()
    done = wang.post(f"/catalogue/scans/{number}/draft/", TERMS | {"table": str(at.position)})
    assert done.status_code == 302
    code = done.headers["Location"].split("/resources/")[1].strip("/")
    draft = catalogue.draft(WANG_MIN, code)
    assert draft.title == "户籍人口信息"
    assert [item.wire for item in draft.items] == ["gmsfhm", "xm", "xb"]


def test_tables_are_left_out_and_taken_in_again(browser: Browser, tmp_path: Path) -> None:
    number = scanned(tmp_path / "a.db")
    wang = browser(WANG_MIN)
    wang.post(f"/catalogue/scans/{number}/draft/", {"do": "skip", "table": ["0", "1"]})
    assert all(one.choice.skip for one in exchange.scan_view(WANG_MIN, number).tables)
    wang.post(f"/catalogue/scans/{number}/draft/", {"do": "take", "table": "0"})
    assert [one.choice.skip for one in exchange.scan_view(WANG_MIN, number).tables] == [False, True]


def test_the_result_goes_down_as_a_workbook(browser: Browser, tmp_path: Path) -> None:
    number = scanned(tmp_path / "a.db")
    answer = browser(WANG_MIN).get(f"/catalogue/scans/{number}/scan.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert {"信息资源", "信息项", "代码表"} <= set(book.sheetnames)


@pytest.mark.parametrize("rest", ["", "tables/0/", "scan.xlsx"])
def test_another_agency_finds_no_scan(browser: Browser, tmp_path: Path, rest: str) -> None:
    number = scanned(tmp_path / "a.db")
    assert browser(ZHAO_JING).get(f"/catalogue/scans/{number}/{rest}").status_code == 404
    for step in ("cancel", "forget"):
        assert browser(ZHAO_JING).post(f"/catalogue/scans/{number}/{step}/").status_code == 404


def test_only_the_bureau_compares_departments(browser: Browser) -> None:
    assert browser(WANG_MIN).get("/catalogue/one-source/").status_code == 403
    assert "没有两个部门都掌握的数据" in words(browser(HE_QING).get("/catalogue/one-source/").content)


def test_drift_stands_on_the_workbench_and_one_button_drafts_it(browser: Browser, tmp_path: Path) -> None:
    first = scanned(tmp_path / "a.db")
    at = next(one.position for one in exchange.scan_view(WANG_MIN, first).tables if "rk" in one.table.table)
    terms = catalogue.EntryTerms("306001003", share_condition="作为行政依据")
    (code,) = exchange.draft_entries(WANG_MIN, first, [at], terms, timezone.now())
    exchange.publish_resource(WANG_MIN, code, timezone.now())
    scanned(tmp_path / "b.db", ", lxdh VARCHAR(20)")
    wang = browser(WANG_MIN)
    assert "库表有变化" in words(wang.get("/catalogue/").content)
    assert "1 处变化" in words(wang.get(f"/desk/resources/{code}/").content)
    assert "新增列" in words(wang.get(f"/catalogue/drift/{code}/").content)
    assert "新增列" in words(wang.get("/share/notices/").content)
    assert browser(ZHAO_JING).post(f"/catalogue/drift/{code}/", {"do": "follow"}).status_code == 404
    assert wang.post(f"/catalogue/drift/{code}/", {"do": "follow"}).status_code == 302
    assert [item.wire for item in catalogue.draft(WANG_MIN, code).items][-1] == "lxdh"
    assert wang.post(f"/catalogue/drift/{code}/", {"do": "follow"}).status_code == 404


def whole_form(code: str) -> dict[str, object]:
    """The form of an entry as the page shows it."""
    draft = catalogue.draft(WANG_MIN, code)
    form: dict[str, object] = {
        "title": draft.title, "summary": draft.summary, "share_type": draft.share_type,
        "share_condition": draft.share_condition, "update_cycle": draft.update_cycle,
        "format_class": draft.format_class, "format_type": draft.format_type, "share_channel": draft.share_channel,
        "share_ways": list(draft.share_ways), "duty": draft.duty, "office": draft.office,
        "related": " ".join(draft.related), "released_on": draft.released_on, "stored": "1.5", "records": "12.25",
        "seen": str(catalogue.resource(WANG_MIN, code).revision),
    }  # fmt: skip
    for at, item in enumerate(draft.items):
        form |= {
            f"item-{at}-use": "on", f"item-{at}-title": item.title, f"item-{at}-wire": item.wire,
            f"item-{at}-type": item.type, f"item-{at}-length": "0", f"item-{at}-grade": item.grade,
            f"item-{at}-subject": "organisation/uscc" if item.check else "", f"item-{at}-level": item.level,
            f"item-{at}-element": item.element,
        }  # fmt: skip
    return form


def test_every_element_of_the_guide_is_edited_on_the_page_and_shown_on_the_entry(browser: Browser) -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    wang = browser(WANG_MIN)
    unchanged = wang.post(f"/desk/resources/{code}/", whole_form(code) | {"do": "save"})
    assert unchanged.status_code == 302
    assert catalogue.changes(DRAFT, catalogue.draft(WANG_MIN, code)) == ()
    changed = whole_form(code) | {
        "duty": "登记管理职责", "office": "许可处", "share_ways": ["api"], "records": "20", "item-1-level": "3",
        "item-1-element": "DE00123", "item-1-description": "登记的全称", "do": "publish",
    }  # fmt: skip
    assert wang.post(f"/desk/resources/{code}/", changed).status_code == 302
    shown = words(browser(ZHAO_JING).get(f"/share/resources/{code}/").content)
    for text in ("登记管理职责", "许可处", "20 万", "DE00123", "登记的全称", "一般数据3级", "2020-01-31"):
        assert text in shown


def test_ways_that_contradict_their_channel_are_blamed_on_their_field(browser: Browser) -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    form = whole_form(code) | {"share_ways": ["mail"], "do": "save"}
    answer = browser(WANG_MIN).post(f"/desk/resources/{code}/", form)
    assert answer.status_code == 422
    assert answer.context["form"].errors["share_ways"]


def test_a_draft_saves_itself_and_never_writes_over_another_editor(browser: Browser) -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    wang = browser(WANG_MIN)
    form = whole_form(code)
    saved = wang.post(f"/desk/resources/{code}/autosave/", form | {"summary": "王敏写的。"})
    assert "草稿已存" in words(saved.content)
    assert catalogue.draft(WANG_MIN, code).summary == "王敏写的。"
    late = wang.post(f"/desk/resources/{code}/autosave/", form | {"summary": "旧页面写的。"})
    assert "草稿已存" not in words(late.content)
    assert catalogue.draft(WANG_MIN, code).summary == "王敏写的。"
    wrong = wang.post(f"/desk/resources/{code}/autosave/", form | {"title": ""})
    assert "还没保存" in words(wrong.content)
    assert browser(ZHAO_JING).post(f"/desk/resources/{code}/autosave/", form).status_code == 404


def test_the_workbench_lists_what_was_returned_and_what_is_missing(browser: Browser) -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    catalogue.submit_for_review(WANG_MIN, code, NOW)
    from tests.store.catalogue.test_reviewing import LI_NA

    catalogue.return_from_review(LI_NA, code, "补充区划", NOW)
    shown = words(browser(WANG_MIN).get("/catalogue/").content)
    assert "审核退回" in shown
    assert "补充区划" in shown
    assert "补充区划" not in words(browser(ZHAO_JING).get("/catalogue/").content)


def test_the_responsibility_list_is_a_file_without_formulas(browser: Browser) -> None:
    from dataclasses import replace

    code = catalogue.create_resource(WANG_MIN, replace(DRAFT, duty="=HYPERLINK(1)"), NOW)
    exchange.publish_resource(WANG_MIN, code, NOW)
    text = browser(WANG_MIN).get("/catalogue/standing/duties.csv").content.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert code in text


def test_a_scan_of_a_file_with_a_broken_table_says_so(browser: Browser, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as made:
        made.execute("CREATE TABLE t (a TEXT)")
        made.execute("CREATE VIEW v AS SELECT b FROM gone")
        made.commit()
    number = exchange.scan_file(WANG_MIN, "a.db", (tmp_path / "a.db").read_bytes(), ORDER, timezone.now())
    assert exchange.run_scan(number) == "done"
    assert browser(WANG_MIN).get(f"/catalogue/scans/{number}/").status_code == 200
