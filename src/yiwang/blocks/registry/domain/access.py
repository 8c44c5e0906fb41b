"""Access rules as SQL: which rows, and which fields of them, the actor of the transaction may see or write.

The application's role has no right on the tables themselves. It reads a view that holds the rules, and writes by a
function that checks them on the row before and after. Who acts is told per transaction: `yw.system_roles`,
`yw.purpose`, `yw.case` and the actor's own facts; what is not told is not there, so nothing is seen without it.
"""

from __future__ import annotations

from collections.abc import Sequence

from yiwang.blocks.registry.domain.layout import AccessRule, Column, Worked
from yiwang.blocks.registry.domain.quoting import name, texts

NOTHING = "FALSE"


def condition(rule: AccessRule) -> str:
    """When a rule counts, for the row called `row`."""
    parts = [f"registry_holds({texts(rule.roles)})"]
    if rule.purposes:
        parts.append(f"registry_purpose() = ANY ({texts(rule.purposes)})")
    if rule.open_case:
        parts.append("registry_case() IS NOT NULL")
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
