"""Mounted tables as the platform itself looks into them, to judge their quality: counts leave the source, no value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from yiwang.blocks.exchange.domain.mount import ColumnMap
from yiwang.blocks.exchange.domain.serving import FILES
from yiwang.blocks.exchange.store.connecting import address_of
from yiwang.blocks.exchange.store.hosts import allowed_hosts
from yiwang.blocks.exchange.store.models import Mount
from yiwang.blocks.exchange.store.rows import SYSTEM, columns_of
from yiwang.blocks.identity.public import acting
from yiwang.dataplane.connectors.facts import SourceAddress
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.dataplane.connectors.postgresql import Database, opened


@dataclass(frozen=True)
class MountedTable:
    """Where a resource's rows are. `running` is False while its mount or its source is suspended."""

    mount: str
    resource: str
    agency: str
    source: str
    source_name: str
    schema: str
    relation: str
    key: tuple[str, ...]
    columns: tuple[ColumnMap, ...]
    running: bool


def mounted_tables(codes: set[str] | None = None) -> dict[str, MountedTable]:
    """Mounts in force by resource code, read as the platform; `codes` narrows."""
    with acting(SYSTEM):
        return {row.resource: _table(row) for row in _rows(codes)}


@contextmanager
def looked_into(resource: str, timeout_ms: int) -> Iterator[tuple[MountedTable, Database] | None]:
    """The table of a resource with a read-only look into its source; None where nothing is mounted.

    Statements may take `timeout_ms`; one process of the source's server works on each.

    Raises: ConnectorError.
    """
    with acting(SYSTEM):
        row = _rows({resource}).first() if resource else None
        found = None if row is None else (_table(row), address_of(row.source))
    if found is None:
        yield None
        return
    table, address = found
    with looked_at(address, timeout_ms, allowed_hosts()) as database:
        yield table, database


@contextmanager
def looked_at(address: SourceAddress, timeout_ms: int, allowed: AllowedHosts) -> Iterator[Database]:
    """A read-only look into a database, of whose server each statement takes one process; times are UTC.

    Raises: ConnectorError.
    """
    with opened(replace(address, timeout_ms=timeout_ms), allowed) as database:
        database.read(
            "SELECT set_config('TimeZone', 'UTC', false), set_config('max_parallel_workers_per_gather', '0', false)"
        )
        yield database


def _rows(codes: set[str] | None) -> QuerySet[Mount]:
    rows = Mount.objects.select_related("source").exclude(state="withdrawn").exclude(source__kind=FILES)
    rows = rows.order_by("resource")
    return rows if codes is None else rows.filter(resource__in=codes)


def _table(row: Mount) -> MountedTable:
    return MountedTable(
        row.id, row.resource, row.agency, row.source_id, row.source.name, row.schema, row.relation, tuple(row.key),
        columns_of(row), row.state in {"active", "drifted"} and row.source.state == "active",
    )  # fmt: skip
