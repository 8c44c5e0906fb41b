"""Access rules as SQL: which rows, and which fields of them, the actor of the transaction may see or write.

The application's role has no right on the tables themselves. It reads a view that holds the rules, and writes by a
function that checks them on the row before and after. Who acts is told per transaction: `yw.system_roles`,
`yw.purpose`, `yw.case` and the actor's own facts; what is not told is not there, so nothing is seen without it.
"""

from __future__ import annotations

from collections.abc import Sequence

from yiwang.blocks.registry.domain.layout import AccessRule, Column, Worked
from yiwang.blocks.registry.domain.quoting import name, text, texts

NOTHING = "FALSE"


def condition(rule: AccessRule) -> str:
    """When a rule counts, for the row called `row`. What does not hang on the row is a query of its own: asked once."""
    parts = [f"(SELECT registry_holds({texts(rule.roles)}))"]
    if rule.purposes:
        parts.append(f"(SELECT registry_purpose() = ANY ({texts(rule.purposes)}))")
    if rule.open_case:
        parts.append("(SELECT registry_case() IS NOT NULL)")
    if rule.rows is not None:
        parts.append(f"coalesce(({rule.rows}), FALSE)")
    return "(" + " AND ".join(parts) + ")"


def rows(rules: Sequence[AccessRule], verb: str) -> str:
    """Which rows may be read or written."""
    counting = list(dict.fromkeys(condition(rule) for rule in rules if verb in rule.verbs))
    return " OR ".join(counting) if counting else NOTHING


def field(rules: Sequence[AccessRule], verb: str, column: str) -> str | None:
    """When a field may be read or written; None: in every row that may be."""
    of_verb = [rule for rule in rules if verb in rule.verbs]
    allowing = [rule for rule in of_verb if rule.fields is None or column in rule.fields]
    if len(allowing) == len(of_verb):
        return None
    return " OR ".join(dict.fromkeys(condition(rule) for rule in allowing)) if allowing else NOTHING


def shown(rules: Sequence[AccessRule], column: Column | Worked, verb: str = "read") -> str:
    """The column as the view gives it: its value, or NULL where the actor may not see it."""
    plain = column.expression if isinstance(column, Worked) else f"{name('row')}.{name(column.name)}"
    when = field(rules, verb, column.name)
    if when is None:
        return plain
    if when == NOTHING:
        return f"NULL::{column.sql}"
    return f"CASE WHEN {when} THEN {plain} END"


def hidden(rules: Sequence[AccessRule], columns: Sequence[Column | Worked]) -> str:
    """The names of the columns that the actor may not see in this row."""
    parts = [
        text(column.name) if when == NOTHING else f"CASE WHEN {when} THEN NULL ELSE {text(column.name)} END"
        for column in columns
        if (when := field(rules, "read", column.name)) is not None
    ]
    return f"array_remove(ARRAY[{', '.join(parts)}]::text[], NULL)" if parts else "'{}'::text[]"


def masked(rules: Sequence[AccessRule]) -> str:
    """Whether no rule shows this row unmasked."""
    if not any(rule.masked and "read" in rule.verbs for rule in rules):
        return "FALSE"
    return f"NOT coalesce({rows([rule for rule in rules if not rule.masked], 'read')}, FALSE)"
