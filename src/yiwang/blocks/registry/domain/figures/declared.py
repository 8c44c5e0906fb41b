"""An indicator as it is run: compiled from its declaration, stored beside its values."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from yiwang.blocks.registry.domain.labels import Label

Kind = Literal["flow", "stock", "journal", "formula", "waiting"]
Per = Literal["hour", "day", "week", "month", "quarter", "year"]
Counting = Literal["count", "share", "sum", "avg", "min", "max", "median", "p95", "distinct"]
Direction = Literal["up", "down", "neutral"]
History = Literal["none", "versions", "bitemporal"]

ADDITIVE: Final = ("count", "sum", "distinct")
"""Measures of which nothing counted is 0."""
ZONE: Final = "Asia/Shanghai"
"""Periods begin and end in this zone, as the dates of expressions do."""


class Dimension(msgspec.Struct, frozen=True, kw_only=True):
    """What a number is split by.

    Attributes:
        path: as declared, from the row: `level`, `batch.district`.
        kind, argument: type of the field at its end, for the words of its values.
        owner: system of that field, whose code lists count.
        sql, seen: SQL of its value over the tables, and over what a reader may see.
    """

    path: str
    title: Label
    kind: str = "text"
    argument: str = ""
    owner: str = ""
    sql: str = ""
    seen: str = ""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator.

    Attributes:
        kind: `flow` counts what happened in a period, `stock` what there was at its end, `journal` the calls of a
            period, `formula` is worked out of other figures, `waiting` cannot be measured yet.
        why: the reason why it waits.
        where, value, at: SQL over the tables; of its condition, of what is measured, of the instant that puts a row
            into a period. Over the journal `where` is CEL over `call`, empty where every call counts, and `value`
            the condition of a share or the field that is measured.
        seen, seen_at: condition and instant over what a reader may see, for the rows behind a number.
        columns: the columns of the table that expressions may read.
        sets: the groups of dimensions that are stored; always the empty one, the total.
        reads: other tables that its SQL looks into, as (system, entity, history).
        by: the fields that a chart of the rows behind it counts by: what it is split by, then its date.
        timed: its SQL asks for today or now, so that time alone changes it.
        formula, operands: of a formula its text and the figures it reads.
    """

    id: str
    system: str
    title: Label
    kind: Kind
    why: Label = Label("")
    entity: str = ""
    history: History = "none"
    counting: Counting = "count"
    per: Per = "month"
    unit: str = ""
    unit_en: str = ""
    target: float | None = None
    direction: Direction = "neutral"
    law: str = ""
    dimensions: tuple[Dimension, ...] = ()
    by: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sets: tuple[tuple[str, ...], ...] = ((),)
    where: str = "TRUE"
    value: str = ""
    at: str = ""
    seen: str = "TRUE"
    seen_at: str = ""
    reads: tuple[tuple[str, str, History], ...] = ()
    timed: bool = False
    formula: str = ""
    operands: tuple[str, ...] = ()

    @property
    def additive(self) -> bool:
        """Whether nothing counted means zero rather than no value."""
        return self.counting in ADDITIVE

    def dimension(self, path: str) -> Dimension:
        """A dimension by its path. Raises: KeyError."""
        for one in self.dimensions:
            if one.path == path:
                return one
        raise KeyError(path)
