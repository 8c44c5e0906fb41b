"""An agency's sandboxes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.catalogue.public import ResourceView
from yiwang.blocks.exchange.domain.integration_errors import SandboxUnknown
from yiwang.blocks.exchange.store.acting import as_actor
from yiwang.blocks.exchange.store.integration_models import Sandbox
from yiwang.blocks.identity.public import APPROVER, DATA_OFFICER, Actor


@dataclass(frozen=True)
class SandboxView:
    """A sandbox with its entry."""

    id: str
    resource: ResourceView
    opened_at: datetime
    opened_by: str


@as_actor
def sandbox(actor: Actor, code: str) -> SandboxView:
    """The sandbox of the actor's agency for an entry. Raises: ResourceUnknown, SandboxUnknown."""
    entry = catalogue.resource(actor, code)
    row = None
    if actor.agency and actor.has(DATA_OFFICER, APPROVER):
        row = Sandbox.objects.filter(resource=code, consumer=actor.agency).first()
    if row is None:
        raise SandboxUnknown(resource=code)
    return SandboxView(row.id, entry, row.opened_at, row.opened_by)
