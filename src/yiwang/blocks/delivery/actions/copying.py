"""A run whose source is a table of another node: asked for page by page, proven to its owner once it is over.

Its owner knows the run by a name, which the job keeps until the owner has taken the report: a run that was cut off, by
whatever, is the same one for the owner, and takes no second period of the grant (ADR 308).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from yiwang.blocks.delivery.actions.watching import Watch
from yiwang.blocks.delivery.domain import errors
from yiwang.blocks.delivery.store import models
from yiwang.blocks.delivery.store.beyond import BeyondRight, beyond
from yiwang.blocks.delivery.store.quarantine import Quarantine
from yiwang.blocks.delivery.store.reports import plain, sealed_digest
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.dataplane.transfer.beyond import NodeSource
from yiwang.dataplane.transfer.database import Database
from yiwang.dataplane.transfer.job import Job as Engine
from yiwang.dataplane.transfer.kept import KeptSource
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.report import Report
from yiwang.dataplane.transfer.shape import Key, Value
from yiwang.vocabulary.delivering import WAYS


class OwnersRun(msgspec.Struct):
    """What a job keeps of the run that the owner knows.

    Attributes:
        run: its name, 32 hexadecimal digits; empty: none is under way.
        report: of a run that is over and proven, until the owner has taken its digest.
        by: number of the run that made the report.
    """

    run: str = ""
    report: dict[str, object] | None = None
    by: int = 0


def copied_beyond(
    run: models.Run, right: BeyondRight, target: Callable[[], Database], order: Order, watch: Watch,
    now: Callable[[], datetime],
) -> Report:  # fmt: skip
    """One run, confirmed to the owner where it is proven. Raises: DeliveryError, TransferError, ConnectorError."""
    job = run.job
    held = msgspec.convert(job.beyond, OwnersRun)
    way = next(one for one in WAYS if one == job.mode)
    with beyond().asking(right.held, job.case, now()) as ask:
        if held.report is not None:
            report = msgspec.convert(held.report, Report)
            _confirm(NodeSource(right.resource, ask, held.run, way), report)
            _keep(job, OwnersRun())
            if held.by == run.pk or run.cause == "retry":
                return report
            held = OwnersRun()
        if not held.run:
            held.run = secrets.token_hex(16)
            _keep(job, held)
        source = NodeSource(f"node:{right.resource}", ask, held.run, way)
        try:
            there = target()
            try:
                report = Engine(order, source, there, Quarantine(job.pk), watch, watch.progress).run()
            finally:
                there.close()
        except errors.OwnersRunOver:
            _keep(job, OwnersRun())
            raise
        if report.status == "done" and report.proven:
            _keep(job, OwnersRun(held.run, plain(report), run.pk))
            _confirm(source, report)
            _keep(job, OwnersRun())
    return report


def replayed_beyond(
    job: models.Job, target: Callable[[], Database], order: Order, watch: Watch,
    mended: Sequence[tuple[int, Key, tuple[Value, ...]]], names: Sequence[str],
) -> Mapping[int, tuple[str, ...]]:  # fmt: skip
    """Why each mended row still may not pass. Its owner is not asked again for what was received.

    Raises: TransferError, ConnectorError.
    """
    there = target()
    try:
        source = KeptSource.of(there, order)
        engine = Engine(order, source, there, Quarantine(job.pk), watch, watch.progress)
        return engine.replay(mended, tuple(names))
    finally:
        there.close()


def _confirm(source: NodeSource, report: Report) -> None:
    try:
        source.confirm(report.rows.passed, sealed_digest(plain(report)))
    except errors.OwnersRunOver:
        return  # too late for its receipt; what was received is proven all the same


def _keep(job: models.Job, held: OwnersRun) -> None:
    job.beyond = msgspec.to_builtins(held)
    with acting(SYSTEM):
        models.Job.objects.filter(pk=job.pk).update(beyond=job.beyond)
