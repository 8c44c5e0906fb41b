"""Functions of expressions in SQL of PostgreSQL and DuckDB. Each gives NULL where the evaluator would fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from yiwang.systems.cel.layout import Dialect
from yiwang.systems.cel.types import CelType

Build = Callable[[Dialect, Sequence[str], Sequence[CelType]], str | None]


def _size(dialect: Dialect, args: Sequence[str], types: Sequence[CelType]) -> str | None:
    if types[0].kind == "list":
        return f"cardinality({args[0]})" if dialect == "postgresql" else f"len({args[0]})"
    return f"char_length({args[0]})" if dialect == "postgresql" else f"length({args[0]})"


def _ends(dialect: Dialect, args: Sequence[str], types: Sequence[CelType]) -> str:
    del types
    return (
        f"(right({args[0]}, char_length({args[1]})) = {args[1]})"
        if dialect == "postgresql"
        else f"suffix({args[0]}, {args[1]})"
    )


def _string(dialect: Dialect, args: Sequence[str], types: Sequence[CelType]) -> str | None:
    del dialect
    return f"CAST({args[0]} AS text)" if types[0].kind in ("int", "string") else None


def _date_of(dialect: Dialect, args: Sequence[str], types: Sequence[CelType]) -> str:
    del types
    if dialect == "postgresql":
        return f"CAST({args[0]} AT TIME ZONE 'Asia/Shanghai' AS date)"
    return f"CAST(make_timestamp(epoch_us({args[0]})) + INTERVAL 8 HOUR AS date)"


def _add(unit: str) -> Build:
    def build(dialect: Dialect, args: Sequence[str], types: Sequence[CelType]) -> str | None:
        at, number = args
        if types[0].kind == "datetime":
            return None if unit == "month" else f"({at} + {number} * INTERVAL '24 hours')"
        if types[0].kind != "date":
            return None
        if dialect == "postgresql":
            return f"CAST({at} + make_interval({unit}s => CAST({number} AS integer)) AS date)"
        return f"CAST({at} + to_{unit}s(CAST({number} AS integer)) AS date)"

    return build


def _month_start(dialect: Dialect, args: Sequence[str], types: Sequence[CelType]) -> str | None:
    del dialect
    return f"CAST(date_trunc('month', {args[0]}) AS date)" if types[0].kind == "date" else None


def _age(dialect: Dialect, args: Sequence[str], types: Sequence[CelType]) -> str:
    del dialect, types
    born, at = args

    def number(day: str) -> str:
        return (
            f"(EXTRACT(YEAR FROM {day}) * 10000 + EXTRACT(MONTH FROM {day}) * 100 + EXTRACT(DAY FROM {day}))"
        )

    return f"CAST(floor(({number(at)} - {number(born)}) / 10000.0) AS bigint)"


def _birth_date(dialect: Dialect, args: Sequence[str], types: Sequence[CelType]) -> str:
    del types
    text = args[0]
    if dialect == "duckdb":
        return (
            f"CASE WHEN regexp_full_match({text}, '[0-9]{{17}}[0-9Xx]') THEN TRY_CAST(substr({text}, 7, 4) || '-' || "
            f"substr({text}, 11, 2) || '-' || substr({text}, 13, 2) AS date) END"
        )
    year, month, day = (
        f"CAST(substr({text}, {at}, {size}) AS integer)" for at, size in ((7, 4), (11, 2), (13, 2))
    )
    first = f"make_date({year}, {month}, 1)"
    last = f"EXTRACT(DAY FROM {first} + INTERVAL '1 month' - INTERVAL '1 day')"
    return (
        f"CASE WHEN {text} ~ '^[0-9]{{17}}[0-9Xx]$' THEN CASE WHEN {year} > 0 AND {month} BETWEEN 1 AND 12 THEN "
        f"CASE WHEN {day} BETWEEN 1 AND {last} THEN {first} + ({day} - 1) END END END"
    )


def _sex_of(dialect: Dialect, args: Sequence[str], types: Sequence[CelType]) -> str:
    del types
    form = (
        f"{args[0]} ~ '^[0-9]{{17}}[0-9Xx]$'"
        if dialect == "postgresql"
        else f"regexp_full_match({args[0]}, '[0-9]{{17}}[0-9Xx]')"
    )
    return f"CASE WHEN {form} THEN CASE WHEN CAST(substr({args[0]}, 17, 1) AS integer) % 2 = 1 THEN '1' ELSE '2' END END"


def _half_up(dialect: Dialect, args: Sequence[str], types: Sequence[CelType]) -> str:
    del types
    whole = "/" if dialect == "postgresql" else "//"
    one, by = args
    return (
        f"CASE WHEN {by} = 0 THEN NULL ELSE CAST(sign({one}) * sign({by}) AS bigint) * "
        f"CAST((2 * abs({one}) + abs({by})) {whole} (2 * abs({by})) AS bigint) END"
    )


SQL_FUNCTIONS: Final[Mapping[str, Build]] = {
    "size": _size,
    "startsWith": lambda _, a, __: f"starts_with({a[0]}, {a[1]})",
    "endsWith": _ends,
    "contains": lambda _, a, __: f"(strpos({a[0]}, {a[1]}) > 0)",
    "string": _string,
    "double": lambda _, a, t: f"CAST({a[0]} AS double precision)" if t[0].kind in ("int", "double") else None,
    "date": lambda _, a, __: f"CAST({a[0]} AS date)",
    "date_of": _date_of,
    "add_days": _add("day"),
    "add_months": _add("month"),
    "month_start": _month_start,
    "age": _age,
    "birth_date": _birth_date,
    "sex_of": _sex_of,
    "div_half_up": _half_up,
}
"""Functions that rows can be filtered by."""
AGGREGATES: Final = {"sum": "sum", "sum_real": "sum", "largest": "max", "smallest": "min", "latest": "max"}
"""Functions over a list, here over parts."""
