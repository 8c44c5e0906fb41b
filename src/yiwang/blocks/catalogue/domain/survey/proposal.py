"""From a table that the census looked at to the entry it proposes, with what the officer corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from yiwang.blocks.catalogue.domain.resource import (
    Check,
    Grade,
    ItemDraft,
    ItemType,
    Level,
    ResourceDraft,
    ShareType,
    Subject,
    Volumes,
)
from yiwang.dataplane.census.draft import Item, Resource
from yiwang.dataplane.census.source import Letter
from yiwang.dataplane.census.terms import Protection

TYPES: dict[Letter, ItemType] = {
    "C": "text", "M": "text", "N": "decimal", "Y": "decimal", "B": "decimal", "F": "decimal", "I": "integer",
    "D": "date", "T": "datetime", "L": "boolean", "G": "binary",
}  # fmt: skip
_GRADES: dict[Protection, Grade] = {
    "general": "general", "internal": "general", "personal": "personal", "sensitive": "sensitive",
    "secret": "sensitive",
}  # fmt: skip
_LEVELS: dict[int, Level] = {1: "1", 2: "2", 3: "3", 4: "4"}
_MASKS = {
    "resident_id": "id_number", "mobile": "phone", "phone": "phone", "contact_phone": "phone", "home_phone": "phone",
    "email": "email", "bank_account": "bank_account", "address": "address", "home_address": "address",
}  # fmt: skip
_SUBJECTS: dict[str, tuple[Subject, Check]] = {
    "resident_id": ("person", "resident_id"), "uscc": ("organisation", "uscc"),
}  # fmt: skip
_LONGEST_NAME = 200
_LONGEST_WIRE = 100


@dataclass(frozen=True)
class ColumnChoice:
    """What the officer made of a proposed item; "" and None leave the proposal as it is."""

    skip: bool | None = None
    title: str = ""
    type: ItemType | None = None
    length: int | None = None
    grade: Grade | None = None
    level: Level | None = None


@dataclass(frozen=True)
class TableChoice:
    """What the officer made of a proposed entry; `entry` is the code of what it became."""

    skip: bool = False
    title: str = ""
    entry: str = ""
    columns: Mapping[str, ColumnChoice] = field(default_factory=dict)


@dataclass(frozen=True)
class EntryTerms:
    """What no table can say, given once for all tables that become entries together."""

    classification: str
    share_type: ShareType = "conditional"
    share_condition: str = ""
    share_basis: str = ""
    duty: str = ""
    office: str = ""


NOTHING_CHOSEN = TableChoice()
_LEFT = ColumnChoice()


def item_of(item: Item, choice: ColumnChoice = _LEFT) -> ItemDraft:
    """The item that a column proposes; its name in answers is that of the column."""
    kind = choice.type or TYPES[item.letter]
    subject, check = _SUBJECTS.get(item.concept, (None, None)) if kind == "text" else (None, None)
    grade = choice.grade or _GRADES[item.protection]
    hides = grade == "sensitive" or item.concept == "resident_id"
    mask = _MASKS.get(item.concept) if kind == "text" and grade != "general" else None
    listed = item.code_list
    return ItemDraft(
        wire=item.column.strip()[:_LONGEST_WIRE],
        title=(choice.title or item.title or item.column)[:_LONGEST_NAME],
        type=kind,
        length=choice.length if choice.length is not None else (item.length if kind == "text" else 0),
        grade=grade,
        subject=subject,
        check=check,
        mask=mask or ("hidden" if hides else None),
        level=choice.level or _LEVELS.get(item.level, ""),
        element=(listed.standard if listed is not None else "")[:100],
    )


def skipped(item: Item, choice: ColumnChoice = _LEFT) -> bool:
    """Whether a column stays out of the entry: as the officer said; of themselves only passwords and keys do."""
    return choice.skip if choice.skip is not None else item.protection == "secret"


def entry_of(table: Resource, choice: TableChoice, terms: EntryTerms) -> ResourceDraft:
    """The entry that a table proposes, as the officer corrected it and on the terms given."""
    taken = [(item, choice.columns.get(item.column, _LEFT)) for item in table.items]
    rows = max(table.rows, 0)
    return ResourceDraft(
        title=(choice.title or table.title)[:_LONGEST_NAME],
        classification=terms.classification,
        summary=table.summary.zh,
        summary_en=table.summary.en,
        items=tuple(item_of(item, kept) for item, kept in taken if not skipped(item, kept)),
        share_type=terms.share_type,
        share_condition=terms.share_condition,
        share_basis=terms.share_basis,
        update_cycle=table.cycle,
        format_class="database" if table.format_class == "数据库" else "spreadsheet",
        format_type=table.format_type[:100],
        share_channel="" if terms.share_type == "none" else "platform",
        share_ways=() if terms.share_type == "none" else ("database",) if table.format_class == "数据库" else ("file",),
        duty=terms.duty,
        office=terms.office,
        volumes=_volumes(rows, table.size),
    )  # fmt: skip


def _volumes(rows: int, size: int) -> Volumes:
    stored = (Decimal(size) / (1 << 30)).quantize(Decimal("0.001"))
    return Volumes(stored=stored, records=(Decimal(rows) / 10_000).quantize(Decimal("0.0001")))
