"""The tables that rules run on: mounted ones, and those of declared systems, which are judged whole. ADR 0290.

What the exchange serves of a declared table is a part of it. Its owner answers for every field, so its rules read a view
of their own in the node's database, by a role of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import MountedTable
from yiwang.blocks.quality.store.own_database import own_database
from yiwang.blocks.registry.public import OwnTable, own_tables, quality_schema
from yiwang.dataplane.connectors.hosts import AllowedHosts
from yiwang.dataplane.connectors.postgresql import Database


def judged_tables(codes: set[str] | None = None) -> dict[str, MountedTable]:
    """Every table whose quality is judged, by resource code; `codes` narrows.

    Of a declared system these are the tables that are mounted as it says, and those that are not mounted and have rules.
    """
    found = exchange.mounted_tables(codes)
    if own_database() is None:
        return found
    for code, own in own_tables(codes).items():
        mounted = found.get(code)
        if mounted.mount == own.mount if mounted is not None else own.entity.checks:
            found[code] = _whole(code, own, mounted)
    return found


def judged_table(code: str) -> MountedTable | None:
    """The table of one resource; None where there is none."""
    return judged_tables({code}).get(code) if code else None


@contextmanager
def looked_into(code: str, timeout_ms: int) -> Iterator[tuple[MountedTable, Database] | None]:
    """The table of a resource with a read-only look into where it is; None where there is none.

    Statements may take `timeout_ms`. Raises: ConnectorError.
    """
    table, address = judged_table(code), own_database()
    if table is None or address is None or not is_own(table):
        with exchange.looked_into(code, timeout_ms) as opened:
            yield opened
        return
    # the node's own database is on no operator's list: nobody typed its address
    own = AllowedHosts((f"{address.host}:{address.port}",))
    with exchange.looked_at(address, timeout_ms, own) as database:
        yield table, database


def is_own(table: MountedTable) -> bool:
    """Whether this is a table of a declared system, judged whole."""
    return not table.source


def _whole(code: str, own: OwnTable, mounted: MountedTable | None) -> MountedTable:
    key = own.entity.table(own.system.id).key
    whole = MountedTable(
        own.mount, code, own.system.owner, "", "", quality_schema(own.system.id), own.entity.id, key, (), True
    )
    return whole if mounted is None else replace(whole, running=mounted.running)
