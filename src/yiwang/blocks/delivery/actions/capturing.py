"""Change capture as a run of the node: its slot is known before it is made, and goes when nobody may read by it.

A slot that nobody reads keeps the log of its source: so it is never made where the source does not bound that, and is
dropped when its job ends, when a person cancels a run, and when grant or service is over, by whichever process sees it first.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final

from yiwang.blocks.delivery.actions.watching import Watch, check_standing
from yiwang.blocks.delivery.domain import errors
from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.quarantine import Quarantine
from yiwang.blocks.delivery.store.spools import forget_spool, spool_folder, spool_veil
from yiwang.blocks.exchange.public import (
    SYSTEM,
    DeliverySource,
    GrantUnknown,
    delivery_source,
    place_of_source,
)
from yiwang.blocks.identity.public import acting
from yiwang.blocks.journal.public import record_event
from yiwang.dataplane.changes.errors import WalUnbounded
from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.dataplane.connectors.places import DatabasePlace
from yiwang.dataplane.transfer.capture.granted import GrantedSlot
from yiwang.dataplane.transfer.capture.job import CaptureJob
from yiwang.dataplane.transfer.capture.preparing import require, slot_name
from yiwang.dataplane.transfer.capture.slot import Slot
from yiwang.dataplane.transfer.capture.spool import Spool
from yiwang.dataplane.transfer.capture.taking import take
from yiwang.dataplane.transfer.database import Database
from yiwang.dataplane.transfer.errors import TransferError
from yiwang.dataplane.transfer.granted import GrantedSource
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.report import Report
from yiwang.vocabulary.errors import YwError

FOLLOW_S: Final = 3600
"""Seconds after which a run that follows its source makes its report; the next one goes on."""
_log = logging.getLogger(__name__)


def check_capture(source: DeliverySource) -> None:
    """Whether changes of the granted table can be had from its source's log.

    Raises: CaptureUnfit, CaptureOff, CaptureRightMissing, CaptureIdentityMissing, WalUnbounded, ConnectorError.
    """
    with GrantedSlot.under(source.place, source.granted, source.masks) as slot:
        _check(slot, Order("", source.resource, "", key=source.key, masks=source.masks))


def captured(
    job: models.Job, source: DeliverySource, here: GrantedSource, target: Database, order: Order, watch: Watch
) -> Report:
    """A run of change capture: until what was committed stands in the target, or for `FOLLOW_S` where the job follows.

    Raises: TransferError, ConnectorError, DeliveryError.
    """
    with (
        GrantedSlot.under(source.place, source.granted, source.masks) as slot,
        Spool.opened(spool_folder(job.pk), spool_veil(job.pk)) as spool,
    ):
        _check(slot, order)
        name = _known(job, source)
        order = replace(order, slot=name, follow=job.follow, follow_for=FOLLOW_S)
        try:
            quarantine = Quarantine(job.pk)
            return CaptureJob(order, here, target, quarantine, watch, watch.progress, slot, spool).run()
        except (TransferError, ConnectorError):
            # a target that takes nothing must not make the source keep its log
            with suppress(TransferError, ConnectorError):
                if spool.reached:
                    take(slot, spool, name, job.pk)
            raise


def slots_over(now: datetime) -> list[str]:
    """Jobs that may have a slot at their source by which nobody may read any more."""
    with acting(SYSTEM):
        rows = list(models.Job.objects.exclude(slot_source="").order_by("pk"))
    return [row.pk for row in rows if row.releasing or row.state == "ended" or _is_over(row, now)]


def release(job_id: str, now: datetime) -> None:
    """Drop slot and publication of a job that no process runs; the caller holds its lock."""
    with acting(SYSTEM):
        row = models.Job.objects.get(pk=job_id)
    if row.slot_source:
        try:
            place = place_of_source(row.slot_source)
            if place is not None:
                _drop(place, row.slot)
        except (TransferError, ConnectorError) as error:
            _log.warning("table job %s: its slot stands still at the source: %s", job_id, error.code)
            with acting(SYSTEM):
                models.Job.objects.filter(pk=job_id).update(releasing=True)
            return
        with acting(SYSTEM):
            models.Job.objects.filter(pk=job_id).update(slot_source="", releasing=False)
            record_event(
                "table-job-released", now, consumer=row.consumer, provider=row.provider, resource=row.resource,
                grant=row.grant, detail={"job": row.pk, "slot": row.slot},
            )  # fmt: skip
    forget_spool(job_id)


def ends_capture(error: Exception) -> bool:
    """Whether nobody may read by the job's slot after this."""
    over = (errors.GrantOver, errors.GrantNotTable, errors.ResourceStopped, GrantUnknown, WalUnbounded)
    return isinstance(error, over) or (isinstance(error, YwError) and error.code == "resource-not-mounted")


def _check(slot: GrantedSlot, order: Order) -> None:
    if slot.require() == "-1":
        raise WalUnbounded(place=str(slot.at))
    require(slot, order)


def _known(job: models.Job, source: DeliverySource) -> str:
    """The name of the job's slot, kept by the node before there is one. Raises: TransferError, ConnectorError."""
    if job.slot_source not in {"", source.source}:  # mounted anew, on another database
        place = place_of_source(job.slot_source)
        if place is not None:
            _drop(place, job.slot)
    job.slot = job.slot or slot_name(job.pk)
    with acting(SYSTEM):
        models.Job.objects.filter(pk=job.pk).update(slot=job.slot, slot_source=source.source, releasing=False)
    return job.slot


def _is_over(row: models.Job, now: datetime) -> bool:
    try:
        source = delivery_source(row.grant)
        check_standing(source, source.standing, row.region, now)
    except Exception as error:  # anything else is told by the job's next run
        return ends_capture(error)
    return False


def _drop(place: DatabasePlace, name: str) -> None:
    with Slot.opened(place) as slot:
        slot.drop(name)
        slot.retract(name)
