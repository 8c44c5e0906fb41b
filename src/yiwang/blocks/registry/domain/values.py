"""Values of fields between people, interfaces and columns: read strictly, written in one spelling.

Plain form (JSON and CSV alike): text, numbers, booleans; dates as `2026-11-20`, moments as ISO 8601 with a zone;
money in 分 as a whole number; a reference as the key of the other record, several keys joined by `|`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Context, Decimal, InvalidOperation
from typing import Final

from yiwang.blocks.registry.domain.compiled import Code, Entity, Field, System
from yiwang.blocks.registry.domain.errors import Problem
from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.resident_id import parse_resident_id
from yiwang.vocabulary.uscc import parse_uscc

Plain = str | int | float | bool | list[str] | dict[str, object] | None
"""A value as JSON can carry it."""
KEY_SEPARATOR: Final = "|"
_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,19}")
_PERIOD: Final = {
    "year": r"\d{4}", "quarter": r"\d{4}Q[1-4]", "month": r"\d{4}-(0[1-9]|1[0-2])",
    "day": r"\d{4}-\d\d-\d\d",
}  # fmt: skip
_DIVISION: Final = {"province": 2, "city": 4, "county": 6, "town": 9, "village": 12}
_LARGEST: Final = 2**63 - 1
_WIDE: Final = Context(prec=2_000)
"""Room for any decimal that a column holds, and for what is too long for one."""


class ValueWrong(ValueError):
    """A value does not fit its field; holds both texts, never the value."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


def read_record(
    system: System, entity: Entity, given: Mapping[str, object], today: date, *, whole: bool
) -> tuple[dict[str, Plain], tuple[Problem, ...]]:
    """Columns and their plain values from fields and theirs, with every problem found.

    `whole`: a new record, whose required fields must be there and whose defaults are put in.
    """
    columns: dict[str, Plain] = {}
    problems: list[Problem] = []
    known = {field.id: field for field in entity.fields}
    for name in given:
        if name not in known:
            problems.append(Problem(name, "没有这个字段", "there is no such field"))
        elif known[name].derived is not None:
            problems.append(Problem(name, "自动算出，不能填", "it is worked out and cannot be written"))
    for field in entity.fields:
        if field.derived is not None or (field.id not in given and not whole):
            continue
        value = given.get(field.id, field.default)
        try:
            found = read(system, field, value, today)
        except ValueWrong as wrong:
            problems.append(Problem(field.id, wrong.zh, wrong.en))
            continue
        if found is None and field.required:
            problems.append(Problem(field.id, "必填", "it is required"))
        elif field.kind == "ref":
            columns |= _reference(field, found)
        else:
            columns[field.columns[0]] = found
    return columns, tuple(problems)


def read(system: System, field: Field, value: object, today: date) -> Plain:
    """One value in plain form; empty texts are no value. Raises: ValueWrong."""
    if isinstance(value, str):
        value = value.strip()
    if value is None or value in ("", []):
        return None
    return _READERS.get(field.kind, _text)(system, field, value, today)


def _text(_system: System, field: Field, value: object, _today: date) -> Plain:
    text = _string(value)
    most = int(field.argument) if field.argument.isdigit() else 0
    if most and len(text) > most:
        raise ValueWrong(f"最多 {most} 个字", f"at most {most} characters")
    return text


def _string(value: object) -> str:
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        raise ValueWrong("须是文字", "it must be text")
    text = str(value)
    if "\0" in text:
        raise ValueWrong("含有不能保存的字符", "it holds a character that cannot be stored")
    return text


def _integer(_system: System, field: Field, value: object, _today: date) -> Plain:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal | float):
        raise ValueWrong("须是整数", "it must be a whole number")
    try:
        number = Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        raise ValueWrong("须是整数", "it must be a whole number") from None
    if not number.is_finite() or number != number.to_integral_value() or abs(number) > _LARGEST:
        what = ("须是整数，单位分", "it must be a whole number of fen") if field.kind == "money" else (
            "须是整数", "it must be a whole number")  # fmt: skip
        raise ValueWrong(*what)
    return int(number)


def _decimal(_system: System, field: Field, value: object, _today: date) -> Plain:
    try:
        number = Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        raise ValueWrong("须是数", "it must be a number") from None
    precision = int(field.argument.split(",")[0]) if field.argument else 38
    if not number.is_finite() or number.copy_abs() >= Decimal(10) ** (precision - field.scale):
        raise ValueWrong("数太大", "the number is too large")
    if number != number.quantize(Decimal(1).scaleb(-field.scale), context=_WIDE):
        raise ValueWrong(f"小数最多 {field.scale} 位", f"at most {field.scale} digits after the point")
    return format(number, "f")


def _boolean(_system: System, _field: Field, value: object, _today: date) -> Plain:
    if isinstance(value, bool):
        return value
    words = {
        "true": True,
        "是": True,
        "1": True,
        "on": True,
        "false": False,
        "否": False,
        "0": False,
        "off": False,
    }
    found = words.get(str(value).lower())
    if found is None:
        raise ValueWrong("填是或否", "it must be yes or no (true, false)")
    return found


def _date(_system: System, _field: Field, value: object, _today: date) -> Plain:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    try:
        return date.fromisoformat(str(value).replace("/", "-")).isoformat()
    except ValueError:
        raise ValueWrong("日期写成 2026-11-20", "write the date as 2026-11-20") from None


def _datetime(_system: System, _field: Field, value: object, _today: date) -> Plain:
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(str(value))
        except ValueError:
            raise ValueWrong(
                "时间写成 2026-11-20T09:30+08:00", "write the time as 2026-11-20T09:30+08:00"
            ) from None
    if value.tzinfo is None:
        raise ValueWrong("时间须带时区，如 +08:00", "the time needs its zone, such as +08:00")
    return value.astimezone(UTC).isoformat()


def _code(system: System, field: Field, value: object, today: date) -> Plain:
    text = _string(value)
    codes = {code.code: code for code in system.codes.get(field.argument, ())}
    found = codes.get(text) or next((c for c in codes.values() if text in (c.label.zh, c.label.en)), None)
    if found is None:
        raise ValueWrong("不在代码表里", "it is not in the code list")
    if not in_force(found, today):
        follows = f"，改用 {found.successor}" if found.successor else ""
        follows_en = f"; use {found.successor}" if found.successor else ""
        raise ValueWrong(f"代码已停用{follows}", f"the code is not in force{follows_en}")
    return found.code


def in_force(code: Code, today: date) -> bool:
    """Whether a code may be used on a day."""
    day = today.isoformat()
    return (code.since is None or code.since <= day) and (code.until is None or day < code.until)


def _codes(system: System, field: Field, value: object, today: date) -> Plain:
    given = (
        value
        if isinstance(value, list)
        else [part for part in re.split(r"[;；,，|]", _string(value)) if part.strip()]
    )
    found = [_code(system, field, one.strip() if isinstance(one, str) else one, today) for one in given]
    return list(dict.fromkeys(str(one) for one in found))


def _resident(_system: System, _field: Field, value: object, today: date) -> Plain:
    try:
        return parse_resident_id(_string(value).upper(), today=today).normalised
    except YwError as problem:
        raise ValueWrong(problem.text("zh"), problem.text("en")) from None


def _uscc(_system: System, _field: Field, value: object, _today: date) -> Plain:
    try:
        return parse_uscc(_string(value)).normalised
    except YwError as problem:
        raise ValueWrong(problem.text("zh"), problem.text("en")) from None


def _phone(_system: System, _field: Field, value: object, _today: date) -> Plain:
    text = _string(value)
    if _PHONE.fullmatch(text) is None:
        raise ValueWrong("电话只能有数字、空格和短横", "a phone number has digits, spaces and dashes")
    return text.replace(" ", "")


def _division(_system: System, field: Field, value: object, _today: date) -> Plain:
    text, digits = _string(value), _DIVISION.get(field.argument, 12)
    if not text.isascii() or not text.isdigit():
        raise ValueWrong("区划代码是数字", "a division code is made of digits")
    text = text.rstrip("0") if len(text) > digits and not text[digits:].strip("0") else text
    short = text.ljust(digits, "0")
    if len(short) != digits:
        raise ValueWrong(f"区划代码须是 {digits} 位", f"the division code must have {digits} digits")
    return short


def _period(_system: System, field: Field, value: object, _today: date) -> Plain:
    text = _string(value)
    if re.fullmatch(_PERIOD.get(field.argument, r"\d{4}"), text) is None:
        raise ValueWrong("时期写成 2026、2026Q3 或 2026-09", "write the period as 2026, 2026Q3 or 2026-09")
    return text


def _point(_system: System, _field: Field, value: object, _today: date) -> Plain:
    found = re.fullmatch(r"\(?\s*(-?[0-9.]+)\s*[, ]\s*(-?[0-9.]+)\s*\)?", str(value))
    if found is None or abs(float(found[1])) > 180 or abs(float(found[2])) > 90:
        raise ValueWrong("位置写成 经度,纬度", "write the place as longitude,latitude")
    return f"({found[1]},{found[2]})"


def _same(_system: System, _field: Field, value: object, _today: date) -> Plain:
    if isinstance(value, list):
        return [_string(one) for one in value]
    if isinstance(value, dict):
        return value
    return _string(value)


def _list(_system: System, _field: Field, value: object, _today: date) -> Plain:
    given = value if isinstance(value, list) else re.split(r"[;；,，|]", _string(value))
    return [text for one in given if (text := _string(one).strip())]


def _reference(field: Field, value: Plain) -> dict[str, Plain]:
    """The columns of a reference; all empty where there is none."""
    if value is None:
        return dict.fromkeys(field.columns, None)
    parts = str(value).split(KEY_SEPARATOR)
    return dict(zip(field.columns, parts, strict=True))


def _key(_system: System, field: Field, value: object, _today: date) -> Plain:
    text = KEY_SEPARATOR.join(_string(v) for v in value) if isinstance(value, list) else _string(value)
    if len(text.split(KEY_SEPARATOR)) != len(field.columns):
        raise ValueWrong(
            f"须写出对方的 {len(field.columns)} 个主键，用 | 隔开",
            f"give the other record's {len(field.columns)} keys, joined by |",
        )
    return text


Reader = Callable[[System, Field, object, date], Plain]
_READERS: Final[dict[str, Reader]] = {
    "integer": _integer, "money": _integer, "user": _integer, "decimal": _decimal, "boolean": _boolean,
    "date": _date, "datetime": _datetime, "code": _code, "codes": _codes, "resident_id": _resident, "uscc": _uscc,
    "phone": _phone, "division": _division, "period": _period, "point": _point, "files": _same, "geometry": _same, "list": _list,
    "ref": _key,
}  # fmt: skip
