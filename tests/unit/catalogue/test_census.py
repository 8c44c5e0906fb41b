"""The census sheet: out and in again is the identity; every planted defect is found at its cell, and no other."""

from __future__ import annotations

import io
import string
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from yiwang.blocks.catalogue.domain.census.columns import COLUMNS
from yiwang.blocks.catalogue.domain.census.reading import Census, Holdings, read_census
from yiwang.blocks.catalogue.domain.census.writing import census_tables
from yiwang.blocks.catalogue.domain.resource import (
    FORMAT_CLASSES,
    GRADES,
    ITEM_TYPES,
    LEVELS,
    MASKS,
    UPDATE_CYCLES,
    ItemDraft,
    ResourceDraft,
    Volumes,
)
from yiwang.blocks.catalogue.domain.rules import problems
from yiwang.dataplane.spreadsheets.cells import address
from yiwang.dataplane.spreadsheets.reading import read_workbook
from yiwang.dataplane.spreadsheets.writing import write_workbook

AGENCY, NAME = "11290100MB0000001A", "市市场监督管理局"
COLUMN = {column.where: number for number, column in enumerate(COLUMNS, 1)}
text = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zs"], include_characters="\n\t =+-@_x0D'\"<&"),
    max_size=40,
).map(str.strip)
words = text.filter(bool)
line = words.map(lambda one: " ".join(one.split())).filter(lambda one: one.isprintable() and bool(one))


@st.composite
def items(draw: st.DrawFn) -> ItemDraft:
    subject, check = draw(
        st.sampled_from([(None, None), ("person", "resident_id"), ("organisation", "uscc"), ("person", None)])
    )
    return ItemDraft(
        wire=draw(line), title=draw(words), title_en=draw(text), length=draw(st.integers(0, 2**31 - 1)),
        type="text" if check else draw(st.sampled_from(list(ITEM_TYPES))), grade=draw(st.sampled_from(list(GRADES))),
        subject=subject,  # type: ignore[arg-type]
        check=check,  # type: ignore[arg-type]
        mask=draw(st.sampled_from([None, *MASKS])), description=draw(text),
        level=draw(st.sampled_from(["", *(level for level in LEVELS if level != "core")])), element=draw(text),
    )  # fmt: skip


@st.composite
def drafts(draw: st.DrawFn) -> ResourceDraft:
    share = draw(st.sampled_from(["unconditional", "conditional", "none"]))
    opened = draw(st.booleans())
    quantity = st.decimals(0, 10**6, places=3)
    return ResourceDraft(
        title=draw(words), classification=draw(st.sampled_from(["306001003", "101001", "2020010"])),
        summary=draw(words), items=tuple(draw(st.lists(items(), min_size=1, max_size=4, unique_by=lambda i: i.wire))),
        title_en=draw(text), summary_en=draw(text), share_condition_en=draw(text), share_type=share,  # type: ignore[arg-type]

        share_condition=draw(words) if share == "conditional" else draw(st.just("") if share == "none" else text),
        share_basis=draw(words) if share == "none" else draw(text), open=opened,
        open_condition=draw(words) if opened else draw(text),
        update_cycle=draw(st.sampled_from(list(UPDATE_CYCLES))), grade=draw(st.sampled_from(list(GRADES))),
        format_class=draw(st.sampled_from(["", *FORMAT_CLASSES])), format_type=draw(text),
        share_channel="platform" if share != "none" else "",
        share_ways=() if share == "none" else draw(st.sampled_from([(), ("api",), ("database", "file")])),
        lead_department=draw(text), related=draw(st.sampled_from([(), ("306001003/12", "101001/1")])),
        released_on=draw(st.sampled_from(["", "2020-02-29", "1999-12-31"])), duty=draw(text), office=draw(text),
        volumes=Volumes(*(draw(quantity) for _ in range(6))),
    )  # fmt: skip


def sheet_of(entries: list[tuple[str, ResourceDraft]]) -> bytes:
    return write_workbook(census_tables(entries, AGENCY, NAME))


def read(data: bytes, titles: dict[str, str] | None = None) -> Census:
    return read_census(read_workbook(data), Holdings(AGENCY, titles or {}, {}))


@given(st.lists(drafts(), min_size=1, max_size=4, unique_by=lambda d: d.title))
@settings(deadline=None, max_examples=25)
def test_what_is_exported_is_imported_unchanged(wanted: list[ResourceDraft]) -> None:
    wanted = [draft for draft in wanted if not [p for p in problems(draft) if not p.warning]]
    entries = [(f"{draft.classification}/{n}", draft) for n, draft in enumerate(wanted, 1)]
    found = read(sheet_of(entries), {code: draft.title for code, draft in entries})
    assert found.defects == ()
    assert [(entry.code, entry.draft) for entry in found.entries] == entries


def plain(number: int, count: int = 2) -> ResourceDraft:
    return ResourceDraft(
        title=f"资源{number}", classification="306001003", summary="摘要。", share_condition="行政依据",
        items=tuple(ItemDraft(f"项{n}", f"项{n}", length=20) for n in range(count)),
        share_channel="platform", share_ways=("api",), volumes=Volumes(stored=Decimal("0.5")),
    )  # fmt: skip


Plant = Callable[[Worksheet, int], None]


def put(where: str, value: object, offset: int = 0) -> Plant:
    def plant(sheet: Worksheet, row: int) -> None:
        sheet.cell(row + offset, COLUMN[where]).value = value  # type: ignore[assignment]

    return plant


def merge(sheet: Worksheet, row: int) -> None:
    sheet.merge_cells(start_row=row, end_row=row, start_column=COLUMN["duty"], end_column=COLUMN["office"])


def error(sheet: Worksheet, row: int) -> None:
    cell = sheet.cell(row, COLUMN["share_condition"])
    cell.value, cell.data_type = "#REF!", "e"


def stray(sheet: Worksheet, row: int) -> None:
    sheet.cell(row, COLUMN["code"]).value = f"306001003/9{row}"


# where in the sheet (column, rows below the first of the resource), kind, how
PLANTED: list[tuple[str, int, str, Plant]] = [
    ("summary", 0, "formula", put("summary", "=A1&B1")),
    ("share_condition", 0, "cell-error", error),
    ("duty", 0, "merged", merge),
    ("summary", 0, "too-long", put("summary", "长" * 10_001)),
    ("items.length", 1, "wrong-type", put("items.length", "很长", 1)),
    ("released_on", 0, "wrong-type", put("released_on", "去年")),
    ("share_type", 0, "not-a-choice", put("share_type", "看情况")),
    ("items.type", 1, "not-a-choice", put("items.type", "字符串", 1)),
    ("title", 0, "missing", put("title", None)),
    ("items.title", 1, "missing", put("items.title", None, 1)),
    ("title", 0, "title-twice", put("title", "资源1")),
    ("code", 0, "code-twice", put("code", "306001003/1")),
    ("code", 0, "code-unknown", stray),
    ("class.1", 0, "class-unknown", put("class.1", "7")),
    ("class.1", 0, "class-differs", put("class.3", "009")),
    ("provider", 0, "other-agency", put("provider", "11290100MB0000002B")),
    ("items.wire", 1, "item-twice", put("items.wire", "项0", 1)),
    ("share_condition", 0, "rule", put("share_condition", None)),
    ("related", 0, "rule", put("related", "不是编码")),
    ("volumes.stored", 0, "wrong-type", put("volumes.stored", -3)),
]


def test_forty_planted_defects_in_five_thousand_rows_are_exactly_those_reported() -> None:
    entries = [(f"306001003/{n}", plain(n)) for n in range(1, 2501)]
    book = openpyxl.load_workbook(io.BytesIO(sheet_of(entries)))
    sheet = book["信息资源目录"]
    assert sheet.max_row == 5002
    expected = []
    for number, (where, below, kind, plant) in enumerate(PLANTED * 2):
        row = 3 + 2 * (10 + number * 50)
        plant(sheet, row)
        expected.append((kind, address(row + below, COLUMN[where])))
    buffer = io.BytesIO()
    book.save(buffer)
    found = read(buffer.getvalue(), {code: draft.title for code, draft in entries})
    assert sorted((d.kind, d.cell) for d in found.defects) == sorted(expected)
    assert len(expected) == 40
    assert len({kind for kind, _ in expected}) >= 15
    assert len(found.entries) == 2500 - 40 + 2  # a wrong merge harms no value
    assert all(d.zh and d.en and d.mend_zh and d.mend_en and d.sheet == "信息资源目录" for d in found.defects)


def changed(change: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(sheet_of([("", plain(1, 3)), ("", plain(2))])))
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_cells_of_a_resource_may_be_merged_over_its_rows_or_repeated_in_each() -> None:
    def merged(book: openpyxl.Workbook) -> None:
        book["信息资源目录"].merge_cells("E3:E5")
        book["信息资源目录"]["E7"] = "资源2"

    found = read(changed(merged))
    assert found.defects == ()
    assert [len(entry.draft.items) for entry in found.entries] == [3, 2]


def test_a_merge_over_two_resources_is_told() -> None:
    found = read(changed(lambda book: book["信息资源目录"].merge_cells("AB5:AB6")))
    assert ("merged", "AB5") in [(d.kind, d.cell) for d in found.defects]


def test_hidden_sheets_and_strange_heads_are_told() -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book.create_sheet("旧数据").sheet_state = "hidden"
        book["信息资源目录"].cell(2, 60).value = "备注"
        book["信息资源目录"].cell(2, COLUMN["share_type"]).value = "共享的类型"

    found = read(changed(hide))
    assert [d.kind for d in found.defects] == [
        "sheet-hidden",
        "head-missing",
        "head-unknown",
        "head-unknown",
    ] or {d.kind for d in found.defects} == {"sheet-hidden", "head-missing", "head-unknown"}
    assert found.entries == ()


def test_the_words_of_the_guides_own_template_are_understood() -> None:
    def guide(book: openpyxl.Workbook) -> None:
        sheet = book["信息资源目录"]
        for where, value in {
            "items.type": "字符型C",
            "share_type": "2",
            "open": "否",
            "class.2": 6,
            "class.3": "1",
        }.items():
            sheet.cell(3, COLUMN[where]).value = value  # type: ignore[assignment]
        sheet.cell(4, COLUMN["items.type"]).value = "双精度型B"
        sheet.cell(3, COLUMN["released_on"]).value = "2024年3月1日"

    found = read(changed(guide))
    assert found.defects == ()
    first = found.entries[0].draft
    assert [item.type for item in first.items] == ["text", "decimal", "text"]
    assert (first.classification, first.released_on) == ("306001003", "2024-03-01")


def test_an_item_before_any_resource_is_told() -> None:
    def orphan(book: openpyxl.Workbook) -> None:
        for number in range(1, len(COLUMNS) + 1):
            if not COLUMNS[number - 1].of_item:
                book["信息资源目录"].cell(3, number).value = None

    assert [d.kind for d in read(changed(orphan)).defects] == ["orphan", "orphan", "orphan"]


@pytest.mark.parametrize("title", ["=1+1", "+A1", "@SUM(A1)", "-2", "_x000D_", *string.punctuation])
def test_a_text_that_looks_like_a_formula_stays_a_text(title: str) -> None:
    draft = replace(plain(1), title=title)
    assert read(sheet_of([("", draft)])).entries[0].draft == draft
