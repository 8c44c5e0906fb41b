"""The only door of the registry: declared systems and their records."""

from __future__ import annotations

from yiwang.blocks.registry.actions.applying import Watch, owner_connection
from yiwang.blocks.registry.actions.applying import run as resume_application
from yiwang.blocks.registry.actions.applying import undo as undo_application
from yiwang.blocks.registry.actions.figures import (
    Counted,
    count_figures,
    declare_figures,
)
from yiwang.blocks.registry.actions.listing import Listed, list_entity, listed, unlist_entity
from yiwang.blocks.registry.actions.records import change_record, create_record, withdraw_record
from yiwang.blocks.registry.actions.releasing import Prepared, Release, Roles, apply_release, prepare
from yiwang.blocks.registry.actions.releasing import in_force as packages_in_force
from yiwang.blocks.registry.actions.stories.running import run_stories, run_story
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
from yiwang.blocks.registry.domain.figures.declared import Dimension, Figure
from yiwang.blocks.registry.domain.figures.periods import written as period_written
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.releasing.sharing import left_out, share_schema, shared_fields
from yiwang.blocks.registry.domain.releasing.steps import PHASES, Step
from yiwang.blocks.registry.domain.stories.report import PackageReport, StepReport, StoryReport
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
from yiwang.blocks.registry.store.ledger import Owner
from yiwang.blocks.registry.store.systems import entity_of, system_of

__all__ = [
    "PHASES",
    "ApplyError",
    "ApplyRunning",
    "ApplySwitched",
    "ApplyUnfinished",
    "Board",
    "ChangeUnsupported",
    "Check",
    "Code",
    "ConfirmationMissing",
    "Counted",
    "Dimension",
    "Entity",
    "EntityUnknown",
    "Errand",
    "Field",
    "FieldUnknown",
    "Figure",
    "FigureUnknown",
    "FusedElsewhere",
    "Indicator",
    "KeyTaken",
    "Label",
    "ListBroken",
    "Listed",
    "NothingUnfinished",
    "Number",
    "Owner",
    "OwnerUnknown",
    "PackageReport",
    "Page",
    "Part",
    "Plain",
    "Prepared",
    "Problem",
    "Reading",
    "Record",
    "RecordInvalid",
    "RecordRefused",
    "RecordUnknown",
    "RegistryError",
    "Release",
    "Role",
    "Roles",
    "RowsUnlisted",
    "Rule",
    "Service",
    "Step",
    "StepFailed",
    "StepReport",
    "StoriesFailed",
    "StoryReport",
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
    "boards",
    "by_key",
    "change_record",
    "count_figures",
    "create_record",
    "declare_figures",
    "entity_of",
    "history",
    "left_out",
    "list_entity",
    "listed",
    "number",
    "owner_connection",
    "packages_in_force",
    "period_written",
    "prepare",
    "purposes_for",
    "reading",
    "record",
    "records",
    "resume_application",
    "rows_behind",
    "run_stories",
    "run_story",
    "sees_figures",
    "share_schema",
    "shared_fields",
    "split",
    "system_of",
    "undo_application",
    "unlist_entity",
    "use_key_provider",
    "withdraw_record",
]  # fmt: skip
