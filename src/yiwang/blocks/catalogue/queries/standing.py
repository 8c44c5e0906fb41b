"""How each department keeps its part of the catalogue, and the list of what it answers for 共享责任清单."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from yiwang.blocks.catalogue.domain.guide import completeness
from yiwang.blocks.catalogue.domain.resource import ShareType, UpdateCycle
from yiwang.blocks.catalogue.domain.timeliness import DAYS, LateEntry, late_since, timeliness
from yiwang.blocks.catalogue.store.models import Resource
from yiwang.blocks.catalogue.store.rows import current_of
from yiwang.blocks.identity.public import REVIEWER, Actor


@dataclass(frozen=True)
class Duty:
    """One line of the responsibility list: who gives which data, by which duty, on what terms, how often."""

    agency: str
    agency_name: str
    code: str
    title: str
    duty: str
    office: str
    share_type: ShareType
    terms: str
    update_cycle: UpdateCycle


@dataclass(frozen=True)
class DepartmentStanding:
    """Figures of one department over its published entries; shares are percentages, None where nothing counts.

    `mounted` 挂接率: of the entries to be shared, those that a service answers for. `timely`: of the entries whose
    data have a known last change, or none for longer than their cycle, those that changed within it. `complete`:
    elements of the guide filled.
    """

    agency: str
    agency_name: str
    entries: int
    shareable: int
    mounted: float | None
    timely: float | None
    complete: float | None
    waiting: int
    """Entries that are drafts or under review."""


def duties(actor: Actor, *, agency: str = "") -> tuple[Duty, ...]:
    """The responsibility list of one agency or of all, by agency and code."""
    del actor  # published: everybody who may use the catalogue sees it
    rows = Resource.objects.filter(state="published").order_by("agency", "code")
    rows = rows.filter(agency=agency) if agency else rows
    found = []
    for row in rows:
        view = current_of(row)
        terms = view.share_basis if view.share_type == "none" else view.share_condition
        found.append(
            Duty(
                row.agency, row.agency_name, row.code, row.title, row.duty, row.office, view.share_type, terms,
                view.update_cycle,
            )
        )  # fmt: skip
    return tuple(found)


def duties_about(actor: Actor, words: Iterable[str], most: int = 50) -> tuple[str, ...]:
    """Codes of published entries whose duty 职责 has one of the words, at most `most`, those with a duty alone."""
    del actor
    about = Q(pk__in=[])
    for word in words:
        about |= Q(duty__icontains=word)
    rows = Resource.objects.filter(about, state="published").order_by("code")
    return tuple(rows.values_list("pk", flat=True)[:most])


def late_entries(
    changed: dict[str, datetime], unchanged: dict[str, datetime], now: datetime
) -> tuple[LateEntry, ...]:
    """Published entries, whoever's, whose data are late, by code; the arguments are those of `standing`."""
    rows = Resource.objects.filter(
        pk__in=[*changed, *unchanged], state="published", update_cycle__in=list(DAYS)
    ).order_by("code")
    found = []
    for code, title, agency, name, kept in rows.values_list(
        "code", "title", "agency", "agency_name", "update_cycle"
    ):
        cycle = next(one for one in DAYS if one == kept)
        since = late_since(cycle, changed.get(code), unchanged.get(code), now)
        if since is not None:
            found.append(LateEntry(code, title, agency, name, cycle, since))
    return tuple(found)


def standing(
    actor: Actor,
    mounted: frozenset[str],
    changed: dict[str, datetime],
    unchanged: dict[str, datetime],
    now: datetime,
) -> tuple[DepartmentStanding, ...]:
    """Figures of every department for the data bureau, of their own for others, by name.

    `mounted` are the codes that a service answers for; `changed` is when the data of a resource last changed,
    where that is known; `unchanged` is since when no change was seen. They come from exchange, which lies above this block.
    """
    rows = Resource.objects.exclude(state="withdrawn").prefetch_related("items")
    if not actor.has(REVIEWER):
        rows = rows.filter(agency=actor.agency)
    by_agency: dict[str, list[Resource]] = defaultdict(list)
    for row in rows.order_by("agency_name", "code"):
        by_agency[row.agency].append(row)
    return tuple(
        _department(agency, listed, mounted, changed, unchanged, now) for agency, listed in by_agency.items()
    )


def _department(
    agency: str,
    rows: list[Resource],
    mounted: frozenset[str],
    changed: dict[str, datetime],
    unchanged: dict[str, datetime],
    now: datetime,
) -> DepartmentStanding:
    public = [row for row in rows if row.state == "published"]
    drafts = {row.code: current_of(row) for row in public}
    shareable = [row for row in public if row.share_type != "none"]
    fresh = [
        timeliness(drafts[row.code].update_cycle, changed.get(row.code), unchanged.get(row.code), now)
        for row in public
    ]
    timely, known = fresh.count("timely"), len(fresh) - fresh.count("unknown")
    elements = [completeness(draft) for draft in drafts.values()]
    return DepartmentStanding(
        agency, rows[-1].agency_name, len(public), len(shareable),
        _share(sum(row.code in mounted for row in shareable), len(shareable)), _share(timely, known),
        _share(sum(filled for filled, _ in elements), sum(asked for _, asked in elements)),
        sum(row.state == "draft" or bool(row.stage) for row in rows),
    )  # fmt: skip


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
