"""Systems that a person works in."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.registry.domain.compiled import System
from yiwang.blocks.registry.domain.errors import SystemUnknown
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.systems import system_of


def systems_for(errand: Errand, now: datetime) -> tuple[System, ...]:
    """The systems in force in which the actor holds a role, by their ids."""
    with entering(errand, now) as roles:
        found = []
        for name in sorted({role.partition(".")[0] for role in roles}):
            try:
                found.append(system_of(name))
            except SystemUnknown:  # a role outlives its system
                continue
        return tuple(found)


def system_for(errand: Errand, system: str, now: datetime) -> System:
    """One of them. Raises: SystemUnknown, also where the actor holds no role in it."""
    with entering(errand, now) as roles:
        if not any(role.startswith(f"{system}.") for role in roles):
            raise SystemUnknown(system=system)
        return system_of(system)
