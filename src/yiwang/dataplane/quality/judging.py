"""Run rules on a table of an engine and say what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.compiling import counting, failing
from yiwang.dataplane.quality.errors import QualityFieldType, QualityFieldUnknown

Fetch = Callable[[str], Sequence[Sequence[object]]]
"""Runs a statement of the engine and gives its rows."""
EXAMPLES = 100
"""Keys given for a rule that rows break."""

_NUMBERS = ("int", "decimal", "numeric", "double", "real", "float", "hugeint")
_MOMENTS = ("date", "timestamp")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules found in a table.

    Attributes:
        rows: how many rows the table has.
        outcomes: by rule id, in the rules' order.
        examples: for rules that rows break, the keys of some of these rows; never a value that is judged.
    """

    rows: int
    outcomes: dict[str, r.Outcome]
    examples: dict[str, list[tuple[str, ...]]]


def judge(
    fetch: Fetch, dialect: r.DialectName, table: str, rules: Sequence[r.Rule], keys: Sequence[str] = ()
) -> Judgement:
    """Count in one statement; then fetch the keys of some rows for each rule that was broken.

    Without `keys` no examples are given.
    """
    (row,) = fetch(counting(rules, dialect, table))
    numbers = [int(str(value)) for value in row]
    outcomes = {
        rule.id: r.Outcome(rule.id, numbers[1 + 2 * at], numbers[2 + 2 * at]) for at, rule in enumerate(rules)
    }
    examples: dict[str, list[tuple[str, ...]]] = {}
    for rule in rules:
        if keys and outcomes[rule.id].failed and not isinstance(rule, r.Recent):
            found = fetch(failing(rule, dialect, table, keys, EXAMPLES))
            examples[rule.id] = [tuple(str(value) for value in one) for one in found]
    return Judgement(numbers[0], outcomes, examples)


def check_columns(rules: Sequence[r.Rule], columns: Mapping[str, str]) -> None:
    """That each rule finds its columns, and in types that it can judge. Raises: QualityFieldUnknown, QualityFieldType."""
    for rule in rules:
        for field in rule.fields:
            if field not in columns:
                raise QualityFieldUnknown(rule=rule.id, field=field, fields=list(columns))
        if isinstance(rule, r.Range):
            _typed(rule.id, rule.field, columns[rule.field], _NUMBERS, "数 (a number)")
        elif isinstance(rule, r.Fresh | r.Recent):
            _typed(rule.id, rule.field, columns[rule.field], _MOMENTS, "日期或时间 (a date or time)")


def _typed(rule: str, field: str, found: str, wanted: Sequence[str], told: str) -> None:
    if not any(word in found.lower() for word in wanted):
        raise QualityFieldType(rule=rule, field=field, wanted=told, found=found)
