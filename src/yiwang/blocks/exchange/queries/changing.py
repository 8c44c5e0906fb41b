"""What a change feed stands on, as gateways have it too: the mounted resource and grants with their states."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import msgspec

from yiwang.blocks.exchange.domain.compiled import CompiledGrant, CompiledResource
from yiwang.blocks.exchange.queries.delivering import source_place
from yiwang.blocks.exchange.store.models import CompiledGrantRow, CompiledResourceRow
from yiwang.dataplane.connectors.places import DatabasePlace


@dataclass(frozen=True)
class MountedNow:
    """A mounted resource with its state and the epoch of its last change."""

    resource: CompiledResource
    state: str
    epoch: int

    def place(self) -> DatabasePlace:
        """Its database, the address pinned, the password open. Raises: ConnectorError."""
        return source_place(self.resource)


@dataclass(frozen=True)
class GrantedNow:
    """A grant with its state and the epoch of its last change."""

    grant: CompiledGrant
    state: str
    epoch: int


def mounted_now(resource: str) -> MountedNow | None:
    """The resource as it is mounted now; None where it is not. Asked inside of the platform's own transaction."""
    row = CompiledResourceRow.objects.filter(pk=resource).first()
    if row is None:
        return None
    return MountedNow(msgspec.json.decode(row.doc, type=CompiledResource), row.state, row.epoch)


def granted_now(ids: Collection[str], *, held: bool = False) -> dict[str, GrantedNow]:
    """Grants by number. `held`: none of them changes before the caller's transaction has ended."""
    rows = CompiledGrantRow.objects.filter(pk__in=ids)
    if held:
        rows = rows.select_for_update(no_key=True).order_by("pk")
    return {
        row.pk: GrantedNow(msgspec.json.decode(row.doc, type=CompiledGrant), row.state, row.epoch)
        for row in rows
    }
