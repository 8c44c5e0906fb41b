"""Rows on a terminal: a table where it is wide enough, else one field a line; or CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence

from yiwang.client import Row, Value

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def shown(value: Value) -> str:
    """A value as people read it; control characters that could steer a terminal become `·`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _UNSAFE.sub("·", str(value))


def width(text: str) -> int:
    """Columns that a text takes on a terminal: two for a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def as_table(rows: Sequence[Row], columns: int) -> str:
    """A table when it fits into that many columns, else a block of `field: value` lines for each row."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[shown(name) for name in names], *([shown(row.get(name)) for name in names] for row in rows)]
    widths = [max(width(line[at]) for line in cells) for at in range(len(names))]
    if sum(widths) + 2 * len(widths) <= columns:
        cells.insert(1, ["─" * wide for wide in widths])
        return "".join(
            "  ".join(
                cell + " " * (wide - width(cell)) for cell, wide in zip(line, widths, strict=True)
            ).rstrip()
            + "\n"
            for line in cells
        )
    head = max((width(name) for name in cells[0]), default=0)
    blocks = [
        "".join(
            f"{name}{' ' * (head - width(name))}  {cell}\n" for name, cell in zip(cells[0], line, strict=True)
        )
        for line in cells[1:]
    ]
    return "\n".join(blocks)


def as_csv(rows: Sequence[Row], names: Sequence[str], *, header: bool) -> str:
    """CSV (RFC 4180). Text that a spreadsheet would run as a formula gets an apostrophe in front."""
    file = io.StringIO()
    writer = csv.writer(file)
    if header:
        writer.writerow(names)
    for row in rows:
        writer.writerow([_harmless(row.get(name)) for name in names])
    return file.getvalue()


def _harmless(value: Value) -> Value:
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return "'" + value
    return value
