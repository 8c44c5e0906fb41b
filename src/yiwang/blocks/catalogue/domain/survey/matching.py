"""Entries held against the tables of a scan, where nothing or little was kept of how they stand on them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from yiwang.blocks.catalogue.domain.resource import ItemDraft, ResourceDraft
from yiwang.blocks.catalogue.domain.survey.drifting import GRADE_ORDER, Basis, EntryDrift, Held, drifts
from yiwang.blocks.catalogue.domain.survey.proposal import item_of, skipped
from yiwang.dataplane.census.draft import Item, Resource

LEAST_COMMON = 0.6
"""Share of an entry's items that a table must have under their names to be taken for the entry's table."""


@dataclass(frozen=True)
class Stated:
    """An entry as published or exported, with the table it stands on where the catalogue knows that.

    Attributes:
        table: path of the table, or "".
        place: address of the database or name of the file that has the table, or "".
        held: what was kept of its columns.
    """

    code: str
    title: str
    items: tuple[ItemDraft, ...]
    table: str = ""
    place: str = ""
    held: Held | None = None


@dataclass(frozen=True)
class Compared:
    """One entry with the table it was held against, and the differences."""

    entry: Stated
    table: str
    found: tuple[EntryDrift, ...]


@dataclass(frozen=True)
class Comparison:
    """Every entry once: compared, or without a table that could be told; and tables that no entry describes."""

    compared: tuple[Compared, ...]
    apart: tuple[Stated, ...]
    without_entry: tuple[str, ...]


def stated_of(entries: Iterable[tuple[str, ResourceDraft]]) -> tuple[Stated, ...]:
    """Entries (code, draft) of which no table is known; one without a code is called by its title."""
    return tuple(Stated(code or draft.title, draft.title, draft.items) for code, draft in entries)


def compare(
    entries: Sequence[Stated],
    tables: Sequence[Resource],
    *,
    named: Mapping[str, str] | None = None,
    whole: bool = True,
) -> Comparison:
    """Hold each entry against its table.

    Args:
        entries: of one agency.
        tables: what the scan saw.
        named: code → path of the table, as the officer says; it goes before everything else.
        whole: whether the scan looked at everything, so that a table it did not see is gone.
    """
    by_path = {table.table: table for table in tables}
    by_place = {(table.source, table.table): table for table in tables}
    scanned = {table.source for table in tables}
    compared: list[Compared] = []
    apart: list[Stated] = []
    for entry in entries:
        path = (named or {}).get(entry.code, "")
        sure = bool(path) or entry.place in scanned
        if path:
            table = by_path.get(path)
        elif sure:
            table = by_place.get((entry.place, entry.table))
        else:
            table = _likely(entry, tables)
        if table is not None:
            found = drifts(entry.items, _held(entry, table), table)
            compared.append(Compared(entry, table.table, found))
        elif sure and whole:
            compared.append(Compared(entry, path or entry.table, drifts(entry.items, Held(), None)))
        else:
            apart.append(entry)
    described = {one.table for one in compared}
    return Comparison(tuple(compared), tuple(apart), tuple(path for path in by_path if path not in described))


def _likely(entry: Stated, tables: Sequence[Resource]) -> Resource | None:
    """The one table that has most of the entry's items; of several alike that of the same path or title, or none."""
    shares = [(_common(entry.items, table), table) for table in tables]
    best = max((share for share, _ in shares), default=0.0)
    if best < LEAST_COMMON:
        return None
    alike = [table for share, table in shares if share == best]
    if len(alike) > 1:
        alike = [table for table in alike if table.table == entry.table or table.title == entry.title]
    return alike[0] if len(alike) == 1 else None


def _common(items: Collection[ItemDraft], table: Resource) -> float:
    columns = {seen.column.casefold() for seen in table.items}
    return sum(item.wire.casefold() in columns for item in items) / len(items) if items else 0.0


def _held(entry: Stated, table: Resource) -> Held:
    """How the entry stands on the table: as kept, or by the names of its items.

    Where nothing was kept, the entry itself is what the columns are held against. That its officer chose a milder
    grade than the census would is told, a stricter one is not; of columns without an item only passwords and keys
    count as left out on purpose.
    """
    known = entry.held.items if entry.held is not None else {}
    by_name = {seen.column.casefold(): seen for seen in table.items}
    by_column = {seen.column: seen for seen in table.items}
    items: dict[str, Basis] = {}
    for item in entry.items:
        kept = known.get(item.wire)
        column = kept.column if kept is not None else item.wire
        seen = by_column.get(column) or by_name.get(column.casefold())
        if kept is not None and kept.type:
            items[item.wire] = kept
        elif seen is not None:
            items[item.wire] = _as_stated(item, seen)
        else:
            items[item.wire] = Basis(column)
    if entry.held is not None and any(basis.type for basis in known.values()):
        return replace(entry.held, items=items)
    return Held(items, tuple(seen.column for seen in table.items if skipped(seen)))


def _as_stated(item: ItemDraft, seen: Item) -> Basis:
    now = item_of(seen)
    milder = GRADE_ORDER.index(item.grade) < GRADE_ORDER.index(now.grade)
    return Basis(
        seen.column,
        grade=item.grade if milder else "",
        level=item.level if item.level.isdigit() and item.level < now.level else "",
    )
