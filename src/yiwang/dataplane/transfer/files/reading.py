"""Rows of a file, with what its kind knows of their types. A file that is cut off or altered is refused, not half read."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from yiwang.dataplane.connectors.places import DataFile
from yiwang.dataplane.spreadsheets.cells import Sheet
from yiwang.dataplane.spreadsheets.errors import SpreadsheetError
from yiwang.dataplane.spreadsheets.reading import read_workbook
from yiwang.dataplane.transfer.errors import TransferFileBroken
from yiwang.dataplane.transfer.files import dbase
from yiwang.dataplane.transfer.shape import Column, Kind, Row, Value
from yiwang.dataplane.transfer.values import written

_PIECE: Final = 1 << 20
_LONGEST_CELL: Final = 16 << 20
_MOST_JSON: Final = 512 << 20
GEOMETRY: Final = "geometry"


@dataclass(frozen=True)
class Table:
    """A file's columns, and its rows, which are read as they are asked for."""

    columns: tuple[Column, ...]
    rows: Iterator[Row]


def read(kind: DataFile, path: Path) -> Table:
    """The table in a file. Raises: TransferFileBroken, also while rows are taken."""
    return _READERS[kind](path)


def broken(path: Path, line: int, zh: str, en: str) -> TransferFileBroken:
    """A file that cannot be read."""
    return TransferFileBroken(file=path.name, line=line, reason_zh=zh, reason_en=en)


def _csv(path: Path) -> Table:
    csv.field_size_limit(_LONGEST_CELL)
    rows = _lines(path, _encoding(path))
    head = next(rows, None)
    if not head:
        raise broken(path, 1, "文件是空的", "it is empty")
    names = _names(path, head)

    def cells() -> Iterator[Row]:
        for number, row in enumerate(rows, 2):
            if not row:
                continue
            if len(row) != len(names):
                raise broken(
                    path,
                    number,
                    f"有 {len(row)} 格，应为 {len(names)} 格",
                    f"{len(row)} cells, not {len(names)}",
                )
            yield tuple(cell or None for cell in row)

    return Table(tuple(Column(name, "text") for name in names), cells())


def _lines(path: Path, encoding: str) -> Iterator[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            yield from reader
        except csv.Error:
            raise broken(
                path, reader.line_num, "引号没有闭合，或有空字节", "an open quote or a null byte"
            ) from None


def _encoding(path: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise broken(path, 1, "既不是 UTF-8 也不是 GB18030", "it is neither UTF-8 nor GB18030")


def _names(path: Path, head: Sequence[str | None]) -> list[str]:
    names = [str(name or "").strip() for name in head]
    if not all(names) or len(set(names)) != len(names):
        raise broken(path, 1, "列名为空或重复", "a column has no name, or two have the same")
    return names


def _xlsx(path: Path) -> Table:
    try:
        sheets = read_workbook(path.read_bytes())
    except SpreadsheetError as error:
        raise broken(path, 1, error.text("zh"), error.text("en")) from None
    sheet = next((one for one in sheets if not one.hidden), Sheet(""))
    width = max((column for row in sheet.rows.values() for column in row), default=0)
    grid = []
    for number in sorted(sheet.rows):
        cells = [sheet.cell(number, column) for column in range(1, width + 1)]
        for at, cell in enumerate(cells):
            if cell is not None and cell.kind != "value":
                raise broken(
                    path, number, f"第 {at + 1} 格是公式或错误", f"cell {at + 1} is a formula or an error"
                )
        grid.append(tuple(None if c is None or c.value is None else written(c.value) for c in cells))
    if not grid:
        raise broken(path, 1, "首个工作表是空的", "its first sheet is empty")
    return Table(tuple(Column(name, "text") for name in _names(path, grid[0])), iter(grid[1:]))


def _parquet(path: Path) -> Table:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError):
        raise broken(path, 1, "不是 Parquet，或不完整", "it is not Parquet, or is cut off") from None
    columns = tuple(_arrow_column(field) for field in file.schema_arrow)

    def rows() -> Iterator[Row]:
        try:
            for batch in file.iter_batches(20_000):
                texts = [
                    [
                        None if v is None else json.dumps(v, default=str, ensure_ascii=False)
                        for v in column.to_pylist()
                    ]
                    if made.kind == "json" and not pa.types.is_string(column.type)
                    else column.to_pylist()
                    for made, column in zip(columns, batch.columns, strict=True)
                ]
                yield from zip(*texts, strict=True)
        except (pa.ArrowException, OSError):
            raise broken(path, 1, "部分数据已损坏", "a part of it is damaged") from None

    return Table(columns, rows())


def _arrow_column(field: pa.Field) -> Column:
    kind, types = field.type, pa.types
    told = (field.metadata or {}).get(b"yiwang.kind", b"").decode()
    if told in {"json", "uuid", "duration"}:
        kinds: dict[str, Kind] = {"json": "json", "uuid": "uuid", "duration": "duration"}
        return Column(field.name, kinds[told], nullable=field.nullable)
    if types.is_unsigned_integer(kind) and kind.bit_width == 64:
        return Column(field.name, "decimal", "", field.nullable, precision=20)
    if types.is_integer(kind):
        wide = kind.bit_width * (2 if types.is_unsigned_integer(kind) else 1)
        return Column(field.name, "integer", "", field.nullable, bits=max(16, wide))
    if types.is_decimal(kind):
        return Column(field.name, "decimal", "", field.nullable, precision=kind.precision, scale=kind.scale)
    if types.is_floating(kind):
        return Column(field.name, "float", "", field.nullable, bits=max(32, kind.bit_width))
    tests: tuple[tuple[Callable[[pa.DataType], bool], Kind], ...] = (
        (types.is_boolean, "boolean"), (types.is_date, "date"), (types.is_time, "time"), (types.is_duration, "duration"),
        (types.is_binary, "binary"), (types.is_large_binary, "binary"), (types.is_fixed_size_binary, "binary"),
        (types.is_string, "text"), (types.is_large_string, "text"), (types.is_dictionary, "text"),
    )  # fmt: skip
    if types.is_timestamp(kind):
        return Column(field.name, "moment" if kind.tz else "datetime", "", field.nullable)
    found: Kind = next((name for test, name in tests if test(kind)), "json")
    return Column(field.name, found, "", field.nullable)


def _geojson(path: Path) -> Table:
    if path.stat().st_size > _MOST_JSON:
        raise broken(path, 1, "超过 512 MB", "it is larger than 512 MB")
    try:
        tree = json.loads(path.read_text(encoding="utf-8-sig"))
        features = tree["features"]
        held = [(dict(one["properties"] or {}), one["geometry"]) for one in features]
    except json.JSONDecodeError as error:
        raise broken(path, error.lineno, "不是完整的 JSON", "it is not whole JSON") from None
    except (UnicodeDecodeError, KeyError, TypeError, ValueError):
        raise broken(path, 1, "不是 GeoJSON 要素集合", "it is no GeoJSON feature collection") from None
    names = list(dict.fromkeys(name for properties, _ in held for name in properties))
    if GEOMETRY in names:
        raise broken(path, 1, "属性名 geometry 与几何列重名", "a property is called geometry")
    columns = [_json_column(name, (properties.get(name) for properties, _ in held)) for name in names]
    columns.append(Column(GEOMETRY, "json"))
    rows = (
        tuple(
            _json_value(column, value)
            for column, value in zip(
                columns, [*(properties.get(name) for name in names), geometry], strict=True
            )
        )
        for properties, geometry in held
    )
    return Table(tuple(columns), rows)


def _json_column(name: str, values: Iterable[object]) -> Column:
    kinds = {type(value) for value in values if value is not None}
    plain: dict[frozenset[type], Kind] = {
        frozenset({int}): "integer", frozenset({float}): "float", frozenset({int, float}): "float",
        frozenset({bool}): "boolean", frozenset({str}): "text", frozenset(): "text",
    }  # fmt: skip
    return Column(name, plain.get(frozenset(kinds), "json"))


def _json_value(column: Column, value: object) -> Value:
    return json.dumps(value, ensure_ascii=False) if column.kind == "json" and value is not None else value


def _dbf(path: Path) -> Table:
    try:
        columns, rows = dbase.read(path)
    except dbase.NotDbase as why:
        raise broken(path, 1, why.zh, why.en) from None
    return Table(columns, rows)


_READERS: Final[dict[DataFile, Callable[[Path], Table]]] = {
    "csv": _csv, "xlsx": _xlsx, "parquet": _parquet, "geojson": _geojson, "dbf": _dbf,
}  # fmt: skip
