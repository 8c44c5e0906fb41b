"""Writing records: created, changed from a day on, corrected for past days, withdrawn. One transaction each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, connection
from psycopg import errors as pg
from psycopg import sql

from yiwang.blocks.registry.domain.compiled import Entity, System
from yiwang.blocks.registry.domain.errors import (
    FusedElsewhere,
    KeyTaken,
    Problem,
    RecordInvalid,
    RecordRefused,
    RecordUnknown,
)
from yiwang.blocks.registry.domain.layout import LOOKUP, PUT
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR, Plain, read_record
from yiwang.blocks.registry.queries.reading import key_text
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.keys import protector
from yiwang.blocks.registry.store.sealing import generation
from yiwang.blocks.registry.store.serials import next_serial
from yiwang.blocks.registry.store.systems import entity_of

FOREVER = "infinity"


def create_record(
    errand: Errand,
    system: str,
    entity: str,
    values: Mapping[str, object],
    now: datetime,
    *,
    since: date | None = None,
    until: date | None = None,
) -> int:
    """A new record, true from `since` (today) until before `until` (further notice); returns its number.

    Raises: SystemUnknown, EntityUnknown, FusedElsewhere, RecordInvalid, KeyTaken, RecordRefused.
    """
    found, declared = entity_of(system, entity)
    _written_here(declared)
    today = local_day(now)
    with entering(errand, now):
        given = dict(values)
        for field in declared.fields:
            if field.kind == "serial" and not given.get(field.id):
                given[field.id] = next_serial(found, declared, field, given, today)
            elif field.default == "now" and field.kind in ("date", "datetime"):
                given.setdefault(field.id, today if field.kind == "date" else now)
        columns, problems = read_record(found, declared, given, today, whole=True)
        if problems:
            raise RecordInvalid(problems)
        record = KEY_SEPARATOR.join(str(columns[name]) for name in declared.table(system).key)
        sealed = _sealed(found, declared, columns, record)
        return _put(found, declared, None, sealed, since or today, until, now, errand.actor.username)


def change_record(
    errand: Errand,
    system: str,
    entity: str,
    record: int,
    values: Mapping[str, object],
    now: datetime,
    *,
    since: date | None = None,
    until: date | None = None,
) -> None:
    """Other values of some fields from `since` (today) until before `until`. Days in the past are a correction.

    Keys never change: a record with a wrong key is withdrawn and made anew. Raises: as `create_record`,
    RecordUnknown when nothing is known of it in that time.
    """
    found, declared = entity_of(system, entity)
    _written_here(declared)
    with entering(errand, now):
        columns, problems = read_record(found, declared, values, local_day(now), whole=False)
        key = {name for name in declared.key if name in values}
        wrong = tuple(Problem(name, "主键不能改", "a key cannot be changed") for name in sorted(key))
        if problems or wrong:
            raise RecordInvalid((*problems, *wrong))
        sealed = _sealed(found, declared, columns, key_text(found, declared, record))
        _put(found, declared, record, sealed, since or local_day(now), until, now, errand.actor.username)


def withdraw_record(
    errand: Errand,
    system: str,
    entity: str,
    record: int,
    now: datetime,
    *,
    since: date | None = None,
    until: date | None = None,
) -> None:
    """Say that it was not so: nothing is believed of the record in that time; what was is kept as history.

    Raises: SystemUnknown, EntityUnknown, FusedElsewhere, RecordUnknown, RecordRefused.
    """
    found, declared = entity_of(system, entity)
    _written_here(declared)
    with entering(errand, now):
        day = since or local_day(now)
        _put(found, declared, record, {}, day, until, now, errand.actor.username, withdraw=True)


def local_day(now: datetime) -> date:
    """The day of the node's calendar."""
    return now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def _written_here(entity: Entity) -> None:
    if entity.fused:
        raise FusedElsewhere(entity=entity.title.zh)


def _sealed(system: System, entity: Entity, columns: Mapping[str, Plain], record: str) -> dict[str, Plain]:
    """The columns as they are stored: encrypted ones sealed, with their digests."""
    stored = dict(columns)
    for field in entity.fields:
        if not field.encrypted or field.columns[0] not in stored:
            continue
        column, place = field.columns[0], field.place(system.id, entity.id)
        value = stored[column]
        seals = protector(generation())
        stored[column] = None if value is None else "\\x" + seals.seal(place, record, value).hex()
        if field.lookup:
            stored[LOOKUP + column] = None if value is None else "\\x" + seals.digest(place, value).hex()
    return stored


def _put(
    system: System,
    entity: Entity,
    record: int | None,
    columns: Mapping[str, Plain],
    since: date,
    until: date | None,
    now: datetime,
    teller: str,
    *,
    withdraw: bool = False,
) -> int:
    table = entity.table(system.id)
    statement = sql.SQL("SELECT {}(%s, %s::jsonb, %s, %s::date, %s, %s, %s)").format(
        sql.Identifier(table.schema, table.name + PUT)
    )
    before = until.isoformat() if until else FOREVER
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                statement,
                [record, json.dumps(columns, ensure_ascii=False), since, before, now, teller, withdraw],
            )
            return int(cursor.fetchone()[0])
    except DatabaseError as problem:
        raise _told(problem, entity) from problem


def _told(problem: DatabaseError, entity: Entity) -> Exception:
    """What the write function refused, in the registry's words; anything else as it is."""
    match problem.__cause__:
        case pg.UniqueViolation():
            return KeyTaken(entity=entity.title.zh)
        case pg.InsufficientPrivilege():
            return RecordRefused(entity=entity.title.zh)
        case pg.NoDataFound():
            return RecordUnknown()
        case pg.NotNullViolation() as missing:
            column = missing.diag.column_name or ""
            return RecordInvalid((Problem(column, "必填", "it is required"),))
        case _:
            return problem
