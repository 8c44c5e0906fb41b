"""Runs change capture between two addresses, through times when an end is down, and takes it away again."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from yiwang.dataplane.connectors.errors import ConnectorError
from yiwang.dataplane.connectors.places import DatabasePlace, Place
from yiwang.dataplane.transfer.capture import errors
from yiwang.dataplane.transfer.capture.job import CaptureJob
from yiwang.dataplane.transfer.capture.slot import Slot
from yiwang.dataplane.transfer.capture.spool import NAME, Spool
from yiwang.dataplane.transfer.capture.taking import take
from yiwang.dataplane.transfer.checkpoint import Checkpoints
from yiwang.dataplane.transfer.ends import opened_ends, publish
from yiwang.dataplane.transfer.errors import TransferError, TransferJobUnknown
from yiwang.dataplane.transfer.job import Progress
from yiwang.dataplane.transfer.keeping import Control, JobFolder
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.postgresql import PostgreSQL
from yiwang.dataplane.transfer.report import REPORT, Report, as_json

_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 30.0


def capture(
    source: Place, target: Place, order: Order, folder: JobFolder, progress: Callable[[Progress], None]
) -> Report:
    """Run until caught up, or with `follow` until a person stops it; then an end that is down is waited for.

    While the target takes nothing, changes still go from the source into the job's folder.

    Raises: TransferError, ConnectorError.
    """
    if not isinstance(source, DatabasePlace) or source.server != "postgresql":
        raise errors.CaptureUnfit(
            table=order.table, place=str(source), reason_zh="来源不是 PostgreSQL", reason_en="it is not PostgreSQL"
        )  # fmt: skip
    wait, stopping = _FIRST_WAIT, False
    with folder.make().only_runner(), folder.opened(new=True) as store, Spool.opened(folder.path) as spool:
        store.keep("wish", "run")
        while True:
            try:
                with (
                    Slot.opened(source) as slot,
                    opened_ends(source, target, order, folder) as (here, there, made),
                ):
                    assert isinstance(here, PostgreSQL)
                    report = CaptureJob(made, here, there, store, store, progress, slot, spool).run()
                    if report.status == "done":
                        publish(target, there, made, folder.path)
                (folder.path / REPORT).write_bytes(as_json(report.named(order.table, order.target_table)))
                return report
            except (TransferError, ConnectorError) as error:
                with suppress(TransferError, ConnectorError):
                    _keep_taking(source, spool, order.job)
                if error.permanent or not order.follow or stopping:
                    raise
                stopping = not _patient(store, wait)  # then once more, for its report
                wait = min(2 * wait, _LONGEST_WAIT)


def drop(source: Place, target: Place | None, order: Order, folder: JobFolder) -> str:
    """Remove slot and publication of a job from its source, and what waits in its folder; gives the slot's name.

    The rows in the target stay. With `target` the name is found even when the folder was lost.

    Raises: TransferJobUnknown, CaptureSlotBusy, TransferError, ConnectorError.
    """
    if not isinstance(source, DatabasePlace):
        raise TransferJobUnknown(job=order.job)
    with folder.make().only_runner(), Spool.opened(folder.path) as spool:
        names = {spool.fact("slot")}
        if target is not None:
            with opened_ends(source, target, order, folder) as (_, there, made):
                state = Checkpoints(there, made.target_table, order.job).load()
                names.add(state.slot if state is not None else "")
        found = sorted(names - {""})
        if not found:
            raise TransferJobUnknown(job=order.job)
        with Slot.opened(source) as slot:
            for name in found:
                slot.drop(name)
                slot.retract(name)
        (folder.path / NAME).unlink()
    return ", ".join(found)


def _keep_taking(source: DatabasePlace, spool: Spool, job: str) -> None:
    name = spool.fact("slot")
    if name and spool.reached:
        with Slot.opened(source) as slot:
            take(slot, spool, name, job)


def _patient(control: Control, seconds: float) -> bool:
    """Wait, unless a person wants the job to stop."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if control.wish() != "run":
            return False
        time.sleep(0.2)
    return True
