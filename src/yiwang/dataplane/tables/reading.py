"""Rows of a file that nobody vouches for: CSV (UTF-8 or GBK), the first sheet of a workbook, Parquet.

Rows come one by one; only a workbook is held in memory, within the limits of its reader.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from yiwang.dataplane.spreadsheets.cells import Sheet, address
from yiwang.dataplane.spreadsheets.reading import read_workbook
from yiwang.dataplane.tables.errors import (
    FormulaInFile,
    TableFileEncoding,
    TableFileError,
    TableFileTooLarge,
)

Format = Literal["csv", "xlsx", "parquet"]
Cells = Sequence[object]
LARGEST: Final = 2 * 1024**3
_LONGEST_CELL: Final = 1024 * 1024
_MOST_COLUMNS: Final = 1000
_BATCH: Final = 8192
_AT_ONCE: Final = 250
"""Rows of text read at once: few enough that the garbage collector does not look at them again and again."""
_FORMULA: Final = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file that is open: its heads, and its rows with the line on which each stands in the file, from 2 on."""

    heads: tuple[str, ...]
    rows: Iterator[tuple[int, Cells]]


def open_table(path: Path, kind: Format) -> TableFile:
    """The table in a file.

    Raises: TableFileError, TableFileTooLarge, FormulaInFile, SpreadsheetError; the rows raise them as well.
    """
    if path.stat().st_size > LARGEST:
        raise TableFileTooLarge(what="", limit=f"{LARGEST // 1024**3} GB")
    match kind:
        case "csv":
            return _csv(path)
        case "xlsx":
            return _workbook(path)
        case "parquet":
            return _parquet(path)


def _csv(path: Path) -> TableFile:
    encoding = _encoding(path)
    csv.field_size_limit(_LONGEST_CELL)
    rows = _lines(path, encoding)
    _, heads = next(rows, (1, ()))
    return TableFile(_heads(heads), rows)


def _encoding(path: Path) -> str:
    """UTF-8 where the whole file is, else GB 18030; anything else is refused when it is met."""
    with path.open("rb") as file:
        if b"\0" in file.read(4096):
            raise TableFileEncoding(line=1)
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            while text.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, Cells]]:
    with path.open(encoding=encoding, newline="") as text:
        reader = csv.reader(text, strict=True)
        try:
            while rows := [(reader.line_num, row) for row in islice(reader, _AT_ONCE)]:
                yield from [_plain(one) if "'" in "".join(one[1]) else one for one in rows if one[1]]
        except UnicodeDecodeError:
            raise TableFileEncoding(line=reader.line_num + 1) from None
        except csv.Error as problem:
            raise TableFileError(reason=f"line {reader.line_num}: {problem}") from None


def _plain(row: tuple[int, list[str]]) -> tuple[int, Cells]:
    return row[0], [_shown(cell) for cell in row[1]]


def _shown(cell: str) -> str:
    """A text that was written behind an apostrophe, so that no program takes it for a formula, without it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA else cell


def _workbook(path: Path) -> TableFile:
    sheets = [one for one in read_workbook(path.read_bytes()) if not one.hidden and one.rows]
    if not sheets:
        raise TableFileError(reason="no visible sheet has rows")
    sheet = sheets[0]
    rows = _cells(sheet)
    _, heads = next(rows)
    return TableFile(_heads(heads), rows)


def _cells(sheet: Sheet) -> Iterator[tuple[int, Cells]]:
    width = max(max(row) for row in sheet.rows.values() if row)
    for number in sorted(sheet.rows):
        cells = sheet.rows[number]
        for cell in cells.values():
            if cell.kind != "value":
                raise FormulaInFile(cell=address(cell.row, cell.column))
        yield number, [cells[at].value if at in cells else None for at in range(1, width + 1)]


def _parquet(path: Path) -> TableFile:
    try:
        file = pq.ParquetFile(path)
        unpacked = sum(
            file.metadata.row_group(at).total_byte_size for at in range(file.metadata.num_row_groups)
        )
    except (pa.ArrowException, OSError) as problem:
        raise TableFileError(reason=type(problem).__name__) from None
    if unpacked > LARGEST:
        raise TableFileTooLarge(what="", limit=f"{LARGEST // 1024**3} GB")
    return TableFile(_heads(list(file.schema_arrow.names)), _batches(file))


def _batches(file: pq.ParquetFile) -> Iterator[tuple[int, Cells]]:
    line = 1
    try:
        for batch in file.iter_batches(batch_size=_BATCH):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                line += 1
                yield line, row
    except (pa.ArrowException, OSError, UnicodeDecodeError) as problem:
        raise TableFileError(reason=f"row {line}: {type(problem).__name__}") from None


def _heads(cells: Cells) -> tuple[str, ...]:
    heads = ["" if cell is None else str(cell).strip() for cell in cells]
    while heads and not heads[-1]:
        heads.pop()
    if not heads or not all(heads) or len(heads) > _MOST_COLUMNS or len(set(heads)) != len(heads):
        raise TableFileError(reason="the first row must name each column once")
    return tuple(heads)
