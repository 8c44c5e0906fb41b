"""Scans of one's own agency, what they propose, and drift that waits; the bureau's view of data held twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
from django.db.models import Count, Q, Sum

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.queries.shaping import pages_of
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.rows import SYSTEM
from yiwang.blocks.exchange.store.scan_models import Scan, ScanTable, Survey
from yiwang.blocks.exchange.store.scan_rows import (
    candidates_of,
    choice_of,
    drift_of_entry,
    proposal_of,
    remarks_of,
    scan_in_reach,
    scans_in_reach,
)
from yiwang.blocks.identity.public import AUDITOR, REVIEWER, Actor, acting
from yiwang.dataplane.census.draft import Candidate, Draft, Remark, Resource
from yiwang.dataplane.census.same_datum import Holding, across

ScanState = Literal["waiting", "running", "done", "failed", "cancelled"]
MOST_LISTED = 100


@dataclass(frozen=True)
class ScanRow:
    """A scan in a list. `done` and `total` count tables."""

    id: str
    place: str
    source: str
    state: ScanState
    cancelling: bool
    done: int
    total: int
    at_table: str
    attempts: int
    by_name: str
    created_at: datetime
    finished_at: datetime | None
    problem_zh: str
    problem_en: str
    mend_zh: str
    mend_en: str
    problem: str
    drafted: int

    @property
    def running(self) -> bool:
        """Whether it waits for a worker or has one."""
        return self.state in {"waiting", "running"}


@dataclass(frozen=True)
class ProposedTable:
    """A proposal with what the officer made of it."""

    position: int
    table: Resource
    choice: catalogue.TableChoice
    entry: str

    @property
    def marked(self) -> int:
        """Columns marked as personal or sensitive."""
        return sum(item.mark is not None for item in self.table.items)

    @property
    def sensitive(self) -> int:
        """Columns marked as sensitive or secret."""
        return sum(item.protection in {"sensitive", "secret"} for item in self.table.items)

    @property
    def unsure(self) -> int:
        """Columns whose name is a guess."""
        return sum(item.title_confidence < 0.5 for item in self.table.items)

    @property
    def taken(self) -> int:
        """Columns that would become items."""
        return sum(
            not catalogue.skipped(item, self.choice.columns.get(item.column, catalogue.ColumnChoice()))
            for item in self.table.items
        )


@dataclass(frozen=True)
class ScanView(ScanRow):
    """A scan with its proposals."""

    tables: tuple[ProposedTable, ...]
    candidates: tuple[Candidate, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class ScanPage(ScanRow):
    """A scan with some of its proposals; `found` tables fit what was looked for. The sums are of all tables."""

    shown: tuple[ProposedTable, ...]
    found: int
    page: int
    pages: int
    tables: int
    columns: int
    marked: int
    lists: int
    open: int
    """Tables that are neither entries nor left out."""
    candidates: tuple[Candidate, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class SurveyView:
    """The table that an entry describes, and what changed of it since."""

    resource: str
    title: str
    place: str
    source: str
    table: str
    scan: str
    checked_at: datetime | None
    found_at: datetime | None
    drift: tuple[catalogue.EntryDrift, ...]

    @property
    def gone(self) -> bool:
        """Whether the table itself is gone, so that no draft can follow it."""
        return any(one.kind == "table-gone" for one in self.drift)


@as_actor
def scans(actor: Actor) -> tuple[ScanRow, ...]:
    """Scans of the actor's agency, the latest first."""
    rows = scans_in_reach(actor).order_by("-created_at")[:MOST_LISTED]
    drafted: Counter[str] = Counter()
    counted = ScanTable.objects.filter(scan__in=[row.pk for row in rows]).exclude(entry="")
    for one in counted.order_by().values("scan").annotate(n=Count("pk")):
        drafted[one["scan"]] = one["n"]
    return tuple(_row(row, drafted[row.pk]) for row in rows)


@as_actor
def scan_row(actor: Actor, scan_id: str) -> ScanRow:
    """How one scan stands, without its proposals. Raises: ScanUnknown."""
    row = scan_in_reach(actor, scan_id)
    return _row(row, row.looked_at.exclude(entry="").count())


@as_actor
def scan_view(actor: Actor, scan_id: str) -> ScanView:
    """One scan with everything it proposes. Raises: ScanUnknown."""
    row = scan_in_reach(actor, scan_id)
    tables = tuple(_proposed(one) for one in row.looked_at.all())
    drafted = sum(bool(one.entry) for one in tables)
    return ScanView(
        **vars(_row(row, drafted)), tables=tables, candidates=candidates_of(row), remarks=remarks_of(row)
    )


@as_actor
def scan_page(actor: Actor, scan_id: str, *, text: str = "", page: int = 1, per_page: int = 100) -> ScanPage:
    """One scan and a page of its tables, those alone that have the text in a name. Raises: ScanUnknown."""
    row = scan_in_reach(actor, scan_id)
    every = row.looked_at.all()
    fitting = every
    if text:
        fitting = every.filter(
            Q(table__icontains=text) | Q(title__icontains=text) | Q(choice__title__icontains=text)
        )
    found = fitting.count()
    pages, shown, start = pages_of(found, page, per_page)
    sums = every.order_by().aggregate(
        tables=Count("pk"), columns=Sum("columns", default=0), marked=Sum("marked", default=0),
        lists=Sum("lists", default=0), drafted=Count("pk", filter=~Q(entry="")),
        open=Count("pk", filter=Q(entry="") & (Q(choice__skip__isnull=True) | Q(choice__skip=False))),
    )  # fmt: skip
    drafted = sums.pop("drafted")
    return ScanPage(
        **vars(_row(row, drafted)), **sums, found=found, page=shown, pages=pages,
        shown=tuple(_proposed(one) for one in fitting[start : start + per_page]), candidates=candidates_of(row),
        remarks=remarks_of(row),
    )  # fmt: skip


@as_actor
def scan_table(actor: Actor, scan_id: str, position: int) -> ProposedTable:
    """One proposal. Raises: ScanUnknown."""
    row = scan_in_reach(actor, scan_id).looked_at.filter(position=position).first()
    if row is None:
        raise errors.ScanUnknown(scan=f"{scan_id}/{position}")
    return _proposed(row)


def scan_draft(actor: Actor, scan_id: str) -> Draft:
    """The whole result as the census writes it to a workbook. Raises: ScanUnknown, ScanNotDone."""
    view = scan_view(actor, scan_id)
    if view.state != "done":
        raise errors.ScanNotDone(scan=scan_id)
    made = (view.finished_at or view.created_at).isoformat(timespec="seconds")
    return Draft(made, (view.place,), tuple(one.table for one in view.tables), view.candidates, view.remarks)


@as_actor
def surveys(actor: Actor, *, drifted: bool = False) -> tuple[SurveyView, ...]:
    """Entries of the actor's agency that stand on a table a scan looked at; `drifted`: those that no longer fit."""
    rows = Survey.objects.filter(agency=actor.agency).select_related("source") if actor.agency else ()
    return _survey_views([row for row in rows if row.drift or not drifted])


@as_actor
def survey(actor: Actor, code: str) -> SurveyView | None:
    """The table behind one entry of the actor's agency, where a scan looked at it."""
    rows = Survey.objects.filter(agency=actor.agency, resource=code).select_related("source")
    found = _survey_views(list(rows))
    return found[0] if found else None


def held_by_several(actor: Actor) -> tuple[Candidate, ...]:
    """一数一源: data that the latest scans found at several departments. For the data bureau and auditors.

    Raises: NotAllowed.
    """
    actor.require(REVIEWER, AUDITOR)
    with acting(SYSTEM):
        latest: dict[tuple[str, str], str] = {}
        done = Scan.objects.filter(state="done").order_by("finished_at")
        for scan_id, agency, place in done.values_list("pk", "agency", "place"):
            latest[agency, place] = scan_id
        held = ScanTable.objects.filter(scan__in=list(latest.values())).order_by("scan", "position")
        documents = list(held.values_list("holdings", flat=True))
    return across([one for found in documents for one in msgspec.convert(found, tuple[Holding, ...])])


def _survey_views(rows: list[Survey]) -> tuple[SurveyView, ...]:
    titles = catalogue.resources_by_code({row.resource for row in rows})
    return tuple(
        SurveyView(
            row.resource, titles[row.resource].title if row.resource in titles else row.table, row.place,
            row.source_id or "", row.table, row.scan, row.checked_at, row.found_at, drift_of_entry(row),
        )
        for row in sorted(rows, key=lambda row: row.resource)
    )  # fmt: skip


def _proposed(row: ScanTable) -> ProposedTable:
    return ProposedTable(row.position, proposal_of(row), choice_of(row), row.entry)


def _row(row: Scan, drafted: int) -> ScanRow:
    problem = row.problem
    values = {
        "id": row.id, "place": row.place, "source": row.source_id or "", "state": row.state,
        "cancelling": row.cancelling, "done": row.done, "total": row.total, "at_table": row.at_table,
        "attempts": row.attempts, "by_name": row.by_name, "created_at": row.created_at,
        "finished_at": row.finished_at, "problem": problem.get("code", ""), "problem_zh": problem.get("zh", ""),
        "problem_en": problem.get("en", ""), "mend_zh": problem.get("mend_zh", ""),
        "mend_en": problem.get("mend_en", ""), "drafted": drafted,
    }  # fmt: skip
    return msgspec.convert(values, ScanRow)
