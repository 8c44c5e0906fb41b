"""Cells to entries: every defect is found at once, each at its cell, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from yiwang.blocks.catalogue.domain.census.columns import Column
from yiwang.blocks.catalogue.domain.census.defects import Defect, defect
from yiwang.blocks.catalogue.domain.census.heads import census_sheet, heads
from yiwang.blocks.catalogue.domain.census.values import Read, empty, value_of
from yiwang.blocks.catalogue.domain.resource import ResourceDraft
from yiwang.blocks.catalogue.domain.rules import problems
from yiwang.dataplane.spreadsheets.cells import Sheet

_HEAD = ("title", "code")
_CLASS = ("class.1", "class.2", "class.3", "class.4")
_FALLBACK: dict[str, Read] = {
    "share_type": "conditional", "open": "0", "update_cycle": "irregular", "items.type": "text",
    "grade": "general", "items.grade": "general",
}  # fmt: skip
# a cell that could not be read makes these rules say nothing: they would only repeat it
_FOLLOWS = {
    "share_type": ("share_condition", "share_basis", "share_ways", "share_type", "open", "items.level"),
    "share_channel": ("share_ways",), "share_ways": ("share_ways",), "open": ("open_condition", "items.level"),
    "items.type": ("items.check",), "items.subject": ("items.check",), "items.check": ("items.check",),
    "class": ("classification", "share_type"), "share_condition": ("share_condition", "share_basis"),
}  # fmt: skip


@dataclass(frozen=True)
class Holdings:
    """What the importing agency has: its codes with their titles, and the classes in force (code → name)."""

    agency: str
    titles: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CensusEntry:
    """One entry of the sheet; `code` is "" for a new one, `row` and `column` are where it is named."""

    row: int
    column: int
    code: str
    draft: ResourceDraft


@dataclass(frozen=True)
class Census:
    """A sheet as read. `entries` are those without a defect of their own."""

    sheet: str
    entries: tuple[CensusEntry, ...]
    defects: tuple[Defect, ...]


def read_census(sheets: Iterable[Sheet], holdings: Holdings) -> Census:
    """Entries and defects of a workbook, in the order of the sheet."""
    sheet, found = census_sheet(sheets)
    if sheet is None:
        return Census("", (), tuple(found))
    row, columns, wrong = heads(sheet)
    found += wrong
    if wrong or not row:
        return Census(sheet.name, (), tuple(sorted(found)))
    reader = _Reader(sheet, row, columns, holdings)
    reader.read()
    return Census(sheet.name, tuple(reader.entries), tuple(sorted([*found, *reader.defects])))


@dataclass
class _Open:
    """The entry being read: its first row, its values, its items by row."""

    row: int
    values: dict[str, Read]
    bad: set[str]
    items: list[tuple[int, dict[str, Read], set[str]]] = field(default_factory=list)


class _Reader:
    def __init__(self, sheet: Sheet, head: int, columns: dict[int, Column], holdings: Holdings) -> None:
        self.sheet, self.head, self.holdings = sheet, head, holdings
        self.columns = columns
        self.numbers = {column.where: number for number, column in columns.items()}
        self.defects: list[Defect] = []
        self.entries: list[CensusEntry] = []
        self.codes: dict[str, int] = {}
        self.titles: dict[str, int] = {}
        self.starts: list[int] = []
        self.at: _Open | None = None
        self.clean = True

    def read(self) -> None:
        for row in sorted(number for number in self.sheet.rows if number > self.head):
            if any(number in self.columns for number in self.sheet.rows[row]):
                self.line(row)
        self.close()
        self.merges()
        named = {entry.code for entry in self.entries}
        by_title = {title: code for code, title in self.holdings.titles.items()}
        kept = []
        for entry in self.entries:
            other = by_title.get(entry.draft.title)
            if other is not None and other != entry.code and other not in named:
                self.flag("title-taken", entry.row, "title", title=entry.draft.title[:60], code=other)
            else:
                kept.append(entry)
        self.entries = kept

    def line(self, row: int) -> None:
        values: dict[str, Read] = {}
        bad: set[str] = set()
        for number, column in self.columns.items():
            got = value_of(self.sheet.cell(row, number), column, self.sheet.name)
            if isinstance(got, Defect):
                self.defects.append(got)
                bad.add(column.where)
                got = _FALLBACK.get(column.where, empty(column))
            values[column.where] = got
        about = [c for c in self.columns.values() if not c.of_item and self.filled(row, c)]
        if self.starts_entry(values, bad, about):
            self.close()
            self.clean = not bad
            self.at = _Open(row, values, bad)
            self.starts.append(row)
        elif self.at is not None:
            self.clean = self.clean and not bad
            for column in about:
                known = column.where not in bad and column.where not in self.at.bad
                if known and values[column.where] != self.at.values[column.where]:
                    self.flag("differs", row, column.where, name=column.name)
        item_filled = any(c.of_item and self.filled(row, c) for c in self.columns.values())
        if self.at is None:
            self.flag("orphan", row, "items.title")
        elif item_filled:
            self.at.items.append((row, values, bad))

    def starts_entry(self, values: dict[str, Read], bad: set[str], about: list[Column]) -> bool:
        if not about:
            return False
        if self.at is None:
            return True
        # a cell of the head that cannot be read, or a class in a row that repeats nothing, begins an entry too
        if any(where in bad for where in _HEAD) or any(
            values.get(where) and values.get(where) != self.at.values.get(where) for where in _HEAD
        ):
            return True
        repeats = any(values.get(where) for where in _HEAD)
        wheres = {column.where for column in about}
        return not repeats and bool(wheres & {"class.1", "summary"}) and len(wheres) > 3

    def filled(self, row: int, column: Column) -> bool:
        cell = self.sheet.cell(row, self.numbers[column.where])
        return cell is not None and (cell.kind != "value" or str(cell.value).strip() != "")

    def flag(self, kind: str, row: int, where: str, **facts: object) -> None:
        number = self.numbers.get(where, 0) or self.numbers["title"]
        self.defects.append(defect(kind, self.sheet.name, row, number, **facts))
        self.clean = False

    def close(self) -> None:
        at = self.at
        self.at = None
        if at is None:
            return
        before = len(self.defects)
        classification = self.classification(at)
        self.identify(at, classification)
        for column in self.columns.values():
            rows = (
                [(row, values, bad) for row, values, bad in at.items]
                if column.of_item
                else [(at.row, at.values, at.bad)]
            )
            if column.needed and column.where not in _CLASS:
                for row, values, bad in rows:
                    if values[column.where] in ("", ()) and column.where not in bad:
                        self.flag("missing", row, column.where, name=column.name)
                        bad.add(column.where)
        self.twice(at)
        draft = _draft(at, classification)
        self.rules(at, draft)
        if self.clean and len(self.defects) == before:
            self.entries.append(
                CensusEntry(at.row, self.numbers["title"], str(at.values.get("code", "")), draft)
            )
        self.clean = True

    def classification(self, at: _Open) -> str:
        if any(where in at.bad for where in _CLASS):
            at.bad.add("class")
            return "306001"
        parts = [str(at.values.get(where, "")) for where in _CLASS]
        for where, part in zip(_CLASS[:3], parts, strict=False):
            if not part:
                self.flag("missing", at.row, where, name=self.columns[self.numbers[where]].name)
                at.bad.add("class")
                return "306001"
        names = {name: code for code, name in self.holdings.classes.items()}
        first = parts[0] if len(parts[0]) == 1 else names.get(parts[0], parts[0])
        second = parts[1].zfill(2) if parts[1].isdecimal() else names.get(parts[1], "")[1:] or parts[1]
        third = parts[2].zfill(3)
        whole = f"{first}{second}{third}{parts[3]}"
        unknown = self.holdings.classes and f"{first}{second}" not in self.holdings.classes
        if first not in ("1", "2", "3") or len(second) != 2 or unknown:
            known_first = (
                first in self.holdings.classes if self.holdings.classes else first in ("1", "2", "3")
            )
            where = "class.2" if known_first else "class.1"
            self.flag("class-unknown", at.row, where, value=parts[1 if known_first else 0][:30])
            at.bad.add("class")
        elif not (third.isascii() and third.isdecimal() and len(third) == 3):
            self.flag("class-unknown", at.row, "class.3", value=parts[2][:30])
            at.bad.add("class")
        return whole

    def identify(self, at: _Open, classification: str) -> None:
        code, title = str(at.values.get("code", "")), str(at.values.get("title", ""))
        wanted = self.holdings.agency
        provider = at.values.get("provider", "")
        if provider and provider != wanted:
            self.flag("other-agency", at.row, "provider", wanted=wanted)
        if code:
            if code in self.codes:
                self.flag("code-twice", at.row, "code", code=code[:40], line=self.codes[code])
            elif code not in self.holdings.titles:
                self.flag("code-unknown", at.row, "code", code=code[:40])
            elif "class" not in at.bad and code.partition("/")[0] != classification:
                self.flag("class-differs", at.row, "class.1", code=code)
            self.codes.setdefault(code, at.row)
        if title and "title" not in at.bad:
            if title in self.titles:
                self.flag("title-twice", at.row, "title", title=title[:60], line=self.titles[title])
            self.titles.setdefault(title, at.row)

    def twice(self, at: _Open) -> None:
        seen: set[str] = set()
        for row, values, bad in at.items:
            wire = str(values.get("items.wire", "") or values["items.title"])
            if wire and wire in seen and not bad & {"items.wire", "items.title"}:
                self.flag(
                    "item-twice",
                    row,
                    "items.wire" if self.filled_at(row, "items.wire") else "items.title",
                    value=wire[:30],
                )
                bad.add("items.wire")
            seen.add(wire)

    def filled_at(self, row: int, where: str) -> bool:
        return where in self.numbers and self.sheet.cell(row, self.numbers[where]) is not None

    def rules(self, at: _Open, draft: ResourceDraft) -> None:
        silent = {part for where in at.bad for part in (where, *_FOLLOWS.get(where, ()))}
        wires = [item.wire for item in draft.items]
        told: set[tuple[int, str]] = set()
        for problem in problems(draft):
            if problem.warning:
                continue
            head, _, rest = problem.where.partition(".")
            row, where, quiet = at.row, problem.where, silent
            if head == "items" and rest:
                index, _, part = rest.partition(".")
                row, values, bad = at.items[int(index)]
                where = f"items.{part}"
                quiet = silent | {p for one in bad for p in (one, *_FOLLOWS.get(one, ()))}
                if part == "wire" and ("items.title" in bad or wires.count(wires[int(index)]) > 1):
                    continue
                if part == "wire" and not values.get("items.wire"):
                    where = "items.title"
            elif head == "items":
                where = "items.title"
            elif head == "classification":
                where = "class.1"
            if where in quiet or problem.where in quiet or (row, where) in told:
                continue
            told.add((row, where))
            self.flag("rule", row, where, zh=problem.zh, en=problem.en)

    def merges(self) -> None:
        for area in self.sheet.merged:
            if area.bottom <= self.head or area.left not in self.columns:
                continue
            column = self.columns[area.left]
            apart = sum(area.top <= start <= area.bottom for start in self.starts if start != area.top)
            tall_item = column.of_item and area.bottom > area.top
            if area.right > area.left or tall_item or apart or area.top <= self.head:
                number = max(area.top, self.head + 1)
                self.defects.append(defect("merged", self.sheet.name, number, area.left, area=str(area)))


def _draft(at: _Open, classification: str) -> ResourceDraft:
    values = at.values

    def text(where: str) -> str:
        return str(values.get(where, "") or "")

    none = text("share_type") == "none"
    basis = text("share_basis") or (text("share_condition") if none else "")
    items = []
    for _, item, _bad in at.items:
        title = str(item.get("items.title", ""))
        items.append(
            {
                "wire": str(item.get("items.wire", "")) or title, "title": title,
                "title_en": item.get("items.title_en", ""), "type": item["items.type"] or "text",
                "length": item.get("items.length", 0), "grade": item.get("items.grade") or "general",
                "subject": item.get("items.subject") or None, "check": item.get("items.check") or None,
                "mask": item.get("items.mask") or None, "description": item.get("items.description", ""),
                "level": item.get("items.level", ""), "element": item.get("items.element", ""),
            }
        )  # fmt: skip
    volumes = {
        where.partition(".")[2]: value
        for where, value in values.items()
        if where.startswith("volumes.") and isinstance(value, Decimal)
    }
    return msgspec.convert(
        {
            "title": text("title"), "classification": classification, "summary": text("summary"),
            "items": items, "title_en": text("title_en"), "summary_en": text("summary_en"),
            "share_type": text("share_type") or "conditional",
            # the guide has one column for both: of what is not shared it holds the basis
            "share_condition": "" if none and not text("share_basis") else text("share_condition"),
            "share_condition_en": text("share_condition_en"), "share_basis": basis,
            "open": text("open") == "1", "open_condition": text("open_condition"),
            "update_cycle": text("update_cycle") or "irregular", "grade": text("grade") or "general",
            "format_class": text("format_class"), "format_type": text("format_type") or text("other_format"),
            "share_channel": text("share_channel"), "share_ways": values.get("share_ways", ()),
            "lead_department": text("lead_department"), "related": values.get("related", ()),
            "released_on": text("released_on"), "duty": text("duty"), "office": text("office"),
            "volumes": volumes,
        },
        ResourceDraft,
    )  # fmt: skip
