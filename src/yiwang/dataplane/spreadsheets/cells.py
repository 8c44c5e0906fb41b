"""What a workbook says: cells by address, with how each came to its value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

Value = str | Decimal | bool | date | datetime | None
Kind = Literal["value", "formula", "error", "too-long"]
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# what XML cannot carry, carriage returns (parsers turn them into line feeds), and what would read as an escape
_TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x0d\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
MOST_COLUMNS, MOST_ROWS = 16_384, 1_048_576


@dataclass(frozen=True)
class Cell:
    """A cell that is not empty. `value` of a formula, an error and too long a text is not to be used."""

    row: int
    column: int
    value: Value
    kind: Kind = "value"


@dataclass(frozen=True)
class Area:
    """A rectangle of cells, bounds included, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{address(self.top, self.left)}:{address(self.bottom, self.right)}"


@dataclass
class Sheet:
    """One worksheet. A hidden sheet is named and not read."""

    name: str
    hidden: bool = False
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)

    def cell(self, row: int, column: int) -> Cell | None:
        """The cell, or None where it is empty."""
        return self.rows.get(row, {}).get(column)


def address(row: int, column: int) -> str:
    """`B3` for row 3, column 2."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def position(text: str) -> tuple[int, int] | None:
    """(row, column) of an address such as `B3`; None when it is none, or outside of a sheet."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    row = int(found[2])
    return (row, column) if column <= MOST_COLUMNS and row <= MOST_ROWS else None


def area(text: str) -> Area | None:
    """The rectangle of `A1:B2`; None when it is none."""
    first, _, last = text.partition(":")
    start, end = position(first), position(last or first)
    if start is None or end is None:
        return None
    return Area(min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1]))


def escaped(text: str) -> str:
    """A text as the file format writes it (ECMA-376-1 §22.9.2.19: `_xHHHH_`)."""
    return _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def unescaped(text: str) -> str:
    """A text as it is meant."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def moment(serial: Decimal, *, since_1904: bool) -> date | datetime | None:
    """The day or moment of a serial number; None outside 1900–9999."""
    # the format counts 29 February 1900, which never was: days from March on start one day earlier
    start = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - sheets know no zone
    if not serial.is_finite() or not 0 <= serial < 2_958_466:
        return None
    days = int(serial)
    seconds = int(((serial - days) * 86_400).to_integral_value())
    try:
        found = start + timedelta(days=days, seconds=seconds)
    except OverflowError:
        return None
    return found if seconds else found.date()
