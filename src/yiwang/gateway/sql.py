"""SQL for a mounted table or view, built from the compiled resource alone.

Identifiers are quoted, values are always parameters with a cast to the column's own type, and what is read comes
back as text wherever the driver could lose something (decimals, dates, odd types).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from yiwang.blocks.exchange.domain.compiled import CompiledField, CompiledResource, Operator
from yiwang.gateway import values
from yiwang.gateway.conditions import Condition

Shape = tuple[tuple[CompiledField, Operator], ...]
Decode = Callable[[object], object]

_CASTS: Final[dict[values.Column, str]] = {
    "int2": "int2", "int4": "int4", "int8": "int8", "numeric": "numeric", "float4": "float4", "float8": "float8",
    "bool": "bool", "text": "text", "bpchar": "bpchar", "date": "date", "timestamp": "timestamp",
    "timestamptz": "timestamptz", "uuid": "uuid",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement and what its columns are: `fields` in the order of the result, with their decoders."""

    text: str
    fields: tuple[CompiledField, ...]
    decoders: tuple[Decode | None, ...]


def quoted(identifier: str) -> str:
    """An identifier as SQL takes it, whatever characters it has. Raises: ValueError for NUL or nothing."""
    if not identifier or "\0" in identifier:
        raise ValueError("an identifier is empty or holds NUL")
    return '"' + identifier.replace('"', '""') + '"'


def statement(
    resource: CompiledResource,
    fields: tuple[CompiledField, ...],
    where: Shape,
    *,
    after: tuple[CompiledField, ...],
    order: tuple[CompiledField, ...],
    limit: int,
) -> Statement:
    """A bounded read of `fields` where all comparisons hold, in key order, after the values of `after`.

    Parameters are numbered in the order of `where`, then `after`.
    """
    tests = [_test(field, operator, number) for number, (field, operator) in enumerate(where, start=1)]
    if after:
        left = ", ".join(quoted(field.column) for field in after)
        right = ", ".join(
            f"${number}::{_cast(field)}" for number, field in enumerate(after, start=len(where) + 1)
        )
        tests.append(f"({left}) > ({right})")
    text = (
        f"SELECT {', '.join(_selected(field) for field in fields)}"  # noqa: S608 - identifiers are quoted
        f" FROM {quoted(resource.schema)}.{quoted(resource.relation)}"
        f"{' WHERE ' + ' AND '.join(tests) if tests else ''}"
        f"{' ORDER BY ' + ', '.join(quoted(field.column) for field in order) if order else ''}"
        f" LIMIT {limit:d}"
    )
    return Statement(text, fields, tuple(_decoder(field) for field in fields))


def together(
    resource: CompiledResource,
    fields: tuple[CompiledField, ...],
    asked: tuple[CompiledField, ...],
    fixed: Shape,
    *,
    order: tuple[CompiledField, ...],
    limit: int,
) -> Statement:
    """Many bounded reads in one statement: each of `asked` is the text of an array with one value for each read.

    The rows of the read at place n (from 1) have n as their last column; the values of `fixed` hold for all reads.
    """
    # behind a subquery the planner cannot see how long an array is, so it keeps one plan instead of making a new one
    # for every length
    arrays = ", ".join(
        f"(SELECT (${number}::text)::{_cast(field)}[])" for number, field in enumerate(asked, start=1)
    )
    names = ", ".join(f"a{number}" for number in range(1, len(asked) + 1))
    tests = [f"{_compared(field)} = yw_asked.a{number}" for number, field in enumerate(asked, start=1)]
    tests += [
        _test(field, operator, number) for number, (field, operator) in enumerate(fixed, len(asked) + 1)
    ]
    columns = ", ".join(f"c{number}" for number in range(1, len(fields) + 1))
    text = (
        f"SELECT yw_found.*, yw_asked.n FROM unnest({arrays}) WITH ORDINALITY AS yw_asked ({names}, n)"  # noqa: S608
        f" CROSS JOIN LATERAL (SELECT {', '.join(_selected(field) for field in fields)}"
        f" FROM {quoted(resource.schema)}.{quoted(resource.relation)} AS yw_read WHERE {' AND '.join(tests)}"
        f"{' ORDER BY ' + ', '.join(quoted(field.column) for field in order) if order else ''}"
        f" LIMIT {limit:d}) AS yw_found ({columns})"
    )
    return Statement(text, fields, tuple(_decoder(field) for field in fields))


def shape(conditions: tuple[Condition, ...]) -> Shape:
    """What of a set of conditions is in the text of its statement."""
    return tuple((condition.field, condition.operator) for condition in conditions)


def parameters(conditions: tuple[Condition, ...]) -> list[object]:
    """The values of a set of conditions, in the order of `shape`."""
    return [_bound(condition) for condition in conditions]


def _bound(condition: Condition) -> object:
    value = condition.value
    if isinstance(value, tuple):
        return list(value)
    if condition.operator == "prefix":
        return str(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return value


def _cast(field: CompiledField) -> str:
    return _CASTS.get(values.column_of(field.database_type), "text")


def _compared(field: CompiledField) -> str:
    """The column as it is compared: of a type that is not known here, as text."""
    column = quoted(field.column)
    return column if values.column_of(field.database_type) in _CASTS else f"{column}::text"


def _test(field: CompiledField, operator: Operator, number: int) -> str:
    column, cast = _compared(field), _cast(field)
    match operator:
        case "eq":
            return f"{column} = ${number}::{cast}"
        case "in":
            return f"{column} = ANY(${number}::{cast}[])"
        case "gte":
            return f"{column} >= ${number}::{cast}"
        case "lte":
            return f"{column} <= ${number}::{cast}"
        case "prefix":
            return f"{column}{'' if cast == 'text' else '::text'} LIKE ${number}::text"


def _selected(field: CompiledField) -> str:
    column, kind = quoted(field.column), values.column_of(field.database_type)
    match field.type, kind:
        case (
            ("text", "text")
            | ("integer", "int2" | "int4" | "int8")
            | ("boolean", "bool")
            | ("binary", "bytea")
        ):
            return column
        case "date", "timestamp" | "timestamptz":
            return f"{column}::date::text"
        case _:
            return f"{column}::text"


def _decoder(field: CompiledField) -> Decode | None:
    kind = values.column_of(field.database_type)
    match field.type:
        case "datetime":
            return _moment
        case "integer" if kind not in ("int2", "int4", "int8"):
            return _whole
        case "boolean" if kind != "bool":
            return _truth
        case "json" if kind == "json":
            return _raw
        case "binary" if kind == "bytea":
            return _base64
        case _:
            return None


def _moment(value: object) -> object:
    """`2026-11-21 08:00:00+00` → `2026-11-21T08:00:00Z`; infinity and dates before Christ stay as they are."""
    if not isinstance(value, str) or len(value) < 19 or value[10] != " " or value.endswith("BC"):
        return value
    head = f"{value[:10]}T{value[11:]}"
    return f"{head[:-3]}Z" if head.endswith("+00") else head


def _whole(value: object) -> object:
    """A whole number kept in a column of another type; what is no whole number stays text."""
    text = str(value)
    return int(text) if text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 40 else value


def _truth(value: object) -> object:
    return {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}.get(str(value), value)


def _raw(value: object) -> object:
    return msgspec.Raw(str(value).encode("utf-8"))


def _base64(value: object) -> object:
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
