"""Many records at once, all or none: read cell by cell, copied into a staging table, checked and inserted as sets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
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
        for chunk in reading.lines(rows, watch):  # reading asks the database for numbers: not while it copies
            with psycopg.Cursor(raw) as plain_cursor, plain_cursor.copy(copying) as copy:
                copy.write(chunk)
        if reading.problems:
            raise FileRefused(tuple(sorted(reading.problems, key=lambda one: one.line)[:PROBLEMS]))
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
        self._width = len(heads)
        self._texts: dict[str, dict[str, str]] = {one.id: {} for one in self._fields}
        self._apart = any(
            one.encrypted or one.kind == "serial" or len(one.columns) > 1 for one in self._fields
        )
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
        """The rows as COPY takes them, batch by batch. Stops at too many problems."""
        count = 0
        while batch := list(islice(rows, _STEP)):
            yield self._batch(batch)
            count += len(batch)
            if watch is not None:
                watch(count)
            if len(self.problems) >= PROBLEMS:
                return

    def _batch(self, batch: list[tuple[int, Sequence[object]]]) -> bytes:
        """A batch, column by column: what a cell says is worked out once for each text that stands in a column."""
        width = self._width
        for line, cells in batch:
            if len(cells) > width and any(cell not in (None, "") for cell in cells[width:]):
                self.problems.append(
                    CellProblem(line, "", "单元格比表头多", "there are more cells than heads")
                )
        numbers = [line for line, _ in batch]
        written: list[list[str]] = [[str(line) for line in numbers]]
        if self._apart:
            rows = [self._row(line, cells) for line, cells in batch]
            written += [list(column) for column in zip(*rows, strict=True)]
        else:
            for one in self._fields:
                at = self._at.get(one.id)
                column = [None if at is None or at >= len(cells) else cells[at] for _, cells in batch]
                written.append(self._column(one, numbers, column))
        return ("\n".join(map("\t".join, zip(*written, strict=True))) + "\n").encode()

    def _column(self, field: Field, lines: Sequence[int], cells: Sequence[object]) -> list[str]:
        known = self._texts[field.id]
        found: list[str] = []
        for line, cell in zip(lines, cells, strict=True):
            text = known.get(cell) if isinstance(cell, str) else None
            if text is None:
                value = self._value(line, field, cell)
                text = "\\N" if value is None else _text(value)
                if (
                    isinstance(cell, str)
                    and (value is not None or not (cell or field.required))
                    and len(known) < _KNOWN_VALUES
                ):
                    known[cell] = text
            found.append(text)
        return found

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

    def _row(self, line: int, cells: Sequence[object]) -> list[str]:
        """The cells of one row, where values hang together: numbers given out, keys that seals are bound to."""
        values: dict[str, Plain] = {}
        for one in self._fields:
            at = self._at.get(one.id)
            cell = None if at is None or at >= len(cells) else cells[at]
            values[one.id] = self._value(line, one, cell, values)
        key = KEY_SEPARATOR.join(str(values[one]) for one in self._entity.key)
        return [text for one in self._fields for text in self._cells(one, values[one.id], key)]

    def _value(
        self, line: int, field: Field, given: object, others: Mapping[str, Plain] | None = None
    ) -> Plain:
        """What a cell says; its default where it is empty."""
        given = field.default if given in (None, "") else given
        if given == "now" and field.default == "now":
            given = self._now if field.kind == "datetime" else self._today
        try:
            value = read(self._system, field, given, self._today)
        except ValueWrong as wrong:
            self._wrong(line, field, wrong.zh, wrong.en)
            return None
        if value is None and field.kind == "serial" and others is not None:
            value = next_serial(self._system, self._entity, field, others, self._today)
        if value is None and field.required:
            self._wrong(line, field, "必填", "it is required")
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
