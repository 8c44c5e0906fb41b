"""From rules to one statement: each rule becomes two truths about a row, whether it is tested and whether it fails.

All rules but those about groups are counted in one pass over the table; a duplicate needs its group, so each
`Unique` is a grouping beside it in the same statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.dialects import DIALECTS, Dialect

MOD11_10_LENGTHS = range(2, 21)
RESIDENT_SHAPE = "[0-9]{17}[0-9X]"
USCC_SHAPE = "[0-9A-HJ-NP-RTUWXY]{18}"


@dataclass(frozen=True, slots=True)
class Truth:
    """SQL of whether a row is tested, and of whether a tested row fails. Neither is ever NULL for tested rows."""

    tested: str
    failed: str


def counting(rules: Sequence[r.Rule], dialect: r.DialectName, table: str) -> str:
    """One statement that gives, in one row: all rows, then tested and failed of each rule in order.

    `table` is SQL: a quoted name or a bracketed query; the statement calls it `row`.
    """
    used = DIALECTS[dialect]
    columns = ["count(*)"]
    for rule in rules:
        if isinstance(rule, r.Unique):
            columns.append(_filtered(_all_known(used, rule.columns)))
            columns.append(f"({_duplicates(rule, used, table)})")
        elif isinstance(rule, r.Recent):
            newest = f"max({used.as_moment(used.column(rule.field))})"
            old = f"{newest} + INTERVAL '{rule.seconds}' SECOND < {used.moment(rule.as_of)}"
            columns.append(f"CASE WHEN {newest} IS NULL THEN 0 ELSE 1 END")
            columns.append(f"CASE WHEN {old} THEN 1 ELSE 0 END")
        else:
            truth = truth_of(rule, used)
            columns.append(_filtered(truth.tested))
            columns.append(_filtered(f"{truth.tested} AND {truth.failed}"))
    return f"SELECT {', '.join(columns)} FROM {table} AS {used.identifier('row')}"


def failing(rule: r.Rule, dialect: r.DialectName, table: str, keys: Sequence[str], limit: int) -> str:
    """A statement for the key values of at most `limit` rows that break the rule, in the keys' order.

    Raises: TypeError, for a rule about the table as a whole, which no row breaks.
    """
    used = DIALECTS[dialect]
    shown = ", ".join(used.column(key) for key in keys)
    if isinstance(rule, r.Unique):
        names = ", ".join(used.identifier(name) for name in rule.columns)
        known = " AND ".join(f"{used.identifier(name)} IS NOT NULL" for name in rule.columns)
        groups = f"SELECT {names} FROM {table} AS g WHERE {known} GROUP BY {names} HAVING count(*) > 1"
        pair = ", ".join(used.column(name) for name in rule.columns)
        where = f"({pair}) IN ({groups})"
    else:
        truth = truth_of(rule, used)
        where = f"{truth.tested} AND {truth.failed}"
    return f"SELECT {shown} FROM {table} AS {used.identifier('row')} WHERE {where} ORDER BY {shown} LIMIT {limit}"


def truth_of(rule: r.Rule, d: Dialect) -> Truth:
    """What a rule that needs one row at a time asks of it."""
    match rule:
        case r.NotNull():
            column = d.column(rule.field)
            return Truth("TRUE", f"({column} IS NULL OR {d.as_text(column)} = '')")
        case r.InList():
            text = d.as_text(d.column(rule.field))
            values = ", ".join(d.text(value) for value in rule.values)
            return Truth(_known(d, rule.field), f"{text} NOT IN ({values})" if values else "TRUE")
        case r.Range():
            return Truth(_known(d, rule.field), _outside(d, d.column(rule.field), rule.low, rule.high))
        case r.Length():
            size = d.characters(d.as_text(d.column(rule.field)))
            return Truth(_known(d, rule.field), _outside(d, size, rule.low, rule.high))
        case r.Pattern():
            text = d.as_text(d.column(rule.field))
            return Truth(_known(d, rule.field), f"NOT ({d.matches(text, rule.pattern)})")
        case r.CheckDigits():
            return Truth(_known(d, rule.field), f"NOT ({_check_digit(rule, d)})")
        case r.Fresh():
            column = d.column(rule.field)
            tested = _known(d, rule.field)
            if rule.when is not None:
                tested = f"{tested} AND coalesce({rule.when.sql[d.name]}, FALSE)"
            age = f"{d.as_moment(column)} + INTERVAL '{rule.seconds}' SECOND"
            return Truth(tested, f"{age} < {d.moment(rule.as_of)}")
        case r.Expression():
            condition = rule.condition.sql[d.name]
            return Truth(f"(({condition}) IS NOT NULL)", f"NOT ({condition})")
        case r.Refers():
            mine = [d.column(name) for name in rule.columns]
            target = d.identifier(*rule.target)
            joined = " AND ".join(
                f"{d.identifier('other')}.{d.identifier(key)} = {column}"
                for key, column in zip(rule.keys, mine, strict=True)
            )
            exists = f"EXISTS (SELECT 1 FROM {target} AS {d.identifier('other')} WHERE {joined})"
            return Truth(_all_known(d, rule.columns), f"NOT {exists}")
        case _:
            raise TypeError(f"{type(rule).__name__} is not a rule about one row")


def _check_digit(rule: r.CheckDigits, d: Dialect) -> str:
    text = d.as_text(d.column(rule.field))
    if rule.kind == "mod11_2":
        return f"CASE WHEN {d.matches(text, RESIDENT_SHAPE)} THEN {d.resident_id_ok(text)} ELSE FALSE END"
    if rule.kind == "uscc":
        return f"CASE WHEN {d.matches(text, USCC_SHAPE)} THEN {d.uscc_ok(text)} ELSE FALSE END"
    branches = " ".join(f"WHEN {length} THEN {d.mod11_10_ok(text, length)}" for length in MOD11_10_LENGTHS)
    shape = d.matches(text, f"[0-9]{{{MOD11_10_LENGTHS.start},{MOD11_10_LENGTHS.stop - 1}}}")
    return f"CASE WHEN {shape} THEN CASE {d.characters(text)} {branches} END ELSE FALSE END"


def _outside(d: Dialect, value: str, low: float | None, high: float | None) -> str:
    parts = []
    if low is not None:
        parts.append(f"{value} < {d.number(low)}")
    if high is not None:
        parts.append(f"{value} > {d.number(high)}")
    return f"({' OR '.join(parts)})" if parts else "FALSE"


def _known(d: Dialect, name: str) -> str:
    return f"{d.column(name)} IS NOT NULL"


def _all_known(d: Dialect, names: Sequence[str]) -> str:
    return " AND ".join(_known(d, name) for name in names)


def _filtered(condition: str) -> str:
    return "count(*)" if condition == "TRUE" else f"count(*) FILTER (WHERE {condition})"


def _duplicates(rule: r.Unique, d: Dialect, table: str) -> str:
    """How many rows stand in groups of more than one."""
    names = ", ".join(d.identifier(name) for name in rule.columns)
    known = " AND ".join(f"{d.identifier(name)} IS NOT NULL" for name in rule.columns)
    groups = f"SELECT count(*) AS n FROM {table} AS g WHERE {known} GROUP BY {names} HAVING count(*) > 1"
    return f"SELECT CAST(coalesce(sum(n), 0) AS BIGINT) FROM ({groups}) AS many"
