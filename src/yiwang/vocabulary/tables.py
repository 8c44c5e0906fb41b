"""Editable reference data: CSV files that say where they come from.

A data file is a CSV with a head of lines `# key: value`. The head names at least `title`, `source`, `edition` and
`verified` (whether somebody compared the rows with the official text). A column of the same name on a row wins over
the head for that row. Operators may edit the files or load their own with `read_table`.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import ClassVar

from yiwang.vocabulary.errors import YwError

HEAD = ("title", "source", "edition", "verified")


class TableError(YwError):
    """A reference data file cannot be used as it stands."""

    code: ClassVar[str] = "vocabulary-table-broken"
    message_zh: ClassVar[str] = "参考数据文件 {file} 第 {line} 行有误：{problem}。"
    message_en: ClassVar[str] = "The reference data file {file} is wrong at line {line}: {problem}."
    mend_zh: ClassVar[str] = "请按文件头部的说明改正该行；文件须为 UTF-8 编码的 CSV。"
    mend_en: ClassVar[str] = (
        "Correct that line as the head of the file explains; the file must be CSV in UTF-8."
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with its line in the file so that a mistake can be pointed at."""

    file: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def broken(self, problem: str) -> TableError:
        """The error that points at this row."""
        return TableError(file=self.file, line=self.line, problem=problem)

    def year(self, column: str) -> int | None:
        """A year, or None where the cell is empty.

        Raises:
            TableError: the cell is something else.
        """
        text = self.cells[column]
        if not text:
            return None
        if len(text) != 4 or not text.isdecimal():
            raise self.broken(f"{column} must be a year, not {text!r}")
        return int(text)


@dataclass(frozen=True, slots=True)
class Table:
    """A reference data file in memory."""

    name: str
    facts: Mapping[str, str]
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        """What the table is, in the words of the standard."""
        return self.facts["title"]

    @property
    def source(self) -> str:
        """Where the rows come from."""
        return self.facts["source"]

    @property
    def edition(self) -> str:
        """The state the table describes: an edition of a standard, or a date."""
        return self.facts["edition"]

    @property
    def verified(self) -> bool:
        """Whether the rows were compared with the official text."""
        return self.facts["verified"] == "true"


def data_table(name: str, *columns: str) -> Table:
    """A table that comes with the product, e.g. `data_table("festivals.csv", "year")`.

    Raises:
        TableError: the file is not in the form described above, or lacks one of `columns`.
    """
    place = files("yiwang.vocabulary") / "data"
    for part in name.split("/"):
        place = place / part
    return parse_table(name, place.read_bytes(), columns)


def read_table(path: Path, *columns: str) -> Table:
    """A table from a file of the operator's own, in the same form.

    Raises:
        TableError: as `data_table`.
        OSError: the file cannot be read.
    """
    return parse_table(path.name, path.read_bytes(), columns)


def parse_table(name: str, content: bytes, columns: tuple[str, ...]) -> Table:
    """A table from its bytes; gzip is recognised by its first two bytes."""
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        raise TableError(file=name, line=line, problem="not UTF-8") from wrong
    facts, start = _head(lines)
    for key in HEAD:
        if not facts.get(key):
            raise TableError(file=name, line=1, problem=f"the head does not say `# {key}: …`")
    return Table(name=name, facts=facts, rows=tuple(_rows(name, lines, start, columns)))


def _head(lines: list[str]) -> tuple[dict[str, str], int]:
    facts: dict[str, str] = {}
    for number, line in enumerate(lines):
        if not line.startswith("#"):
            return facts, number
        key, colon, value = line[1:].partition(":")
        if colon:
            facts[key.strip()] = value.strip()
    return facts, len(lines)


def _rows(name: str, lines: list[str], start: int, columns: tuple[str, ...]) -> Iterator[Row]:
    reader = csv.reader(lines[start:])
    header = next(reader, None)
    if header is None:
        raise TableError(file=name, line=start + 1, problem="no header row")
    missing = [column for column in columns if column not in header]
    if missing:
        raise TableError(file=name, line=start + 1, problem=f"no column {missing[0]}")
    for cells in reader:
        line = start + reader.line_num
        if not cells or cells[0].startswith("#"):
            continue
        if len(cells) != len(header):
            raise TableError(file=name, line=line, problem=f"{len(cells)} cells under {len(header)} headings")
        yield Row(file=name, line=line, cells=dict(zip(header, cells, strict=True)))
