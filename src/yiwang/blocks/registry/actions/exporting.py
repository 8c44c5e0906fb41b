"""Records as a file: what the actor may see and take out, written down with the transaction that reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import psycopg
from django.db import connection

from yiwang.blocks.journal.public import record_event
from yiwang.blocks.registry.domain import access
from yiwang.blocks.registry.domain.compiled import Entity, Field
from yiwang.blocks.registry.domain.errors import ExportRefused
from yiwang.blocks.registry.domain.standing import standing
from yiwang.blocks.registry.domain.values import Plain
from yiwang.blocks.registry.queries.listing import Selection, Wanted
from yiwang.blocks.registry.queries.reading import Record, shape_of
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.reads import digest, leaves, note
from yiwang.blocks.registry.store.systems import entity_of
from yiwang.dataplane.tables.reading import Format
from yiwang.dataplane.tables.writing import Cell, Typed, write_table

EVENT: Final = "records-exported"
_BATCH: Final = 2_000
_TYPES: Final[dict[str, Typed]] = {
    "integer": "integer",
    "money": "integer",
    "user": "integer",
    "boolean": "boolean",
}


def export_records(
    errand: Errand, system: str, entity: str, wanted: Wanted, now: datetime, path: Path, kind: Format
) -> int:
    """Write what the list finds, all of it, into a file; gives how many records.

    Only rows and fields that a rule lets the actor export are in it; masked values stay masked.

    Raises: SystemUnknown, EntityUnknown, FieldUnknown, ListBroken, ExportRefused, TableFileTooLarge.
    """
    found, declared = entity_of(system, entity)
    shape = shape_of(found, declared)
    selection = Selection(found, declared, wanted, now, None)
    where, values = selection.selected()
    rules = declared.access()
    checks = [
        (one, when)
        for one in declared.fields
        if (when := access.field(rules, "export", one.columns[0])) is not None
    ]
    allowed = "".join(f", coalesce(({when}), FALSE)" for _, when in checks).replace("%", "%%")
    rows = access.rows(rules, "export").replace("%", "%%")
    statement = f"SELECT {shape.columns()}{allowed} FROM {shape.view()} WHERE {where} AND ({rows})"
    ids: list[int] = []

    def records() -> Iterator[list[Cell]]:
        raw: psycopg.Connection[tuple[object, ...]] = connection.connection
        with psycopg.ServerCursor(raw, "registry_export") as cursor:
            cursor.execute(statement.encode(), values)
            while batch := cursor.fetchmany(_BATCH):
                width = len(batch[0]) - len(checks)
                for row, one in zip(batch, shape.records([row[:width] for row in batch]), strict=True):
                    kept_back = {
                        field.id
                        for (field, _), may in zip(checks, row[width:], strict=True)
                        if may is not True
                    }
                    ids.append(one.id)
                    yield _cells(declared, one, kept_back)

    with entering(errand, now) as roles:
        if not standing(declared, roles, errand.purpose, bool(errand.case)).exports:
            raise ExportRefused(entity=declared.title.zh)
        heads = [one.id for one in declared.fields]
        types = [_type(one) for one in declared.fields]
        count = write_table(path, kind, heads, types, records())
        record_event(
            EVENT, now, consumer=errand.actor.agency, provider=found.owner, purpose=errand.purpose,
            detail={
                "system": system, "entity": entity, "records": count, "digest": digest(sorted(ids)), "format": kind,
                "case": errand.case, "by": errand.actor.user_id, "way": errand.way,
            },
        )  # fmt: skip
        if leaves(errand, found):
            note(errand, found, declared, ids, now)
    return count


def _type(field: Field) -> Typed:
    return "text" if field.mask or field.derived is not None else _TYPES.get(field.kind, "text")


def _cells(entity: Entity, record: Record, kept_back: set[str]) -> list[Cell]:
    return [_cell(one, None if one.id in kept_back else record.values[one.id]) for one in entity.fields]


def _cell(field: Field, value: Plain) -> Cell:
    if value is None:
        return None
    if _type(field) != "text" and isinstance(value, bool | int):
        return value
    match value:
        case list():
            return ";".join(value)
        case dict():
            return json.dumps(value, ensure_ascii=False)
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
