"""Both ends of a job: sessions at servers, files read into or written from scratch tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from yiwang.dataplane.connectors.errors import FileMissing, SourceOnly
from yiwang.dataplane.connectors.optional import DRIVERS
from yiwang.dataplane.connectors.places import DATA_FILES, DatabasePlace, Place
from yiwang.dataplane.connectors.remote import RemoteFile, WebList
from yiwang.dataplane.transfer.dameng import Dameng
from yiwang.dataplane.transfer.database import Database
from yiwang.dataplane.transfer.errors import TransferFileUnfit, TransferRefused
from yiwang.dataplane.transfer.files import sftp, web
from yiwang.dataplane.transfer.files.staging import TABLE, SourceFile, TargetFile
from yiwang.dataplane.transfer.keeping import JobFolder
from yiwang.dataplane.transfer.mysql import MySQL
from yiwang.dataplane.transfer.oracle import Oracle
from yiwang.dataplane.transfer.planning import Order
from yiwang.dataplane.transfer.postgresql import PostgreSQL
from yiwang.dataplane.transfer.shape import Shape
from yiwang.dataplane.transfer.sqlite import SQLite

Known = Callable[[Database, Order], Database]
"""A source that is made of what the target keeps of it."""


@contextmanager
def opened_ends(
    source: Place | Database | Known, target: Place, order: Order, folder: JobFolder
) -> Iterator[tuple[Database, Database, Order]]:
    """Both sessions, and the order with the names that the tables have there. Raises: TransferError, ConnectorError."""
    with ExitStack() as open_ends:
        there, target_table = _target(target, order, folder.path)
        open_ends.callback(there.close)
        if callable(source):
            here, table = source(there, replace(order, target_table=target_table)), order.table
        else:
            here, table = _source(source, order, folder.path, there.shape(target_table))
        open_ends.callback(here.close)
        yield here, there, replace(order, table=table, target_table=target_table)


def _target(place: Place, order: Order, folder: Path) -> tuple[Database, str]:
    if isinstance(place, DatabasePlace):
        if place.server in ("oracle", "dm"):
            raise SourceOnly(kind=DRIVERS[place.server].title)
        return _server(place), order.target_table
    if isinstance(place, WebList):
        raise TransferFileUnfit(
            file=str(place), reason_zh="HTTP 接口只能作来源", reason_en="an HTTP interface is a source only"
        )
    if isinstance(place, RemoteFile):
        kind, scratch = DATA_FILES[place.path.suffix.lower()], folder / "upload" / place.path.name
        scratch.parent.mkdir(mode=0o700, exist_ok=True)
        return TargetFile.stage(kind, scratch, folder / "target.sqlite"), TABLE
    held = place.writable(order.target_table)
    if held.kind == "sqlite":
        return SQLite.open(held.path, write=True), order.target_table
    if held.kind == "folder":
        raise FileMissing(file=order.target_table)
    return TargetFile.stage(held.kind, held.path, folder / "target.sqlite"), TABLE


def _source(place: Place | Database, order: Order, folder: Path, like: Shape | None) -> tuple[Database, str]:
    if isinstance(place, Database):
        return place, order.table
    if isinstance(place, DatabasePlace):
        return _server(place), order.table
    if isinstance(place, WebList):
        table = web.fetch(place, folder / "pages.jsonl")
        return web.WebSource.staged(table, str(place), folder / "source.sqlite", order.key, like), TABLE
    if isinstance(place, RemoteFile):
        (folder / "download").mkdir(mode=0o700, exist_ok=True)
        local = sftp.fetch(place, folder / "download")
        kind = DATA_FILES[place.path.suffix.lower()]
        return sftp.SftpSource.load(kind, local, folder / "source.sqlite", order.key, like), TABLE
    held = place.inside(order.table)
    if held.kind == "sqlite":
        return SQLite.open(held.path, write=False), order.table
    if held.kind == "folder":
        raise FileMissing(file=order.table)
    return SourceFile.load(held.kind, held.path, folder / "source.sqlite", order.key, like), TABLE


def _server(place: DatabasePlace) -> Database:
    match place.server:
        case "postgresql":
            return PostgreSQL.open(place)
        case "mysql":
            return MySQL.open(place)
        case "oracle":
            return Oracle.open(place)
        case "dm":
            return Dameng.open(place)


def publish(place: Place, there: Database, order: Order, folder: Path) -> None:
    """Of a file the scratch table as the file, in the order of its primary key; a database has its rows already.

    Raises: TransferRefused, TransferFileUnfit, ConnectorError.
    """
    if not isinstance(there, TargetFile):
        return
    shape = there.shape(order.target_table)
    if shape is None:
        raise FileMissing(file=there.name)
    held = shape.named()
    key = [held[name] for name in (shape.keys[0] if shape.keys else ())]
    try:
        there.publish(order.target_table, shape.columns, key, order.job)
    except OSError as error:
        raise TransferRefused(place=there.name, reason=error.strerror or type(error).__name__) from None
    if isinstance(place, RemoteFile):
        sftp.put(place, folder / "upload" / place.path.name)
