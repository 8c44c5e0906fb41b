"""Drift of sources against published entries: found by a scan, told to the officer, answered by a draft or a word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.models import Mount
from yiwang.blocks.exchange.store.news import tell
from yiwang.blocks.exchange.store.rows import columns_of
from yiwang.blocks.exchange.store.scan_models import Scan, ScanTable, Survey
from yiwang.blocks.exchange.store.scan_rows import drift_of_entry, held_of, now_of
from yiwang.blocks.identity.public import DATA_OFFICER, Actor
from yiwang.blocks.journal.public import record_event
from yiwang.dataplane.census.draft import Resource


def compare_entries(scan: Scan, tables: Mapping[str, Resource], now: datetime) -> int:
    """Hold every entry that stands on the scanned place against it; returns how many drifted.

    Entries that are connected to a table are known by their mount, from the first scan on.
    """
    _know_mounts(scan, tables)
    surveys = Survey.objects.select_for_update().filter(agency=scan.agency)
    mine = (
        surveys.filter(source=scan.source)
        if scan.source_id
        else surveys.filter(source=None, place=scan.place)
    )
    wanted = [row for row in mine if row.table in tables or _whole(scan)]
    published = catalogue.resources_by_code({row.resource for row in wanted})
    drifted = 0
    for row in wanted:
        entry = published.get(row.resource)
        table = tables.get(row.table)
        ScanTable.objects.filter(scan=scan, table=row.table, entry="").update(entry=row.resource)
        row.checked_at, row.scan = now, scan.id
        if entry is None or entry.state != "published":
            row.save()
            continue
        found = catalogue.drifts(entry.items, held_of(row), table)
        before = drift_of_entry(row)
        row.drift = msgspec.to_builtins(found)
        row.now = msgspec.to_builtins(table) if found and table is not None else None
        row.found_at = now if found else None
        row.save()
        if found:
            drifted += 1
        if found and found != before:
            tell(
                "entry-drifted", now, agency=row.agency, roles=(DATA_OFFICER,), link=f"drift:{row.resource}",
                resource=entry.title, code=row.resource, text="".join(one.zh for one in found)[:300], count=str(len(found)),
            )  # fmt: skip
            record_event(
                "entry-drifted", now, provider=row.agency, resource=row.resource, version=entry.version
            )
    return drifted


def _whole(scan: Scan) -> bool:
    """Whether the scan looked at everything: one of some tables says nothing of those it did not find."""
    return not scan.tables.strip()


def _know_mounts(scan: Scan, tables: Mapping[str, Resource]) -> None:
    """Entries connected to tables of this source, which no scan knew of yet; their columns now are the basis."""
    if not scan.source_id:
        return
    mounts = Mount.objects.filter(source=scan.source, agency=scan.agency).exclude(state="withdrawn")
    known = set(Survey.objects.filter(agency=scan.agency).values_list("resource", flat=True))
    for mount in mounts:
        table = f"{mount.schema}.{mount.relation}"
        if mount.resource in known or table not in tables:
            continue
        by_name = {item.column: item for item in tables[table].items}
        items = {
            one.item: catalogue.basis_of(by_name[one.column])
            for one in columns_of(mount)
            if one.column in by_name
        }
        used = {one.column for one in items.values()}
        # what the officer left out when they connected the table was left out on purpose
        held = catalogue.Held(items, tuple(name for name in by_name if name not in used))
        Survey.objects.create(
            resource=mount.resource, agency=mount.agency, source=scan.source, place=scan.place, table=table,
            held=msgspec.to_builtins(held),
        )  # fmt: skip


@as_actor
def follow_drift(actor: Actor, code: str, now: datetime) -> None:
    """Write a draft of the entry's next edition with the differences applied, to be looked at and published.

    Raises: NotAllowed, DriftUnknown, and what `catalogue.edit_resource` raises (such as StageWrong under review).
    """
    row = _open(actor, code)
    found = drift_of_entry(row)
    if all(one.kind == "table-gone" for one in found):
        raise errors.DriftUnknown(resource=code)
    draft = catalogue.revised(catalogue.draft(actor, code), found)
    catalogue.edit_resource(actor, code, draft, now)
    _settle(row, draft.items)


@as_actor
def accept_drift(actor: Actor, code: str) -> None:
    """Leave the entry as it is: what the table is now counts as known. Raises: NotAllowed, DriftUnknown."""
    row = _open(actor, code)
    _settle(row, catalogue.draft(actor, code).items)


def _settle(row: Survey, items: tuple[catalogue.ItemDraft, ...]) -> None:
    table = now_of(row)
    if table is not None:
        row.held = msgspec.to_builtins(catalogue.held_now(held_of(row), table, items))
    row.drift, row.now, row.found_at = [], None, None
    row.save()


def _open(actor: Actor, code: str) -> Survey:
    actor.require(DATA_OFFICER)
    row = Survey.objects.select_for_update(of=("self",)).filter(resource=code, agency=actor.agency).first()
    if row is None or not row.drift:
        raise errors.DriftUnknown(resource=code)
    return row
