"""Rows for quality rules about encrypted fields, opened in this process and written nowhere."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

import psycopg
from django.db import connection, transaction

from yiwang.blocks.registry.domain.compiled import Entity, Field, System, sql_type
from yiwang.blocks.registry.domain.judged import JUDGE, VIEW, judged_fields
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR, Plain
from yiwang.blocks.registry.queries.reading import plain
from yiwang.blocks.registry.store.keys import protector

BATCH: Final = 5_000
"""Rows that are open at once, beside what the rules keep."""


def judged_columns(entity: Entity) -> dict[str, str]:
    """The columns of `judged_rows` with the types that their values have in PostgreSQL; empty where no rule needs them."""
    return {
        column: kind
        for field in judged_fields(entity)
        for column, kind in zip(field.columns, _opened_types(field), strict=True)
    }


def judged_rows(system: System, entity: Entity) -> Generator[list[list[Plain]]]:
    """All present rows, batch by batch, with encrypted values opened.

    Only for rules that run in this process: what they give is counts. Raises: SealBroken, KeyMissing, KeyRetired.
    """
    fields = judged_fields(entity)
    if not fields:
        return
    table, seals = entity.table(system.id), protector()
    places = [
        field.place(system.id, entity.id) if field.encrypted else ""
        for field in fields
        for _ in field.columns
    ]
    columns = [column for field in fields for column in field.columns]
    key = [columns.index(one) for one in table.key]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('yw.system_roles', %s, true)", [JUDGE])
        raw: psycopg.Connection[tuple[object, ...]] = connection.connection
        with psycopg.ServerCursor(raw, "registry_judged") as rows:
            rows.execute(f"SELECT * FROM {name(table.views, table.name + VIEW)}".encode())
            while batch := rows.fetchmany(BATCH):
                opened: list[list[Plain]] = []
                for row in batch:
                    bound = KEY_SEPARATOR.join(str(plain(row[at])) for at in key)
                    opened.append(
                        [
                            seals.open(place, bound, value)
                            if place and isinstance(value, bytes)
                            else plain(value)
                            for place, value in zip(places, row, strict=True)
                        ]
                    )
                yield opened
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('yw.system_roles', '', true)")


def _opened_types(field: Field) -> tuple[str, ...]:
    return (sql_type(field),) if field.encrypted else field.stored_types()
