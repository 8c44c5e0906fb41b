"""A cell as the value its column asks for, or the defect."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from yiwang.blocks.catalogue.domain.census.columns import CHOICES, DEFAULTS, Column, chosen
from yiwang.blocks.catalogue.domain.census.defects import Defect, defect, defect_of
from yiwang.dataplane.spreadsheets.cells import Cell

Read = str | int | Decimal | tuple[str, ...]
LONGEST = 10_000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")
_SPLIT = re.compile(r"[、,，;；\s]+")
_WANTED = {
    "text": ("文字", "text"), "digits": ("数字代码", "digits"), "whole": ("非负整数", "a whole number"),
    "number": ("数字", "a number"), "day": ("日期，如 2026-01-31", "a date such as 2026-01-31"),
    "choice": ("文字", "text"), "choices": ("文字", "text"), "codes": ("资源代码", "codes"),
}  # fmt: skip


def empty(column: Column) -> Read:
    """What an empty cell means."""
    if column.form in ("choices", "codes"):
        return ()
    if column.form == "whole":
        return 0
    if column.form == "number":
        return Decimal(0)
    return DEFAULTS.get(column.where, "")


def value_of(cell: Cell | None, column: Column, sheet: str) -> Read | Defect:
    """The value of a cell; an empty one is `empty(column)`."""
    if cell is None:
        return empty(column)
    match cell.kind:
        case "formula":
            return defect("formula", sheet, cell.row, cell.column)
        case "error":
            return defect("cell-error", sheet, cell.row, cell.column, value=cell.value)
        case "too-long":
            return defect("too-long", sheet, cell.row, cell.column, most=LONGEST)
        case "value":
            pass
    got = _read(cell, column)
    if isinstance(got, _Wrong):
        return defect_of(got.kind, sheet, cell.row, cell.column, got.facts)
    return got


class _Wrong:
    def __init__(self, kind: str, **facts: object) -> None:
        self.kind, self.facts = kind, facts


def _read(cell: Cell, column: Column) -> Read | _Wrong:
    value = cell.value
    wrong = _wrong_type(cell, column)
    if column.form == "day":
        return _day(cell) or wrong
    if column.form in ("whole", "number"):
        return _number(cell, column, wrong)
    if isinstance(value, (bool, date)) or value is None:
        return wrong
    text = _written(value) if isinstance(value, Decimal) else value
    if _CONTROL.search(text):
        return _Wrong("control")
    text = text.strip()
    if len(text) > LONGEST:
        return _Wrong("too-long", most=LONGEST)
    if not text:
        return empty(column)
    if column.form == "choice":
        key = chosen(column.choices, text)
        return key if key is not None else _not_chosen(column, text)
    if column.form == "choices":
        keys = [(part, chosen(column.choices, part)) for part in _SPLIT.split(text) if part]
        bad = next((part for part, key in keys if key is None), None)
        return (
            _not_chosen(column, bad) if bad is not None else tuple(key for _, key in keys if key is not None)
        )
    if column.form == "codes":
        return tuple(part for part in _SPLIT.split(text) if part)
    return text


def _number(cell: Cell, column: Column, wrong: _Wrong) -> Read | _Wrong:
    value = cell.value
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return empty(column)
        try:
            value = Decimal(text.replace(",", "")) if len(text) < 40 else None
        except InvalidOperation:
            return wrong
    if isinstance(value, bool) or not isinstance(value, Decimal) or not value.is_finite() or value < 0:
        return wrong
    if column.form == "number":
        return value
    return int(value) if value == value.to_integral_value() and value < 2**31 else wrong


def _day(cell: Cell) -> str | None:
    value = cell.value
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or value is None:
        return None
    text = _written(value) if isinstance(value, Decimal) else value.strip()
    if not text:
        return ""
    found = _DAY.fullmatch(text) if text.isascii() or "年" in text else None
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat() if found else None
    except ValueError:
        return None


def _written(number: Decimal) -> str:
    whole = number == number.to_integral_value() and abs(number) < Decimal(10) ** 30
    return str(int(number)) if whole else f"{number.normalize():f}"


def _wrong_type(cell: Cell, column: Column) -> _Wrong:
    zh, en = _WANTED[column.form]
    return _Wrong("wrong-type", wanted=zh, wanted_en=en, value=_short(str(cell.value)))


def _not_chosen(column: Column, text: str) -> _Wrong:
    listed = CHOICES[column.choices].values()
    return _Wrong(
        "not-a-choice", value=_short(text), choices="、".join(label.zh for label in listed),
        choices_en=", ".join(label.en for label in listed),
    )  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:29] + "…"
