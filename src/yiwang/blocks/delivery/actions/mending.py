"""Rows in quarantine through people's hands: mended, replayed, discarded. Values stay within these functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from yiwang.blocks.delivery.actions.jobs import locked_job, queue_run
from yiwang.blocks.delivery.domain import errors
from yiwang.blocks.delivery.domain.job import check
from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.quarantine import OPEN_ROWS, mend, opened
from yiwang.blocks.delivery.store.rows import by_of, job_of
from yiwang.blocks.exchange.public import as_actor
from yiwang.blocks.identity.public import Actor
from yiwang.vocabulary.forms import Problem

NULL = "NULL"
"""Typed into a box, the value becomes empty."""


@as_actor
def mend_row(actor: Actor, job_id: str, row_id: int, changes: Mapping[str, str], now: datetime) -> None:
    """Say what a row should be, by field; a field that is not named stays. `NULL` makes it empty.

    Raises: JobUnknown, DeliveryNotAllowed, JobStateWrong, RowUnknown, DeliveryInvalid.
    """
    job, row = _row(actor, job_id, row_id)
    held = opened(row)
    values = dict(held.mended or held.found)
    unknown = [name for name in changes if name not in values]
    if unknown:
        raise errors.DeliveryInvalid([Problem(unknown[0], "没有这个数据项。", "There is no such item.")])
    if not changes:
        raise errors.DeliveryInvalid([Problem("values", "至少填写一项。", "Fill in at least one item.")])
    values |= {name: None if text == NULL else text for name, text in changes.items()}
    mend(row, values)
    row.by, row.at = actor.name, now
    row.save()
    _count(job)


@as_actor
def discard_row(actor: Actor, job_id: str, row_id: int, reason: str, now: datetime) -> None:
    """Leave a row out for good, with the reason.

    Raises: JobUnknown, DeliveryNotAllowed, JobStateWrong, RowUnknown, DeliveryInvalid.
    """
    job, row = _row(actor, job_id, row_id)
    if not reason.strip():
        raise errors.DeliveryInvalid([Problem("reason", "请写明理由。", "Say why.")])
    row.state, row.text, row.by, row.at = "discarded", reason.strip()[:500], actor.name, now
    row.save()
    _count(job)


@as_actor
def replay_rows(actor: Actor, job_id: str, now: datetime) -> None:
    """Have the mended rows judged again and written by the worker.

    Raises: JobUnknown, DeliveryNotAllowed, JobStateWrong.
    """
    job = locked_job(actor, job_id)
    check(job_of(job), "replay", by_of(actor))
    queue_run(job, "replay", "person", actor.name, now)


def _row(actor: Actor, job_id: str, row_id: int) -> tuple[models.Job, models.HeldRow]:
    job = locked_job(actor, job_id)
    check(job_of(job), "change", by_of(actor))
    row = models.HeldRow.objects.select_for_update().filter(job=job, pk=row_id, state__in=OPEN_ROWS).first()
    if row is None:
        raise errors.RowUnknown(job=job_id, row=row_id)
    return job, row


def _count(job: models.Job) -> None:
    job.held = models.HeldRow.objects.filter(job=job, state__in=OPEN_ROWS).count()
    job.save(update_fields=["held"])
