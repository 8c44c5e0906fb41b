"""What the catalogue and the exchange know of declared entities, kept by whoever tells them."""

from __future__ import annotations

from dataclasses import dataclass

from yiwang.blocks.registry.store.models import Listing


@dataclass(frozen=True, slots=True)
class Listed:
    """The catalogue entry of an entity, and its mount where it has one."""

    resource: str
    mount: str
    digest: str


def listed(system: str) -> dict[str, Listed]:
    """What of a system is listed, by entity."""
    rows = Listing.objects.filter(system=system)
    return {row.entity: Listed(row.resource, row.mount, row.digest) for row in rows}


def list_entity(system: str, entity: str, known: Listed) -> None:
    """Keep where an entity is listed."""
    Listing.objects.update_or_create(
        system=system, entity=entity,
        defaults={"resource": known.resource, "mount": known.mount, "digest": known.digest},
    )  # fmt: skip


def unlist_entity(system: str, entity: str) -> None:
    """Forget an entity that is no longer listed."""
    Listing.objects.filter(system=system, entity=entity).delete()
