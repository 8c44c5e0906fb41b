"""The only door of the registry: declared systems and their records."""

from __future__ import annotations

from yiwang.blocks.registry.actions.figures import (
    Counted,
    count_figures,
    declare_figures,
    dropped_figures,
    figure_statements,
)
from yiwang.blocks.registry.actions.records import change_record, create_record, withdraw_record
from yiwang.blocks.registry.domain.compiled import (
    Code,
    Entity,
    Field,
    Label,
    Part,
    Role,
    Rule,
    Service,
    System,
    View,
)
from yiwang.blocks.registry.domain.errors import (
    EntityUnknown,
    FieldUnknown,
    FigureUnknown,
    FusedElsewhere,
    KeyTaken,
    ListBroken,
    Problem,
    RecordInvalid,
    RecordRefused,
    RecordUnknown,
    RegistryError,
    RowsUnlisted,
    SystemUnknown,
)
from yiwang.blocks.registry.domain.figures.compiling import compile_figures
from yiwang.blocks.registry.domain.figures.declared import Dimension, Figure
from yiwang.blocks.registry.domain.figures.periods import written as period_written
from yiwang.blocks.registry.domain.values import Plain
from yiwang.blocks.registry.queries.figures import (
    Board,
    Number,
    Reading,
    boards,
    number,
    purposes_for,
    reading,
    rows_behind,
    sees_figures,
    split,
)
from yiwang.blocks.registry.queries.reading import Record
from yiwang.blocks.registry.queries.records import Page, Wanted, by_key, history, record, records
from yiwang.blocks.registry.store.entering import Errand
from yiwang.blocks.registry.store.keys import use_key_provider
from yiwang.blocks.registry.store.systems import entity_of, system_of

__all__ = [
    "Board", "Code", "Counted", "Dimension", "Entity", "EntityUnknown", "Errand", "Field", "FieldUnknown",
    "Figure", "FigureUnknown", "FusedElsewhere", "KeyTaken", "Label", "ListBroken", "Number", "Page", "Part",
    "Plain", "Problem", "Reading", "Record", "RecordInvalid", "RecordRefused", "RecordUnknown", "RegistryError",
    "Role", "RowsUnlisted", "Rule", "Service", "System", "SystemUnknown", "View", "Wanted", "boards", "by_key",
    "change_record", "compile_figures", "count_figures", "create_record", "declare_figures", "dropped_figures",
    "entity_of", "figure_statements", "history", "number", "period_written", "purposes_for", "reading", "record",
    "records", "rows_behind", "sees_figures", "split", "system_of", "use_key_provider", "withdraw_record",
]  # fmt: skip
