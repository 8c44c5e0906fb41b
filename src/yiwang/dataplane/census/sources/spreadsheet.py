"""XLSX workbooks: each sheet is a table. Read as a stream, formulas by their last result, macros never run."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

from yiwang.dataplane.census.errors import FileBroken, FileHostile
from yiwang.dataplane.census.source import (
    Asked,
    Column,
    Limits,
    Measure,
    Notice,
    Noticed,
    Sample,
    Table,
    Value,
)
from yiwang.dataplane.census.sources.gathering import Gathered
from yiwang.dataplane.census.sources.headers import LOOKED_AT, column_names, header_row
from yiwang.dataplane.census.sources.packing import inspected

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

_MOST_COLUMNS: Final = 2000
_MOST_SHEETS: Final = 300
_UNUSABLE: Final = (
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    ParseError,
)


class Spreadsheet:
    """One workbook; sheets that hold nothing are left out."""

    def __init__(self, workbook: Workbook, path: Path, limits: Limits, noticed: Noticed) -> None:
        self._workbook, self._path, self._limits, self._noticed = workbook, path, limits, noticed
        self.address = path.name
        self.format = ("电子表格", "xlsx")
        self._held: dict[str, Gathered] = {}
        self._tables: list[Table] | None = None

    def notices(self) -> Sequence[Notice]:
        """What was noticed so far."""
        return tuple(self._noticed.items)

    def tables(self) -> Sequence[Table]:
        """One table a sheet with data; every sheet is read once for it."""
        if self._tables is None:
            names = self._workbook.sheetnames[:_MOST_SHEETS]
            self._tables = [table for name in names if (table := self._sheet(name)) is not None]
        return self._tables

    def sample(self, table: Table, limit: int) -> Sample:
        """Rows drawn evenly from the whole sheet."""
        return self._held[table.name].sample(limit)

    def measure(self, table: Table, columns: Sequence[str]) -> Mapping[str, Measure]:
        """Counts over all rows."""
        return self._held[table.name].measure(table, columns)

    def entries(self, table: Table, columns: Sequence[str]) -> Mapping[str, Mapping[str, int]] | None:
        """Distinct values of columns that have few."""
        return self._held[table.name].entries(table, columns)

    def found(self, questions: Sequence[Asked]) -> Sequence[int | None]:
        """How many of the values each column holds."""
        return [
            self._held[asked.table.name].found(asked.table, asked.column, asked.values) for asked in questions
        ]

    def _sheet(self, name: str) -> Table | None:
        sheet = self._workbook[name]
        if not hasattr(sheet, "iter_rows"):
            return None  # a sheet that is only a chart
        if sheet.sheet_state != "visible":
            self._noticed.add(
                "hidden-sheet", name, "工作表是隐藏的，已一并普查", "The sheet is hidden; it is included"
            )
        rows = self._rows(name)
        start = list(islice((row for row in rows if any(row)), LOOKED_AT))
        if not start:
            return None
        width = max(len(row) for row in start)
        while width > 1 and not any(len(row) >= width and row[width - 1] for row in start):
            width -= 1
        if width > _MOST_COLUMNS:
            raise FileHostile(
                address=self.address, problem_zh=f"“{name}”的列数超过 {_MOST_COLUMNS}",
                problem_en=f"“{name}” has more than {_MOST_COLUMNS} columns",
            )  # fmt: skip
        at = header_row(start, self._limits.header)
        if at < 0:
            self._noticed.add(
                "no-header", name, "第一行不像列名，已按无表头处理",
                "The first row does not look like names; the sheet is taken to have no header",
            )  # fmt: skip
        gathered = Gathered(width, self._limits.rows)
        gathered.feed(start[at + 1 :])
        gathered.feed(row for row in rows if any(row))
        self._held[name] = gathered
        columns = tuple(Column(held) for held in column_names(start[at] if at >= 0 else (), width))
        return Table("", name, "sheet", "", gathered.rows, columns)

    def _rows(self, name: str) -> Iterator[tuple[Value, ...]]:
        try:
            for row in self._workbook[name].iter_rows(values_only=True):
                yield tuple(_text(value) for value in row)
        except _UNUSABLE:
            raise _broken(self._path, f"工作表“{name}”已损坏", f"the sheet “{name}” is damaged") from None


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[Spreadsheet]:
    """The workbook after its packing was inspected.

    Raises: FileMissing, FileForbidden, FileEmpty, FileBroken, FileHostile.
    """
    packing = inspected(path)
    noticed = Noticed()
    if packing.macros:
        noticed.add(
            "macros", path.name, "工作簿带有宏；宏没有运行", "The workbook carries macros; they were not run"
        )
    if packing.links:
        noticed.add(
            "external-links", path.name, "工作簿引用了外部文件；没有打开它们",
            "The workbook refers to other files; they were not opened",
        )  # fmt: skip
    import openpyxl  # long to import: for workbooks alone
    from openpyxl.utils.exceptions import InvalidFileException

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            workbook = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        except (*_UNUSABLE, InvalidFileException):
            raise _broken(path, "不是 XLSX，或已损坏", "it is not XLSX, or is damaged") from None
    try:
        yield Spreadsheet(workbook, path, limits, noticed)
    finally:
        workbook.close()


def _broken(path: Path, zh: str, en: str) -> FileBroken:
    return FileBroken(address=path.name, problem_zh=zh, problem_en=en)


def _text(value: object) -> Value:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    return str(value)
