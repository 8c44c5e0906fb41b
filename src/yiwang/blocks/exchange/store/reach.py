"""Which rows an actor may see. Row-level security says the same again in the database."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from yiwang.blocks.catalogue.public import ResourceView
from yiwang.blocks.exchange.domain.asking import ItemFacts
from yiwang.blocks.exchange.domain.mount import MountState
from yiwang.blocks.exchange.domain.serving import FILES
from yiwang.blocks.exchange.domain.terms import Mode
from yiwang.blocks.exchange.store import models
from yiwang.blocks.exchange.store.rows import SYSTEM, item_facts, modes_of
from yiwang.blocks.identity.public import APPROVER, AUDITOR, DATA_OFFICER, OPERATOR, REVIEWER, Actor, acting

OFFICE = (DATA_OFFICER, APPROVER)
OVERSIGHT = (REVIEWER, AUDITOR)


def is_system(actor: Actor) -> bool:
    """Whether this is the platform itself."""
    return actor == SYSTEM


def requests_in_reach(actor: Actor) -> QuerySet[models.Request]:
    """Requests of the actor's agency on either side (drafts: on their own side alone); oversight sees all submitted."""
    rows = models.Request.objects.all()
    if is_system(actor):
        return rows
    reach = Q(pk__in=[])
    if actor.agency and actor.has(*OFFICE, AUDITOR):
        reach |= Q(consumer=actor.agency) | Q(provider=actor.agency, submitted_at__isnull=False)
    if actor.has(*OVERSIGHT):
        reach |= Q(submitted_at__isnull=False)
    return rows.filter(reach)


def grants_in_reach(actor: Actor) -> QuerySet[models.Grant]:
    """Grants of the actor's agency on either side; oversight sees all."""
    rows = models.Grant.objects.all()
    if is_system(actor) or actor.has(*OVERSIGHT):
        return rows
    if not actor.agency or not actor.has(*OFFICE):
        return rows.none()
    return rows.filter(Q(consumer=actor.agency) | Q(provider=actor.agency))


def sources_in_reach(actor: Actor) -> QuerySet[models.Source]:
    """Sources of the actor's agency; operators see all."""
    rows = models.Source.objects.exclude(kind=FILES)
    if is_system(actor) or actor.has(OPERATOR):
        return rows
    if not actor.agency or not actor.has(*OFFICE):
        return rows.none()
    return rows.filter(agency=actor.agency)


def mounts_in_reach(actor: Actor) -> QuerySet[models.Mount]:
    """Mounts of the actor's agency on tables; operators see all."""
    rows = models.Mount.objects.select_related("source").exclude(source__kind=FILES)
    if is_system(actor) or actor.has(OPERATOR):
        return rows
    if not actor.agency or not actor.has(*OFFICE):
        return rows.none()
    return rows.filter(agency=actor.agency)


@dataclass(frozen=True)
class Service:
    """How a resource is served: what everybody who may see its entry may know of its mount."""

    mount: models.Mount

    @property
    def modes(self) -> tuple[Mode, ...]:
        """Ways it is served."""
        return modes_of(self.mount)

    @property
    def state(self) -> MountState:
        """Whether it runs; a suspended source suspends it."""
        if self.mount.source.state == "suspended":
            return "suspended"
        match self.mount.state:
            case "active" | "drifted" | "suspended":
                return self.mount.state
            case _:
                return "withdrawn"

    def items(self, resource: ResourceView) -> tuple[ItemFacts, ...]:
        """The items it serves."""
        return item_facts(resource, self.mount)


def served(codes: set[str]) -> dict[str, Service]:
    """Services by resource code, read as the platform: callers show modes, items and state, never the table."""
    with acting(SYSTEM):
        rows = (
            models.Mount.objects.select_related("source")
            .exclude(state="withdrawn")
            .filter(resource__in=codes)
        )
        return {row.resource: Service(row) for row in rows}
