"""Many records at once, all or none: read column by column, copied, checked and inserted step by step as sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import psycopg
from django.db import transaction

from yiwang.blocks.journal.public import record_event
from yiwang.blocks.registry.actions.file_rows import PROBLEMS, FileRows, Rows, Step
from yiwang.blocks.registry.domain.compiled import Entity, System
from yiwang.blocks.registry.domain.errors import (
    FileRefused,
    FusedElsewhere,
    KeyTaken,
    LoadIncomplete,
)
from yiwang.blocks.registry.store.days import local_day
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.staging import Period, Staging
from yiwang.blocks.registry.store.systems import entity_of

EVENT: Final = "records-imported"
Watch = Callable[[int], None]
"""Told how many rows were read, after every step."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many records were made."""

    rows: int


def load_records(
    errand: Errand, system: str, entity: str, heads: Sequence[str], rows: Rows, now: datetime, *,
    since: date | None = None, until: date | None = None, watch: Watch | None = None, named: int = PROBLEMS,
) -> Loaded:  # fmt: skip
    """Make a record of each row, true from `since` (today) until before `until`, in one transaction.

    `heads` name fields by id or title; `rows` come with the line on which each stands in its file. Whatever ends the
    load before it is whole leaves nothing of it. A file that is refused has at most `named` of its wrong cells named.

    Raises: SystemUnknown, EntityUnknown, FusedElsewhere, HeadsUnknown, FileRefused, KeyTaken, LoadIncomplete.
    """
    found, declared = entity_of(system, entity)
    if declared.fused:
        raise FusedElsewhere(entity=declared.title.zh)
    reading = FileRows(found, declared, heads, now, named)
    with entering(errand, now), transaction.atomic():
        reading.hold_key()
        load = _Load(
            Staging(declared, system), declared, reading, period_of(since or local_day(now), until),
            (now, errand.actor.username),
        )  # fmt: skip
        loaded = load.run(rows, watch)
        note_loaded(errand, now, found, entity, loaded)
    return Loaded(loaded)


def period_of(since: date, until: date | None) -> Period:
    """The days of records as the functions of a table take them."""
    return since, until.isoformat() if until else "infinity"


def note_loaded(errand: Errand, now: datetime, system: System, entity: str, records: int) -> None:
    """Write a load that is whole into the journal, with its transaction."""
    record_event(
        EVENT, now, consumer=errand.actor.agency, provider=system.owner, purpose=errand.purpose,
        detail={"system": system.id, "entity": entity, "records": records, "by": errand.actor.user_id, "way": errand.way},
    )  # fmt: skip


def refusal(reading: FileRows) -> FileRefused:
    """What is wrong with the cells of a file, the first lines first."""
    return FileRefused(tuple(sorted(reading.problems, key=lambda one: one.line)[: reading.named]))


def rejection(
    staging: Staging, entity: Entity, made: str, period: Period, named: int = PROBLEMS
) -> FileRefused | KeyTaken:
    """What the database found wrong with rows that are laid down, by their lines; at most `named` of it."""
    problems = staging.wrong(made, period)
    return FileRefused(tuple(problems[:named])) if problems else KeyTaken(entity=entity.title.zh)


class _Load:
    """A load under way, in the transaction of its errand: while the database works on a step, the next one is read."""

    def __init__(
        self, staging: Staging, entity: Entity, reading: FileRows, period: Period, told: tuple[datetime, str]
    ) -> None:  # fmt: skip
        self._staging, self._entity, self._reading = staging, entity, reading
        self._period, self._told = period, told
        self._made = ""
        self._place = (0, 0)
        self._loaded: int | None = 0

    def run(self, rows: Rows, watch: Watch | None) -> int:
        """How many records were made. Raises: FileRefused, KeyTaken, LoadIncomplete."""
        reading, staging = self._reading, self._staging
        self._made = staging.begin()
        steps = reading.steps(rows)
        step = next(steps, None)
        while step is not None and not reading.problems:
            staging.copy(staging.table.schema, self._made, reading.columns, step.text)
            with staging.raw.pipeline():
                asked = self._inserting() if self._loaded is not None else None
                following = None if reading.numbered else next(steps, None)
            self._count(asked, step)
            step = next(steps, None) if reading.numbered else following
            if watch is not None:
                watch(reading.read)
        for _ in steps if reading.problems else ():
            pass  # reads on, to tell what else is wrong
        if reading.problems:
            raise refusal(reading)
        if self._loaded is None:
            raise rejection(staging, self._entity, self._made, self._period, reading.named)
        if self._loaded != reading.read:
            raise LoadIncomplete(read=reading.read, loaded=self._loaded)
        staging.drop(self._made)
        return self._loaded

    def _inserting(self) -> psycopg.Cursor[tuple[object, ...]]:
        """Have the staged step checked and inserted; the answer is fetched later."""
        return self._staging.asked(self._made, self._place, self._period, self._told)

    def _count(self, asked: psycopg.Cursor[tuple[object, ...]] | None, step: Step) -> None:
        if asked is None or self._loaded is None:
            return
        loaded, page = asked.fetchone() or (None, 0)
        self._place = (int(str(page)), step.last)
        self._loaded = None if loaded is None else self._loaded + int(str(loaded))
