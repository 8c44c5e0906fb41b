"""Values on their way from JSON to a database column and back.

A value of a caller is read by the field's catalogue type, then fitted to the column's own type, so that it can
only ever travel as a typed parameter. Columns of types not known here are compared as text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final, Literal
from uuid import UUID

from yiwang.blocks.exchange.domain.compiled import CompiledField, FieldType
from yiwang.gateway.refusals import ValueInvalid

Parameter = str | int | float | bool | Decimal | date | datetime | UUID
"""What is bound to a statement."""

Column = Literal[
    "int2", "int4", "int8", "numeric", "float4", "float8", "bool", "text", "bpchar", "date", "timestamp",
    "timestamptz", "uuid", "json", "bytea", "other",
]  # fmt: skip

_COLUMNS: Final[dict[str, Column]] = {
    "smallint": "int2", "int2": "int2", "smallserial": "int2",
    "integer": "int4", "int": "int4", "int4": "int4", "serial": "int4",
    "bigint": "int8", "int8": "int8", "bigserial": "int8",
    "numeric": "numeric", "decimal": "numeric",
    "real": "float4", "float4": "float4", "double precision": "float8", "float8": "float8",
    "boolean": "bool", "bool": "bool",
    "text": "text", "character varying": "text", "varchar": "text", "name": "text",
    "character": "bpchar", "char": "bpchar", "bpchar": "bpchar",
    "date": "date",
    "timestamp": "timestamp", "timestamp without time zone": "timestamp",
    "timestamptz": "timestamptz", "timestamp with time zone": "timestamptz",
    "uuid": "uuid", "json": "json", "jsonb": "json", "bytea": "bytea",
}  # fmt: skip
_MODIFIER = re.compile(r"\s*\([^)]*\)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INTEGER = re.compile(r"-?[0-9]{1,40}")
_BOUNDS: Final[dict[Column, int]] = {"int2": 1 << 15, "int4": 1 << 31, "int8": 1 << 63}
_LONGEST: Final = 4000

_EXPECTED: Final[dict[FieldType, str]] = {
    "text": "text",
    "integer": "integer",
    "decimal": 'decimal, as "12.50" or 12.50',
    "boolean": "true / false",
    "date": "YYYY-MM-DD",
    "datetime": "YYYY-MM-DDThh:mm:ss+08:00",
    "json": "—",
    "binary": "—",
}


@lru_cache(maxsize=1024)
def column_of(database_type: str) -> Column:
    """The kind of column that a declared database type means; modifiers such as `(18)` do not matter."""
    return _COLUMNS.get(_MODIFIER.sub("", database_type).strip().lower(), "other")


def read(field: CompiledField, value: object) -> Parameter:
    """A caller's value, typed for the field's column.

    Raises:
        ValueInvalid: it does not fit the field's type or the column's range.
    """
    try:
        return _fit(column_of(field.database_type), _READERS[field.type](value))
    except (ValueError, OverflowError, InvalidOperation):
        raise ValueInvalid(field=field.name, expected=_EXPECTED[field.type]) from None


def spoken(value: Parameter) -> str:
    """One text for equal values: what is compared in claims and counted as a subject."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            normal = value.normalize()
            return f"{normal:f}" if normal else "0"
        case datetime():
            return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
        case date():
            return value.isoformat()
        case str():
            return value.rstrip(" ")
        case _:
            return str(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST or "\0" in value:
        raise ValueError
    value.encode("utf-8")  # a lone surrogate is no text (UnicodeEncodeError is a ValueError)
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def _integer(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    raise ValueError


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal) or len(str(value)) > 100:
        raise ValueError
    number = Decimal(value)
    if not number.is_finite() or not -1000 < number.adjusted() < 1000:
        raise ValueError
    return number


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _date(value: object) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError
    return date.fromisoformat(value)


def _datetime(value: object) -> datetime:
    if not isinstance(value, str) or len(value) < 16:
        raise ValueError
    return datetime.fromisoformat(value)


def _never(_value: object) -> Parameter:
    raise ValueError


_READERS: Final[dict[FieldType, Callable[[object], Parameter]]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "json": _never,
    "binary": _never,
}


def _fit(column: Column, value: Parameter) -> Parameter:
    """Fit a typed value to the column behind the field, or raise ValueError."""
    match column:
        case "int2" | "int4" | "int8":
            number = _integer(int(value) if isinstance(value, Decimal) and value == int(value) else value)
            bound = _BOUNDS[column]
            if not -bound <= number < bound:
                raise ValueError
            return number
        case "numeric":
            return _decimal(value)
        case "float4" | "float8":
            return float(_decimal(value))
        case "bool":
            return _boolean(value)
        case "date":
            return value.date() if isinstance(value, datetime) else _as_date(value)
        case "timestamp" | "timestamptz":
            return _as_moment(value, zoned=column == "timestamptz")
        case "uuid":
            return UUID(str(value))
        case _:
            return spoken(value) if not isinstance(value, str) else value


def _as_date(value: Parameter) -> date:
    return value if isinstance(value, date) else _date(value)


def _as_moment(value: Parameter, *, zoned: bool) -> datetime:
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day, tzinfo=UTC if zoned else None)
    else:
        moment = _datetime(value)
    if zoned == (moment.tzinfo is None):
        raise ValueError
    return moment
