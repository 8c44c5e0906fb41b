"""Drift of a source against the entry that describes it: what the entry says, and what the table is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from yiwang.blocks.catalogue.domain.resource import (
    GRADES,
    ITEM_TYPES,
    LEVELS,
    ItemDraft,
    ResourceDraft,
)
from yiwang.blocks.catalogue.domain.survey.proposal import item_of
from yiwang.dataplane.census.draft import Item, Resource

DriftKind = Literal[
    "table-gone", "column-gone", "column-new", "type", "length", "nulls", "codes", "grade", "level"
]
GRADE_ORDER = ("general", "personal", "sensitive")
_SHOWN = 5


@dataclass(frozen=True)
class Basis:
    """What a column was when the entry was last held against it. `codes` None: it had no list, or none was kept."""

    column: str
    nullable: bool | None = None
    codes: tuple[str, ...] | None = None
    grade: str = ""
    level: str = ""
    type: str = ""


@dataclass(frozen=True)
class Held:
    """How an entry stands on a table: item by column, and columns that were left out on purpose."""

    items: Mapping[str, Basis] = field(default_factory=dict)
    """By the item's name in answers."""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class EntryDrift:
    """One difference. `item` is what the entry's item would be if it followed the table; None: it would go."""

    kind: DriftKind
    wire: str
    column: str
    zh: str
    en: str
    breaking: bool = False
    item: ItemDraft | None = None


def basis_of(item: Item) -> Basis:
    """A column as it is now."""
    told = item_of(item)
    return Basis(item.column, item.nullable, _codes(item), told.grade, told.level, told.type)


def drifts(entry: Sequence[ItemDraft], held: Held, table: Resource | None) -> tuple[EntryDrift, ...]:
    """What the table is now against what the entry says, items first, then columns that are new.

    A grade is told of when the census now thinks otherwise than it did; that an officer decided against its
    proposal is no drift.
    """
    if table is None:
        return (EntryDrift("table-gone", "", "", "表已不在。", "The table is gone.", breaking=True),)
    columns = {item.column: item for item in table.items}
    found: list[EntryDrift] = []
    for item in entry:
        basis = held.items.get(item.wire)
        if basis is not None:
            found.extend(_of_item(item, basis, columns.get(basis.column)))
    known = {basis.column for basis in held.items.values()} | set(held.left_out)
    for column, seen in columns.items():
        if column not in known:
            new = item_of(seen)
            found.append(
                EntryDrift(
                    "column-new", new.wire, column, f"新增列“{new.title}”（{column}）。",
                    f"There is a new column “{new.title}” ({column}).", item=new,
                )
            )  # fmt: skip
    return tuple(found)


def _of_item(item: ItemDraft, basis: Basis, seen: Item | None) -> Iterator[EntryDrift]:
    if seen is None:
        yield EntryDrift(
            "column-gone", item.wire, basis.column, f"“{item.title}”的列 {basis.column} 已不在。",
            f"The column {basis.column} of “{item.title}” is gone.", breaking=True,
        )  # fmt: skip
        return
    now = item_of(seen)

    def told(kind: DriftKind, zh: str, en: str, after: ItemDraft, *, breaking: bool = False) -> EntryDrift:
        return EntryDrift(
            kind, item.wire, seen.column, f"“{item.title}”{zh}", f"“{item.title}” {en}", breaking, after
        )

    if now.type not in {item.type, basis.type}:
        before, after = ITEM_TYPES[item.type], ITEM_TYPES[now.type]
        yield told(
            "type", f"的类型由{before.zh}变为{after.zh}。",
            f"is {after.en.lower()} now, not {before.en.lower()}.",
            replace(item, type=now.type, check=None if now.type != "text" else item.check), breaking=True,
        )  # fmt: skip
    elif item.type == "text" and item.length and _length_drifted(item, seen):
        yield told(
            "length", f"的长度由 {item.length} 变为 {now.length}。",
            f"is {now.length} characters long now, not {item.length}.", replace(item, length=now.length),
            breaking=now.length < item.length,
        )  # fmt: skip
    if basis.nullable is not None and basis.nullable != seen.nullable:
        zh, en = (
            ("可以为空了。", "may be empty now.")
            if seen.nullable
            else ("不再为空。", "is always filled now.")
        )
        yield told("nulls", zh, en, item, breaking=seen.nullable)
    codes = _codes(seen)
    if basis.codes is not None and codes is not None and set(codes) != set(basis.codes):
        yield _of_codes(item, seen, basis.codes, codes)
    if basis.grade and now.grade not in (basis.grade, item.grade):
        words = GRADES[now.grade]
        yield told(
            "grade", f"现在像是{words.zh}。", f"looks like {words.en.lower()} data now.",
            replace(item, grade=now.grade, mask=now.mask or item.mask),
            breaking=GRADE_ORDER.index(now.grade) > GRADE_ORDER.index(item.grade),
        )  # fmt: skip
    elif basis.level and now.level and now.level not in (basis.level, item.level):
        words = LEVELS[now.level]
        yield told(
            "level", f"的建议级别变为{words.zh}。", f"should be {words.en[0].lower()}{words.en[1:]}.",
            replace(item, level=now.level),
        )  # fmt: skip


def _length_drifted(item: ItemDraft, seen: Item) -> bool:
    """A declared length is compared as it is; one that was only measured matters when values no longer fit."""
    declared = "(" in seen.database_type
    return bool(seen.length) and (seen.length != item.length if declared else seen.length > item.length)


def _of_codes(item: ItemDraft, seen: Item, was: Sequence[str], now: Sequence[str]) -> EntryDrift:
    new, gone = sorted(set(now) - set(was)), sorted(set(was) - set(now))
    zh = "；".join(
        f"{word}{'、'.join(codes[:_SHOWN])}{'等' if len(codes) > _SHOWN else ''}"
        for word, codes in (("新增代码 ", new), ("不再出现 ", gone))
        if codes
    )
    en = "; ".join(
        f"{word}{', '.join(codes[:_SHOWN])}{' …' if len(codes) > _SHOWN else ''}"
        for word, codes in (("new codes ", new), ("no longer there: ", gone))
        if codes
    )
    return EntryDrift(
        "codes", item.wire, seen.column, f"“{item.title}”的代码表变了：{zh}。",
        f"The code list of “{item.title}” changed: {en}.", bool(new), item,
    )  # fmt: skip


def _codes(item: Item) -> tuple[str, ...] | None:
    held = item.code_list
    if held is None or held.withheld or not held.entries:
        return None
    return tuple(entry.code for entry in held.entries)


def revised(draft: ResourceDraft, found: Sequence[EntryDrift]) -> ResourceDraft:
    """The entry with the differences applied; its other words stay as they are."""
    items = {item.wire: item for item in draft.items}
    for one in found:
        if one.kind == "table-gone":
            continue
        if one.kind == "column-gone":
            items.pop(one.wire, None)
        elif one.kind == "column-new" and one.item is not None:
            items.setdefault(one.wire, one.item)
        elif one.item is not None and one.wire in items:
            items[one.wire] = _with(items[one.wire], one.kind, one.item)
    return replace(draft, items=tuple(items.values()))


def _with(item: ItemDraft, kind: DriftKind, after: ItemDraft) -> ItemDraft:
    match kind:
        case "type":
            subject = item.subject if after.type == "text" else None
            length = item.length if after.type == "text" else 0
            return replace(item, type=after.type, check=after.check, subject=subject, length=length)
        case "length":
            return replace(item, length=after.length)
        case "grade":
            return replace(item, grade=after.grade, mask=after.mask)
        case "level":
            return replace(item, level=after.level)
        case _:
            return item


def held_now(held: Held, table: Resource, entry: Sequence[ItemDraft]) -> Held:
    """How the entry stands on the table once its officer has answered the drift: what is there now is known."""
    columns = {item.column: item for item in table.items}
    wires = {item.wire for item in entry}
    items = {
        wire: basis_of(columns[basis.column])
        for wire, basis in held.items.items()
        if wire in wires and basis.column in columns
    }
    for seen in table.items:
        wire = item_of(seen).wire
        if wire in wires and wire not in items:
            items[wire] = basis_of(seen)
    used = {basis.column for basis in items.values()}
    return Held(items, tuple(column for column in columns if column not in used))
