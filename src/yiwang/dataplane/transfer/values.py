"""Values on their way: as the target will hold them, or the reason why it cannot; and one form to digest.

Whatever a driver gives (a date as text, a number as a Decimal) becomes the one Python value of the target column's
kind. What would lose digits, characters or its meaning is refused, never rounded or cut.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import struct
import uuid
from collections.abc import Callable, Sequence
from decimal import Context, Decimal, InvalidOperation
from typing import Final

import msgspec

from yiwang.dataplane.transfer.shape import Column, Kind, Row, Value

CHINA: Final = dt.timezone(dt.timedelta(hours=8))
"""Moments written without a zone are Beijing time (GB/T 7408 leaves it to the parties; all of China keeps one zone)."""
_MOST_DIGITS: Final = 1000
_CONTEXT: Final = Context(prec=_MOST_DIGITS)
_DURATION: Final = re.compile(r"(-?)(?:(\d+) days? ?)?([-+]?)(?:(\d+):(\d\d):(\d\d(?:\.\d{1,6})?))?")
_TRUE: Final = frozenset({"true", "t", "1", "yes", "是"})
_FALSE: Final = frozenset({"false", "f", "0", "no", "否"})
Coercer = Callable[[Value], Value]
encode: Final = msgspec.msgpack.Encoder(decimal_format="string").encode


class BadValue(Exception):
    """Why a value does not fit its column; never holds the value."""


def coercers(columns: Sequence[Column], *, nul: bool) -> list[Coercer]:
    """One function a column: the value as the target holds it, or BadValue. `nul`: texts may hold U+0000."""
    return [_coercer(column, nul=nul) for column in columns]


def canonical(row: Row) -> bytes:
    """The form that is digested: a MessagePack array; decimals as text without trailing zeros, times in ISO 8601."""
    return encode(row)


def _coercer(column: Column, *, nul: bool) -> Coercer:
    convert = _CONVERTERS[column.kind]

    def coerce(value: Value) -> Value:
        if value is None:
            if not column.nullable:
                raise BadValue("not-null")
            return None
        return convert(value, column)

    def checked(value: Value) -> Value:
        held = coerce(value)
        if isinstance(held, str) and "\0" in held:
            raise BadValue("nul-character")
        return held

    return coerce if nul else checked


def _text(value: Value, column: Column) -> str:
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            raise BadValue("not-utf-8") from None
    held = value if isinstance(value, str) else written(value)
    if column.length and len(held) > column.length:
        raise BadValue(f"longer-than-{column.length}")
    return held


def _integer(value: Value, column: Column) -> int:
    if isinstance(value, str):
        value = _number(value)
    if isinstance(value, float | Decimal):
        if not math.isfinite(value) or value != int(value):
            raise BadValue("not-an-integer")
        value = int(value)
    if not isinstance(value, int):
        raise BadValue("not-an-integer")
    if not -(1 << (column.bits - 1)) <= value < 1 << (column.bits - 1):
        raise BadValue(f"beyond-{column.bits}-bits")
    return int(value)


def _decimal(value: Value, column: Column) -> Decimal:
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, str):
        value = _number(value)
    if not isinstance(value, int | Decimal):
        raise BadValue("not-a-number")
    held = Decimal(value)
    if not held.is_finite():
        raise BadValue("not-finite")
    if len(held.as_tuple().digits) > _MOST_DIGITS:
        raise BadValue("too-many-digits")
    held = _CONTEXT.normalize(held) if held else Decimal(0)
    if column.precision:
        exponent = held.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > column.scale:
            raise BadValue(f"more-than-{column.scale}-decimals")
        if held.adjusted() >= column.precision - column.scale and held:
            raise BadValue(f"beyond-{column.precision}-digits")
    return held


def _number(text: str) -> Decimal:
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        raise BadValue("not-a-number") from None


def _float(value: Value, column: Column) -> float:
    if isinstance(value, str):
        value = _number(value)
    if not isinstance(value, int | float | Decimal):
        raise BadValue("not-a-number")
    held = float(value)
    if column.bits == 32:
        try:
            held = float(struct.unpack("f", struct.pack("f", held))[0])
        except OverflowError:
            raise BadValue("beyond-32-bits") from None
    return held


def _boolean(value: Value, column: Column) -> bool:
    del column
    if isinstance(value, bool):
        return value
    word = value.decode("latin-1") if isinstance(value, bytes) else str(value).strip().lower()
    if word in _TRUE or word == "\x01":
        return True
    if word in _FALSE or word == "\0":
        return False
    raise BadValue("not-a-boolean")


def _date(value: Value, column: Column) -> dt.date:
    del column
    if isinstance(value, dt.datetime):
        if value.time() != dt.time():
            raise BadValue("a-time-of-day-would-be-lost")
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value).strip())
    except ValueError:
        raise BadValue("not-a-date") from None


def _time(value: Value, column: Column) -> dt.time:
    del column
    if isinstance(value, dt.timedelta):
        if not dt.timedelta() <= value < dt.timedelta(days=1):
            raise BadValue("not-a-time-of-day")
        return (dt.datetime(1, 1, 1) + value).time()  # noqa: DTZ001 - only its time of day is taken
    if isinstance(value, dt.time):
        return value
    try:
        return dt.time.fromisoformat(str(value).strip())
    except ValueError:
        raise BadValue("not-a-time-of-day") from None


def _moment_of(value: Value) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the caller gives it its zone
    text = str(value).strip()
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise BadValue("not-a-time") from None


def _datetime(value: Value, column: Column) -> dt.datetime:
    del column
    held = _moment_of(value)
    return held.astimezone(CHINA).replace(tzinfo=None) if held.tzinfo else held


def _moment(value: Value, column: Column) -> dt.datetime:
    del column
    held = _moment_of(value)
    try:
        return held.replace(tzinfo=held.tzinfo or CHINA).astimezone(dt.UTC)
    except OverflowError:
        raise BadValue("not-a-time") from None


def _duration(value: Value, column: Column) -> dt.timedelta:
    del column
    if isinstance(value, dt.timedelta):
        return value
    found = _DURATION.fullmatch(str(value).strip())
    if found is None:  # months and years have no length
        raise BadValue("not-a-duration")
    sign, days, other, hours, minutes, seconds = found.groups()
    clock = dt.timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    clock += dt.timedelta(microseconds=int(Decimal(seconds or 0) * 1_000_000))
    whole = dt.timedelta(days=int(days or 0))
    if days is None:
        return -clock if sign or other == "-" else clock
    return (-whole if sign else whole) + (-clock if other == "-" else clock)


def _json(value: Value, column: Column) -> str:
    del column
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    try:
        tree = json.loads(text, parse_float=Decimal) if isinstance(text, str) else text
        return json_text(tree)
    except (ValueError, RecursionError):
        raise BadValue("not-json") from None


def json_text(tree: object) -> str:
    """JSON in one form: keys sorted, no blanks, numbers (integers and Decimals) with all their digits."""
    match tree:
        case dict():
            return "{" + ",".join(f"{json_text(str(k))}:{json_text(tree[k])}" for k in sorted(tree)) + "}"
        case list():
            return "[" + ",".join(map(json_text, tree)) + "]"
        case Decimal():
            small = tree.is_finite() and abs(tree.adjusted()) < _MOST_DIGITS
            return format(_CONTEXT.normalize(tree), "f") if small else str(tree)
        case _:
            return json.dumps(tree, ensure_ascii=False)


def _binary(value: Value, column: Column) -> bytes:
    if isinstance(value, memoryview | bytearray):
        value = bytes(value)
    if isinstance(value, str):
        if not value.startswith("\\x"):
            raise BadValue("not-binary")
        try:
            value = bytes.fromhex(value[2:])
        except ValueError:
            raise BadValue("not-binary") from None
    if not isinstance(value, bytes):
        raise BadValue("not-binary")
    if column.length and len(value) > column.length:
        raise BadValue(f"longer-than-{column.length}")
    return value


def _uuid(value: Value, column: Column) -> str:
    del column
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        raise BadValue("not-a-uuid") from None


_CONVERTERS: Final[dict[Kind, Callable[[Value, Column], Value]]] = {
    "text": _text, "integer": _integer, "decimal": _decimal, "float": _float, "boolean": _boolean, "date": _date,
    "time": _time, "datetime": _datetime, "moment": _moment, "duration": _duration, "json": _json, "binary": _binary,
    "uuid": _uuid, "other": _text,
}  # fmt: skip


def written(value: Value) -> str:
    """A value as text, in the one way that reads back as the same value."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case bytes():
            return "\\x" + value.hex()
        case dt.datetime():
            return value.isoformat(sep=" ")
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            whole = abs(value) // dt.timedelta(microseconds=1)
            seconds, rest = divmod(whole, 1_000_000)
            sign = "-" if value < dt.timedelta() else ""
            return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:06}"
        case _:
            return str(value)


def stored(values: Sequence[Value]) -> str:
    """Values as JSON text for a checkpoint or a quarantine; `restored` reads it."""
    tagged = [v if v is None or isinstance(v, str | bool) else {type(v).__name__: written(v)} for v in values]
    return json.dumps(tagged, ensure_ascii=False)


def restored(text: str) -> tuple[Value, ...]:
    """What `stored` was given. Raises: ValueError, for text that it did not write."""
    return tuple(_restored(one) for one in json.loads(text))


def _restored(tagged: object) -> Value:
    if not isinstance(tagged, dict):
        return tagged
    ((kind, text),) = tagged.items()
    readers: dict[str, Callable[[str], Value]] = {
        "int": int, "float": float, "Decimal": Decimal, "date": dt.date.fromisoformat,
        "datetime": dt.datetime.fromisoformat, "time": dt.time.fromisoformat,
        "bytes": lambda held: bytes.fromhex(held[2:]),
        "timedelta": lambda held: _duration(held, Column("", "duration")),
    }  # fmt: skip
    if kind not in readers:
        raise ValueError(f"{kind} is no kind of value")
    return readers[kind](str(text))
