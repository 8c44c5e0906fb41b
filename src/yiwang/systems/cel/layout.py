"""Where records live, for the SQL of expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from yiwang.systems.model.entities import Entity, Field

Dialect = Literal["postgresql", "duckdb"]


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(value: str) -> str:
    """An SQL text constant; safe whatever `standard_conforming_strings` says. NUL, which no text can hold, is dropped."""
    escaped = value.replace("\0", "").replace("'", "''")
    return (
        f"'{escaped}'"
        if "\\" not in escaped
        else " || CHR(92) || ".join(f"'{p}'" for p in escaped.split("\\")).join("()")
    )


def reference_columns(field: Field, target: Entity) -> tuple[str, ...]:
    """The columns that hold a reference: the field itself, or one for each key of the target (`field__key`)."""
    if len(target.key) == 1:
        return (field.id,)
    return tuple(f"{field.id}__{key}" for key in target.key)


@dataclass(frozen=True, slots=True)
class Layout:
    """Names of tables and the condition on rows that count.

    Attributes:
        dialect: of the SQL.
        schema: pattern of the schema, `{system}` replaced; empty: no schema.
        current: condition with `{alias}` that picks the beliefs that hold now; empty: all rows.
        dated: the same for tables that say about which days each belief is; empty: as `current`.
        created, changed: the columns behind the fields that every row has.
    """

    dialect: Dialect = "postgresql"
    schema: str = "sys_{system}"
    current: str = ""
    dated: str = ""
    created: str = "created"
    changed: str = "changed"

    def table(self, system: str, entity: str) -> str:
        """The table of an entity."""
        schema = self.schema.format(system=system)
        return f"{quoted(schema)}.{quoted(entity)}" if schema else quoted(entity)

    def counts(self, alias: str, entity: Entity) -> str:
        """The condition on rows of a joined table, with its AND; empty where all count."""
        condition = (self.dated if entity.history == "bitemporal" else "") or self.current
        return f" AND {condition.format(alias=alias)}" if condition else ""

    def built_in(self, field: str) -> str:
        """The column of a field that every row has without declaring it."""
        return {"created": self.created, "changed": self.changed}.get(field, field)
