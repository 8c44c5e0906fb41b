"""Writes .xlsx with typed cells: a text stays a text, whatever sign it begins with."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from yiwang.dataplane.spreadsheets.cells import Area, escaped

if TYPE_CHECKING:
    from openpyxl.cell import Cell

Written = str | int | Decimal | date | None
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Table:
    """A sheet to write. `choices` gives a column (from 1) a drop-down list from the row after the heads on."""

    name: str
    rows: Iterable[Sequence[Written]]
    heads: int = 1
    widths: Sequence[int] = ()
    merged: Sequence[Area] = ()
    choices: Mapping[int, Sequence[str]] = field(default_factory=dict)


def write_workbook(tables: Iterable[Table]) -> bytes:
    """The workbook as a file."""
    # an eighth of the time in which a command starts: for those alone that write a workbook
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook(write_only=True)
    bold, grey = Font(bold=True), PatternFill("solid", fgColor="E8EEF4")
    top = Alignment(wrap_text=True, vertical="top")
    for table in tables:
        sheet = book.create_sheet(table.name)
        sheet.freeze_panes = f"A{table.heads + 1}"
        for number, width in enumerate(table.widths, 1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        for number, row in enumerate(table.rows, 1):
            cells: list[Cell | None] = []
            for value in row:
                if value is None or value == "":
                    cells.append(None)
                    continue
                cell = WriteOnlyCell(sheet)
                cell.value = _plain(value)
                if isinstance(value, str):
                    cell.data_type = "s"  # never a formula
                    if value.startswith(_FORMULA_SIGNS):
                        cell.quotePrefix = True  # and not one either when somebody edits the cell
                elif isinstance(value, date):
                    cell.number_format = "yyyy-mm-dd"
                if number <= table.heads:
                    cell.font, cell.fill, cell.alignment = bold, grey, top
                cells.append(cell)
            sheet.append(cells)
        for area in table.merged:
            sheet.merged_cells.add(str(area))
        for column, words in table.choices.items():
            rule = DataValidation("list", formula1='"' + ",".join(words) + '"', allow_blank=True)
            letter = get_column_letter(column)
            rule.add(f"{letter}{table.heads + 1}:{letter}{table.heads + 20_000}")
            sheet.data_validations.append(rule)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _plain(value: Written) -> Written:
    return escaped(value) if isinstance(value, str) else value
