"""Where the census table stands in a workbook, and which column of the sheet is which."""

from __future__ import annotations

from collections.abc import Iterable

from yiwang.blocks.catalogue.domain.census.columns import BY_NAME, GUIDE_SHEET, NEEDED, SHEET, Column
from yiwang.blocks.catalogue.domain.census.defects import Defect, defect
from yiwang.dataplane.spreadsheets.cells import Sheet

_MARK = "信息项名称"
_FIRST_ROWS = 10


def census_sheet(sheets: Iterable[Sheet]) -> tuple[Sheet | None, list[Defect]]:
    """The sheet of the census: by its name, else the only visible one; hidden sheets are defects."""
    listed = list(sheets)
    defects = [defect("sheet-hidden", sheet.name, 0, 0) for sheet in listed if sheet.hidden]
    visible = [sheet for sheet in listed if not sheet.hidden and sheet.name != GUIDE_SHEET]
    found = next((sheet for sheet in visible if sheet.name == SHEET), None)
    if found is None and len(visible) == 1:
        found = visible[0]
    if found is None:
        defects.append(defect("sheet-missing", SHEET, 0, 0))
    return found, defects


def heads(sheet: Sheet) -> tuple[int, dict[int, Column], list[Defect]]:
    """(row of the heads, column of the sheet → what it is, defects); the row is 0 where there are no heads."""
    row = next(
        (number for number in sorted(sheet.rows)[:_FIRST_ROWS] if _MARK in _texts(sheet, number).values()), 0
    )
    if not row:
        return 0, {}, [defect("head-missing", sheet.name, 0, 0, name=_MARK)]
    named = {**_texts(sheet, row - 1), **_texts(sheet, row)}
    found: dict[int, Column] = {}
    defects = []
    for number, name in sorted(named.items()):
        own = sheet.cell(row, number)
        column = BY_NAME.get(name)
        if column is None:
            # a group's name over columns that have names of their own is no column
            if own is not None:
                defects.append(defect("head-unknown", sheet.name, row, number, name=name[:30]))
        elif column in found.values():
            defects.append(defect("head-twice", sheet.name, row, number, name=name))
        else:
            found[number] = column
    there = {column.name for column in found.values()}
    defects += [defect("head-missing", sheet.name, row, 0, name=name) for name in NEEDED if name not in there]
    return row, found, defects


def _texts(sheet: Sheet, row: int) -> dict[int, str]:
    cells = sheet.rows.get(row, {})
    return {
        number: "".join(cell.value.split())
        for number, cell in cells.items()
        if isinstance(cell.value, str) and cell.kind == "value"
    }
