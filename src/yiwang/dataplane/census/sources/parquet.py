"""Parquet files: types and counts from the footer, rows group by group, never one that would not fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as arrow
from pyarrow import parquet

from yiwang.dataplane.census.errors import FileBroken, FileForbidden, FileHostile, FileMissing
from yiwang.dataplane.census.source import (
    Asked,
    Column,
    Letter,
    Limits,
    Measure,
    Notice,
    Noticed,
    Sample,
    Table,
    Value,
)
from yiwang.dataplane.census.sources.gathering import Gathered

_MOST_COLUMNS: Final = 5000
_LARGEST_GROUP: Final = 1 << 30
_BATCH: Final = 8192
_MOST_ROWS: Final = 2_000_000


class Parquet:
    """One Parquet file as one table."""

    def __init__(self, path: Path, limits: Limits) -> None:
        if not path.is_file():
            raise FileMissing(address=path.name)
        self._path, self._limits = path, limits
        self.address = path.name
        self.format = ("电子表格", "parquet")
        self._noticed = Noticed()
        try:
            self._file = parquet.ParquetFile(str(path))
        except PermissionError:
            raise FileForbidden(address=path.name) from None
        except (arrow.ArrowException, OSError, ValueError):
            raise FileBroken(
                address=path.name,
                problem_zh="不是 Parquet，或已损坏",
                problem_en="it is not Parquet, or is damaged",
            ) from None
        self._gathered: Gathered | None = None
        self._table: Table | None = None

    def notices(self) -> Sequence[Notice]:
        """What was noticed so far."""
        return tuple(self._noticed.items)

    def tables(self) -> Sequence[Table]:
        """The one table; at most two million rows are read for it."""
        if self._table is None:
            try:
                self._table, self._gathered = self._read()
            except (arrow.ArrowException, OSError, ValueError):
                raise FileBroken(
                    address=self.address, problem_zh="数据部分已损坏", problem_en="its data is damaged"
                ) from None
        return (self._table,)

    def sample(self, table: Table, limit: int) -> Sample:
        """Rows drawn evenly from what was read."""
        held = self._held().sample(limit)
        return Sample(held.rows, held.whole and table.rows == self._held().rows)

    def measure(self, table: Table, columns: Sequence[str]) -> Mapping[str, Measure]:
        """Counts, where all rows were read."""
        return self._held().measure(table, columns) if table.rows == self._held().rows else {}

    def entries(self, table: Table, columns: Sequence[str]) -> Mapping[str, Mapping[str, int]] | None:
        """Distinct values of columns that have few."""
        return self._held().entries(table, columns) if table.rows == self._held().rows else None

    def found(self, questions: Sequence[Asked]) -> Sequence[int | None]:
        """How many of the values each column holds."""
        return [
            self._held().found(asked.table, asked.column, asked.values)
            if asked.table.rows == self._held().rows
            else None
            for asked in questions
        ]

    def _held(self) -> Gathered:
        self.tables()
        if self._gathered is None:
            raise FileBroken(address=self.address, problem_zh="没有数据", problem_en="it has no data")
        return self._gathered

    def _read(self) -> tuple[Table, Gathered]:
        footer, schema = self._file.metadata, self._file.schema_arrow
        if len(schema) > _MOST_COLUMNS:
            raise FileHostile(
                address=self.address, problem_zh=f"列数超过 {_MOST_COLUMNS}",
                problem_en=f"it has more than {_MOST_COLUMNS} columns",
            )  # fmt: skip
        columns = tuple(_column(field) for field in schema)
        gathered = Gathered(len(columns), self._limits.rows)
        for group in range(footer.num_row_groups):
            if footer.row_group(group).total_byte_size > _LARGEST_GROUP:
                raise FileHostile(
                    address=self.address,
                    problem_zh="有行组超过 1 GB",
                    problem_en="a row group is larger than 1 GB",
                )
        for batch in self._file.iter_batches(batch_size=_BATCH):
            gathered.feed(_rows(batch, columns))
            if gathered.rows >= _MOST_ROWS:
                break
        name = self._path.name.rsplit(".", 1)[0]
        return Table(
            "", name, "file", "", int(footer.num_rows), columns, size=self._path.stat().st_size
        ), gathered


def _column(field: arrow.Field) -> Column:
    kind = field.type
    base = str(kind)
    letter: Letter = "G"
    length = scale = 0
    if arrow.types.is_dictionary(kind):
        kind = kind.value_type
    if arrow.types.is_boolean(kind):
        letter = "L"
    elif arrow.types.is_integer(kind):
        letter, length = "I", kind.bit_width // 8
    elif arrow.types.is_decimal(kind):
        letter, length, scale = "N", kind.precision, kind.scale
    elif arrow.types.is_floating(kind):
        letter, length = ("B" if kind.bit_width == 64 else "F"), kind.bit_width // 8
    elif arrow.types.is_date(kind):
        letter = "D"
    elif arrow.types.is_timestamp(kind):
        letter = "T"
    elif arrow.types.is_string(kind) or arrow.types.is_large_string(kind) or arrow.types.is_time(kind):
        letter = "C"
    comment = (field.metadata or {}).get(b"comment", b"").decode("utf-8", "replace")
    return Column(str(field.name), base, letter, length, scale, bool(field.nullable), comment)


def _rows(batch: arrow.RecordBatch, columns: Sequence[Column]) -> Iterable[tuple[Value, ...]]:
    held = []
    for at, column in enumerate(columns):
        if column.letter == "G":
            held.append(["" if valid else None for valid in batch.column(at).is_valid().to_pylist()])
        else:
            held.append([None if value is None else str(value) for value in batch.column(at).to_pylist()])
    return zip(*held, strict=True)
