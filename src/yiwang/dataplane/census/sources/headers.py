"""Which row of a file names its columns, or that none does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from yiwang.dataplane.census.source import Value

LOOKED_AT: Final = 30
_LONGEST_NAME: Final = 64
_DATA: Final = re.compile(
    r"^(?:[-+]?\d[\d,]*(?:\.\d+)?%?|\d{4}[-/.年]\d{1,2}.*|1[3-9]\d{9}|\d{15}|\d{17}[\dXx]|[0-9A-Z]{18}|\S+@\S+\.\S+"
    r"|https?://.*|/\S+|\{.*\}|\[.*\])$"
)
_SENTENCE: Final = re.compile(r"[。；！？]|.{30,}")


def header_row(rows: Sequence[Sequence[Value]], wanted: bool | None) -> int:
    """The number of the row that names the columns, -1 when none does.

    Titles and notes above a table have fewer cells than it. A row of names has no empty cell inside, no cell
    twice and none that is a number, a date, an address of the web or a sentence.
    """
    if wanted is False or not rows:
        return -1
    width = Counter(_width(row) for row in rows[:LOOKED_AT] if _width(row)).most_common(1)
    usual = width[0][0] if width else 0
    for at, row in enumerate(rows[:LOOKED_AT]):
        if _width(row) < max(1, usual * 2 // 3) or (len(rows) > 1 and _width(row) == 1 < usual):
            continue
        return at if wanted or _names(row, rows[at + 1 : at + 4]) else -1
    return 0 if wanted else -1


def column_names(row: Sequence[Value], width: int) -> tuple[str, ...]:
    """Names as written, blank and repeated ones numbered, in the order of the columns."""
    names: list[str] = []
    for at in range(width):
        raw = (row[at] or "") if at < len(row) else ""
        name = " ".join(raw.split())[:_LONGEST_NAME] or f"列{at + 1}"
        number = 2
        while name in names:
            name = f"{' '.join(raw.split())[:_LONGEST_NAME] or f'列{at + 1}'}_{number}"
            number += 1
        names.append(name)
    return tuple(names)


def _width(row: Sequence[Value]) -> int:
    return max((at + 1 for at, value in enumerate(row) if value and value.strip()), default=0)


def _names(row: Sequence[Value], below: Sequence[Sequence[Value]]) -> bool:
    cells = [(value or "").strip() for value in row[: _width(row)]]
    filled = [cell for cell in cells if cell]
    if len(set(filled)) < len(filled) or len(filled) * 2 < len(cells):
        return False
    dataish = sum(bool(_DATA.match(cell) or _SENTENCE.search(cell)) for cell in filled)
    if dataish * 4 > len(filled) and dataish > 0:
        # numbers as names (years, months) stand above numbers; data stands above its like
        return all(
            cell.isdigit() and len(cell) <= 4 for cell in filled if _DATA.match(cell)
        ) and dataish < len(filled)
    same = sum(
        bool(cell) and any(len(r) > at and (r[at] or "").strip() == cell for r in below)
        for at, cell in enumerate(cells)
    )
    return same * 2 <= len(filled)
