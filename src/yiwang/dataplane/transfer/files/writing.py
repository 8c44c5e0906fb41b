"""Tables into files: written beside, read back, compared, and only then put in the place of the name."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from yiwang.dataplane.connectors.places import DataFile
from yiwang.dataplane.spreadsheets.cells import MOST_COLUMNS, MOST_ROWS
from yiwang.dataplane.spreadsheets.writing import Table as Sheet
from yiwang.dataplane.spreadsheets.writing import Written, write_workbook
from yiwang.dataplane.transfer.errors import TransferFileUnfit, TransferSourceMoved
from yiwang.dataplane.transfer.files import dbase
from yiwang.dataplane.transfer.files.reading import GEOMETRY, read
from yiwang.dataplane.transfer.shape import Column, Kind, Row, Value
from yiwang.dataplane.transfer.values import BadValue, canonical, coercers, written

_BATCH: Final = 20_000
_ARROW: Final[dict[Kind, pa.DataType]] = {
    "text": pa.string(), "boolean": pa.bool_(), "date": pa.date32(), "time": pa.time64("us"), "datetime": pa.timestamp("us"),
    "moment": pa.timestamp("us", "UTC"), "duration": pa.duration("us"), "json": pa.string(), "binary": pa.binary(),
    "uuid": pa.string(), "other": pa.string(),
}  # fmt: skip
MANIFEST: Final = ".manifest.json"


class Manifest(msgspec.Struct, kw_only=True):
    """What stands beside a published file: whoever reads it can tell that it is whole."""

    format: str = "yiwang-transfer-file-1"
    file: str
    sha256: str
    rows: int
    digest: str
    columns: tuple[Column, ...]
    job: str
    written: dt.datetime


def manifest_of(path: Path) -> Path:
    """Where a file's manifest stands."""
    return path.with_name(path.name + MANIFEST)


def check_manifest(path: Path) -> None:
    """A file with a manifest must be the file that the manifest tells of. Raises: TransferSourceMoved."""
    beside = manifest_of(path)
    if beside.is_file():
        held = msgspec.json.decode(beside.read_bytes(), type=Manifest)
        if held.sha256 != sha256(path):
            raise TransferSourceMoved(file=path.name)


def sha256(path: Path) -> str:
    """Of the whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def publish(
    kind: DataFile,
    path: Path,
    columns: Sequence[Column],
    rows: Callable[[], Iterator[Row]],
    count: int,
    job: str,
) -> Manifest:
    """Write, read back, compare, rename; then the manifest. The old file stands until the new one is whole.

    Raises: TransferFileUnfit, OSError.
    """
    scratch = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with scratch.open("xb") as file:
            _WRITERS[kind](scratch, path.name, columns, rows(), count)
            os.fsync(file.fileno())
        wanted, stands = _digest(rows(), kind), _read_back(kind, scratch, columns)
        if wanted != stands:
            raise _unfit(
                path.name, "写入后读回的内容不同", "what was read back differs from what was written"
            )
        digest = sha256(scratch)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    made = Manifest(
        file=path.name, sha256=digest, rows=count, digest=wanted, columns=tuple(columns), job=job,
        written=dt.datetime.now(dt.UTC),
    )  # fmt: skip
    beside = manifest_of(path)
    part = beside.with_name(f".{beside.name}.part")
    part.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n")
    part.replace(beside)
    return made


def _read_back(kind: DataFile, path: Path, columns: Sequence[Column]) -> str:
    table = read(kind, path)
    found = {column.name: at for at, column in enumerate(table.columns)}
    names = [column.name for column in columns]
    if set(found) != set(names):
        raise _unfit(path.name, "列名保存不下", "its names of columns cannot be kept")
    places, converters = [found[name] for name in names], coercers(columns, nul=True)

    def rows() -> Iterator[Row]:
        for raw in table.rows:
            try:
                yield tuple(one(raw[at]) for one, at in zip(converters, places, strict=True))
            except BadValue as why:
                raise _unfit(
                    path.name, f"有的值保存不下（{why}）", f"a value cannot be kept ({why})"
                ) from None

    return _digest(rows(), kind)


def _digest(rows: Iterable[Row], kind: DataFile) -> str:
    """Empty texts count as NULL where the kind of file cannot tell them apart, as its guarantee says."""
    digest = hashlib.sha256()
    blind = kind in {"csv", "xlsx", "dbf"}
    for row in rows:
        digest.update(canonical(tuple(None if value == "" else value for value in row) if blind else row))
    return digest.hexdigest()


def _csv(path: Path, name: str, columns: Sequence[Column], rows: Iterator[Row], count: int) -> None:
    del name, count
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in columns])
        for row in rows:
            writer.writerow(["" if value is None else written(value) for value in row])


def _xlsx(path: Path, name: str, columns: Sequence[Column], rows: Iterator[Row], count: int) -> None:
    if count >= MOST_ROWS or len(columns) > MOST_COLUMNS:
        raise _unfit(
            name, f"{count:,} 行超过一个工作表的上限", f"{count:,} rows are more than a sheet can hold"
        )
    head: tuple[Written, ...] = tuple(column.name for column in columns)
    cells = (tuple(_typed(value) for value in row) for row in rows)
    path.write_bytes(write_workbook([Sheet("data", _all(head, cells))]))


def _all(head: tuple[Written, ...], rows: Iterator[tuple[Written, ...]]) -> Iterator[tuple[Written, ...]]:
    yield head
    yield from rows


def _typed(value: Value) -> Written:
    """Small numbers and days as such; what a sheet would round is text."""
    if isinstance(value, bool) or value is None:
        return None if value is None else written(value)
    if isinstance(value, int) and abs(value) < 10**15:
        return value
    if isinstance(value, Decimal) and len(value.as_tuple().digits) <= 15:
        return value
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime) and value.year > 1900:
        return value
    return written(value)


def _parquet(path: Path, name: str, columns: Sequence[Column], rows: Iterator[Row], count: int) -> None:
    del count
    schema = pa.schema([_field(column) for column in columns])
    try:
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            while batch := list(islice(rows, _BATCH)):
                arrays = [
                    pa.array(values, field.type)
                    for values, field in zip(zip(*batch, strict=True), schema, strict=True)
                ]
                writer.write_batch(pa.record_batch(arrays, schema=schema))
    except pa.ArrowException:
        raise _unfit(name, "有的值超出 Parquet 的类型", "a value is beyond Parquet's types") from None


def _field(column: Column) -> pa.Field:
    match column.kind:
        case "integer":
            kind = {16: pa.int16(), 32: pa.int32()}.get(column.bits, pa.int64())
        case "float":
            kind = pa.float32() if column.bits == 32 else pa.float64()
        case "decimal":
            wide = column.precision or 76
            kind = (pa.decimal128 if wide <= 38 else pa.decimal256)(
                wide, column.scale if column.precision else 30
            )
        case other:
            kind = _ARROW[other]
    told = {"yiwang.kind": column.kind} if column.kind in {"json", "uuid"} else None
    return pa.field(column.name, kind, column.nullable, told)


def _geojson(path: Path, name: str, columns: Sequence[Column], rows: Iterator[Row], count: int) -> None:
    del count
    names = [column.name for column in columns]
    if GEOMETRY not in names:
        raise _unfit(name, "没有名为 geometry 的列", "there is no column geometry")
    at = names.index(GEOMETRY)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type":"FeatureCollection","features":[')
        for number, row in enumerate(rows):
            properties = {
                n: _json(c, v) for n, c, v in zip(names, columns, row, strict=True) if n != GEOMETRY
            }
            geometry = json.loads(str(row[at])) if row[at] is not None else None
            feature = {"type": "Feature", "properties": properties, "geometry": geometry}
            file.write(("," if number else "") + "\n" + json.dumps(feature, ensure_ascii=False))
        file.write("\n]}\n")


def _json(column: Column, value: Value) -> object:
    if value is None or isinstance(value, bool | int | float | str):
        return json.loads(value) if column.kind == "json" and isinstance(value, str) else value
    return written(value)


def _dbf(path: Path, name: str, columns: Sequence[Column], rows: Iterator[Row], count: int) -> None:
    try:
        with path.open("wb") as file:
            dbase.write(file, columns, count, rows)
    except dbase.NotDbase as why:
        raise _unfit(name, why.zh, why.en) from None


def _unfit(name: str, zh: str, en: str) -> TransferFileUnfit:
    return TransferFileUnfit(file=name, reason_zh=zh, reason_en=en)


_WRITERS: Final[dict[DataFile, Callable[[Path, str, Sequence[Column], Iterator[Row], int], None]]] = {
    "csv": _csv, "xlsx": _xlsx, "parquet": _parquet, "geojson": _geojson, "dbf": _dbf,
}  # fmt: skip
