"""Many records at once, all or none: read cell by cell, copied into a staging table, checked and inserted as sets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import psycopg
from django.db import DatabaseError, connection, transaction
from psycopg import errors as pg
from psycopg import sql

from yiwang.blocks.journal.public import record_event
from yiwang.blocks.registry.domain.compiled import Entity, Field, System
from yiwang.blocks.registry.domain.errors import (
    CellProblem,
    FileRefused,
    FusedElsewhere,
    HeadsUnknown,
    KeyTaken,
)
from yiwang.blocks.registry.domain.layout import LOOKUP
from yiwang.blocks.registry.domain.loading import LINE, LOAD, STAGE
from yiwang.blocks.registry.domain.protecting import Protector
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR, Plain, ValueWrong, read
from yiwang.blocks.registry.store.days import local_day
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.keys import protector
from yiwang.blocks.registry.store.sealing import generation
from yiwang.blocks.registry.store.serials import next_serial
from yiwang.blocks.registry.store.systems import entity_of

EVENT: Final = "records-imported"
PROBLEMS: Final = 200
"""As many wrong cells are named."""
_STEP: Final = 5_000
_CHUNK: Final = 256 * 1024
_KNOWN_VALUES: Final = 20_000
_WORDS: Final = {
    "twice": ("同一主键在文件里出现多次", "the key stands in the file more than once"),
    "taken": ("已有同一主键的记录", "there is a record with this key"),
    "refused": ("当前岗位和用途不能写这一行", "your role and purpose may not write this row"),
}
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
Rows = Iterator[tuple[int, Sequence[object]]]
Watch = Callable[[int], None]
"""Told how many rows were read, every few thousand."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many records were made."""

    rows: int


def load_records(
    errand: Errand, system: str, entity: str, heads: Sequence[str], rows: Rows, now: datetime, *,
    since: date | None = None, until: date | None = None, watch: Watch | None = None,
) -> Loaded:  # fmt: skip
    """Make a record of each row, true from `since` (today) until before `until`, in one transaction.

    `heads` name fields by id or title; `rows` come with the line on which each stands in its file.

    Raises: SystemUnknown, EntityUnknown, FusedElsewhere, HeadsUnknown, FileRefused, KeyTaken.
    """
    found, declared = entity_of(system, entity)
    if declared.fused:
        raise FusedElsewhere(entity=declared.title.zh)
    reading = _Reading(found, declared, heads, now)
    table = declared.table(system)
    with entering(errand, now), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT {}()").format(sql.Identifier(table.schema, table.name + STAGE)))
            made = str(cursor.fetchone()[0])
        raw: psycopg.Connection[tuple[object, ...]] = connection.connection
        copying = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table.schema, made),
            sql.SQL(", ").join(sql.Identifier(one) for one in (LINE, *reading.columns)),
        )
        with psycopg.Cursor(raw) as plain_cursor, plain_cursor.copy(copying) as copy:
            for chunk in reading.lines(rows, watch):
                copy.write(chunk)
            if reading.problems:
                raise FileRefused(tuple(reading.problems))
        loaded = _checked(
            table.schema, table.name, declared, made, since or local_day(now), until, now, errand
        )
        record_event(
            EVENT, now, consumer=errand.actor.agency, provider=found.owner, purpose=errand.purpose,
            detail={"system": system, "entity": entity, "records": loaded, "by": errand.actor.user_id, "way": errand.way},
        )  # fmt: skip
    return Loaded(loaded)


def _checked(
    schema: str,
    table: str,
    entity: Entity,
    made: str,
    since: date,
    until: date | None,
    now: datetime,
    errand: Errand,
) -> int:
    """Check and insert what is staged; gives how many. Raises: FileRefused, KeyTaken."""
    statement = sql.SQL("SELECT what, number FROM {}(%s, %s, %s::date, %s, %s)").format(
        sql.Identifier(schema, table + LOAD)
    )
    before = until.isoformat() if until else "infinity"
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, [made, since, before, now, errand.actor.username])
            told: list[tuple[str, int]] = cursor.fetchall()
    except DatabaseError as problem:
        if isinstance(problem.__cause__, pg.UniqueViolation | pg.ExclusionViolation):
            raise KeyTaken(entity=entity.title.zh) from problem
        raise
    if [what for what, _ in told] == ["loaded"]:
        return told[0][1]
    key = entity.key[0]
    problems = [
        CellProblem(line, "" if what == "refused" else key, *_WORDS[what])
        for what, line in sorted(told, key=lambda one: one[1])
    ]
    raise FileRefused(tuple(problems[:PROBLEMS]))


class _Reading:
    """Rows of a file on their way into columns."""

    def __init__(self, system: System, entity: Entity, heads: Sequence[str], now: datetime) -> None:
        self.problems: list[CellProblem] = []
        self._system, self._entity, self._now, self._today = system, entity, now, local_day(now)
        self._fields = [one for one in entity.fields if one.derived is None]
        self._at = self._placed(heads)
        self._known: dict[str, dict[object, Plain]] = {one.id: {} for one in self._fields}
        self._seals: Protector | None = None
        if any(one.encrypted for one in self._fields):
            self._seals = protector(generation())
        self.columns = [
            column
            for one in self._fields
            for column in (
                *one.columns,
                *((LOOKUP + one.columns[0],) if one.encrypted and one.lookup else ()),
            )
        ]

    def lines(self, rows: Rows, watch: Watch | None) -> Iterator[bytes]:
        """The rows as COPY takes them. Stops at too many problems."""
        held: list[str] = []
        size = 0
        for count, (line, cells) in enumerate(rows, 1):
            text = self._line(line, cells)
            held.append(text)
            size += len(text)
            if size > _CHUNK:
                yield "".join(held).encode()
                held, size = [], 0
            if watch is not None and count % _STEP == 0:
                watch(count)
            if len(self.problems) >= PROBLEMS:
                return
        yield "".join(held).encode()

    def _placed(self, heads: Sequence[str]) -> dict[str, int]:
        """At which place of a row each field stands. Raises: HeadsUnknown."""
        names: dict[str, str] = {}
        for one in self._fields:
            names |= {one.id: one.id, one.title.zh: one.id, one.title.en or one.id: one.id}
        unknown = [head for head in heads if head not in names]
        at = {names[head]: place for place, head in enumerate(heads) if head in names}
        missing = [
            one.id for one in self._fields
            if one.required and one.id not in at and one.default is None and one.kind != "serial"
        ]  # fmt: skip
        if unknown or missing or len(at) < len(heads):
            raise HeadsUnknown(unknown=[head[:40] for head in unknown[:10]], missing=missing)
        return at

    def _line(self, line: int, cells: Sequence[object]) -> str:
        values: dict[str, Plain] = {}
        for one in self._fields:
            at = self._at.get(one.id)
            given = one.default if at is None else cells[at] if at < len(cells) else None
            value = self._value(line, one, one.default if given in (None, "") else given)
            if value is None and one.kind == "serial":
                value = next_serial(self._system, self._entity, one, values, self._today)
            if value is None and one.required:
                self._wrong(line, one, "必填", "it is required")
            values[one.id] = value
        if len(cells) > len(self._at) and any(cell not in (None, "") for cell in cells[len(self._at) :]):
            self.problems.append(CellProblem(line, "", "单元格比表头多", "there are more cells than heads"))
        key = KEY_SEPARATOR.join(str(values[one]) for one in self._entity.key)
        written = [str(line)]
        for one in self._fields:
            written += self._cells(one, values[one.id], key)
        return "\t".join(written) + "\n"

    def _value(self, line: int, field: Field, given: object) -> Plain:
        if given is None or given == "":
            return None
        if given == "now" and field.default == "now":
            given = self._now if field.kind == "datetime" else self._today
        known = self._known[field.id]
        try:
            if isinstance(given, str) and given in known:
                return known[given]
            value = read(self._system, field, given, self._today)
        except ValueWrong as wrong:
            self._wrong(line, field, wrong.zh, wrong.en)
            return None
        if isinstance(given, str) and len(known) < _KNOWN_VALUES:
            known[given] = value
        return value

    def _wrong(self, line: int, field: Field, zh: str, en: str) -> None:
        self.problems.append(CellProblem(line, field.id, zh, en))

    def _cells(self, field: Field, value: Plain, key: str) -> list[str]:
        """A value in its columns, as the text format of COPY writes it."""
        width = len(field.columns)
        if value is None:
            return ["\\N"] * (width + (field.encrypted and field.lookup))
        if field.encrypted and self._seals is not None:
            place = field.place(self._system.id, self._entity.id)
            sealed = ["\\\\x" + self._seals.seal(place, key, value).hex()]
            return [*sealed, "\\\\x" + self._seals.digest(place, value).hex()] if field.lookup else sealed
        if width > 1:
            return [part.translate(_ESCAPES) for part in str(value).split(KEY_SEPARATOR)]
        return [_text(value)]


def _text(value: Plain) -> str:
    match value:
        case str():
            return value.translate(_ESCAPES)
        case bool():
            return "t" if value else "f"
        case list():
            quoted = (one.replace("\\", "\\\\").replace('"', '\\"') for one in value)
            return ("{" + ",".join(f'"{one}"' for one in quoted) + "}").translate(_ESCAPES)
        case Mapping():
            return json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
        case _:
            return str(value)
