"""Access rules as SQL: which rows, and which fields of them, the actor of the transaction may see or write.

The application's role has no right on the tables themselves. It reads a view that holds the rules, and writes by a
function that checks them on the row before and after. Who acts is told per transaction: `yw.system_roles`,
`yw.purpose`, `yw.case` and the actor's own facts; what is not told is not there, so nothing is seen without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from yiwang.blocks.registry.domain.layout import LOOKUP, AccessRule, Column, Worked
from yiwang.blocks.registry.domain.quoting import name, text, texts
from yiwang.dataplane.masking_sql import masked as masked_text

NOTHING = "FALSE"
ALWAYS = "TRUE"


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


Arm = Literal["all", "open", "covered"]
"""Rows of a view: of a table whose rules mask nothing all, else those that an open rule shows, and the others.

Apart, a value that is looked for is found by the index of its column: in the open rows it is the column itself.
"""


def arms(rules: Sequence[AccessRule]) -> list[tuple[Arm, str]]:
    """The parts of a view and the condition of each."""
    every = rows(rules, "read")
    if not any(rule.masked and "read" in rule.verbs for rule in rules):
        return [("all", every)]
    plainly = rows(_open(rules), "read")
    return [
        ("open", plainly),
        ("covered", f"NOT coalesce({plainly}, FALSE) AND ({rows(_covered(rules), 'read')})"),
    ]


def value(rules: Sequence[AccessRule], column: Column | Worked, arm: Arm) -> str:
    """The column as a part of the view gives it: its value, the value behind its mask, or NULL."""
    plain = column.expression if isinstance(column, Worked) else f"{name('row')}.{name(column.name)}"
    return _shown(rules, column, arm, plain, _behind(column, plain))


def digest(rules: Sequence[AccessRule], column: Column, arm: Arm) -> str:
    """The digest of an encrypted column, by which it is found: nothing where only its mask is shown."""
    plain = f"{name('row')}.{name(LOOKUP + column.name)}"
    return _shown(rules, Column(column.name, "bytea"), arm, plain, "NULL::bytea" if column.mask else plain)


def hidden(rules: Sequence[AccessRule], columns: Sequence[Column | Worked], arm: Arm) -> str:
    """The names of the columns that the actor may not see in this row."""
    counting = _covered(rules) if arm == "covered" else rules
    return _names((c.name, when) for c in columns if (when := _unless(field(counting, "read", c.name))))


def masked(rules: Sequence[AccessRule], columns: Sequence[Column | Worked], arm: Arm) -> str:
    """The names of the columns that hold a value which only masked rules show."""
    found = []
    for column in columns:
        if arm == "all" or isinstance(column, Worked) or not column.mask:
            continue
        parts = [f"{name('row')}.{name(column.name)} IS NOT NULL"]
        if arm == "open":
            covered = _unless(field(_open(rules), "read", column.name))
            if not covered:
                continue
            parts.append(covered)
        when = field(_covered(rules) if arm == "covered" else rules, "read", column.name)
        if when is not None:
            parts.append(f"coalesce({when}, FALSE)")
        found.append((column.name, " AND ".join(parts)))
    return _names(found)


def _shown(rules: Sequence[AccessRule], column: Column | Worked, arm: Arm, plain: str, behind: str) -> str:
    every = field(_covered(rules) if arm == "covered" else rules, "read", column.name)
    if every == NOTHING:
        return f"NULL::{column.sql}"
    if arm == "covered":
        return behind if every is None else f"CASE WHEN {every} THEN {behind} END"
    plainly = field(_open(rules), "read", column.name) if arm == "open" else every
    if plainly is None:
        return plain
    if plainly == every or behind == plain:
        return plain if every is None else f"CASE WHEN {every} THEN {plain} END"
    rest = f" ELSE {behind}" if every is None else f" WHEN {every} THEN {behind}"
    return f"CASE WHEN {plainly} THEN {plain}{rest} END"


def _behind(column: Column | Worked, plain: str) -> str:
    """A value behind its mask. What is sealed stays so; what has no mask is shown by a masked rule as by any."""
    if isinstance(column, Worked) or not column.mask or column.encrypted:
        return plain
    return masked_text(column.mask, plain) if column.sql == "text" else f"NULL::{column.sql}"


def _names(found: Iterable[tuple[str, str]]) -> str:
    parts = [text(one) if when == ALWAYS else f"CASE WHEN {when} THEN {text(one)} END" for one, when in found]
    return f"array_remove(ARRAY[{', '.join(parts)}]::text[], NULL)" if parts else "'{}'::text[]"


def _unless(when: str | None) -> str:
    """The opposite of a condition of `field`; empty: never."""
    return "" if when is None else ALWAYS if when == NOTHING else f"NOT coalesce({when}, FALSE)"


def _open(rules: Sequence[AccessRule]) -> list[AccessRule]:
    return [rule for rule in rules if not rule.masked]


def _covered(rules: Sequence[AccessRule]) -> list[AccessRule]:
    return [rule for rule in rules if rule.masked]
