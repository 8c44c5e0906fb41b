"""Systems that a person works in, and what they may do there by the declared rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry.domain.compiled import System
from yiwang.blocks.registry.domain.errors import SystemUnknown
from yiwang.blocks.registry.domain.standing import Standing, standing
from yiwang.blocks.registry.store import models
from yiwang.blocks.registry.store.entering import Errand, system_roles
from yiwang.blocks.registry.store.systems import entity_of, system_of


@dataclass(frozen=True, slots=True)
class Workplace:
    """A system and the roles that a person holds in it, by their full names."""

    system: System
    roles: frozenset[str]


def works_in_systems(actor: Actor, now: datetime) -> bool:
    """Whether a person holds a role of any system that is in force."""
    active = models.System.objects.filter(state="active").values("id")
    return _held(actor, now).filter(system__in=active).exists()


def workplaces(actor: Actor, now: datetime) -> tuple[Workplace, ...]:
    """The systems in force in which a person holds roles, by their names."""
    active = models.System.objects.filter(state="active").values("id")
    names = _held(actor, now).filter(system__in=active).values_list("system", flat=True).distinct()
    roles = system_roles(actor, now)
    found = [Workplace(system_of(name), _of(name, roles)) for name in names]
    return tuple(sorted(found, key=lambda one: one.system.title.zh))


def workplace(actor: Actor, system: str, now: datetime) -> Workplace:
    """One system for who holds a role in it. Raises: SystemUnknown, also for everybody else."""
    found = system_of(system)
    roles = _of(system, system_roles(actor, now))
    if not roles:
        raise SystemUnknown(system=system)
    return Workplace(found, roles)


def standing_in(errand: Errand, system: str, entity: str, now: datetime) -> Standing:
    """What the rules of an entity let somebody do on an errand. Raises: SystemUnknown, EntityUnknown."""
    _, declared = entity_of(system, entity)
    return standing(declared, system_roles(errand.actor, now), errand.purpose, bool(errand.case))


def _held(actor: Actor, now: datetime) -> QuerySet[models.RoleHolder]:
    return models.RoleHolder.objects.filter(
        Q(until__isnull=True) | Q(until__gt=now), user=actor.user_id, agency=actor.agency, since__lte=now
    )


def _of(system: str, roles: frozenset[str]) -> frozenset[str]:
    return frozenset(role for role in roles if role.startswith(f"{system}."))
