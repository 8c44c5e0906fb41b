"""Writing records: created, changed from a day on, corrected for past days, withdrawn. One transaction each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import DatabaseError, connection
from psycopg import errors as pg

from yiwang.blocks.registry.domain.compiled import Entity, Field, System
from yiwang.blocks.registry.domain.errors import (
    FusedElsewhere,
    KeyTaken,
    Problem,
    RecordChanged,
    RecordInvalid,
    RecordRefused,
    RecordUnknown,
    RegistryError,
    RepetitionDiffers,
)
from yiwang.blocks.registry.domain.layout import LOOKUP, PUT
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR, Plain, read_record
from yiwang.blocks.registry.queries.reading import key_text
from yiwang.blocks.registry.queries.remarks import latest
from yiwang.blocks.registry.store.asking import Asked, Question, ask
from yiwang.blocks.registry.store.days import local_day
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.keys import HELD, sealing_protector
from yiwang.blocks.registry.store.models import Once, Remark
from yiwang.blocks.registry.store.serials import next_serial
from yiwang.blocks.registry.store.systems import entity_of, remembered_entity
from yiwang.blocks.sealing.public import SealingTurned

FOREVER = "infinity"
REPEATABLE = timedelta(days=7)
"""So long a form or call that is sent again makes nothing more."""


def create_record(
    errand: Errand,
    system: str,
    entity: str,
    values: Mapping[str, object],
    now: datetime,
    *,
    since: date | None = None,
    until: date | None = None,
    once: str = "",
    body: bytes = b"",
) -> int:
    """A new record, true from `since` (today) until before `until` (further notice); returns its number.

    `once` is the mark of a form or call: sent again by the same person, it gives the record that it made before;
    `body` is a digest of what is asked, where another call under the same mark is to be refused.

    Raises: SystemUnknown, EntityUnknown, FusedElsewhere, RecordInvalid, KeyTaken, RecordRefused, RepetitionDiffers.
    """
    today = local_day(now)
    given = dict(values)
    token = f"{errand.actor.user_id}|{system}.{entity}|{once}" if once else ""

    def asked(found: System, declared: Entity) -> list[Question]:
        _written_here(declared)
        columns, problems = read_record(found, declared, given, today, whole=True)
        if problems:
            raise RecordInvalid(problems)
        record = KEY_SEPARATOR.join(str(columns[one]) for one in declared.table(system).key)
        # no value, nothing written
        written = {one: value for one, value in columns.items() if value is not None}
        sealed, held = _sealed(found, declared, written, record)
        put = _putting(found, declared, None, sealed, since or today, until, now, errand, once=(token, body))
        return [*held, put]

    known, fields = remembered_entity(system, entity)
    for field in fields.fields:
        if field.default == "now" and field.kind in ("date", "datetime"):
            given.setdefault(field.id, today if field.kind == "date" else now)
    numbered = [one for one in fields.fields if one.kind == "serial" and not given.get(one.id)]
    try:
        if not numbered:
            return _written(errand, system, entity, now, asked)
        with entering(errand, now):
            for field in numbered:
                given[field.id] = next_serial(known, fields, field, given, today)
            return _written(errand, system, entity, now, asked)
    except (RegistryError, DatabaseError):
        made = Once.objects.filter(token=token).first() if once else None
        if made is None:
            raise
        if bytes(made.body) != body:
            raise RepetitionDiffers() from None
        return made.record


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
    seen: datetime | None = None,
    reason: str = "",
) -> None:
    """Other values of some fields from `since` (today) until before `until`. Days in the past are a correction.

    Keys never change: a record with a wrong key is withdrawn and made anew. `seen` is the `revision` that the
    person's form showed. Raises: as `create_record`, RecordUnknown when nothing is known of it in that time,
    RecordChanged when somebody else was faster.
    """
    today = local_day(now)

    def asked(found: System, declared: Entity) -> list[Question]:
        _written_here(declared)
        columns, problems = read_record(found, declared, values, today, whole=False)
        key = {one for one in declared.key if one in values}
        wrong = tuple(Problem(one, "主键不能改", "a key cannot be changed") for one in sorted(key))
        if problems or wrong:
            raise RecordInvalid((*problems, *wrong))
        bound = key_text(found, declared, record) if _to_seal(declared, columns) else ""
        sealed, held = _sealed(found, declared, columns, bound)
        return [*held, _putting(found, declared, record, sealed, since or today, until, now, errand)]

    _, declared = remembered_entity(system, entity)
    sealing = any(one.encrypted and one.id in values for one in declared.fields)
    if not (sealing or seen or reason):
        _rewritten(errand, system, entity, record, now, asked)
        return
    with entering(errand, now):
        _in_turn(*entity_of(system, entity), record, seen)
        _rewritten(errand, system, entity, record, now, asked)
        if reason:
            day = since or today
            corrects = declared.history == "bitemporal" and day < today
            _remark(errand, system, entity, record, "corrected" if corrects else "changed", reason, now)


def withdraw_record(
    errand: Errand,
    system: str,
    entity: str,
    record: int,
    now: datetime,
    *,
    since: date | None = None,
    until: date | None = None,
    seen: datetime | None = None,
    reason: str = "",
) -> None:
    """Say that it was not so: nothing is believed of the record in that time; what was is kept as history.

    Raises: SystemUnknown, EntityUnknown, FusedElsewhere, RecordUnknown, RecordRefused, RecordChanged (see
    `change_record`).
    """

    def asked(found: System, declared: Entity) -> list[Question]:
        day = since or local_day(now)
        return [_putting(found, declared, record, {}, day, until, now, errand, withdraw=True)]

    with entering(errand, now):
        _in_turn(*entity_of(system, entity), record, seen)
        _rewritten(errand, system, entity, record, now, asked)
        _remark(errand, system, entity, record, "withdrawn", reason, now)


def forget_marks(now: datetime) -> int:
    """Forget the marks of forms and calls that are older than `REPEATABLE`; gives how many."""
    return Once.objects.filter(at__lt=now - REPEATABLE).delete()[0]


_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('registry-record', %s))"
"""One change of a record at a time."""


def _in_turn(system: System, entity: Entity, record: int, seen: datetime | None) -> None:
    """Wait for one's turn; whoever saw an older state than the present one is told. Raises: RecordChanged."""
    with connection.cursor() as cursor:
        cursor.execute(_TURN, [record])
    if seen is not None and latest(system, entity, record) != seen:
        raise RecordChanged(entity=entity.title.zh)


def _remark(
    errand: Errand, system: str, entity: str, record: int, kind: str, reason: str, now: datetime
) -> None:
    Remark.objects.create(
        system=system,
        entity=entity,
        record=record,
        kind=kind,
        by=errand.actor.username,
        reason=reason,
        at=now,
    )


def _to_seal(entity: Entity, columns: Mapping[str, Plain]) -> list[Field]:
    return [one for one in entity.fields if one.encrypted and one.columns[0] in columns]


def _sealed(
    system: System, entity: Entity, columns: Mapping[str, Plain], record: str
) -> tuple[dict[str, Plain], list[Question]]:
    """The columns as they are stored, encrypted ones sealed, with their digests; and what is asked before they are."""
    stored, fields = dict(columns), _to_seal(entity, columns)
    if not fields:
        return stored, []
    seals = sealing_protector()
    for field in fields:
        column, place = field.columns[0], field.place(system.id, entity.id)
        value = stored[column]
        stored[column] = None if value is None else "\\x" + seals.seal(place, record, value).hex()
        if field.lookup:
            stored[LOOKUP + column] = None if value is None else "\\x" + seals.digest(place, value).hex()
    return stored, [Question(HELD, [seals.generation])]


def _written_here(entity: Entity) -> None:
    """Raises: FusedElsewhere, before anything is said of the values: they may be right, and still not be put in."""
    if entity.fused:
        raise FusedElsewhere(entity=entity.title.zh)


def _putting(
    system: System,
    entity: Entity,
    record: int | None,
    columns: Mapping[str, Plain],
    since: date,
    until: date | None,
    now: datetime,
    errand: Errand,
    *,
    withdraw: bool = False,
    once: tuple[str, bytes] = ("", b""),
) -> Question:
    """The call of the write function; with `once` (token, digest of the body), its note in the same statement.

    Raises: FusedElsewhere.
    """
    _written_here(entity)
    table = entity.table(system.id)
    put = f"{name(table.schema, table.name + PUT)}(%s::bigint, %s::jsonb, %s::date, %s::date, %s, %s, %s)"
    before = until.isoformat() if until else FOREVER
    values = [
        record, json.dumps(columns, ensure_ascii=False), since, before, now, errand.actor.username, withdraw,
    ]  # fmt: skip
    token, body = once
    if not token:
        return Question(f"SELECT {put}", values)
    return Question(
        f"INSERT INTO registry_once (record, token, body, at) SELECT {put}, %s, %s, %s RETURNING record",
        [*values, token, body, now],
    )


def _written(errand: Errand, system: str, entity: str, now: datetime, asked: Asked) -> int:
    """Run the one statement; what the write function refused, in the registry's words."""
    titles: list[str] = []

    def noted(found: System, declared: Entity) -> list[Question]:
        titles[:] = [declared.title.zh]
        return list(asked(found, declared))

    again = not connection.in_atomic_block
    while True:
        try:
            return int(str(ask(errand, system, entity, now, noted).rows[-1][0][0]))
        except DatabaseError as problem:
            told = _told(problem, titles[-1])
            if again and isinstance(told, SealingTurned):
                again = False  # sealed by the key before: once more by the new one
                continue
            raise told from problem


def _rewritten(errand: Errand, system: str, entity: str, record: int, now: datetime, asked: Asked) -> None:
    """The same on a record that exists. One that the actor may not even see is not there for them."""

    def in_turn(found: System, declared: Entity) -> list[Question]:
        return [Question(_TURN, [record]), *asked(found, declared)]

    try:
        _written(errand, system, entity, now, in_turn)
    except RecordRefused:
        with entering(errand, now):
            key_text(*entity_of(system, entity), record)
        raise


def _told(problem: DatabaseError, title: str) -> Exception:
    """What the write function refused, in the registry's words; anything else as it is."""
    match problem.__cause__:
        case pg.UniqueViolation():
            return KeyTaken(entity=title)
        case pg.InsufficientPrivilege():
            return RecordRefused(entity=title)
        case pg.NoDataFound():
            return RecordUnknown()
        case pg.ObjectNotInPrerequisiteState():
            return SealingTurned()
        case pg.NotNullViolation() as missing:
            column = missing.diag.column_name or ""
            return RecordInvalid((Problem(column, "必填", "it is required"),))
        case _:
            return problem
