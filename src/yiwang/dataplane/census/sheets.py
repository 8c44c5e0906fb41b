"""Writes XLSX quickly and plainly: text is inline text, numbers are numbers, and there is no way to write a formula.

A census of 500 tables fills a million cells; writing them through a general library takes half a minute, this two
seconds. The files follow ECMA-376 Part 1 (SpreadsheetML, transitional) and open in Excel, WPS and LibreOffice.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

Written = str | int | float | None
_FORMULA: Final = re.compile(r"^[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"^[+-]?\d+(?:\.\d+)?$")
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL: Final = re.compile(r"[&<>]")
_LONGEST: Final = 32_000
_BATCH: Final = 500
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES: Final = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="等线"/></font><font><b/>'
    '<sz val="11"/><name val="等线"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid">'
    '<fgColor rgb="FFDCE6F1"/></patternFill></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/><xf xfId="0" fontId="1" fillId="2"'
    ' applyFont="1" applyFill="1" applyAlignment="1"><alignment horizontal="center" vertical="center" wrapText="1"/>'
    '</xf></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True)
class Sheet:
    """A sheet: head rows in bold that stay in sight, rows, widths in characters, merged cells such as `A1:D1`."""

    title: str
    head: Sequence[Sequence[Written]]
    rows: Iterable[Sequence[Written]]
    widths: Sequence[int] = ()
    merged: Sequence[str] = ()


def safe(text: str) -> str:
    """Text that no spreadsheet program takes for a formula, also after it went through CSV; nothing XML cannot hold."""
    text = _UNPRINTABLE.sub("\ufffd", text[:_LONGEST])
    return "'" + text if _FORMULA.match(text) and not _NUMBER.match(text) else text


def unsafe(text: str) -> str:
    """Takes the mark of `safe` off again."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def write_book(sheets: Sequence[Sheet], path: Path) -> None:
    """Write a workbook. Raises: OSError."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        archive.writestr("[Content_Types].xml", _types(len(sheets)))
        archive.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        named = "".join(
            f'<sheet name="{_escaped(sheet.title)}" sheetId="{at}" r:id="rId{at}"/>'
            for at, sheet in enumerate(sheets, 1)
        )
        archive.writestr(
            "xl/workbook.xml",
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{named}</sheets></workbook>',
        )
        parts = [("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(sheets) + 1)]
        archive.writestr("xl/_rels/workbook.xml.rels", _relations([*parts, ("styles", "styles.xml")]))
        archive.writestr("xl/styles.xml", _STYLES)
        for at, sheet in enumerate(sheets, 1):
            with archive.open(f"xl/worksheets/sheet{at}.xml", "w", force_zip64=True) as file:
                for piece in _pieces(sheet):
                    file.write(piece.encode())


def column_letter(number: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


_lettered = cache(column_letter)


def _pieces(sheet: Sheet) -> Iterator[str]:
    below = len(sheet.head)
    yield (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="{below}"'
        f' topLeftCell="A{below + 1}" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    )
    if sheet.widths:
        columns = "".join(
            f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>'
            for at, width in enumerate(sheet.widths, 1)
        )
        yield f"<cols>{columns}</cols>"
    yield "<sheetData>"
    held: list[str] = []
    for number, row in enumerate(chain(sheet.head, sheet.rows), 1):
        held.append(_row(number, row, 1 if number <= below else 0))
        if len(held) == _BATCH:
            yield "".join(held)
            held.clear()
    yield "".join(held) + "</sheetData>"
    if sheet.merged:
        cells = "".join(f'<mergeCell ref="{place}"/>' for place in sheet.merged)
        yield f'<mergeCells count="{len(sheet.merged)}">{cells}</mergeCells>'
    yield "</worksheet>"


def _row(number: int, row: Sequence[Written], style: int) -> str:
    cells = []
    for at, value in enumerate(row, 1):
        if value is None or value == "":
            continue
        place = f'<c r="{_lettered(at)}{number}" s="{style}"'
        if isinstance(value, str):
            cells.append(
                f'{place} t="inlineStr"><is><t xml:space="preserve">{_escaped(safe(value))}</t></is></c>'
            )
        else:
            cells.append(f"{place}><v>{value!r}</v></c>")
    return f'<row r="{number}">{"".join(cells)}</row>'


def _escaped(text: str) -> str:
    if _SPECIAL.search(text):
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;") if '"' in text else text


def _types(count: int) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = [("workbook.xml", "sheet.main"), ("styles.xml", "styles")]
    parts += [(f"worksheets/sheet{at}.xml", "worksheet") for at in range(1, count + 1)]
    listed = "".join(
        f'<Override PartName="/xl/{name}" ContentType="{kind}.{what}+xml"/>' for name, what in parts
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>'
    )


def _relations(parts: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{at}" Type="{_LINKS}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(parts, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'
