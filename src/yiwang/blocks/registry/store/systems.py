"""Systems that are in force here, compiled, kept in memory until one is applied anew."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import msgspec
from django.db import connection

from yiwang.blocks.registry.domain.compiled import Entity, System
from yiwang.blocks.registry.domain.errors import EntityUnknown, SystemUnknown
from yiwang.blocks.registry.store import models


@dataclass(frozen=True, slots=True)
class InForce:
    """A system as it was applied; `stamp` is another after each application."""

    stamp: str
    system: System

    def entity(self, name: str) -> Entity:
        """An entity by id. Raises: EntityUnknown."""
        try:
            return self.system.entity(name)
        except KeyError:
            raise EntityUnknown(system=self.system.id, entity=name) from None


_known: dict[str, InForce] = {}
_lock = threading.Lock()


def in_force(name: str) -> InForce:
    """A system as it is in force now. Raises: SystemUnknown."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT applied_at::text FROM registry_system WHERE id = %s AND state = 'active'", [name]
        )
        row = cursor.fetchone()
    if row is None:
        raise SystemUnknown(system=name)
    with _lock:
        known = _known.get(name)
    if known is not None and known.stamp == row[0]:
        return known
    stored = models.System.objects.get(pk=name)
    found = InForce(str(row[0]), msgspec.convert(stored.package, System))
    with _lock:
        _known[name] = found
    return found


def remembered(name: str) -> InForce:
    """A system as this process last knew it, for whoever compares the stamp afterwards. Raises: SystemUnknown."""
    with _lock:
        known = _known.get(name)
    return known or in_force(name)


def remembered_entity(name: str, entity: str) -> tuple[System, Entity]:
    """An entity as this process last knew it, or as it is now where it knew none. Raises: SystemUnknown, EntityUnknown."""
    known = remembered(name)
    try:
        return known.system, known.entity(entity)
    except EntityUnknown:
        return entity_of(name, entity)


def system_of(name: str) -> System:
    """A system in force. Raises: SystemUnknown."""
    return in_force(name).system


def entity_of(system: str, entity: str) -> tuple[System, Entity]:
    """An entity of a system in force. Raises: SystemUnknown, EntityUnknown."""
    found = in_force(system)
    return found.system, found.entity(entity)
