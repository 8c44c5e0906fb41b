"""Between rows of scans and their values; who may see which."""

from __future__ import annotations

import msgspec
from django.db.models import QuerySet

from yiwang.blocks.catalogue.public import EntryDrift, Held, TableChoice
from yiwang.blocks.exchange.domain.errors import ScanUnknown
from yiwang.blocks.exchange.store.reach import OFFICE, is_system
from yiwang.blocks.exchange.store.scan_models import Scan, ScanTable, Survey
from yiwang.blocks.identity.public import Actor
from yiwang.dataplane.census.draft import Candidate, Remark, Resource


def scans_in_reach(actor: Actor) -> QuerySet[Scan]:
    """Scans of the actor's agency, without the bytes of a file that waits."""
    rows = Scan.objects.defer("content")
    if is_system(actor):
        return rows
    if not actor.agency or not actor.has(*OFFICE):
        return rows.none()
    return rows.filter(agency=actor.agency)


def scan_in_reach(actor: Actor, scan_id: str, *, lock: bool = False) -> Scan:
    """One scan. Raises: ScanUnknown."""
    rows = scans_in_reach(actor)
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=scan_id).first()
    if row is None:
        raise ScanUnknown(scan=scan_id)
    return row


def proposal_of(row: ScanTable) -> Resource:
    """What the census proposed of a table."""
    return msgspec.convert(row.proposal, Resource)


def choice_of(row: ScanTable) -> TableChoice:
    """What the officer made of it."""
    return msgspec.convert(row.choice, TableChoice)


def candidates_of(row: Scan) -> tuple[Candidate, ...]:
    """Data that several tables of the scan hold."""
    return msgspec.convert(row.candidates, tuple[Candidate, ...])


def remarks_of(row: Scan) -> tuple[Remark, ...]:
    """What the officer should know about the source."""
    return msgspec.convert(row.remarks, tuple[Remark, ...])


def held_of(row: Survey) -> Held:
    """How an entry stands on its table."""
    return msgspec.convert(row.held, Held)


def drift_of_entry(row: Survey) -> tuple[EntryDrift, ...]:
    """What the last scan found against the published entry."""
    return msgspec.convert(row.drift, tuple[EntryDrift, ...])


def now_of(row: Survey) -> Resource | None:
    """The table as the scan that found the drift saw it; None when it is gone."""
    return msgspec.convert(row.now, Resource) if row.now is not None else None
