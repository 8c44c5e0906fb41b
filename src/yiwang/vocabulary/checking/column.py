"""Reads one column of a CSV file as a stream, whatever way it was saved."""

from __future__ import annotations

import codecs
import csv
import difflib
import gzip
import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, ClassVar

from yiwang.vocabulary.errors import YwError

CHUNK = 1 << 20
LONGEST_CELL = 1 << 20
DELIMITERS = ",\t;|"
_SPREADSHEETS = {b"PK\x03\x04": "xlsx", b"\xd0\xcf\x11\xe0": "xls"}


class ColumnError(YwError):
    """A column of a file cannot be read."""

    code: ClassVar[str] = "column-unreadable"
    message_zh: ClassVar[str] = "无法读取文件 {file}。"
    message_en: ClassVar[str] = "The file {file} cannot be read."
    mend_zh: ClassVar[str] = "请检查文件是否存在、是否有读取权限。"
    mend_en: ClassVar[str] = "Check that the file exists and may be read."


class ColumnFileMissing(ColumnError):
    """There is no such file."""

    code: ClassVar[str] = "column-file-missing"
    message_zh: ClassVar[str] = "找不到文件 {file}。"
    message_en: ClassVar[str] = "There is no file {file}."
    mend_zh: ClassVar[str] = "请检查路径；路径中有空格的，要用引号括起来。"
    mend_en: ClassVar[str] = "Check the path; quote it when it contains blanks."


class ColumnFileEmpty(ColumnError):
    """The file has no header row."""

    code: ClassVar[str] = "column-file-empty"
    message_zh: ClassVar[str] = "文件 {file} 是空的，没有表头行。"
    message_en: ClassVar[str] = "The file {file} is empty, it has no header row."
    mend_zh: ClassVar[str] = "第一行应为列名。"
    mend_en: ClassVar[str] = "The first row must hold the names of the columns."


class ColumnNotCsv(ColumnError):
    """The file is a spreadsheet, or not text at all."""

    code: ClassVar[str] = "column-not-csv"
    message_zh: ClassVar[str] = "文件 {file} 不是 CSV（看起来是 {found}）。"
    message_en: ClassVar[str] = "The file {file} is not CSV (it looks like {found})."
    mend_zh: ClassVar[str] = "请在表格软件中“另存为”→“CSV UTF-8（逗号分隔）”；身份号码列须先设为“文本”格式。"
    mend_en: ClassVar[str] = (
        "Save it as CSV UTF-8 in the spreadsheet program, id columns formatted as text first."
    )


class ColumnEncoding(ColumnError):
    """The file is neither UTF-8 nor GB18030."""

    code: ClassVar[str] = "column-encoding"
    message_zh: ClassVar[str] = (
        "无法识别文件 {file} 的编码：既不是 UTF-8 也不是 GB18030（GBK），约在第 {line} 行。"
    )
    message_en: ClassVar[str] = "The file {file} is neither UTF-8 nor GB18030 (GBK), see about line {line}."
    mend_zh: ClassVar[str] = "请另存为 UTF-8 编码的 CSV。"
    mend_en: ClassVar[str] = "Save it as CSV in UTF-8."


class ColumnMissing(ColumnError):
    """The file has no such column."""

    code: ClassVar[str] = "column-missing"
    message_zh: ClassVar[str] = "文件 {file} 没有名为“{column}”的列。{hint_zh}"
    message_en: ClassVar[str] = "The file {file} has no column “{column}”. {hint_en}"
    mend_zh: ClassVar[str] = "文件中的列：{columns}。"
    mend_en: ClassVar[str] = "Columns of the file: {columns}."


class ColumnTwice(ColumnError):
    """Several columns have the name."""

    code: ClassVar[str] = "column-twice"
    message_zh: ClassVar[str] = "文件 {file} 有 {count} 列都叫“{column}”，无法确定查哪一列。"
    message_en: ClassVar[str] = "The file {file} has {count} columns called “{column}”."
    mend_zh: ClassVar[str] = "请先把列名改为互不相同。"
    mend_en: ClassVar[str] = "Give the columns different names first."


class ColumnBroken(ColumnError):
    """The file stops being CSV somewhere."""

    code: ClassVar[str] = "column-broken"
    message_zh: ClassVar[str] = "文件 {file} 在第 {line} 行附近损坏：{problem}。"
    message_en: ClassVar[str] = "The file {file} is damaged near line {line}: {problem}."
    mend_zh: ClassVar[str] = "常见原因是引号不成对或文件没有传完整，请改正或重新导出。"
    mend_en: ClassVar[str] = (
        "Usually a quotation mark without its pair, or a file cut short: export it again."
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """One value.

    Attributes:
        row: row as a spreadsheet counts, the header being row 1.
        value: None where the row is too short or too long for its columns to be told apart.
        cells: how many cells the row has.
    """

    row: int
    value: str | None
    cells: int


class Column:
    """A column opened for reading: a context manager that iterates over its cells.

    UTF-8 (with or without BOM), UTF-16 with BOM and GB18030 are recognised over the whole file, gzip by its first
    bytes, the delimiter by the header row. Nothing but the current row is held in memory.

    Raises:
        ColumnError: one class a reason, on entering or while iterating.
    """

    def __init__(self, path: Path, column: str) -> None:
        self.path = path
        self.name = column
        self.encoding = ""
        self.delimiter = ","
        self.columns: tuple[str, ...] = ()
        self.size = 0
        self._index = 0
        self._stack = ExitStack()
        self._raw: io.BufferedReader | None = None
        self._text: IO[str] | None = None

    def __enter__(self) -> Column:
        try:
            self.size = self.path.stat().st_size
            if not self.path.is_file():
                raise ColumnError(file=self.path.name)
            self.encoding = _encoding(self.path)
            self._open()
        except FileNotFoundError as missing:
            self._stack.close()
            raise ColumnFileMissing(file=str(self.path)) from missing
        except (OSError, EOFError) as unreadable:
            self._stack.close()
            raise _damage(self.path, unreadable) from unreadable
        except YwError:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def position(self) -> int:
        """Bytes of the file consumed so far, of `size`."""
        return self._raw.tell() if self._raw is not None else 0

    def __iter__(self) -> Iterator[Cell]:
        if self._text is None:
            raise RuntimeError("the column is not open")
        reader = csv.reader(self._text, delimiter=self.delimiter)
        width, index = len(self.columns), self._index
        try:
            for row, cells in enumerate(reader, start=1):
                if row == 1 or not cells:
                    continue
                count = len(cells)
                if count == width or (count > index and not any(cells[width:]) and count > width):
                    yield Cell(row, cells[index], count)
                else:
                    yield Cell(row, None, count)
        except (csv.Error, OSError, EOFError, UnicodeDecodeError) as wrong:
            raise ColumnBroken(file=self.path.name, line=reader.line_num, problem=str(wrong)) from wrong

    def _open(self) -> None:
        csv.field_size_limit(LONGEST_CELL)
        head = self._reopen().readline(LONGEST_CELL)
        if not head.strip("\r\n\ufeff \0"):
            raise ColumnFileEmpty(file=self.path.name)
        if "\0" in head:
            raise ColumnNotCsv(file=self.path.name, found="binary")
        self.delimiter = max(DELIMITERS, key=lambda sign: (head.count(sign), -DELIMITERS.index(sign)))
        try:
            header = next(csv.reader(self._reopen(), delimiter=self.delimiter))
        except (csv.Error, StopIteration) as wrong:
            raise ColumnBroken(file=self.path.name, line=1, problem=str(wrong)) from wrong
        self.columns = tuple(name.strip() for name in header)
        self._index = self._find()
        self._reopen()

    def _reopen(self) -> IO[str]:
        self._stack.close()
        self._raw = self._stack.enter_context(self.path.open("rb"))
        plain = gzip.GzipFile(fileobj=self._raw, mode="rb") if _is_gzip(self.path) else self._raw
        self._text = self._stack.enter_context(io.TextIOWrapper(plain, encoding=self.encoding, newline=""))
        return self._text

    def _find(self) -> int:
        places = [index for index, name in enumerate(self.columns) if name == self.name.strip()]
        if len(places) == 1:
            return places[0]
        if places:
            raise ColumnTwice(file=self.path.name, column=self.name, count=len(places))
        close = difflib.get_close_matches(self.name, self.columns, n=1, cutoff=0.4)
        raise ColumnMissing(
            file=self.path.name,
            column=self.name,
            columns=list(self.columns),
            hint_zh=f"是不是“{close[0]}”？" if close else "",
            hint_en=f"Did you mean “{close[0]}”?" if close else "",
        )


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as raw:
        if not _is_gzip(path):
            while chunk := raw.read(CHUNK):
                yield chunk
            return
        with gzip.GzipFile(fileobj=raw, mode="rb") as inner:
            while chunk := inner.read(CHUNK):
                yield chunk


def _encoding(path: Path) -> str:
    """The encoding of the whole file: a file that begins in ASCII may turn out to be GB18030 a million rows later."""
    with path.open("rb") as file:
        start = file.read(8)
    for magic, found in _SPREADSHEETS.items():
        if start.startswith(magic):
            raise ColumnNotCsv(file=path.name, found=found)
    first = next(_chunks(path), b"")
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in first:
        raise ColumnNotCsv(file=path.name, found="binary")
    if _decodes(path, "utf-8") is None:
        return "utf-8-sig"
    line = _decodes(path, "gb18030")
    if line is None:
        return "gb18030"
    raise ColumnEncoding(file=path.name, line=line)


def _decodes(path: Path, encoding: str) -> int | None:
    """None when the file decodes, else the line where it does not."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
            line += chunk.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as wrong:
        return line + wrong.object[: wrong.start].count(b"\n")
    return None


def _damage(path: Path, error: Exception) -> ColumnError:
    if isinstance(error, (gzip.BadGzipFile, EOFError)):
        return ColumnBroken(file=path.name, line=1, problem=str(error))
    return ColumnError(file=path.name)
