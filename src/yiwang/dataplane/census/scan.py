"""One run of the census over several databases and files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from fnmatch import fnmatch

from yiwang.dataplane.census.draft import Draft, Remark, Resource
from yiwang.dataplane.census.errors import NothingThere
from yiwang.dataplane.census.look import Seen, look
from yiwang.dataplane.census.opening import Place, opened
from yiwang.dataplane.census.propose import pointed, resource_of
from yiwang.dataplane.census.references import place, references_of
from yiwang.dataplane.census.same_datum import candidates_of
from yiwang.dataplane.census.source import Limits, Source, Table
from yiwang.dataplane.connectors.hosts import AllowedHosts

MOST_VALUES = 2_000_000
"""Values of samples held to compare tables with each other; once there are more, a column keeps `FEW_VALUES`."""
FEW_VALUES = 5
Progress = Callable[[str, int, int], None]
"""Called with the path of the table at hand, how many are done, and how many there are."""


def _no_password(at: Place) -> str | None:
    del at
    return None


def _silent(path: str, done: int, total: int) -> None:
    del path, done, total


def scan(
    places: Sequence[Place],
    limits: Limits,
    now: dt.datetime,
    *,
    allowed: AllowedHosts | None = None,
    passwords: Callable[[Place], str | None] = _no_password,
    progress: Progress = _silent,
) -> Draft:
    """Look into every place and propose resources.

    Args:
        places: what to look into; all are opened before the first table is read, so that a wrong address is told at once.
        limits: how hard a source may be pressed.
        now: the time of the run.
        allowed: servers that may be reached; None lets the hosts of the addresses.
        passwords: of a place whose address carries none.
        progress: is told of every table.

    Raises: CensusError, ConnectorError.
    """
    today = now.date()
    with ExitStack() as stack:
        listed: list[tuple[Source, str, Table]] = []
        sources: list[Source] = []
        for at in places:
            password = passwords(at) if at.needs_password() else None
            source = stack.enter_context(opened(at, limits, allowed, password))
            sources.append(source)
            tables = [table for table in source.tables() if _wanted(table, limits)]
            if not tables:
                raise NothingThere(address=source.address)
            listed.extend((source, at.department, table) for table in tables)
        seen: list[Seen] = []
        resources: list[Resource] = []
        held = 0
        for source, department, table in listed:
            progress(table.path, len(seen), len(listed))
            one = look(source, department, table, limits, today)
            resources.append(resource_of(one, today))
            seen.append(one.released(limits.rows if held < MOST_VALUES else FEW_VALUES))
            held += seen[-1].values
        progress("", len(seen), len(listed))
        pointing = references_of(seen)
        pairs = [
            (one, pointed(resource, pointing[place(one)]))
            for one, resource in zip(seen, resources, strict=True)
        ]
        remarks = tuple(
            Remark(notice.code, notice.where, notice.text)
            for source in sources
            for notice in source.notices()
        )
        return Draft(
            now.isoformat(timespec="seconds"), tuple(dict.fromkeys(source.address for source in sources)),
            tuple(resource for _, resource in pairs), candidates_of(pairs), remarks,
        )  # fmt: skip


def _wanted(table: Table, limits: Limits) -> bool:
    def matches(patterns: Sequence[str]) -> bool:
        return any(fnmatch(table.path, p) or fnmatch(table.name, p) for p in patterns)

    return (not limits.include or matches(limits.include)) and not matches(limits.exclude)
