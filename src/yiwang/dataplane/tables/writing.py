"""Writes rows as CSV, XLSX or Parquet; no program will take a text for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from yiwang.dataplane.spreadsheets.writing import Table, write_workbook
from yiwang.dataplane.tables.errors import TableFileTooLarge
from yiwang.dataplane.tables.reading import Format

Typed = Literal["text", "integer", "boolean"]
Cell = str | int | bool | None
WORKBOOK_ROWS: Final = 200_000
"""Rows of a workbook: it is made in memory."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_TYPES: Final = {"text": pa.string(), "integer": pa.int64(), "boolean": pa.bool_()}
_BATCH: Final = 8192


def write_table(
    path: Path, kind: Format, heads: Sequence[str], types: Sequence[Typed], rows: Iterable[Sequence[Cell]]
) -> int:
    """Write a file; gives how many rows. Raises: TableFileTooLarge, for a workbook."""
    counted = _Counted(rows)
    match kind:
        case "csv":
            with path.open("w", encoding="utf-8-sig", newline="") as text:
                writer = csv.writer(text)
                writer.writerow([_safe(one) for one in heads])
                writer.writerows([_safe(cell) for cell in row] for row in counted)
        case "xlsx":
            table = Table("1", _headed(heads, counted))
            path.write_bytes(write_workbook([table]))
        case "parquet":
            _parquet(path, heads, types, counted)
    return counted.count


class _Counted:
    def __init__(self, rows: Iterable[Sequence[Cell]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for row in self._rows:
            self.count += 1
            yield row


def _headed(heads: Sequence[str], rows: _Counted) -> Iterator[list[str | int | Decimal | None]]:
    yield list(heads)
    for row in rows:
        if rows.count > WORKBOOK_ROWS:
            raise TableFileTooLarge(what="", limit=f"{WORKBOOK_ROWS:,}")
        yield [str(cell).lower() if isinstance(cell, bool) else cell for cell in row]


def _safe(cell: Cell) -> str | int | None:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _parquet(
    path: Path, heads: Sequence[str], types: Sequence[Typed], rows: Iterable[Sequence[Cell]]
) -> None:
    schema = pa.schema([pa.field(name, _TYPES[kind]) for name, kind in zip(heads, types, strict=True)])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        held: list[Sequence[Cell]] = []
        for row in rows:
            held.append(row)
            if len(held) == _BATCH:
                writer.write_batch(_batch(held, schema))
                held = []
        if held:
            writer.write_batch(_batch(held, schema))


def _batch(rows: list[Sequence[Cell]], schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
