"""Workbooks from anybody: bombs, macros, entities and damage are refused with a reason; cells keep their types."""

from __future__ import annotations

import contextlib
import io
import random
import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiwang.dataplane.spreadsheets import errors
from yiwang.dataplane.spreadsheets.cells import address, area, escaped, moment, position, unescaped
from yiwang.dataplane.spreadsheets.reading import Limits, read_workbook


def workbook(**cells: object) -> bytes:
    book = openpyxl.Workbook()
    for place, value in cells.items():
        book.active[place] = value  # type: ignore[index,assignment]
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def replaced(data: bytes, part: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def test_cells_keep_their_types() -> None:
    data = workbook(
        A1="文字", B1=12, C1=1.5, D1=True, E1=date(2024, 2, 29), F1=datetime(2024, 2, 29, 8, 30), G1="=1+1", H1="003",
    )  # fmt: skip
    row = read_workbook(data)[0].rows[1]
    assert [cell.value for _, cell in sorted(row.items())] == [
        "文字", Decimal(12), Decimal("1.5"), True, date(2024, 2, 29), datetime(2024, 2, 29, 8, 30), None, "003",
    ]  # fmt: skip
    assert row[7].kind == "formula"


def test_hidden_sheets_are_named_and_not_read() -> None:
    book = openpyxl.Workbook()
    hidden = book.create_sheet("藏")
    hidden["A1"] = "看不见"
    hidden.sheet_state = "veryHidden"
    sheets = read_workbook(saved(book))
    assert [(sheet.name, sheet.hidden, sheet.rows) for sheet in sheets][1] == ("藏", True, {})


def test_merged_cells_are_known_by_their_area() -> None:
    book = openpyxl.Workbook()
    book.active.merge_cells("B2:C4")  # type: ignore[union-attr]
    assert [str(one) for one in read_workbook(saved(book))[0].merged] == ["B2:C4"]


def test_a_bomb_is_refused_while_it_unpacks() -> None:
    bomb = (
        HEAD
        + b"<row><c t='inlineStr'><is><t>"
        + b"0" * 40_000_000
        + b"</t></is></c></row></sheetData></worksheet>"
    )
    with pytest.raises(errors.SpreadsheetTooLarge):
        read_workbook(replaced(workbook(A1=1), SHEET, bomb))


def test_a_part_that_is_larger_than_it_says_is_counted_as_it_is() -> None:
    with pytest.raises(errors.SpreadsheetTooLarge):
        read_workbook(workbook(A1="x" * 30_000), Limits(unpacked=2_000))


def test_a_cell_of_ten_megabytes_is_marked_and_not_kept() -> None:
    rows = b"".join(
        b"<row r='%d'><c t='inlineStr'><is><t>%d</t></is></c></row>" % (n, n * 7919) for n in range(2, 40_000)
    )
    noise = random.Random(1).randbytes(5_000_000).hex().encode()
    content = HEAD + b"<row r='1'><c r='A1' t='inlineStr'><is><t>" + noise + b"</t></is></c></row>" + rows
    cell = read_workbook(replaced(workbook(A1=1), SHEET, content + b"</sheetData></worksheet>"))[0].rows[1][1]
    assert cell.kind == "too-long"
    assert isinstance(cell.value, str)
    assert len(cell.value) == 32_767


def test_macros_make_the_file_unread() -> None:
    with pytest.raises(errors.SpreadsheetHasMacros):
        read_workbook(replaced(workbook(A1=1), "xl/vbaProject.bin", b"x"))


@pytest.mark.parametrize(
    "declared",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd">',
    ],
)
def test_entities_and_document_types_are_refused(declared: bytes) -> None:
    with pytest.raises(errors.SpreadsheetForbidden):
        read_workbook(replaced(workbook(A1=1), SHEET, declared + HEAD + b"</sheetData></worksheet>"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"name,value\n1,2\n",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600,
        b"PK\x03\x04" + b"0" * 100,
        workbook(A1=1)[:900],
    ],
)
def test_what_is_no_workbook_is_said_so(data: bytes) -> None:
    with pytest.raises(errors.NotASpreadsheet):
        read_workbook(data)


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET, "xl/styles.xml"])
def test_damaged_parts_are_named(part: str) -> None:
    with pytest.raises(errors.NotASpreadsheet):
        read_workbook(replaced(workbook(A1=1), part, b"<a><b></a>"))


def test_limits_of_sheets_and_cells_hold() -> None:
    book = openpyxl.Workbook()
    for number in range(3):
        book.create_sheet(f"s{number}")["A1"] = 1
    with pytest.raises(errors.SpreadsheetTooLarge):
        read_workbook(saved(book), Limits(sheets=3))
    with pytest.raises(errors.SpreadsheetTooLarge):
        read_workbook(saved(book), Limits(cells=2))
    with pytest.raises(errors.SpreadsheetTooLarge):
        read_workbook(saved(book), Limits(file=100))


@given(st.binary(max_size=300), st.integers(0, 4000))
@settings(deadline=None, max_examples=60)
def test_no_damage_ends_in_anything_but_a_reason(noise: bytes, at: int) -> None:
    data = workbook(A1="文字", B2=3)
    with contextlib.suppress(errors.SpreadsheetError):
        read_workbook(data[:at] + noise + data[at + len(noise) :])


@given(st.integers(1, 1_048_576), st.integers(1, 16_384))
def test_addresses_and_positions_agree(row: int, column: int) -> None:
    assert position(address(row, column)) == (row, column)


@given(st.text(st.characters(exclude_categories=[])))
def test_escapes_give_the_text_back(text: str) -> None:
    assert unescaped(escaped(text)) == text


def test_places_outside_a_sheet_are_none() -> None:
    assert position("XFE1") is None
    assert position("A1048577") is None
    assert area("A1:?") is None
    assert moment(Decimal(-1), since_1904=False) is None
    assert moment(Decimal("NaN"), since_1904=False) is None
    assert moment(Decimal(0), since_1904=True) == date(1904, 1, 1)
