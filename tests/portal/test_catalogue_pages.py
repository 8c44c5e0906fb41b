"""Keeping the catalogue in the browser: a census sheet, review by different people, two editors of one entry."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.portal.conftest import Browser
from tests.portal.test_finding import words
from tests.store.catalogue.test_reviewing import DRAFT, HE_QING, LI_NA, NOW, WANG_MIN
from yiwang.blocks.catalogue import public as catalogue

pytestmark = pytest.mark.django_db


def test_a_sheet_goes_down_is_changed_looked_at_and_taken_in(browser: Browser) -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    wang = browser(WANG_MIN)
    book = openpyxl.load_workbook(io.BytesIO(wang.get("/catalogue/census/sheet.xlsx").content))
    for value, status in (("=1+1", "I3"), ("更完整的摘要。", "")):
        book["信息资源目录"]["I3"] = value
        buffer = io.BytesIO()
        book.save(buffer)
        answer = wang.post(
            "/catalogue/census/", {"sheet": SimpleUploadedFile("普查.xlsx", buffer.getvalue())}
        )
        assert answer.status_code == 302
        shown = wang.get(answer.headers["Location"])
        assert ("I3" in words(shown.content)) == bool(status)
    assert "摘要由“全市企业。”改为“更完整的摘要。”。" in words(shown.content)
    digest = shown.context["plan"].digest
    assert wang.post(answer.headers["Location"], {"digest": digest}).status_code == 302
    assert catalogue.draft(WANG_MIN, code).summary == "更完整的摘要。"


def test_a_file_that_is_no_workbook_is_refused_with_a_reason(browser: Browser) -> None:
    answer = browser(WANG_MIN).post("/catalogue/census/", {"sheet": SimpleUploadedFile("a.xlsx", b"hello")})
    assert answer.status_code == 422
    assert "不是 .xlsx" in words(answer.content)


def test_an_entry_walks_through_review_on_the_pages(browser: Browser) -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    page = f"/catalogue/reviews/{code}/"
    assert browser(WANG_MIN).post(page, {"step": "submit"}).status_code == 302
    assert browser(WANG_MIN).post(page, {"step": "pass_review"}).status_code == 422
    assert browser(LI_NA).post(page, {"step": "pass_review"}).status_code == 302
    assert "待保密审查" in words(browser(HE_QING).get("/catalogue/reviews/").content)
    assert browser(HE_QING).post(page, {"step": "clear", "note": ""}).status_code == 422
    assert browser(HE_QING).post(page, {"step": "clear", "note": "不涉密"}).status_code == 302
    assert browser(WANG_MIN).post(page, {"step": "publish"}).status_code == 302
    assert catalogue.resource(WANG_MIN, code).version == 1
    assert "企业登记管理" in words(browser(WANG_MIN).get("/catalogue/standing/").content)


def test_the_second_editor_is_shown_both_texts_and_loses_nothing(browser: Browser) -> None:
    code = catalogue.create_resource(WANG_MIN, DRAFT, NOW)
    wang = browser(WANG_MIN)
    seen = catalogue.resource(WANG_MIN, code).revision
    form = {
        "title": DRAFT.title, "summary": "王敏写的。", "share_type": "conditional", "share_condition": "作为行政依据",
        "update_cycle": "daily", "seen": str(seen), "do": "save",
    }  # fmt: skip
    for number, item in enumerate(DRAFT.items):
        form |= {
            f"item-{number}-use": "on", f"item-{number}-title": item.title, f"item-{number}-wire": item.wire,
            f"item-{number}-type": "text", f"item-{number}-length": "0", f"item-{number}-grade": "general",
            f"item-{number}-subject": "organisation/uscc" if item.check else "",
        }  # fmt: skip
    for number in (2, 3):
        form |= {f"item-{number}-type": "text", f"item-{number}-grade": "general"}
    from dataclasses import replace

    catalogue.edit_resource(WANG_MIN, code, replace(DRAFT, summary="吴言写的。"), NOW)
    answer = wang.post(f"/desk/resources/{code}/", form)
    text = words(answer.content)
    assert answer.status_code == 422
    assert "摘要由“吴言写的。”改为“王敏写的。”。" in text
    assert catalogue.draft(WANG_MIN, code).summary == "吴言写的。"
    now_seen = str(catalogue.resource(WANG_MIN, code).revision)
    assert f'name="seen" value="{now_seen}"' in answer.content.decode()
    assert wang.post(f"/desk/resources/{code}/", form | {"seen": now_seen}).status_code == 302
    assert catalogue.draft(WANG_MIN, code).summary == "王敏写的。"
