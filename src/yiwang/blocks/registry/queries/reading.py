"""Rows of the views as records: what the actor may see, encrypted fields opened for whoever sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from psycopg import sql

from yiwang.blocks.registry.domain.compiled import Entity, Field, System
from yiwang.blocks.registry.domain.errors import RecordUnknown
from yiwang.blocks.registry.domain.layout import BY, FROM, KNOWN, RECORD, TO, UNTIL
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR, Plain
from yiwang.blocks.registry.store.keys import protector
from yiwang.blocks.registry.store.sealing import generation

Sent = int | float | str | bytes | date | datetime | list[str] | None
"""A parameter of a statement."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record, or what was once believed of it.

    Attributes:
        id: its number, the same in every row of its history.
        values: by field id; None where there is no value or the actor may not see it.
        since, until: days that it is about (bitemporal tables); `until` None: further notice.
        known, replaced: since when it was believed, and until when; None: still.
        by: who said so.
    """

    id: int
    values: Mapping[str, Plain]
    since: date | None
    until: date | None
    known: datetime
    replaced: datetime | None
    by: str


def columns_of(system: System, entity: Entity, *, past: bool = False) -> sql.Composable:
    """What is selected of a view called `row`: the record's own columns, then the fields'."""
    parts: list[sql.Composable] = [sql.Identifier("row", RECORD)]
    if entity.history == "bitemporal":
        # the driver has no date for infinity
        parts += [
            sql.Identifier("row", FROM),
            sql.SQL("nullif({}, 'infinity')").format(sql.Identifier("row", TO)),
        ]
    parts += [sql.Identifier("row", KNOWN), sql.Identifier("row", BY)]
    parts.append(sql.Identifier("row", UNTIL) if past else sql.SQL("NULL::timestamptz"))
    for field in entity.fields:
        if field.derived is not None:
            parts.append(sql.SQL("({})").format(sql.SQL(field.derived)))
        else:
            parts += [sql.Identifier("row", column) for column in field.columns]
    del system
    return sql.SQL(", ").join(parts)


def records_of(system: System, entity: Entity, rows: Sequence[Sequence[object]]) -> list[Record]:
    """Rows of `columns_of` as records."""
    opener = protector(generation()) if any(f.encrypted for f in entity.fields) else None
    dated = entity.history == "bitemporal"
    found = []
    for row in rows:
        cells = list(row)
        record = int(str(cells.pop(0)))
        since, until = (cells.pop(0), cells.pop(0)) if dated else (None, None)
        known, by, replaced = cells.pop(0), cells.pop(0), cells.pop(0)
        raw: dict[str, object] = {}
        for field in entity.fields:
            width = 1 if field.derived is not None else len(field.columns)
            taken, cells = cells[:width], cells[width:]
            raw[field.id] = taken[0] if width == 1 else _joined(taken)
        key = KEY_SEPARATOR.join(str(raw[name]) for name in entity.key)
        values = {
            f.id: opener.open(f.place(system.id, entity.id), key, bytes(sealed))
            if opener is not None and f.encrypted and isinstance(sealed := raw[f.id], bytes | memoryview)
            else plain(f, raw[f.id])
            for f in entity.fields
        }
        found.append(
            Record(
                record, values,
                since if isinstance(since, date) else None,
                until if isinstance(until, date) else None,
                _moment(known), replaced if isinstance(replaced, datetime) else None, str(by),
            )
        )  # fmt: skip
    return found


def key_text(system: System, entity: Entity, record: int) -> str:
    """The key of a record that the actor may see, as sealed values are bound to it. Raises: RecordUnknown."""
    table = entity.table(system.id)
    statement = sql.SQL("SELECT {} FROM {} WHERE {} = %s LIMIT 1").format(
        sql.SQL(", ").join(sql.Identifier(name) for name in table.key),
        sql.Identifier(table.views, table.name),
        sql.Identifier(RECORD),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [record])
        row = cursor.fetchone()
    if row is None:
        raise RecordUnknown()
    return KEY_SEPARATOR.join(str(value) for value in row)


def plain(field: Field, value: object) -> Plain:
    """A column's value in plain form."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat()
        case date():
            return value.isoformat()
        case list():
            return [str(one) for one in value]
        case float():
            return value
        case dict():
            return {str(name): one for name, one in value.items()}
        case _:
            raise TypeError(f"{field.id} holds a {type(value).__name__}")


def _joined(parts: Sequence[object]) -> str | None:
    return None if any(part is None for part in parts) else KEY_SEPARATOR.join(str(part) for part in parts)


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("a record without the time it was believed from")
    return value
