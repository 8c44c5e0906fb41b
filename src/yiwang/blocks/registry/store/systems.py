"""Systems that are in force here, compiled, kept in memory until one is applied anew."""

from __future__ import annotations

import threading

import msgspec
from django.db import connection

from yiwang.blocks.registry.domain.compiled import Entity, System
from yiwang.blocks.registry.domain.errors import EntityUnknown, SystemUnknown
from yiwang.blocks.registry.store import models

_known: dict[str, tuple[str, System]] = {}
_lock = threading.Lock()


def system_of(name: str) -> System:
    """A system in force. Raises: SystemUnknown."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT applied_at::text FROM registry_system WHERE id = %s AND state = 'active'", [name]
        )
        row = cursor.fetchone()
    if row is None:
        raise SystemUnknown(system=name)
    with _lock:
        known = _known.get(name)
    if known is not None and known[0] == row[0]:
        return known[1]
    stored = models.System.objects.get(pk=name)
    system = msgspec.convert(stored.package, System)
    with _lock:
        _known[name] = (row[0], system)
    return system


def entity_of(system: str, entity: str) -> tuple[System, Entity]:
    """An entity of a system in force. Raises: SystemUnknown, EntityUnknown."""
    found = system_of(system)
    try:
        return found, found.entity(entity)
    except KeyError:
        raise EntityUnknown(system=system, entity=entity) from None
