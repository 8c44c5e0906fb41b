"""The only door of the registry: declared systems and their records."""

from __future__ import annotations

from yiwang.blocks.registry.actions.applying import Watch, owner_connection
from yiwang.blocks.registry.actions.applying import run as resume_application
from yiwang.blocks.registry.actions.applying import undo as undo_application
from yiwang.blocks.registry.actions.holders import end_role, give_role
from yiwang.blocks.registry.actions.listing import Listed, list_entity, listed, unlist_entity
from yiwang.blocks.registry.actions.records import change_record, create_record, withdraw_record
from yiwang.blocks.registry.actions.releasing import (
    Prepared,
    Release,
    Roles,
    apply_release,
    prepare,
    propose_release,
)
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
    RoleApart,
    RoleUnknown,
    SystemUnknown,
)
from yiwang.blocks.registry.domain.releasing.sharing import left_out, share_schema, shared_fields
from yiwang.blocks.registry.domain.releasing.steps import PHASES, Step
from yiwang.blocks.registry.domain.values import Plain
from yiwang.blocks.registry.queries.reading import Record
from yiwang.blocks.registry.queries.records import Page, Wanted, by_key, history, record, records
from yiwang.blocks.registry.queries.systems import (
    ApplicationView,
    ChangeView,
    StepView,
    SystemRow,
    applications,
    system_row,
    systems_in_force,
)
from yiwang.blocks.registry.store.entering import Errand
from yiwang.blocks.registry.store.keys import use_key_provider
from yiwang.blocks.registry.store.ledger import Owner
from yiwang.blocks.registry.store.systems import entity_of, system_of

__all__ = [
    "PHASES",
    "ApplicationView",
    "ApplyError",
    "ApplyRunning",
    "ApplySwitched",
    "ApplyUnfinished",
    "ChangeUnsupported",
    "ChangeView",
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
    "Listed",
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
    "RoleApart",
    "RoleUnknown",
    "Roles",
    "Rule",
    "Service",
    "Step",
    "StepFailed",
    "StepView",
    "StoriesFailed",
    "System",
    "SystemDrifted",
    "SystemOfAnother",
    "SystemRow",
    "SystemUnknown",
    "Truth",
    "VersionTooLow",
    "View",
    "Wanted",
    "Watch",
    "applications",
    "apply_release",
    "by_key",
    "change_record",
    "create_record",
    "end_role",
    "entity_of",
    "give_role",
    "history",
    "left_out",
    "list_entity",
    "listed",
    "owner_connection",
    "packages_in_force",
    "prepare",
    "propose_release",
    "record",
    "records",
    "resume_application",
    "share_schema",
    "shared_fields",
    "system_of",
    "system_row",
    "systems_in_force",
    "undo_application",
    "unlist_entity",
    "use_key_provider",
    "withdraw_record",
]  # fmt: skip
