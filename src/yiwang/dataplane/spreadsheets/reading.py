"""Reads .xlsx (ECMA-376) from bytes that nobody vouches for.

The file is streamed part by part through a parser that refuses document types and entities; what a part unpacks to
is counted while it unpacks, so that the sizes in the archive's directory are never believed. Formulas are not
calculated and their stored results not used; macros make the whole file unread; hidden sheets are named, not read.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import sax
from defusedxml.common import DefusedXmlException

from yiwang.dataplane.spreadsheets.cells import Sheet
from yiwang.dataplane.spreadsheets.errors import (
    NotASpreadsheet,
    SpreadsheetForbidden,
    SpreadsheetHasMacros,
    SpreadsheetTooLarge,
)
from yiwang.dataplane.spreadsheets.parts import Relations, SharedTexts, SheetParts, Styles, WorkbookParts

_CHUNK = 256 * 1024
_PROGRAMS = re.compile(
    r"vbaproject|vbadata|/activex|/embeddings/|/macrosheets/|/customui|\.(exe|dll|js|vbs)$"
)


@dataclass(frozen=True)
class Limits:
    """How much is read, in bytes, cells and characters."""

    file: int = 20 * 1024 * 1024
    unpacked: int = 200 * 1024 * 1024
    ratio: int = 300
    """Unpacked to packed size of one part, counted past its first megabyte: real sheets stay below 100."""
    parts: int = 2_000
    sheets: int = 50
    cells: int = 2_000_000
    text: int = 32_767
    """Characters of a cell, the limit of spreadsheet programs themselves."""


USUAL = Limits()


def read_workbook(data: bytes, limits: Limits = USUAL) -> tuple[Sheet, ...]:
    """Every sheet of a workbook in order.

    Raises: NotASpreadsheet, SpreadsheetTooLarge, SpreadsheetHasMacros, SpreadsheetForbidden.
    """
    if len(data) > limits.file:
        raise SpreadsheetTooLarge(what="file", limit=_size(limits.file))
    if data[:4] != b"PK\x03\x04":
        old = data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        raise NotASpreadsheet(reason="old .xls or encrypted" if old else "no zip archive")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _Reader(archive, limits).sheets()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise NotASpreadsheet(reason=type(error).__name__) from error


class _Reader:
    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self.archive, self.limits, self.unpacked = archive, limits, 0
        listed = archive.infolist()
        if len(listed) > limits.parts:
            raise SpreadsheetTooLarge(what="parts", limit=str(limits.parts))
        self.parts: dict[str, zipfile.ZipInfo] = {}
        for info in listed:
            name = info.filename.lstrip("/").lower()
            if _PROGRAMS.search("/" + name):
                raise SpreadsheetHasMacros(part=PurePosixPath(name).name[:60])
            if name in self.parts:
                raise NotASpreadsheet(reason="a part is there twice")
            self.parts[name] = info

    def sheets(self) -> tuple[Sheet, ...]:
        root = Relations("")
        self.parse("_rels/.rels", root)
        home = root.first("officeDocument") or "xl/workbook.xml"
        relations, book = Relations(str(PurePosixPath(home).parent)), WorkbookParts()
        self.parse(home, book)
        if book.macro_enabled:
            raise SpreadsheetHasMacros(part="workbook")
        folder, name = PurePosixPath(home).parent, PurePosixPath(home).name
        self.parse(f"{folder}/_rels/{name}.rels", relations)
        if len(book.sheets) > self.limits.sheets:
            raise SpreadsheetTooLarge(what="sheets", limit=str(self.limits.sheets))
        texts, styles = SharedTexts(self.limits.text), Styles()
        for kind, handler in (("sharedStrings", texts), ("styles", styles)):
            part = relations.first(kind)
            if part is not None:
                self.parse(part, handler)
        found, left = [], self.limits.cells
        for title, relation, hidden in book.sheets:
            sheet = Sheet(title, hidden)
            target = relations.targets.get(relation)
            if target is None:
                raise NotASpreadsheet(reason="a sheet is missing")
            if not hidden and relations.kinds.get(relation) == "worksheet":
                cells = SheetParts(sheet, texts.texts, styles, book.since_1904, self.limits.text, left)
                self.parse(target, cells)
                left -= cells.count
            found.append(sheet)
        return tuple(found)

    def parse(self, name: str, handler: ContentHandler) -> None:
        info = self.parts.get(name.lstrip("/").lower())
        if info is None:
            raise NotASpreadsheet(reason=f"{PurePosixPath(name).name[:60]} is missing")
        parser = sax.make_parser()
        parser.forbid_dtd = True
        parser.setContentHandler(handler)
        try:
            for chunk in self._chunks(info):
                parser.feed(chunk)
            parser.close()
        except DefusedXmlException as error:
            raise SpreadsheetForbidden(part=PurePosixPath(name).name[:60]) from error
        except SAXException as error:
            raise NotASpreadsheet(reason=f"{PurePosixPath(name).name[:60]} is no XML") from error

    def _chunks(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        mine = 0
        with self.archive.open(info) as stream:
            while chunk := stream.read(_CHUNK):
                mine += len(chunk)
                self.unpacked += len(chunk)
                bomb = mine > 1024 * 1024 and mine > self.limits.ratio * max(1, info.compress_size)
                if bomb or self.unpacked > self.limits.unpacked:
                    raise SpreadsheetTooLarge(what="unpacked content", limit=_size(self.limits.unpacked))
                yield chunk


def _size(count: int) -> str:
    return f"{count // (1024 * 1024)} MB"
