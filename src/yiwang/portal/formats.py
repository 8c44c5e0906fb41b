"""How numbers, dates and times are written, in Chinese and English (docs/reference/components.md, "Words").

Tables use 2026-11-20, prose 11月20日 周五 or Fri 20 Nov. Digits are ASCII, thousands have commas; where exactness is
not the point, Chinese counts in 万 and 亿 and English in k and million.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import get_language

from yiwang.vocabulary.errors import YwError

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MISSING = "—"
"""Stands where something does not apply."""


def language() -> str:
    """`zh` or `en`: the language of the page being made."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def pick(zh: str, en: str) -> str:
    """The text in the language of the page; Chinese where there is no English."""
    return en if language() == "en" and en else zh


def error_words(error: YwError) -> str:
    """What is wrong and what to do."""
    spoken = language()
    return f"{error.text(spoken)}{' ' if spoken == 'en' else ''}{error.mend(spoken)}"


def local(moment: datetime) -> datetime:
    """The moment in the node's zone; a naive one is taken as already there."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def _day(value: date | datetime) -> date:
    return local(value).date() if isinstance(value, datetime) else value


def day(value: date | datetime | None) -> str:
    """2026-11-20"""
    return MISSING if value is None else _day(value).isoformat()


def minute(value: datetime | None) -> str:
    """2026-11-20 14:31"""
    return MISSING if value is None else local(value).strftime("%Y-%m-%d %H:%M")


def clock_time(value: datetime | None) -> str:
    """14:31:52"""
    return MISSING if value is None else local(value).strftime("%H:%M:%S")


def lately(value: datetime | None, now: datetime) -> str:
    """14:31 of today; an earlier one with its day."""
    if value is None:
        return MISSING
    at = local(value)
    return at.strftime("%H:%M" if at.date() == local(now).date() else "%Y-%m-%d %H:%M")


def day_words(value: date | datetime | None) -> str:
    """11月20日 周五, Fri 20 Nov; with the year when it is not this one."""
    if value is None:
        return MISSING
    on = _day(value)
    other_year = on.year != timezone.localdate().year
    if language() == "en":
        year = f" {on.year}" if other_year else ""
        return f"{_WEEKDAYS_EN[on.weekday()]} {on.day} {_MONTHS_EN[on.month - 1]}{year}"
    year = f"{on.year}年" if other_year else ""
    return f"{year}{on.month}月{on.day}日 周{_WEEKDAYS_ZH[on.weekday()]}"


def number(value: int | float | None) -> str:
    """3,482,906; a float keeps at most two decimals."""
    if value is None:
        return MISSING
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


class Figure(NamedTuple):
    """A number as shown large, and the small unit after it (万, 亿, k, million; or empty)."""

    number: str
    scale: str


def figure(value: int | float) -> Figure:
    """A number where exactness is not the point: 12,345 → 1.23 万, 12.3 k."""
    steps = (
        ((100_000_000, "亿"), (10_000, "万"))
        if language() == "zh"
        else ((1_000_000, "million"), (10_000, "k"))
    )
    for size, scale in steps:
        if value >= size:
            unit = 1000 if scale == "k" else size
            part = value / unit
            return Figure(number(round(part, 1 if part >= 100 else 2)), scale)
    return Figure(number(value), "")


def minutes_of_day(span: tuple[int, int]) -> str:
    """(480, 1200) → 08:00–20:00"""
    return "–".join(f"{part // 60:02d}:{part % 60:02d}" for part in span)


def percent(part: int, whole: int) -> str:
    """One decimal, without the sign; a dash when there is nothing to divide by."""
    return f"{100 * part / whole:.1f}" if whole else MISSING


def of_hundred(share: float) -> str:
    """A share between 0 and 1 as a whole percentage, such as `98%`; what is nearly all is not called all."""
    return f"{min(round(share * 100), 99) if share < 1 else 100}%"
