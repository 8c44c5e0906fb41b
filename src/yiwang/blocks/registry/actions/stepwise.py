"""A load that goes on where it was broken off: step by step laid down unseen, then taken in whole. ADR 0285.

A step is a transaction: its rows in a table of their own, and how far the load has come. Nobody reads those tables.
When the last row lies there, one transaction checks and inserts them all; until then the load can be taken back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final

from django.db import transaction
from psycopg import errors as pg

from yiwang.blocks.registry.actions.file_rows import FileRows, Rows
from yiwang.blocks.registry.actions.loading import (
    Loaded,
    Watch,
    note_loaded,
    period_of,
    refusal,
    rejection,
)
from yiwang.blocks.registry.domain.compiled import Entity, System
from yiwang.blocks.registry.domain.errors import (
    EntityUnknown,
    FileRefused,
    FusedElsewhere,
    KeyTaken,
    LoadDaysDiffer,
    LoadFileDiffers,
    LoadIncomplete,
    LoadNameWrong,
    LoadOfAnother,
    LoadOutdated,
    LoadUnderWay,
    LoadUnknown,
    LoadUnprepared,
    SystemUnknown,
)
from yiwang.blocks.registry.store.days import local_day
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.models import Load
from yiwang.blocks.registry.store.staging import Staging
from yiwang.blocks.registry.store.systems import entity_of, in_force

STEP: Final = 100_000
"""Rows of a step: each is a table of its own, and a few hundred of them are dropped at once."""
ABANDONED: Final = timedelta(days=14)
"""A load that nobody has gone on with for so long is taken back."""
REMEMBERED: Final = timedelta(days=90)
"""For so long a finished load answers that it is, and its name is taken."""
_NAME: Final = re.compile(r"[\w.-]{1,80}")
Clock = Callable[[], datetime]


class _Outdated(Exception):
    """The release or the key are others than those that the load was begun with."""


class _Rejected(Exception):
    """The database found something wrong with the rows."""


@dataclass(frozen=True, slots=True)
class LoadView:
    """A load that is under way: `rows` lie there."""

    name: str
    system: str
    entity: str
    rows: int
    began_at: datetime
    moved_at: datetime


def load_in_steps(
    errand: Errand, name: str, digest: str, system: str, entity: str, heads: Sequence[str], rows: Rows, clock: Clock, *,
    since: date | None = None, until: date | None = None, watch: Watch | None = None,
) -> Loaded:  # fmt: skip
    """Make a record of each row as `load_records` does, or go on with the load of this name where it was broken off.

    `digest` is the SHA-256 of the file in hexadecimal digits, `rows` all its rows. Cells that say "today" mean the day
    on which the load began; the records are known from the moment on in which all are there. A file that is refused
    leaves nothing. A load that was finished with the same file makes no record twice: it says how many it made.

    Raises: SystemUnknown, EntityUnknown, FusedElsewhere, HeadsUnknown, FileRefused, KeyTaken, LoadIncomplete,
        LoadNameWrong, LoadOfAnother, LoadFileDiffers, LoadDaysDiffer, LoadOutdated, LoadUnderWay, LoadUnprepared.
    """
    found, declared = entity_of(system, entity)
    if declared.fused:
        raise FusedElsewhere(entity=declared.title.zh)
    if not _NAME.fullmatch(name):
        raise LoadNameWrong()
    FileRows(found, declared, heads, clock())  # heads that do not fit begin nothing
    load = _begun(errand, name, digest, found, declared, clock(), since, until)
    if load.state == "done":
        return Loaded(load.rows)
    work = _Work(errand, load, found, declared, FileRows(found, declared, heads, load.began_at), clock)
    try:
        work.lay_down(rows, watch)
        return Loaded(work.take_in())
    except (FileRefused, KeyTaken, LoadIncomplete):
        work.take_back()
        raise
    except _Outdated:
        work.take_back()
        raise LoadOutdated(name=name) from None


def take_back_load(errand: Errand, name: str, system: str, entity: str, now: datetime) -> None:
    """Take away what lies there of a load that is under way.

    Raises: SystemUnknown, EntityUnknown, LoadUnknown, LoadOfAnother.
    """
    found, declared = entity_of(system, entity)
    with entering(errand, now), transaction.atomic():
        load = _held(system, entity, name)
        if load is None or load.state != "open":
            raise LoadUnknown(entity=declared.title.zh, name=name)
        _own(load, errand, declared)
        _dropped(load, found, declared)


def open_loads(errand: Errand, now: datetime) -> list[LoadView]:
    """The loads that the actor has under way in the agency that they act for, the newest first."""
    with entering(errand, now):
        found = Load.objects.filter(user=errand.actor.user_id, agency=errand.actor.agency, state="open")
        return [
            LoadView(one.name, one.system, one.entity, one.rows, one.began_at, one.moved_at)
            for one in found.order_by("-began_at")
        ]


def forget_loads(now: datetime) -> int:
    """Take back loads that nobody has gone on with since `ABANDONED`, forget finished ones; gives how many of both."""
    gone = Load.objects.filter(state="done", moved_at__lt=now - REMEMBERED).delete()[0]
    for load in Load.objects.filter(state="open", moved_at__lt=now - ABANDONED):
        with transaction.atomic():
            held = _held(load.system, load.entity, load.name)
            if held is None or held.state != "open" or held.moved_at >= now - ABANDONED:
                continue
            try:
                _dropped(held, *entity_of(load.system, load.entity))
            except (SystemUnknown, EntityUnknown):  # its tables went with the release that had the entity
                held.delete()
            gone += 1
    return gone


def _begun(
    errand: Errand, name: str, digest: str, system: System, entity: Entity, now: datetime, since: date | None,
    until: date | None,
) -> Load:  # fmt: skip
    """The load of this name, begun where there is none. Raises: LoadOfAnother, LoadFileDiffers, LoadDaysDiffer."""
    with entering(errand, now), transaction.atomic(), _prepared(system):
        load, fresh = Load.objects.select_for_update().get_or_create(
            system=system.id, entity=entity.id, name=name,
            defaults={
                "user": errand.actor.user_id, "agency": errand.actor.agency, "digest": digest,
                "stamp": in_force(system.id).stamp, "since": since or local_day(now), "until": until,
                "began_at": now, "moved_at": now,
            },
        )  # fmt: skip
        if fresh:
            load.made = Staging(entity, system.id).keep()
            load.save(update_fields=["made"])
        _own(load, errand, entity)
        if load.digest != digest:
            raise LoadFileDiffers(name=name)
        if (since or load.since) != load.since or (until or load.until) != load.until:
            raise LoadDaysDiffer(name=name)
    return load


class _Work:
    """One process that takes a load on."""

    def __init__(
        self, errand: Errand, load: Load, system: System, entity: Entity, reading: FileRows, clock: Clock
    ) -> None:  # fmt: skip
        self._errand, self._load, self._reading, self._clock = errand, load, reading, clock
        self._system, self._entity = system, entity
        self._period = period_of(load.since, load.until)

    def lay_down(self, rows: Rows, watch: Watch | None) -> None:
        """The rows that do not lie there yet, step by step. Raises: FileRefused, LoadUnderWay, _Outdated."""
        load, reading = self._load, self._reading
        reading.read = sum(1 for _ in islice(rows, load.rows))
        steps = reading.steps(rows, STEP)
        more = True
        while more:
            with self._step() as (staging, now):
                step = next(steps, None)
                if reading.problems:
                    for _ in steps:
                        pass  # reads on, to tell what else is wrong
                    raise refusal(reading)
                more = step is not None
                if step is not None:
                    made = staging.keep_step(load.made, load.steps + 1)
                    staging.copy(staging.table.loads, made, reading.columns, step.text)
                    if staging.refused(made):
                        raise rejection(staging, self._entity, made, self._period)
                    load.steps, load.rows, load.moved_at = load.steps + 1, reading.read, now
                    load.generation = reading.generation
                    load.save(update_fields=["steps", "rows", "moved_at", "generation"])
            if watch is not None and more:
                watch(load.rows)

    def take_in(self) -> int:
        """All rows at once; gives how many. Raises: FileRefused, KeyTaken, LoadIncomplete, LoadUnderWay, _Outdated."""
        load, loaded = self._load, 0
        try:
            with self._step() as (staging, now):
                for step in range(1, load.steps + 1):
                    told = (now, self._errand.actor.username)
                    with staging.asked(f"{load.made}{step}", (0, 0), self._period, told) as asked:
                        row = asked.fetchone()
                    if row is None or row[0] is None:
                        raise _Rejected
                    loaded += int(str(row[0]))
                if loaded != load.rows:
                    raise LoadIncomplete(read=load.rows, loaded=loaded)
                staging.drop(load.made)
                load.state, load.moved_at = "done", now
                load.save(update_fields=["state", "moved_at"])
                note_loaded(self._errand, now, self._system, self._entity.id, loaded)
        except _Rejected:
            with self._step() as (staging, _):
                raise rejection(staging, self._entity, load.made, self._period) from None
        return loaded

    def take_back(self) -> None:
        """Nothing of the load is left."""
        load = self._load
        with entering(self._errand, self._clock()), transaction.atomic():
            held = _held(load.system, load.entity, load.name)
            if held is not None and held.pk == load.pk and held.state == "open":
                _dropped(held, self._system, self._entity)

    @contextmanager
    def _step(self) -> Iterator[tuple[Staging, datetime]]:
        """A transaction in which nobody else takes the load on, the release and the key being those of its beginning."""
        now = self._clock()
        try:
            with entering(self._errand, now), transaction.atomic():
                self._check()
                yield Staging(self._entity, self._system.id), now
        except (pg.UndefinedTable, pg.UndefinedFunction, pg.InvalidSchemaName):
            raise _Outdated from None

    def _check(self) -> None:
        load, reading = self._load, self._reading
        held = _held(load.system, load.entity, load.name)
        if held is None or (held.pk, held.rows, held.state) != (load.pk, load.rows, "open"):
            raise LoadUnderWay(name=load.name)
        reading.hold_key()
        if in_force(load.system).stamp != load.stamp or (
            load.steps and reading.generation != load.generation
        ):
            raise _Outdated


@contextmanager
def _prepared(system: System) -> Iterator[None]:
    """Raises: LoadUnprepared, where the functions of the system are those of an earlier version."""
    try:
        yield
    except pg.UndefinedFunction:
        raise LoadUnprepared(system=system.id) from None


def _held(system: str, entity: str, name: str) -> Load | None:
    """A load, which nobody else takes on before the transaction at hand ends."""
    return Load.objects.select_for_update().filter(system=system, entity=entity, name=name).first()


def _own(load: Load, errand: Errand, entity: Entity) -> None:
    if (load.user, load.agency) != (errand.actor.user_id, errand.actor.agency):
        raise LoadOfAnother(entity=entity.title.zh, name=load.name)


def _dropped(load: Load, system: System, entity: Entity) -> None:
    Staging(entity, system.id).drop(load.made)
    load.delete()
