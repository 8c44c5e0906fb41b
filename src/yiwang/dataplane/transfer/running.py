"""From addresses to a run: open both ends, run the job, publish the file where the target is one, keep the report.

The command line calls this with its user's reach; a server calls it with its operator's (`Reach`), and with a
quarantine and a control of its own where it keeps them elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from yiwang.dataplane.connectors.errors import FileMissing
from yiwang.dataplane.connectors.places import DatabasePlace, Place
from yiwang.dataplane.transfer.database import Database
from yiwang.dataplane.transfer.errors import TransferRefused
from yiwang.dataplane.transfer.files.staging import TABLE, SourceFile, TargetFile
from yiwang.dataplane.transfer.job import Job, Progress
from yiwang.dataplane.transfer.keeping import JobFolder
from yiwang.dataplane.transfer.mysql import MySQL
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.postgresql import PostgreSQL
from yiwang.dataplane.transfer.report import Report, as_json
from yiwang.dataplane.transfer.shape import Shape
from yiwang.dataplane.transfer.sqlite import SQLite


def copy(
    source: Place, target: Place, order: Order, folder: JobFolder, progress: Callable[[Progress], None]
) -> Report:
    """Run a job to its end or to where a person stops it; the report is kept in the job's folder as `report.json`.

    Raises: TransferError, ConnectorError.
    """
    with folder.make().only_runner(), folder.opened(new=True) as store:
        store.keep("wish", "run")
        with _ends(source, target, order, folder) as (here, there, made):
            report = Job(made, here, there, store, store, progress).run()
            if isinstance(there, TargetFile) and report.status == "done":
                _publish(there, made)
        report.table, report.target_table = order.table, order.target_table
        (folder.path / "report.json").write_bytes(as_json(report))
        return report


def replay(source: Place, target: Place, order: Order, folder: JobFolder) -> dict[int, tuple[str, ...]]:
    """Write the mended rows of a job's quarantine; gives by number why a row still may not pass, or nothing.

    Raises: TransferError, ConnectorError.
    """
    with folder.only_runner(), folder.opened() as store:
        mended = [held for held in store.rows("mended") if held.mended is not None]
        if not mended:
            return {}
        names = tuple(mended[0].found)
        rows = [(held.number, tuple((held.mended or {})[name] for name in names)) for held in mended]
        with _ends(source, target, order, folder) as (here, there, made):
            told = Job(made, here, there, store, store, _silent).replay(rows, names)
            if isinstance(there, TargetFile):
                _publish(there, made)
        for number, reasons in told.items():
            if not reasons:
                store.mark(number, "replayed")
        return told


@contextmanager
def _ends(
    source: Place, target: Place, order: Order, folder: JobFolder
) -> Iterator[tuple[Database, Database, Order]]:
    with ExitStack() as open_ends:
        there, target_table = _target(target, order, folder.path)
        open_ends.callback(there.close)
        here, table = _source(source, order, folder.path, there.shape(target_table))
        open_ends.callback(here.close)
        yield here, there, replace(order, table=table, target_table=target_table)


def _target(place: Place, order: Order, folder: Path) -> tuple[Database, str]:
    if isinstance(place, DatabasePlace):
        return _server(place), order.target_table
    held = place.writable(order.target_table)
    if held.kind == "sqlite":
        return SQLite.open(held.path, write=True), order.target_table
    if held.kind == "folder":
        raise FileMissing(file=order.target_table)
    return TargetFile.stage(held.kind, held.path, folder / "target.sqlite"), TABLE


def _source(place: Place, order: Order, folder: Path, like: Shape | None) -> tuple[Database, str]:
    if isinstance(place, DatabasePlace):
        return _server(place), order.table
    held = place.inside(order.table)
    if held.kind == "sqlite":
        return SQLite.open(held.path, write=False), order.table
    if held.kind == "folder":
        raise FileMissing(file=order.table)
    return SourceFile.load(held.kind, held.path, folder / "source.sqlite", order.key, like), TABLE


def _server(place: DatabasePlace) -> Database:
    return PostgreSQL.open(place) if place.server == "postgresql" else MySQL.open(place)


def _publish(there: TargetFile, order: Order) -> None:
    """The scratch table as the file, in the order of its primary key."""
    shape = there.shape(order.target_table)
    if shape is None:
        raise FileMissing(file=there.name)
    held = shape.named()
    key = [held[name] for name in (shape.keys[0] if shape.keys else ())]
    try:
        there.publish(order.target_table, shape.columns, key, order.job)
    except OSError as error:
        raise TransferRefused(place=there.name, reason=error.strerror or type(error).__name__) from None


def _silent(progress: Progress) -> None:
    del progress
