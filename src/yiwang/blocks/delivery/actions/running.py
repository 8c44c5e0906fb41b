"""One run of a job, from its grant to its report: what a child process of the worker does, alone on its job."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from django.db import connection

from yiwang.blocks.delivery.actions import ending
from yiwang.blocks.delivery.actions.capturing import captured, ends_capture, release
from yiwang.blocks.delivery.actions.copying import copied_beyond, replayed_beyond
from yiwang.blocks.delivery.actions.watching import Watch, check_standing
from yiwang.blocks.delivery.domain import errors
from yiwang.blocks.delivery.domain.job import FREQUENCY_WORDS
from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.beyond import BeyondRight
from yiwang.blocks.delivery.store.hosts import target_reach
from yiwang.blocks.delivery.store.quarantine import Quarantine, opened
from yiwang.blocks.delivery.store.rights import Right, right_of
from yiwang.blocks.delivery.store.rows import place_of
from yiwang.blocks.delivery.store.rulebook import rule_book
from yiwang.blocks.exchange.public import SYSTEM, DeliverySource, zone
from yiwang.blocks.identity.public import acting
from yiwang.dataplane.transfer.database import Database
from yiwang.dataplane.transfer.granted import GrantedSource
from yiwang.dataplane.transfer.job import Job as Engine
from yiwang.dataplane.transfer.mysql import MySQL
from yiwang.dataplane.transfer.planning import Order, RulesOf, no_rules
from yiwang.dataplane.transfer.postgresql import PostgreSQL
from yiwang.dataplane.transfer.report import Report
from yiwang.vocabulary.delivering import CAPTURE, JOB_WAYS, period_of
from yiwang.vocabulary.errors import YwError

LOCK: Final = 7311
"""First half of the advisory lock of a running job; the database lets go of it when the process dies."""
CHUNK_ROWS: Final = 100_000
BEYOND_ROWS: Final = 20_000
"""Rows of a chunk of another node's table: a cut costs one."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Ends:
    """Both databases, open, with what is asked of the engine."""

    source: GrantedSource
    target: Database
    order: Order


def run_one(run_id: int, now: Callable[[], datetime], *, chunk_rows: int = CHUNK_ROWS) -> str:
    """Do a queued run to its end; gives the state it ended in, or nothing when another process is on the job.

    What went wrong is kept with the run and the job; nothing is raised for it.
    """
    with acting(SYSTEM):
        run = models.Run.objects.select_related("job", "job__target").filter(pk=run_id).first()
    if run is None:
        return ""
    with only_runner(run.job_id) as alone:
        if not alone or not _begun(run_id, now()):
            return ""
        with acting(SYSTEM):
            run = models.Run.objects.select_related("job", "job__target").get(pk=run_id)
        source: Right | None = None
        try:
            source = right_of(run.job)
            check_standing(source, source.standing, run.job.region, now())
            if source.terms.case_required and not run.job.case:  # asked for since the job was made
                raise errors.CaseNeeded(grant=source.grant)
            if run.kind == "replay":
                told = _replayed(run, source, chunk_rows, now)
                return ending.replayed(run_id, told, source, now())
            _check_frequency(run, source, now())
            state = ending.finished(run_id, _copied(run, source, chunk_rows, now), source, now())
            if state == "cancelled" and run.job.mode == CAPTURE:
                release(run.job_id, now())
            return state
        except YwError as error:
            state = ending.failed(run_id, error, source, now())
            if run.job.mode == CAPTURE and ends_capture(error):
                release(run.job_id, now())
            return state
        except Exception as error:  # kept by its kind alone: a text could quote data
            _log.error("table job %s: %s", run.job_id, type(error).__name__)
            return ending.failed(run_id, YwError(), source, now())


@contextmanager
def only_runner(job: str, space: int = LOCK) -> Iterator[bool]:
    """Whether no other process runs the job; it stays so inside, as long as the database is connected."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", (space, job))
        (mine,) = msgspec.convert(cursor.fetchone(), tuple[bool])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (space, job))


def _begun(run_id: int, now: datetime) -> bool:
    with acting(SYSTEM):
        run = models.Run.objects.select_for_update().get(pk=run_id)
        if run.state not in {"queued", "running"}:
            return False
        run.state, run.attempts, run.seen_at = "running", run.attempts + 1, now
        run.started_at = run.started_at or now
        run.save()
    return True


def _check_frequency(run: models.Run, source: Right, now: datetime) -> None:
    """A run that goes on after a crash or a failure belongs to the period of its beginning. Raises: TooOften."""
    delivery, last = source.terms.delivery, run.job.delivered_at
    if run.job.mode == CAPTURE:
        return  # changes flow as they happen
    if delivery is None or last is None or run.cause == "retry" or run.attempts > 1:
        return
    here = zone()
    before, period = (period_of(delivery.frequency, at.astimezone(here)) for at in (last, now))
    if before == period:
        zh, en = FREQUENCY_WORDS[delivery.frequency]
        raise errors.TooOften(frequency_zh=zh, frequency_en=en)


def _copied(run: models.Run, right: Right, chunk_rows: int, now: Callable[[], datetime]) -> Report:
    watch = Watch(run, right, now)
    if isinstance(right, BeyondRight):
        order = _order(run.job, right, min(chunk_rows, BEYOND_ROWS), ())
        return copied_beyond(run, right, _target_of(run.job), order, watch, now)
    source = _here(right)
    with _ends(run.job, source, chunk_rows) as ends:
        if run.job.mode == CAPTURE:
            return captured(run.job, source, ends.source, ends.target, ends.order, watch)
        quarantine = Quarantine(run.job_id)
        return Engine(ends.order, ends.source, ends.target, quarantine, watch, watch.progress).run()


def _replayed(
    run: models.Run, right: Right, chunk_rows: int, now: Callable[[], datetime]
) -> Mapping[int, tuple[str, ...]]:
    """Why each mended row still may not pass, by its number; nothing: it stands in the target."""
    with acting(SYSTEM):
        rows = list(models.HeldRow.objects.filter(job=run.job_id, state="mended"))
    if not rows:
        return {}
    held = {row.pk: opened(row) for row in rows}
    names = tuple(next(iter(held.values())).found)
    mended = [
        (number, one.key, tuple((one.mended or {})[name] for name in names)) for number, one in held.items()
    ]
    watch = Watch(run, right, now)
    watch.wish()
    if isinstance(right, BeyondRight):
        order = _order(run.job, right, chunk_rows, ())
        return replayed_beyond(run.job, _target_of(run.job), order, watch, mended, names)
    with _ends(run.job, _here(right), chunk_rows) as ends:
        quarantine = Quarantine(run.job_id)
        return Engine(ends.order, ends.source, ends.target, quarantine, watch, watch.progress).replay(
            mended, names
        )


def _here(right: Right) -> DeliverySource:
    if not isinstance(right, DeliverySource):
        raise TypeError("a grant of this node is expected")
    return right


@contextmanager
def _ends(job: models.Job, source: DeliverySource, chunk_rows: int) -> Iterator[_Ends]:
    if (
        not set(source.key)
        or set(source.key) - set(source.granted.columns)
        or set(source.key) & set(source.masks)
    ):
        raise errors.KeyNotGranted(fields=list(source.key))
    here = GrantedSource.under(source.place, source.granted)
    try:
        there = _target_of(job)()
        try:
            yield _Ends(here, there, _order(job, source, chunk_rows, source.key))
        finally:
            there.close()
    finally:
        here.close()


def _target_of(job: models.Job) -> Callable[[], Database]:
    """Opens the job's target. It raises: ConnectorError, SealBroken."""

    def opened() -> Database:
        place = place_of(job.target, None, target_reach())
        return PostgreSQL.open(place) if place.server == "postgresql" else MySQL.open(place)

    return opened


def _order(job: models.Job, right: Right, chunk_rows: int, key: tuple[str, ...]) -> Order:
    rules: RulesOf = no_rules
    if job.own_rules:
        rules = rule_book().compiled(job.rules, strict=True)
    elif job.checked:
        rules = rule_book().compiled(rule_book().of_resource(job.resource), strict=False)
    mode = next(one for one in JOB_WAYS if one == job.mode)
    return Order(
        job=job.pk, table=right.resource, target_table=job.target_table, mode=mode, key=key, cursor=job.cursor,
        chunk_rows=chunk_rows, rate=job.rate, replace=job.replace, accept_schema=job.accept_schema, rules=rules,
        masks={} if job.owner else right.masks,
    )  # fmt: skip
