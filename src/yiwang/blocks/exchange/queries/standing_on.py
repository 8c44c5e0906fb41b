"""Published entries of an agency with the tables they stand on, for a census that is run elsewhere."""

from __future__ import annotations

from dataclasses import replace

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.models import Mount, Source
from yiwang.blocks.exchange.store.reach import OFFICE
from yiwang.blocks.exchange.store.rows import columns_of
from yiwang.blocks.exchange.store.scan_models import Survey
from yiwang.blocks.exchange.store.scan_rows import held_of
from yiwang.blocks.identity.public import Actor
from yiwang.dataplane.census.draft import Draft


@as_actor
def entries_on(actor: Actor, draft: Draft) -> tuple[catalogue.Stated, ...]:
    """The agency's published entries that may stand on a scanned table.

    Those known to stand on it, by an earlier scan or a mount, and those of which no table is known; where the node
    knows none on these sources (a copy of the database, another name of the host), all of the agency.

    Raises: NotAllowed.
    """
    actor.require(*OFFICE)
    known = _mounted(actor.agency)
    for row in Survey.objects.filter(agency=actor.agency).select_related("source"):
        place = _address(row.source) if row.source is not None else row.place
        known[row.resource] = catalogue.Stated(
            row.resource, "", (), table=row.table, place=place, held=held_of(row)
        )
    listed = catalogue.published_entries(actor.agency)
    entries = tuple(
        replace(known[code], title=view.title, items=view.items)
        if code in known
        else catalogue.Stated(code, view.title, view.items)
        for code, view in listed.items()
    )
    here = {resource.source for resource in draft.resources}
    if any(one.place in here for one in entries):
        return tuple(one for one in entries if one.place in here or not one.place)
    return entries


def _mounted(agency: str) -> dict[str, catalogue.Stated]:
    """Entries by their mounts, which say what column an item is read from and nothing of the others."""
    found: dict[str, catalogue.Stated] = {}
    for row in Mount.objects.filter(agency=agency).exclude(state="withdrawn").select_related("source"):
        items = {one.item: catalogue.Basis(one.column) for one in columns_of(row)}
        found[row.resource] = catalogue.Stated(
            row.resource, "", (), table=f"{row.schema}.{row.relation}", place=_address(row.source),
            held=catalogue.Held(items),
        )  # fmt: skip
    return found


def _address(source: Source) -> str:
    """As the census names a server."""
    return f"{source.kind}://{source.host}:{source.port}/{source.database}"
