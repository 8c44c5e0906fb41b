"""The XML parts of a workbook, each read by a handler of its own; names come with or without a prefix."""

from __future__ import annotations

import re
from decimal import Context, Decimal, InvalidOperation
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from xml.sax.handler import ContentHandler

from yiwang.dataplane.spreadsheets.cells import Cell, Kind, Sheet, Value, area, moment, position, unescaped
from yiwang.dataplane.spreadsheets.errors import NotASpreadsheet, SpreadsheetTooLarge

if TYPE_CHECKING:
    from xml.sax.xmlreader import AttributesImpl

# built-in number formats that are dates (ECMA-376-1 §18.8.30), with those of Chinese and Japanese locales
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
MOST_TEXTS = 1_000_000
_DIGITS = Context(prec=15)
"""What spreadsheet programs hold; they write 9.764 as 9.763999999999999."""


def local(name: str) -> str:
    """A tag without its prefix."""
    return name.rpartition(":")[2]


class Relations(ContentHandler):
    """A .rels part: which part stands behind an id, relative to `folder`."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = folder
        self.targets: dict[str, str] = {}
        self.kinds: dict[str, str] = {}

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        """One relation."""
        if local(name) != "Relationship" or attrs.get("TargetMode") == "External":
            return
        target = str(attrs.get("Target", ""))
        path = PurePosixPath(target) if target.startswith("/") else PurePosixPath(self.folder) / target
        steps: list[str] = []
        for step in path.parts:
            if step == "..":
                steps = steps[:-1]
            elif step not in ("/", "."):
                steps.append(step)
        key = str(attrs.get("Id", ""))
        self.targets[key] = "/".join(steps)
        self.kinds[key] = str(attrs.get("Type", "")).rpartition("/")[2]

    def first(self, kind: str) -> str | None:
        """The part of the first relation of a kind."""
        return next((self.targets[key] for key, one in self.kinds.items() if one == kind), None)


class WorkbookParts(ContentHandler):
    """workbook.xml: the sheets in order as (name, relation, hidden)."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, bool]] = []
        self.since_1904 = self.macro_enabled = False

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        """A sheet, or a property of the book."""
        tag = local(name)
        if tag == "sheet":
            relation = next((attrs[key] for key in attrs.getNames() if local(key) == "id"), "")
            hidden = attrs.get("state", "visible") != "visible"
            self.sheets.append((unescaped(str(attrs.get("name", ""))), str(relation), hidden))
        elif tag == "workbookPr":
            self.since_1904 = attrs.get("date1904", "0") in ("1", "true")


class Styles(ContentHandler):
    """styles.xml: which cell formats show dates."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[int, str] = {}
        self._inside = False
        self.dates: list[bool] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        """A number format, or a cell format that uses one."""
        tag = local(name)
        if tag == "numFmt":
            self._codes[_count(attrs.get("numFmtId", "0"))] = str(attrs.get("formatCode", ""))
        elif tag == "cellXfs":
            self._inside = True
        elif tag == "xf" and self._inside:
            number = _count(attrs.get("numFmtId", "0"))
            code = self._codes.get(number)
            shown = _LITERALS.sub("", code).lower() if code is not None else ""
            self.dates.append(
                bool(re.search(r"[ymdhs年月日]", shown)) if code is not None else number in _DATES
            )

    def endElement(self, name: str) -> None:
        """The end of the cell formats."""
        if local(name) == "cellXfs":
            self._inside = False

    def is_date(self, style: str) -> bool:
        """Whether a cell of this format shows a date."""
        number = _count(style)
        return number < len(self.dates) and self.dates[number]


class _Texts(ContentHandler):
    """Collects the characters of `t` elements, without phonetic guides, up to a length."""

    def __init__(self, longest: int) -> None:
        super().__init__()
        self.longest = longest
        self._pieces: list[str] = []
        self._length = 0
        self._collecting = False
        self._phonetic = 0

    def begin(self) -> None:
        self._pieces, self._length = [], 0

    def characters(self, content: str) -> None:
        """Characters of the element."""
        if self._collecting and self._length <= self.longest * 7:
            self._pieces.append(content)  # an escape takes seven characters for one
            self._length += len(content)

    def text(self) -> tuple[str, bool]:
        """The text, and whether it is too long."""
        whole = unescaped("".join(self._pieces))
        return whole[: self.longest], len(whole) > self.longest


class SharedTexts(_Texts):
    """sharedStrings.xml."""

    def __init__(self, longest: int) -> None:
        super().__init__(longest)
        self.texts: list[tuple[str, bool]] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: ARG002 - SAX's signature
        """A text or a run of it."""
        tag = local(name)
        if tag == "si":
            self.begin()
        elif tag == "rPh":
            self._phonetic += 1
        self._collecting = tag == "t" and not self._phonetic

    def endElement(self, name: str) -> None:
        """The end of a text."""
        tag = local(name)
        self._collecting = False
        if tag == "rPh":
            self._phonetic -= 1
        elif tag == "si":
            if len(self.texts) >= MOST_TEXTS:
                raise SpreadsheetTooLarge(what="texts", limit=str(MOST_TEXTS))
            self.texts.append(self.text())


class SheetParts(_Texts):
    """A worksheet: fills `sheet` with its cells and merged areas."""

    def __init__(
        self, sheet: Sheet, texts: list[tuple[str, bool]], styles: Styles, since_1904: bool, longest: int,
        most: int,
    ) -> None:  # fmt: skip
        super().__init__(longest)
        self.sheet, self.texts, self.styles, self.since_1904 = sheet, texts, styles, since_1904
        self.most, self.count = most, 0
        self._row = self._column = 0
        self._type = self._style = ""
        self._formula = False

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        """A row, a cell, its formula or its value."""
        tag = local(name)
        if tag == "row":
            self._row, self._column = _count(attrs.get("r", str(self._row + 1))), 0
        elif tag == "c":
            place = position(str(attrs["r"])) if "r" in attrs.getNames() else (self._row, self._column + 1)
            if place is None:
                raise NotASpreadsheet(reason="a cell has no address")
            self._row, self._column = place
            self._type, self._style = str(attrs.get("t", "n")), str(attrs.get("s", "0"))
            self._formula = False
            self.begin()
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._phonetic += 1
        elif tag == "mergeCell":
            found = area(str(attrs.get("ref", "")))
            if found is not None:
                self.sheet.merged.append(found)
        self._collecting = tag in ("v", "t") and not self._phonetic

    def endElement(self, name: str) -> None:
        """The end of a cell."""
        tag = local(name)
        self._collecting = False
        if tag == "rPh":
            self._phonetic -= 1
        elif tag == "c":
            self._keep()

    def _keep(self) -> None:
        text, long = self.text()
        kind: Kind = "value"
        value: Value
        if self._formula:
            kind, value = "formula", None
        elif self._type == "e":
            kind, value = "error", text[:20]
        elif self._type == "s":
            number = _count(text)
            if not text or number >= len(self.texts):
                raise NotASpreadsheet(reason="a text is missing")
            value, long = self.texts[number]
        else:
            value = self._value(text)
        if value in (None, "") and kind == "value":
            return
        self.count += 1
        if self.count > self.most:
            raise SpreadsheetTooLarge(what="cells", limit=str(self.most))
        if long and kind == "value":
            kind = "too-long"
        self.sheet.rows.setdefault(self._row, {})[self._column] = Cell(self._row, self._column, value, kind)

    def _value(self, text: str) -> Value:
        if self._type in ("inlineStr", "str", "d"):
            return text
        if not text.strip():
            return None
        if self._type == "b":
            return text.strip() == "1"
        try:
            number = Decimal(text.strip())
        except InvalidOperation:
            return text
        if self.styles.is_date(self._style):
            return moment(number, since_1904=self.since_1904) or number
        return _DIGITS.create_decimal(number)


def _count(text: object) -> int:
    shown = str(text).strip()
    return int(shown) if shown.isascii() and shown.isdecimal() and len(shown) < 10 else 0
