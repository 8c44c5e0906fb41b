"""What was said about changes of a record, and which version of it stands, for whoever may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import connection
from psycopg import sql

from yiwang.blocks.registry.domain.compiled import Entity, System
from yiwang.blocks.registry.domain.layout import KNOWN, PAST, RECORD, UNTIL
from yiwang.blocks.registry.store import models
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.systems import entity_of


@dataclass(frozen=True, slots=True)
class Said:
    """Why somebody changed, corrected or withdrew something."""

    kind: Literal["changed", "corrected", "withdrawn"]
    by: str
    reason: str
    at: datetime


def remarks(errand: Errand, system: str, entity: str, number: int, now: datetime) -> tuple[Said, ...]:
    """What was said about changes, the newest first; nothing to who does not see the record.

    Raises: SystemUnknown, EntityUnknown.
    """
    found, declared = entity_of(system, entity)
    with entering(errand, now):
        if latest(found, declared, number) is None:
            return ()
        rows = models.Remark.objects.filter(system=system, entity=entity, record=number).order_by("-at")
        return tuple(
            Said("withdrawn" if row.kind == "withdrawn" else "corrected" if row.kind == "corrected" else "changed",
                 row.by, row.reason, row.at)
            for row in rows
        )  # fmt: skip


def revision(errand: Errand, system: str, entity: str, number: int, now: datetime) -> datetime | None:
    """When something was last said of a record that the actor sees: what a form shows and `seen` brings back."""
    found, declared = entity_of(system, entity)
    with entering(errand, now):
        return latest(found, declared, number)


def latest(system: System, entity: Entity, number: int) -> datetime | None:
    """When something was last said of a record, inside an errand."""
    table = entity.table(system.id)
    parts = [_newest(table.views, table.name, KNOWN)]
    if table.kept:
        parts.append(_newest(table.views, table.name + PAST, UNTIL))
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT greatest({})").format(sql.SQL(", ").join(parts)), [number] * len(parts)
        )
        row = cursor.fetchone()
    return row[0] if row is not None and isinstance(row[0], datetime) else None


def _newest(schema: str, name: str, column: str) -> sql.Composable:
    return sql.SQL("(SELECT max({}) FROM {} WHERE {} = %s)").format(
        sql.Identifier(column), sql.Identifier(schema, name), sql.Identifier(RECORD)
    )
