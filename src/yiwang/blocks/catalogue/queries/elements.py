"""Which items of published entries follow which data element."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from yiwang.blocks.catalogue.store.models import Item


@dataclass(frozen=True)
class ItemUse:
    """An item of a published entry that names a data element."""

    element: str
    resource: str
    resource_title: str
    provider: str
    provider_name: str
    wire: str
    title: str


def element_uses() -> dict[str, tuple[ItemUse, ...]]:
    """Items by the number of the element that they name, as far as they name one."""
    rows = Item.objects.filter(resource__state="published").exclude(element="").select_related("resource")
    found: defaultdict[str, list[ItemUse]] = defaultdict(list)
    for row in rows.order_by("resource_id", "position"):
        entry = row.resource
        found[row.element].append(
            ItemUse(
                row.element, entry.code, entry.title, entry.agency, entry.agency_name, row.wire, row.title
            )
        )
    return {number: tuple(uses) for number, uses in found.items()}
