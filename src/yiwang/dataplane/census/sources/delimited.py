"""CSV files: encoding and delimiter are found out, `.gz` is unpacked on the way, cells are bounded."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from yiwang.dataplane.census.errors import (
    EncodingUnknown,
    FileBroken,
    FileEmpty,
    FileForbidden,
    FileHostile,
    FileMissing,
)
from yiwang.dataplane.census.source import Asked, Column, Limits, Measure, Notice, Noticed, Sample, Table
from yiwang.dataplane.census.sources.gathering import Gathered
from yiwang.dataplane.census.sources.headers import LOOKED_AT, column_names, header_row

_CHUNK: Final = 1 << 20
_LONGEST_CELL: Final = 1 << 20
_MOST_COLUMNS: Final = 5000
_MOST_RATIO: Final = 500
_DELIMITERS: Final = ",\t;|"
_NOT_TEXT: Final = {
    b"PK\x03\x04": "xlsx", b"\xd0\xcf\x11\xe0": "xls", b"PAR1": "parquet", b"SQLite f": "sqlite", b"%PDF": "pdf",
}  # fmt: skip


class _Bytes(Protocol):
    """What is asked of a file, packed or not."""

    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class Delimited:
    """One CSV file as one table."""

    def __init__(self, path: Path, limits: Limits) -> None:
        if not path.is_file():
            raise FileMissing(address=path.name)
        self._path, self._limits = path, limits
        self.address = path.name
        self.format = ("电子表格", "csv")
        self._noticed = Noticed()
        self._gathered: Gathered | None = None
        self._table: Table | None = None

    def notices(self) -> Sequence[Notice]:
        """What was noticed so far."""
        return tuple(self._noticed.items)

    def tables(self) -> Sequence[Table]:
        """The one table; the whole file is read once for it."""
        if self._table is None:
            self._table, self._gathered = self._read()
        return (self._table,)

    def sample(self, table: Table, limit: int) -> Sample:
        """Rows drawn evenly from the whole file."""
        return self._held(table).sample(limit)

    def measure(self, table: Table, columns: Sequence[str]) -> Mapping[str, Measure]:
        """Counts over all rows."""
        return self._held(table).measure(table, columns)

    def entries(self, table: Table, columns: Sequence[str]) -> Mapping[str, Mapping[str, int]] | None:
        """Distinct values of columns that have few."""
        return self._held(table).entries(table, columns)

    def found(self, questions: Sequence[Asked]) -> Sequence[int | None]:
        """How many of the values each column holds."""
        return [self._held(asked.table).found(asked.table, asked.column, asked.values) for asked in questions]

    def _held(self, table: Table) -> Gathered:
        del table
        self.tables()
        if self._gathered is None:
            raise FileEmpty(address=self.address)
        return self._gathered

    def _read(self) -> tuple[Table, Gathered]:
        encoding = self._encoding()
        csv.field_size_limit(_LONGEST_CELL)
        try:
            with closing(self._text(encoding)) as text:
                first = text.read(64 << 10)
            delimiter = _delimiter(first)
            with closing(self._text(encoding)) as text:
                return self._rows(csv.reader(text, delimiter=delimiter))
        except csv.Error as error:
            if "field larger" in str(error):
                raise FileHostile(
                    address=self.address,
                    problem_zh="有单元格超过 1 MB",
                    problem_en="a cell is larger than 1 MB",
                ) from None
            raise FileBroken(
                address=self.address, problem_zh="不是 CSV（含有空字节或未闭合的引号）",
                problem_en="it is not CSV (a null byte or an open quote)",
            ) from None  # fmt: skip

    def _rows(self, reader: Iterator[list[str]]) -> tuple[Table, Gathered]:
        start: list[list[str]] = []
        for row in reader:
            if any(cell.strip() for cell in row):
                start.append(row)
            if len(start) >= LOOKED_AT:
                break
        if not start:
            raise FileEmpty(address=self.address)
        width = max(len(row) for row in start)
        if width > _MOST_COLUMNS:
            raise FileHostile(
                address=self.address, problem_zh=f"列数超过 {_MOST_COLUMNS}",
                problem_en=f"it has more than {_MOST_COLUMNS} columns",
            )  # fmt: skip
        at = header_row(start, self._limits.header)
        if at < 0:
            self._noticed.add(
                "no-header", self.address, "第一行不像列名，已按无表头处理",
                "The first row does not look like names; the file is taken to have no header",
            )  # fmt: skip
        names = column_names(start[at] if at >= 0 else (), width if at < 0 else len(start[at]))
        gathered = Gathered(len(names), self._limits.rows)
        gathered.feed(start[at + 1 :])
        gathered.feed(row for row in reader if row)
        columns = tuple(Column(name) for name in names)
        name = self._path.name.removesuffix(".gz").rsplit(".", 1)[0]
        size = self._path.stat().st_size
        return Table("", name, "file", "", gathered.rows, columns, size=size), gathered

    def _encoding(self) -> str:
        """Of the whole file: one that begins in ASCII may turn out to be GB18030 a million rows later."""
        first = next(self._chunks(), b"")
        if not first.strip():
            raise FileEmpty(address=self.address)
        for magic, kind in _NOT_TEXT.items():
            if first.startswith(magic):
                raise FileBroken(
                    address=self.address,
                    problem_zh=f"内容是 {kind}，不是 CSV",
                    problem_en=f"it is {kind}, not CSV",
                )
        if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if b"\0" in first:
            raise FileBroken(address=self.address, problem_zh="不是文本文件", problem_en="it is not text")
        if self._decodes("utf-8") is None:
            return "utf-8-sig"
        line = self._decodes("gb18030")
        if line is None:
            return "gb18030"
        raise EncodingUnknown(address=self.address, line=line)

    def _decodes(self, encoding: str) -> int | None:
        """None when the file decodes, else the line where it does not."""
        decoder = codecs.getincrementaldecoder(encoding)()
        line = 1
        try:
            for chunk in self._chunks():
                decoder.decode(chunk)
                line += chunk.count(b"\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as wrong:
            return line + wrong.object[: wrong.start].count(b"\n")
        return None

    def _chunks(self) -> Iterator[bytes]:
        with closing(self._opened()) as file:
            while chunk := self._piece(file):
                yield chunk

    def _piece(self, file: _Bytes) -> bytes:
        try:
            return file.read(_CHUNK)
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise FileBroken(
                address=self.address,
                problem_zh="gzip 压缩不完整或已损坏",
                problem_en="the gzip data is damaged",
            ) from None

    def _opened(self) -> _Bytes:
        try:
            raw = self._path.open("rb")
        except PermissionError:
            raise FileForbidden(address=self.address) from None
        if raw.read(2) != b"\x1f\x8b":
            raw.seek(0)
            return raw
        raw.seek(0)
        packed = self._path.stat().st_size
        return _Bounded(
            raw, self.address, min(self._limits.file_bytes, max(_CHUNK * 8, packed * _MOST_RATIO))
        )

    def _text(self, encoding: str) -> io.TextIOWrapper:
        return io.TextIOWrapper(io.BufferedReader(_Raw(self)), encoding=encoding, newline="")

    def raw(self) -> _Bytes:
        """The bytes, unpacked."""
        return self._opened()


class _Bounded(gzip.GzipFile):
    """A gzip stream that refuses to grow past all measure."""

    def __init__(self, raw: BinaryIO, address: str, most: int) -> None:
        super().__init__(fileobj=raw, mode="rb")
        self._address, self._most, self._given = address, most, 0

    def read(self, size: int | None = -1) -> bytes:
        """As a file's, counted."""
        piece = super().read(size)
        self._given += len(piece)
        if self._given > self._most:
            raise FileHostile(
                address=self._address, problem_zh=f"解压后超过 {self._most >> 20} MB",
                problem_en=f"it unpacks to more than {self._most >> 20} MB",
            )  # fmt: skip
        return piece


class _Raw(io.RawIOBase):
    """Lets text be read through the bounds above."""

    def __init__(self, owner: Delimited) -> None:
        super().__init__()
        self._file = owner.raw()

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: object) -> int:
        """As a raw file's."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        piece = self._file.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """The file too."""
        self._file.close()
        super().close()


def _delimiter(text: str) -> str:
    """The separator that divides the first lines most evenly."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    if not lines:
        return ","
    best, score = ",", 0
    for sign in _DELIMITERS:
        counts = sorted(len(cells) for cells in csv.reader(lines, delimiter=sign))
        middle = counts[len(counts) // 2]
        even = sum(count == middle for count in counts)
        if middle > 1 and even * min(middle, 50) > score:
            best, score = sign, even * min(middle, 50)
    return best
