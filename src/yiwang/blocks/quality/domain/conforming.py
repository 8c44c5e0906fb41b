"""How far the values of columns keep to the data elements they follow, counted, with masked examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.judging import Fetch, judge
from yiwang.dataplane.quality.shapes import shapes
from yiwang.dataplane.quality.spelling import Lists, Spelled, rules_of
from yiwang.vocabulary.data_elements import DataElement

RulesFor = Callable[[DataElement, str], tuple[Spelled, ...]]


@dataclass(frozen=True)
class Told:
    """One demand of an element on a column: `failed` of `tested`, and what the values that fail look like."""

    kind: str
    tested: int
    failed: int
    shapes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Conformance:
    """A column beside the element it follows. No demand: the element says nothing that a column could break.

    Attributes:
        element: None where none of that number is in force.
        filled: rows with a value.
        wrong_type: the column's type is not the element's, such as a text where a date is meant.
    """

    column: str
    number: str
    element: DataElement | None
    rows: int
    filled: int
    wrong_type: bool
    told: tuple[Told, ...]

    @property
    def failed(self) -> int:
        """The greatest number of rows that break one demand."""
        return max((one.failed for one in self.told), default=0)


_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "timestamp"), "datetime": ("timestamp", "date"), "integer": ("int", "numeric", "decimal", "hugeint"),
    "decimal": ("numeric", "decimal", "double", "real", "float", "int"), "boolean": ("bool",),
}  # fmt: skip


_WRITTEN: Mapping[str, str] = {
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}",
    "datetime": r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}[T ]?[0-9]{2}:?[0-9]{2}(?::?[0-9]{2})?.*",
    "integer": r"[+-]?[0-9]+",
    "decimal": r"[+-]?[0-9]+(?:[.][0-9]+)?",
}
"""How values are written where a column of texts holds them (GB/T 7408 for dates and times)."""
_TEXTS = ("char", "text", "string")


def conformance(
    fetch: Fetch, dialect: r.DialectName, table: str, types: Mapping[str, str],
    wanted: Sequence[tuple[str, str, DataElement | None]], rules_for: RulesFor, lists: Lists, now: datetime,
) -> tuple[Conformance, ...]:  # fmt: skip
    """Look at columns (`wanted`: column, number, element) of a table of an engine.

    Raises: QualityRuleWrong; what `fetch` raises.
    """

    def no_condition(text: str) -> r.Condition:
        raise ValueError(text)

    found = []
    for column, number, element in wanted:
        entries = [msgspec.to_builtins(one) for one in rules_for(element, column)] if element else []
        as_text = any(word in types[column].lower() for word in _TEXTS)
        if element and as_text and element.type in _WRITTEN:
            entries.append({"rule": "pattern", "field": column, "pattern": _WRITTEN[element.type]})
        rules = rules_of(entries, now, no_condition, lists)
        counted = r.NotNull(id="filled", dimension="完整性", field=column)
        seen = judge(fetch, dialect, table, (*rules, counted))
        told = tuple(_told(fetch, dialect, table, column, rule, seen.outcomes[rule.id]) for rule in rules)
        kinds = _FAMILIES.get(element.type, ()) if element else ()
        wrong = bool(kinds) and not as_text and not any(word in types[column].lower() for word in kinds)
        filled = seen.rows - seen.outcomes["filled"].failed
        found.append(Conformance(column, number, element, seen.rows, filled, wrong, told))
    return tuple(found)


def _told(
    fetch: Fetch, dialect: r.DialectName, table: str, column: str, rule: r.Rule, outcome: r.Outcome
) -> Told:
    rows = fetch(shapes(rule, dialect, table, column)) if outcome.failed else ()
    kind = rule.id.split(".", 1)[0]
    return Told(kind, outcome.tested, outcome.failed, tuple((str(shape), int(str(n))) for shape, n in rows))
