"""The only door of the registry: declared systems and their records."""

from __future__ import annotations

from yiwang.blocks.registry.actions.records import Once, change_record, create_record, withdraw_record
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
    FusedElsewhere,
    KeyTaken,
    ListBroken,
    Problem,
    RecordInvalid,
    RecordRefused,
    RecordUnknown,
    RegistryError,
    RepetitionDiffers,
    SystemUnknown,
)
from yiwang.blocks.registry.domain.values import Plain
from yiwang.blocks.registry.queries.listing import Page, Wanted
from yiwang.blocks.registry.queries.reading import Record
from yiwang.blocks.registry.queries.records import Reading, by_key, history, readers, record, records
from yiwang.blocks.registry.store.entering import Errand
from yiwang.blocks.registry.store.keys import use_key_provider
from yiwang.blocks.registry.store.systems import entity_of, system_of

__all__ = [
    "Code", "Entity", "EntityUnknown", "Errand", "Field", "FieldUnknown", "FusedElsewhere", "KeyTaken", "Label",
    "ListBroken", "Once", "Page", "Part", "Plain", "Problem", "Reading", "Record", "RecordInvalid", "RecordRefused", "RecordUnknown",
    "RegistryError", "RepetitionDiffers", "Role", "Rule", "Service", "System", "SystemUnknown", "View", "Wanted", "by_key", "change_record",
    "create_record", "entity_of", "history", "readers", "record", "records", "system_of", "use_key_provider", "withdraw_record",
]  # fmt: skip
