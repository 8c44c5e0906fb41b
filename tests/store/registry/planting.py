"""Rows of declared tables, put in by the owner: what is seen of them is decided by the rules alone."""

from __future__ import annotations

from django.db import connection

from yiwang.blocks.registry.domain.quoting import name, text
from yiwang.blocks.registry.public import Entity, System

NEEDED: dict[str, tuple[str, ...]] = {
    "divisions": (), "hotline": ("divisions",), "population": ("divisions",),
    "social_assistance": ("divisions", "population"),
}  # fmt: skip
"""The packages of the product, and which have to be applied before each."""
DIVISION = "370102001"
_FILLED = {
    "bigint": "7", "boolean": "true", "date": "date '2026-01-02'", "timestamptz": "timestamptz '2026-01-02'",
    "text[]": "ARRAY['x']", "point": "point(1,2)", "jsonb": "'{}'::jsonb", "bytea": "NULL",
}  # fmt: skip


def put(system: System, entity: Entity, **given: str) -> None:
    """One row in which each field that is not sealed has a value, these columns a text of their own; its place is the reader's."""
    table = entity.table(system.id)
    places = {column for one in entity.fields if one.kind == "division" for column in one.columns}
    columns = {one.name: f"'{DIVISION}'" if one.name in places else _filled(one.sql) for one in table.columns}
    columns |= {
        one.name: "'13812345678'"
        for one in table.columns
        if one.mask and one.sql == "text" and not one.encrypted
    }
    columns |= {"_by": "'owner'", "_known": "timestamptz '2026-01-01'"}
    if table.dated:
        columns |= {"_from": "date '2000-01-01'"}
    columns |= {one.name: "'\\x00'::bytea" for one in table.columns if one.encrypted and one.required}
    columns |= {column: text(value) for column, value in given.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {name(table.schema, table.name)} ({', '.join(map(name, columns))})"
            f" VALUES ({', '.join(columns.values())})".replace("%", "%%")
        )


def _filled(sql: str) -> str:
    return next(
        (value for kind, value in _FILLED.items() if sql == kind), "7" if sql.startswith("numeric") else "'1'"
    )
