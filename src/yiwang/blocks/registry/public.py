"""The only door of the registry: declared systems and their records."""

from __future__ import annotations

from yiwang.blocks.registry.actions.readings import note_reading
from yiwang.blocks.registry.actions.records import change_record, create_record, withdraw_record
from yiwang.blocks.registry.domain.compiled import (
    Code,
    Entity,
    Field,
    Kind,
    Label,
    Part,
    Role,
    Rule,
    Service,
    System,
    View,
    ViewKind,
)
from yiwang.blocks.registry.domain.errors import (
    EntityUnknown,
    FieldUnknown,
    FusedElsewhere,
    KeyTaken,
    ListBroken,
    Problem,
    RecordChanged,
    RecordInvalid,
    RecordRefused,
    RecordUnknown,
    RegistryError,
    SystemUnknown,
)
from yiwang.blocks.registry.domain.masks import masked_value
from yiwang.blocks.registry.domain.standing import Standing
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR, Plain, in_force
from yiwang.blocks.registry.queries.figures import Group, Grouped, Place, Step, grouped, places
from yiwang.blocks.registry.queries.reading import Record, Sourced
from yiwang.blocks.registry.queries.readings import ReadingView, readings
from yiwang.blocks.registry.queries.records import Page, Wanted, by_key, history, record, records
from yiwang.blocks.registry.queries.remarks import Said, remarks, revision
from yiwang.blocks.registry.queries.systems import (
    Workplace,
    standing_in,
    workplace,
    workplaces,
    works_in_systems,
)
from yiwang.blocks.registry.queries.telling import Change, Difference, Origin, changes, origins
from yiwang.blocks.registry.store.days import local_day
from yiwang.blocks.registry.store.entering import Errand
from yiwang.blocks.registry.store.keys import use_key_provider
from yiwang.blocks.registry.store.systems import entity_of, system_of

__all__ = [
    "KEY_SEPARATOR", "Change", "Code", "Difference", "Entity", "EntityUnknown", "Errand", "Field",
    "FieldUnknown", "FusedElsewhere", "Group", "Grouped", "KeyTaken", "Kind", "Label", "ListBroken",
    "Origin", "Page", "Part", "Place", "Plain", "Problem", "ReadingView", "Record", "RecordChanged",
    "RecordInvalid", "RecordRefused", "RecordUnknown", "RegistryError", "Role", "Rule", "Said", "Service",
    "Sourced", "Standing", "Step", "System", "SystemUnknown", "View", "ViewKind", "Wanted", "Workplace", "by_key",
    "change_record", "changes", "create_record", "entity_of", "grouped", "history", "in_force", "local_day",
    "masked_value", "note_reading", "origins", "places", "readings", "record", "records", "remarks",
    "revision", "standing_in", "system_of", "use_key_provider", "withdraw_record", "workplace",
    "workplaces", "works_in_systems",
]  # fmt: skip
