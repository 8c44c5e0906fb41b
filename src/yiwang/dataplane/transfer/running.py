"""From addresses to a run: open both ends, run the job, publish the file where the target is one, keep the report.

The command line calls this with its user's reach; a server calls it with its operator's (`Reach`), and with a
quarantine and a control of its own where it keeps them elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

from yiwang.dataplane.connectors.places import Place
from yiwang.dataplane.transfer.capture.running import capture
from yiwang.dataplane.transfer.database import Database
from yiwang.dataplane.transfer.ends import opened_ends, publish
from yiwang.dataplane.transfer.job import Job, Progress
from yiwang.dataplane.transfer.keeping import JobFolder
from yiwang.dataplane.transfer.kept import KeptSource
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.report import REPORT, Report, as_json


def copy(
    source: Place | Database,
    target: Place,
    order: Order,
    folder: JobFolder,
    progress: Callable[[Progress], None],
) -> Report:
    """Run a job to its end or to where a person stops it; the report is kept in the job's folder as `report.json`.

    A source that is open already is closed with the run.

    Raises: TransferError, ConnectorError.
    """
    if order.mode == "cdc" and not isinstance(source, Database):
        return capture(source, target, order, folder, progress)
    with folder.make().only_runner(), folder.opened(new=True) as store:
        store.keep("wish", "run")
        with opened_ends(source, target, order, folder) as (here, there, made):
            report = Job(made, here, there, store, store, progress).run()
            if report.status == "done":
                publish(target, there, made, folder.path)
        (folder.path / REPORT).write_bytes(as_json(report.named(order.table, order.target_table)))
        return report


def replay(
    source: Place | None, target: Place, order: Order, folder: JobFolder
) -> dict[int, tuple[str, ...]]:
    """Write the mended rows of a job's quarantine; gives by number why a row still may not pass, or nothing.

    A job on a table of another node has no `source` here: its owner is not asked again for what was received.

    Raises: TransferError, ConnectorError.
    """
    with folder.only_runner(), folder.opened() as store:
        mended = [held for held in store.rows("mended") if held.mended is not None]
        if not mended:
            return {}
        names = tuple(mended[0].found)
        rows = [(one.number, one.key, tuple((one.mended or {})[name] for name in names)) for one in mended]
        with opened_ends(source or KeptSource.of, target, order, folder) as (here, there, made):
            told = Job(made, here, there, store, store, _silent).replay(rows, names)
            publish(target, there, made, folder.path)
        for number, reasons in told.items():
            if not reasons:
                store.mark(number, "replayed")
        return told


def _silent(progress: Progress) -> None:
    del progress
