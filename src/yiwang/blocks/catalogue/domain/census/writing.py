"""Entries to the rows of a census sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from yiwang.blocks.catalogue.domain.census.columns import CHOICES, COLUMNS, GUIDE_SHEET, SHEET, Column
from yiwang.blocks.catalogue.domain.resource import ItemDraft, ResourceDraft
from yiwang.dataplane.spreadsheets.cells import Area
from yiwang.dataplane.spreadsheets.writing import Table, Written

LONGEST_LIST = 250
"""Characters that a drop-down list may have (255 in the programs)."""
_GUIDE = (
    "一个资源占一行或多行，每行一个信息项；资源的各列填在第一行，后面的行留空或合并。",
    "信息资源代码：新资源留空，由平台编码；修改已有资源时保留原代码。",
    "带下拉列表的列只能选列表中的值。公式、宏、隐藏工作表不予读取。",
    "共享类型为有条件共享的须填共享条件；不予共享的须填不予共享依据（法律、行政法规或党中央、国务院政策）。",
    "One resource takes one row or more, one item a row; columns of the resource stand in its first row.",
    "Leave the code empty for a new resource. Formulas, macros and hidden sheets are not read.",
)


def census_tables(
    entries: Iterable[tuple[str, ResourceDraft]], provider: str, provider_name: str
) -> tuple[Table, Table]:
    """The sheet of the entries (code, draft) of one agency, and the sheet that explains it."""
    groups: list[str] = []
    for column in COLUMNS:
        groups.append(column.group if column.group not in groups else "")
    rows = [groups, [column.name for column in COLUMNS], *_rows(entries, provider, provider_name)]
    choices = {
        number: [label.zh for label in CHOICES[column.choices].values()]
        for number, column in enumerate(COLUMNS, 1)
        if column.form == "choice"
        and sum(len(label.zh) + 1 for label in CHOICES[column.choices].values()) < LONGEST_LIST
    }
    data = Table(SHEET, rows, heads=2, widths=[c.width for c in COLUMNS], merged=_heads(), choices=choices)
    return data, Table(GUIDE_SHEET, [[GUIDE_SHEET], *([line] for line in _GUIDE)], widths=[120])


def _heads() -> list[Area]:
    found, start = [], 1
    for number in range(1, len(COLUMNS) + 1):
        group = COLUMNS[number - 1].group
        if number == len(COLUMNS) or COLUMNS[number].group != group:
            if group and number > start:
                found.append(Area(1, start, 1, number))
            start = number + 1
    return found


def _rows(
    entries: Iterable[tuple[str, ResourceDraft]], provider: str, provider_name: str
) -> Iterator[Sequence[Written]]:
    for code, draft in entries:
        known: dict[str, Written] = {
            "class.1": draft.classification[:1], "class.2": draft.classification[1:3],
            "class.3": draft.classification[3:6], "class.4": draft.classification[6:], "code": code,
            "provider": provider, "provider_name": provider_name,
        }  # fmt: skip
        for number, item in enumerate(draft.items):
            yield [
                _item(item, column)
                if column.of_item
                else (known.get(column.where, _about(draft, column)) if number == 0 else None)
                for column in COLUMNS
            ]


def _about(draft: ResourceDraft, column: Column) -> Written:
    if column.where.startswith("volumes."):
        quantity = getattr(draft.volumes, column.where.partition(".")[2])
        assert isinstance(quantity, Decimal)
        return quantity
    if column.where == "open":
        return "是" if draft.open else "否"
    if column.where == "released_on":
        return date.fromisoformat(draft.released_on) if draft.released_on else None
    if not hasattr(draft, column.where):
        return None
    return _shown(getattr(draft, column.where), column)


def _item(item: ItemDraft, column: Column) -> Written:
    value = getattr(item, column.where.partition(".")[2])
    if column.form == "whole":
        return int(value) or None
    return _shown(value, column)


def _shown(value: object, column: Column) -> Written:
    if value is None:
        return None
    listed = CHOICES.get(column.choices, {})
    parts = value if isinstance(value, tuple) else (value,)
    return "、".join(listed[str(part)].zh if str(part) in listed else str(part) for part in parts)
