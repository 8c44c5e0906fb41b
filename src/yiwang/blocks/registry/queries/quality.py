"""Tables of declared systems as their owners' quality rules find them, by the catalogue entry of each."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from yiwang.blocks.registry.domain.compiled import Entity, System
from yiwang.blocks.registry.domain.errors import RegistryError
from yiwang.blocks.registry.domain.releasing.quality import quality_schema
from yiwang.blocks.registry.store.models import Listing
from yiwang.blocks.registry.store.systems import entity_of

_VIEWS = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND n.nspname = ANY (%s)
"""


@dataclass(frozen=True, slots=True)
class OwnTable:
    """A table in force that has a catalogue entry. `mount`: what the exchange serves of it, empty where it serves nothing."""

    system: System
    entity: Entity
    mount: str


def own_tables(codes: set[str] | None = None) -> dict[str, OwnTable]:
    """The tables whose quality can be judged whole, by the code of their entry; `codes` narrows.

    A system that was applied before there were views for this is not among them until its next release.
    """
    rows = Listing.objects.exclude(resource="")
    found = list(rows if codes is None else rows.filter(resource__in=codes))
    if not found:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_VIEWS, [sorted({quality_schema(row.system) for row in found})])
        views = set(cursor.fetchall())
    tables = {}
    for row in found:
        if (quality_schema(row.system), row.entity) not in views:
            continue
        try:
            system, entity = entity_of(row.system, row.entity)
        except RegistryError:
            continue
        tables[row.resource] = OwnTable(system, entity, row.mount)
    return tables
