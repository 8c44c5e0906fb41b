"""What taking in entries would change: a spreadsheet or a feed beside what the agency has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from yiwang.blocks.catalogue.domain.census.defects import Defect, defect
from yiwang.blocks.catalogue.domain.census.reading import Census, CensusEntry, Holdings, read_census
from yiwang.blocks.catalogue.domain.difference import Change, changes
from yiwang.blocks.catalogue.domain.resource import ResourceDraft
from yiwang.blocks.catalogue.store.models import Class, Resource
from yiwang.blocks.catalogue.store.rows import current_of, draft_of
from yiwang.dataplane.spreadsheets.reading import read_workbook


@dataclass(frozen=True)
class PlannedEntry:
    """An entry that would be new (`code` "") or changed, with what changes in words."""

    code: str
    title: str
    item_count: int
    changes: tuple[Change, ...]
    draft: ResourceDraft


@dataclass(frozen=True)
class ImportPlan:
    """What an import would do; with a defect it does nothing. `absent`: entries that the file leaves alone.

    `digest` stands for the file and the state of the catalogue it was compared with.
    """

    new: tuple[PlannedEntry, ...]
    changed: tuple[PlannedEntry, ...]
    unchanged: int
    absent: int
    defects: tuple[Defect, ...]
    digest: str


def written(agency: str) -> dict[str, tuple[Resource, ResourceDraft]]:
    """The agency's entries with their latest text, by code; withdrawn ones are gone."""
    rows = (
        Resource.objects.filter(agency=agency)
        .exclude(state="withdrawn")
        .prefetch_related("items")
        .order_by("code")
    )
    return {
        row.code: (row, draft_of(row.draft) if row.draft is not None else current_of(row)) for row in rows
    }


def plan_sheet(agency: str, data: bytes) -> ImportPlan:
    """Read a census workbook and compare it. Raises: SpreadsheetError, when the file cannot be read."""
    have = written(agency)
    classes = {row.code: row.name_zh for row in Class.objects.filter(retired=False)}
    known = Holdings(agency, {code: draft.title for code, (_, draft) in have.items()}, classes)
    return _plan(read_census(read_workbook(data), known), have, hashlib.sha256(data).hexdigest())


def plan_drafts(agency: str, entries: Iterable[tuple[str, ResourceDraft]], source: str) -> ImportPlan:
    """Compare entries (code or "", draft) of another catalogue; `source` stands for what they came from."""
    listed = [CensusEntry(0, 0, code, draft) for code, draft in entries]
    return _plan(Census("", tuple(listed), ()), written(agency), source)


def _plan(census: Census, have: dict[str, tuple[Resource, ResourceDraft]], source: str) -> ImportPlan:
    new, changed, defects, same = [], [], list(census.defects), 0
    for entry in census.entries:
        draft = entry.draft
        if not entry.code:
            new.append(PlannedEntry("", draft.title, len(draft.items), (), draft))
            continue
        row, before = have[entry.code]
        if before == draft:
            same += 1
        elif row.stage:
            defects.append(defect("under-review", census.sheet, entry.row, entry.column, code=entry.code))
        else:
            planned = PlannedEntry(entry.code, draft.title, len(draft.items), changes(before, draft), draft)
            changed.append(planned)
    state = "".join(f"{code}={row.revision};" for code, (row, _) in have.items())
    digest = hashlib.sha256(f"{source}|{state}".encode()).hexdigest()
    named = sum(1 for entry in census.entries if entry.code)
    return ImportPlan(
        tuple(new), tuple(changed), same, len(have) - named, tuple(sorted(defects)), digest
    )  # fmt: skip
