"""Entries in a file that a catalogue gave out: the census workbook of an agency, or a feed's JSON."""

from __future__ import annotations

import msgspec

from yiwang.blocks.catalogue.domain import errors
from yiwang.blocks.catalogue.domain.census.heads import census_sheet, heads
from yiwang.blocks.catalogue.domain.census.reading import Holdings, read_census
from yiwang.blocks.catalogue.domain.feed import entries_of_feed
from yiwang.blocks.catalogue.domain.resource import ResourceDraft
from yiwang.dataplane.spreadsheets.cells import Sheet
from yiwang.dataplane.spreadsheets.reading import read_workbook


def exported_entries(data: bytes) -> tuple[tuple[str, ResourceDraft], ...]:
    """(code, entry) of each resource in the file; whoever's they are and whether this node has them is not asked.

    Raises: SpreadsheetError, SheetDefective, FeedMalformed.
    """
    if data[:2] != b"PK":
        try:
            return entries_of_feed(msgspec.json.decode(data))
        except msgspec.MsgspecError as error:
            raise errors.FeedMalformed(reason=str(error)[:200]) from error
    sheets = read_workbook(data)
    census = read_census(sheets, _as_it_says(sheets))
    if census.defects:
        raise errors.SheetDefective(census.defects)
    return tuple((entry.code, entry.draft) for entry in census.entries)


def _as_it_says(sheets: tuple[Sheet, ...]) -> Holdings:
    """Holdings that know every code of the sheet, of the agency it names first."""
    sheet, _ = census_sheet(sheets)
    if sheet is None:
        return Holdings("")
    head, columns, _ = heads(sheet)
    found: dict[str, list[str]] = {"code": [], "provider": []}
    for row in sorted(number for number in sheet.rows if number > head):
        for number, column in columns.items():
            cell = sheet.cell(row, number)
            if column.where in found and cell is not None and str(cell.value).strip():
                found[column.where].append(str(cell.value).strip())
    return Holdings(next(iter(found["provider"]), ""), dict.fromkeys(found["code"], ""))
