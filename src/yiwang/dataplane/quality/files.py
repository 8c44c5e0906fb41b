"""A file as a table of DuckDB: CSV (UTF-8 or GBK, packed or not), XLSX, Parquet.

Cells of CSV and XLSX are text as they stand, so that `01` stays `01`; a column declared as another type is read as
that type, and what cannot be is found by a rule of its own (`type.<column>`, 规范性).
"""

from __future__ import annotations

import codecs
import gzip
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal

import pyarrow as pa

from yiwang.dataplane.engines.duckdb import DuckDB, EngineError
from yiwang.dataplane.quality.dialects import DUCKDB
from yiwang.dataplane.quality.errors import QualityFieldUnknown, QualityFileUnreadable
from yiwang.dataplane.quality.rules import Condition, Expression, Rule
from yiwang.dataplane.spreadsheets.cells import Sheet
from yiwang.dataplane.spreadsheets.errors import SpreadsheetError
from yiwang.dataplane.spreadsheets.reading import read_workbook

ColumnType = Literal["text", "integer", "decimal", "boolean", "date", "datetime"]
SQL_TYPES: Final[dict[ColumnType, str]] = {
    "text": "VARCHAR", "integer": "BIGINT", "decimal": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE",
    "datetime": "TIMESTAMPTZ",
}  # fmt: skip
ROW_NUMBER: Final = "行号"
"""The key of a file without one: data rows counted from 1."""
TABLE: Final = '"table"'
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class FileTable:
    """A file that is open: its columns with the engine's types, and the rules that its typing brought."""

    columns: dict[str, str]
    typing_rules: tuple[Rule, ...]


@contextmanager
def opened(path: Path, declared: Mapping[str, ColumnType], database: DuckDB) -> Iterator[FileTable]:
    """The file as the table `TABLE` while the context lasts. Raises: QualityFileUnreadable, QualityFieldUnknown."""
    if not path.is_file():
        raise QualityFileUnreadable(file=path.name, reason="no such file")
    with tempfile.TemporaryDirectory(prefix="yw-quality-") as scratch:
        try:
            _load(path, database, Path(scratch))
            yield _typed(database, declared)
        except EngineError as error:
            raise QualityFileUnreadable(file=path.name, reason=_first_line(error)) from error


def _load(path: Path, database: DuckDB, scratch: Path) -> None:
    name = path.name.lower()
    if name.endswith(".parquet"):
        database.execute(f"CREATE VIEW source AS SELECT * FROM read_parquet({DUCKDB.text(str(path))})")
    elif name.endswith(".xlsx"):
        database.register("source", _workbook(path))
    elif name.endswith((".csv", ".csv.gz", ".tsv", ".txt")):
        text = _as_utf8(path, scratch)
        database.execute(
            f"CREATE VIEW source AS SELECT * FROM read_csv({DUCKDB.text(str(text))}, header = true,"
            " all_varchar = true, sample_size = -1)"
        )
    else:
        raise QualityFileUnreadable(file=path.name, reason="not .csv, .csv.gz, .xlsx or .parquet")


def _typed(database: DuckDB, declared: Mapping[str, ColumnType]) -> FileTable:
    raw = database.columns("source")
    for name in declared:
        if name not in raw:
            raise QualityFieldUnknown(rule=f"columns.{name}", field=name, fields=list(raw))
    selected, rules = [], []
    for name, kind in raw.items():
        column = DUCKDB.identifier(name)
        wanted = declared.get(name)
        if wanted is None or SQL_TYPES[wanted] == kind:
            selected.append(column)
            continue
        as_found = DUCKDB.identifier(f"{name} (as found)")
        selected.append(
            f"TRY_CAST(nullif(trim(CAST({column} AS VARCHAR)), '') AS {SQL_TYPES[wanted]}) AS {column}"
        )
        selected.append(f"nullif(trim(CAST({column} AS VARCHAR)), '') AS {as_found}")
        rules.append(_typing_rule(name, wanted))
    numbered = f"row_number() OVER () AS {DUCKDB.identifier(ROW_NUMBER)}"
    database.execute(f"CREATE VIEW {TABLE} AS SELECT {numbered}, {', '.join(selected)} FROM source")
    columns = database.columns(TABLE)
    return FileTable({name: columns[name] for name in raw}, tuple(rules))


def _typing_rule(name: str, wanted: ColumnType) -> Rule:
    value, found = DUCKDB.column(name), DUCKDB.column(f"{name} (as found)")
    # without a value there is nothing to judge: NULL leaves the tested rows
    truth = f"CASE WHEN {found} IS NOT NULL THEN {value} IS NOT NULL END"
    return Expression(
        id=f"type.{name}", dimension="规范性", message=wanted,
        condition=Condition({"duckdb": truth}, (name,)),
    )  # fmt: skip


def _workbook(path: Path) -> pa.Table:
    try:
        sheets = read_workbook(path.read_bytes())
    except SpreadsheetError as error:
        raise QualityFileUnreadable(file=path.name, reason=error.text("en")) from error
    rows = _texts(next((sheet for sheet in sheets if not sheet.hidden), Sheet("")))
    if not rows:
        raise QualityFileUnreadable(file=path.name, reason="the first sheet is empty")
    names = [str(name or f"column {at}") for at, name in enumerate(rows[0], 1)]
    if len(set(names)) != len(names):
        raise QualityFileUnreadable(file=path.name, reason="two columns have the same name")
    columns = [[row[at] if at < len(row) else None for row in rows[1:]] for at in range(len(names))]
    return pa.table(
        {name: pa.array(values, pa.string()) for name, values in zip(names, columns, strict=True)}
    )


def _texts(sheet: Sheet) -> list[list[str | None]]:
    """Rows as texts; formulas and errors have no value to judge."""
    width = max((column for row in sheet.rows.values() for column in row), default=0)
    found = []
    for number in sorted(sheet.rows):
        cells = [sheet.cell(number, column) for column in range(1, width + 1)]
        found.append(
            [None if c is None or c.kind != "value" or c.value is None else str(c.value) for c in cells]
        )
    return found


def _as_utf8(path: Path, scratch: Path) -> Path:
    """The file itself, or a copy in UTF-8 when it is packed or in GBK."""
    encoding = "utf-8" if _decodes(path, "utf-8") else "gb18030" if _decodes(path, "gb18030") else None
    if encoding is None:
        raise QualityFileUnreadable(file=path.name, reason="neither UTF-8 nor GBK text")
    if encoding == "utf-8" and path.suffix != ".gz":
        return path
    copy = scratch / "table.csv"
    decoder = codecs.getincrementaldecoder(encoding)()
    with _bytes(path) as source, copy.open("w", encoding="utf-8", newline="") as target:
        while chunk := source.read(_CHUNK):
            target.write(decoder.decode(chunk))
        target.write(decoder.decode(b"", final=True))
    return copy


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with _bytes(path) as source:
            while chunk := source.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    except (OSError, EOFError, zlib.error) as error:
        raise QualityFileUnreadable(file=path.name, reason=_first_line(error)) from error
    return True


def _bytes(path: Path) -> IO[bytes] | gzip.GzipFile:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
