"""Many records at once, all or none: read column by column, copied, checked and inserted step by step as sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import psycopg
from django.db import connection, transaction
from psycopg import sql

from yiwang.blocks.journal.public import record_event
from yiwang.blocks.registry.actions.file_rows import PROBLEMS, FileRows, Rows, Step
from yiwang.blocks.registry.domain.compiled import Entity
from yiwang.blocks.registry.domain.errors import (
    CellProblem,
    FileRefused,
    FusedElsewhere,
    KeyTaken,
    LoadIncomplete,
)
from yiwang.blocks.registry.domain.layout import Table
from yiwang.blocks.registry.domain.loading import LINE, LOAD, STAGE, UNSTAGE, WRONG
from yiwang.blocks.registry.store.days import local_day
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.systems import entity_of

EVENT: Final = "records-imported"
_WORDS: Final = {
    "twice": ("同一主键在文件里出现多次", "the key stands in the file more than once"),
    "taken": ("已有同一主键的记录", "there is a record with this key"),
    "refused": ("当前岗位和用途不能写这一行", "your role and purpose may not write this row"),
}
Watch = Callable[[int], None]
"""Told how many rows were read, after every step."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many records were made."""

    rows: int


def load_records(
    errand: Errand, system: str, entity: str, heads: Sequence[str], rows: Rows, now: datetime, *,
    since: date | None = None, until: date | None = None, watch: Watch | None = None,
) -> Loaded:  # fmt: skip
    """Make a record of each row, true from `since` (today) until before `until`, in one transaction.

    `heads` name fields by id or title; `rows` come with the line on which each stands in its file. Whatever ends the
    load before it is whole leaves nothing of it.

    Raises: SystemUnknown, EntityUnknown, FusedElsewhere, HeadsUnknown, FileRefused, KeyTaken, LoadIncomplete.
    """
    found, declared = entity_of(system, entity)
    if declared.fused:
        raise FusedElsewhere(entity=declared.title.zh)
    reading = FileRows(found, declared, heads, now)
    with entering(errand, now), transaction.atomic():
        reading.hold_key()
        period = (since or local_day(now), until.isoformat() if until else "infinity")
        load = _Load(declared, declared.table(system), reading, period, (now, errand.actor.username))
        loaded = load.run(rows, watch)
        record_event(
            EVENT, now, consumer=errand.actor.agency, provider=found.owner, purpose=errand.purpose,
            detail={"system": system, "entity": entity, "records": loaded, "by": errand.actor.user_id, "way": errand.way},
        )  # fmt: skip
    return Loaded(loaded)


class _Load:
    """A load under way, in the transaction of its errand: while the database works on a step, the next one is read."""

    def __init__(
        self, entity: Entity, table: Table, reading: FileRows, period: tuple[date, str], told: tuple[datetime, str]
    ) -> None:  # fmt: skip
        self._entity, self._table, self._reading = entity, table, reading
        self._period, self._told = period, told
        self._raw: psycopg.Connection[tuple[object, ...]] = connection.connection
        self._made = ""
        self._place = (0, 0)
        self._loaded: int | None = 0

    def run(self, rows: Rows, watch: Watch | None) -> int:
        """How many records were made. Raises: FileRefused, KeyTaken, LoadIncomplete."""
        reading = self._reading
        self._made = str(self._one(sql.SQL("SELECT {}()").format(self._name(STAGE)), [])[0])
        steps = reading.steps(rows)
        step = next(steps, None)
        while step is not None and not reading.problems:
            self._copy(step)
            with self._raw.pipeline():
                asked = self._inserting() if self._loaded is not None else None
                following = None if reading.numbered else next(steps, None)
            self._count(asked, step)
            step = next(steps, None) if reading.numbered else following
            if watch is not None:
                watch(reading.read)
        for _ in steps if reading.problems else ():
            pass  # reads on, to tell what else is wrong
        if reading.problems:
            raise FileRefused(tuple(sorted(reading.problems, key=lambda one: one.line)[:PROBLEMS]))
        if self._loaded is None:
            raise self._wrong()
        if self._loaded != reading.read:
            raise LoadIncomplete(read=reading.read, loaded=self._loaded)
        self._one(sql.SQL("SELECT {}(%s)").format(self._name(UNSTAGE)), [self._made])
        return self._loaded

    def _copy(self, step: Step) -> None:
        copying = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(self._table.schema, self._made),
            sql.SQL(", ").join(sql.Identifier(one) for one in (LINE, *self._reading.columns)),
        )
        with psycopg.Cursor(self._raw) as cursor, cursor.copy(copying) as copy:
            copy.write(step.text)

    def _inserting(self) -> psycopg.Cursor[tuple[object, ...]]:
        """Have the staged step checked and inserted; the answer is fetched later."""
        cursor = psycopg.Cursor(self._raw)
        cursor.execute(
            sql.SQL("SELECT loaded, following FROM {}(%s, %s, %s, %s, %s::date, %s, %s)").format(
                self._name(LOAD)
            ),
            [self._made, *self._place, *self._period, *self._told],
        )
        return cursor

    def _count(self, asked: psycopg.Cursor[tuple[object, ...]] | None, step: Step) -> None:
        if asked is None or self._loaded is None:
            return
        loaded, page = asked.fetchone() or (None, 0)
        self._place = (int(str(page)), step.last)
        self._loaded = None if loaded is None else self._loaded + int(str(loaded))

    def _wrong(self) -> FileRefused | KeyTaken:
        """What the database found wrong with the rows, by their lines."""
        statement = sql.SQL("SELECT what, number FROM {}(%s, %s, %s::date)").format(self._name(WRONG))
        with psycopg.Cursor(self._raw) as cursor:
            told = cursor.execute(statement, [self._made, *self._period]).fetchall()
        key = self._entity.key[0]
        problems = [
            CellProblem(int(str(line)), "" if what == "refused" else key, *_WORDS[str(what)])
            for what, line in sorted(told, key=lambda one: int(str(one[1])))
        ]
        return FileRefused(tuple(problems[:PROBLEMS])) if problems else KeyTaken(entity=self._entity.title.zh)

    def _one(self, statement: sql.Composed, values: Sequence[object]) -> tuple[object, ...]:
        with psycopg.Cursor(self._raw) as cursor:
            return cursor.execute(statement, values).fetchone() or ()

    def _name(self, function: str) -> sql.Identifier:
        return sql.Identifier(self._table.schema, self._table.name + function)
