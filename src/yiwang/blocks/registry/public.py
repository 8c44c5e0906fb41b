"""The only door of the registry: declared systems and their records."""

from __future__ import annotations

from yiwang.blocks.registry.actions.applying import Watch, owner_connection
from yiwang.blocks.registry.actions.applying import run as resume_application
from yiwang.blocks.registry.actions.applying import undo as undo_application
from yiwang.blocks.registry.actions.calls import Counted
from yiwang.blocks.registry.actions.exporting import export_records
from yiwang.blocks.registry.actions.figures import count_figures, declare_figures
from yiwang.blocks.registry.actions.file_rows import MOST_PROBLEMS
from yiwang.blocks.registry.actions.holders import end_role, give_role
from yiwang.blocks.registry.actions.listing import Listed, list_entity, listed, unlist_entity
from yiwang.blocks.registry.actions.loading import Loaded, load_records
from yiwang.blocks.registry.actions.readings import note_reading
from yiwang.blocks.registry.actions.records import change_record, create_record, forget_marks, withdraw_record
from yiwang.blocks.registry.actions.releasing import (
    Prepared,
    Release,
    apply_release,
    prepare,
    propose_release,
)
from yiwang.blocks.registry.actions.releasing import in_force as packages_in_force
from yiwang.blocks.registry.actions.resealing import Resealed, ResealWatch, reseal_fields, sealed_values
from yiwang.blocks.registry.actions.stepwise import (
    LoadView,
    forget_loads,
    load_in_steps,
    open_loads,
    take_back_load,
)
from yiwang.blocks.registry.actions.stories.running import run_stories, run_story
from yiwang.blocks.registry.actions.trying import check_records
from yiwang.blocks.registry.api.application import PREFIX as INTERFACE
from yiwang.blocks.registry.api.application import application as interface
from yiwang.blocks.registry.api.openapi import document_of as interface_document
from yiwang.blocks.registry.domain.apply_errors import (
    ApplyBusy,
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
    TableHindered,
    VersionTooLow,
)
from yiwang.blocks.registry.domain.compiled import (
    Check,
    Code,
    Entity,
    Field,
    Kind,
    Part,
    Role,
    Rule,
    Service,
    System,
    Truth,
    View,
    ViewKind,
)
from yiwang.blocks.registry.domain.errors import (
    CellProblem,
    EntityUnknown,
    ExportRefused,
    FieldUnknown,
    FigureUnknown,
    FileRefused,
    FusedElsewhere,
    HeadsUnknown,
    KeyTaken,
    ListBroken,
    LoadDaysDiffer,
    LoadFileDiffers,
    LoadIncomplete,
    LoadNameWrong,
    LoadOfAnother,
    LoadOutdated,
    LoadUnderWay,
    LoadUnknown,
    LoadUnprepared,
    Problem,
    RecordChanged,
    RecordInvalid,
    RecordRefused,
    RecordUnknown,
    RegistryError,
    RepetitionDiffers,
    RoleApart,
    RoleUnknown,
    RowsUnlisted,
    SystemUnknown,
)
from yiwang.blocks.registry.domain.figures.declared import Dimension, Figure
from yiwang.blocks.registry.domain.figures.periods import written as period_written
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.masks import masked_value
from yiwang.blocks.registry.domain.protecting import FINDING
from yiwang.blocks.registry.domain.protecting import PURPOSE as SEALING
from yiwang.blocks.registry.domain.releasing.quality import quality_columns, quality_schema, quality_verdicts
from yiwang.blocks.registry.domain.releasing.roles import Roles
from yiwang.blocks.registry.domain.releasing.sharing import (
    left_out,
    readable_fields,
    served_services,
    share_schema,
    shared_fields,
)
from yiwang.blocks.registry.domain.releasing.steps import PHASES, Step
from yiwang.blocks.registry.domain.standing import Standing
from yiwang.blocks.registry.domain.stories.report import PackageReport, StepReport, StoryReport
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR, Plain, in_force
from yiwang.blocks.registry.queries.entries import entries_behind, mark_after
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
from yiwang.blocks.registry.queries.grouping import CountBy, Group, Grouped, Place, grouped, places
from yiwang.blocks.registry.queries.judging import judged_columns, judged_rows
from yiwang.blocks.registry.queries.listing import Page, Wanted
from yiwang.blocks.registry.queries.quality import OwnTable, own_tables
from yiwang.blocks.registry.queries.reading import Record, Sourced
from yiwang.blocks.registry.queries.readings import ReadingView, readings
from yiwang.blocks.registry.queries.records import by_key, history, record, records
from yiwang.blocks.registry.queries.remarks import Said, remarks, revision
from yiwang.blocks.registry.queries.systems import (
    ApplicationView,
    ChangeView,
    StepView,
    SystemRow,
    applications,
    system_row,
    systems_in_force,
)
from yiwang.blocks.registry.queries.telling import Change, Difference, Origin, changes, origins
from yiwang.blocks.registry.queries.workplaces import (
    Workplace,
    standing_in,
    workplace,
    workplaces,
    works_in_systems,
)
from yiwang.blocks.registry.store.days import local_day
from yiwang.blocks.registry.store.entering import Errand
from yiwang.blocks.registry.store.ledger import Owner
from yiwang.blocks.registry.store.systems import entity_of, system_of

__all__ = [
    "FINDING",
    "INTERFACE",
    "KEY_SEPARATOR",
    "MOST_PROBLEMS",
    "PHASES",
    "SEALING",
    "ApplicationView",
    "ApplyBusy",
    "ApplyError",
    "ApplyRunning",
    "ApplySwitched",
    "ApplyUnfinished",
    "Board",
    "CellProblem",
    "Change",
    "ChangeUnsupported",
    "ChangeView",
    "Check",
    "Code",
    "ConfirmationMissing",
    "CountBy",
    "Counted",
    "Difference",
    "Dimension",
    "Entity",
    "EntityUnknown",
    "Errand",
    "ExportRefused",
    "Field",
    "FieldUnknown",
    "Figure",
    "FigureUnknown",
    "FileRefused",
    "FusedElsewhere",
    "Group",
    "Grouped",
    "HeadsUnknown",
    "KeyTaken",
    "Kind",
    "Label",
    "ListBroken",
    "Listed",
    "LoadDaysDiffer",
    "LoadFileDiffers",
    "LoadIncomplete",
    "LoadNameWrong",
    "LoadOfAnother",
    "LoadOutdated",
    "LoadUnderWay",
    "LoadUnknown",
    "LoadUnprepared",
    "LoadView",
    "Loaded",
    "NothingUnfinished",
    "Number",
    "Origin",
    "OwnTable",
    "Owner",
    "OwnerUnknown",
    "PackageReport",
    "Page",
    "Part",
    "Place",
    "Plain",
    "Prepared",
    "Problem",
    "Reading",
    "ReadingView",
    "Record",
    "RecordChanged",
    "RecordInvalid",
    "RecordRefused",
    "RecordUnknown",
    "RegistryError",
    "Release",
    "RepetitionDiffers",
    "ResealWatch",
    "Resealed",
    "Role",
    "RoleApart",
    "RoleUnknown",
    "Roles",
    "RowsUnlisted",
    "Rule",
    "Said",
    "Service",
    "Sourced",
    "Standing",
    "Step",
    "StepFailed",
    "StepReport",
    "StepView",
    "StoriesFailed",
    "StoryReport",
    "System",
    "SystemDrifted",
    "SystemOfAnother",
    "SystemRow",
    "SystemUnknown",
    "TableHindered",
    "Truth",
    "VersionTooLow",
    "View",
    "ViewKind",
    "Wanted",
    "Watch",
    "Workplace",
    "applications",
    "apply_release",
    "boards",
    "by_key",
    "change_record",
    "changes",
    "check_records",
    "count_figures",
    "create_record",
    "declare_figures",
    "end_role",
    "entity_of",
    "entries_behind",
    "export_records",
    "forget_loads",
    "forget_marks",
    "give_role",
    "grouped",
    "history",
    "in_force",
    "interface",
    "interface_document",
    "judged_columns",
    "judged_rows",
    "left_out",
    "list_entity",
    "listed",
    "load_in_steps",
    "load_records",
    "local_day",
    "mark_after",
    "masked_value",
    "note_reading",
    "number",
    "open_loads",
    "origins",
    "own_tables",
    "owner_connection",
    "packages_in_force",
    "period_written",
    "places",
    "prepare",
    "propose_release",
    "purposes_for",
    "quality_columns",
    "quality_schema",
    "quality_verdicts",
    "readable_fields",
    "reading",
    "readings",
    "record",
    "records",
    "remarks",
    "reseal_fields",
    "resume_application",
    "revision",
    "rows_behind",
    "run_stories",
    "run_story",
    "sealed_values",
    "sees_figures",
    "served_services",
    "share_schema",
    "shared_fields",
    "split",
    "standing_in",
    "system_of",
    "system_row",
    "systems_in_force",
    "take_back_load",
    "undo_application",
    "unlist_entity",
    "withdraw_record",
    "workplace",
    "workplaces",
    "works_in_systems",
]
