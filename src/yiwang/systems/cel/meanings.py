"""What the functions of packages do. Each takes the place first, for the working days that count there.

Times come as datetimes: a date is midnight UTC of its day. Adding eight hours gives the calendar day in China for
both kinds, so one function serves dates and instants.
"""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from yiwang.vocabulary.working_days import WorkingCalendar, working_calendar

CHINA: Final = dt.timedelta(hours=8)


def _day(at: dt.datetime) -> dt.date:
    return (at.astimezone(dt.UTC) + CHINA).date()


def _moved(at: dt.datetime, day: dt.date) -> dt.datetime:
    return at + (day - _day(at))


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _calendar(place: str) -> WorkingCalendar:
    return working_calendar(place[:6])


def _add_months(_: str, at: dt.datetime, months: int) -> dt.datetime:
    day = _day(at)
    month = day.year * 12 + day.month - 1 + months
    year, month = divmod(month, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return _moved(at, dt.date(year, month + 1, min(day.day, last)))


def _age(_: str, born: dt.datetime, at: dt.datetime) -> int:
    one, other = _day(born), _day(at)
    return other.year - one.year - ((other.month, other.day) < (one.month, one.day))


def _written_id(text: str) -> str:
    if len(text) != 18 or not (text[:17].isascii() and text[:17].isdigit()) or text[17] not in "0123456789Xx":
        raise ValueError("not an id of 18 characters")
    return text


def _birth_date(_: str, text: str) -> dt.datetime:
    digits = _written_id(text)[6:14]
    return _midnight(dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])))


def _half_up(_: str, one: int, by: int) -> int:
    sign = 1 if (one < 0) == (by < 0) else -1
    return sign * ((2 * abs(one) + abs(by)) // (2 * abs(by)))


def _period(_: str, at: dt.datetime, unit: str) -> str:
    day = _day(at)
    return {
        "year": f"{day.year:04}",
        "quarter": f"{day.year:04}-Q{(day.month + 2) // 3}",
        "month": f"{day.year:04}-{day.month:02}",
        "day": day.isoformat(),
    }[unit]


def _in_sample(_: str, key: str, percent: int) -> bool:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % 100 < percent


def _yuan(_: str, fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02}"


def _mask(_: str, text: str) -> str:
    return text[:1] + "*" * (len(text) - 1)


def _workdays(place: str, start: dt.datetime, end: dt.datetime) -> int:
    return _calendar(place).workdays_between(_day(start), _day(end))


def _add_workdays(place: str, at: dt.datetime, days: int) -> dt.datetime:
    return _moved(at, _calendar(place).due(_day(at), days))


def _sum(_: str, values: Sequence[Any]) -> Any:
    return sum(values)


MEANINGS: Final[Mapping[str, Callable[..., Any]]] = {
    "sum": _sum,
    "sum_real": lambda _, values: float(sum(values)),
    "largest": lambda _, values: max(values),
    "smallest": lambda _, values: min(values),
    "latest": lambda _, values: max(values),
    "div_half_up": _half_up,
    "yuan": _yuan,
    "mask": _mask,
    "age": _age,
    "birth_date": _birth_date,
    "sex_of": lambda _, text: "1" if int(_written_id(text)[16]) % 2 else "2",
    "date": lambda _, text: _midnight(dt.date.fromisoformat(text)),
    "date_of": lambda _, at: _midnight(_day(at)),
    "add_days": lambda _, at, days: at + dt.timedelta(days=days),
    "add_months": _add_months,
    "add_workdays": _add_workdays,
    "workdays": _workdays,
    "month_start": lambda _, at: _moved(at, _day(at).replace(day=1)),
    "period": _period,
    "in_sample": _in_sample,
}
