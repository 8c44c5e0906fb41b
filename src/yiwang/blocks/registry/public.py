"""The only door of the registry: declared systems and their records."""

from __future__ import annotations

from yiwang.blocks.registry.actions.applying import Watch, owner_connection
from yiwang.blocks.registry.actions.applying import run as resume_application
from yiwang.blocks.registry.actions.applying import undo as undo_application
from yiwang.blocks.registry.actions.records import change_record, create_record, withdraw_record
from yiwang.blocks.registry.actions.releasing import Prepared, Release, Roles, apply_release, prepare
from yiwang.blocks.registry.actions.releasing import in_force as packages_in_force
from yiwang.blocks.registry.domain.apply_errors import (
    ApplyError,
    ApplyRunning,
    ApplySwitched,
    ApplyUnfinished,
    ChangeUnsupported,
    ConfirmationMissing,
    NothingUnfinished,
    OwnerUnknown,
    StepFailed,
    StoriesFailed,
    SystemDrifted,
    SystemOfAnother,
    VersionTooLow,
)
from yiwang.blocks.registry.domain.compiled import (
    Check,
    Code,
    Entity,
    Field,
    Indicator,
    Label,
    Part,
    Role,
    Rule,
    Service,
    System,
    Truth,
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
    SystemUnknown,
)
from yiwang.blocks.registry.domain.releasing.steps import PHASES, Step
from yiwang.blocks.registry.domain.values import Plain
from yiwang.blocks.registry.queries.reading import Record
from yiwang.blocks.registry.queries.records import Page, Wanted, by_key, history, record, records
from yiwang.blocks.registry.store.entering import Errand
from yiwang.blocks.registry.store.keys import use_key_provider
from yiwang.blocks.registry.store.ledger import Owner
from yiwang.blocks.registry.store.systems import entity_of, system_of

__all__ = [
    "PHASES",
    "ApplyError",
    "ApplyRunning",
    "ApplySwitched",
    "ApplyUnfinished",
    "ChangeUnsupported",
    "Check",
    "Code",
    "ConfirmationMissing",
    "Entity",
    "EntityUnknown",
    "Errand",
    "Field",
    "FieldUnknown",
    "FusedElsewhere",
    "Indicator",
    "KeyTaken",
    "Label",
    "ListBroken",
    "NothingUnfinished",
    "Owner",
    "OwnerUnknown",
    "Page",
    "Part",
    "Plain",
    "Prepared",
    "Problem",
    "Record",
    "RecordInvalid",
    "RecordRefused",
    "RecordUnknown",
    "RegistryError",
    "Release",
    "Role",
    "Roles",
    "Rule",
    "Service",
    "Step",
    "StepFailed",
    "StoriesFailed",
    "System",
    "SystemDrifted",
    "SystemOfAnother",
    "SystemUnknown",
    "Truth",
    "VersionTooLow",
    "View",
    "Wanted",
    "Watch",
    "apply_release",
    "by_key",
    "change_record",
    "create_record",
    "entity_of",
    "history",
    "owner_connection",
    "packages_in_force",
    "prepare",
    "record",
    "records",
    "resume_application",
    "system_of",
    "undo_application",
    "use_key_provider",
    "withdraw_record",
]  # fmt: skip
