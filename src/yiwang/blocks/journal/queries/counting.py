"""Sums of calls for pages of usage, in few passes over the roll-up, whatever the scope."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple, TypeVar

import msgspec
from django.db import connection

from yiwang.blocks.journal.domain.access import Reader, counts_all
from yiwang.blocks.journal.domain.calls import FAILED_CLASS
from yiwang.blocks.journal.domain.usage import (
    DIMENSIONS,
    NONE,
    Scope,
    Tally,
    UsageSums,
    latency_of,
    ordered,
)

_COLUMNS = {
    "day": "day::text",
    "consumer": "consumer",
    "provider": "provider",
    "resource": "resource",
    "grant": "grant_id",
    "code": "code",
}
_TALLY = (
    "coalesce(sum(calls), 0)::bigint, coalesce(sum(rows), 0)::bigint,"
    f" coalesce(sum(calls) FILTER (WHERE kind = 'refusal' AND status_class < {FAILED_CLASS}), 0)::bigint,"
    f" coalesce(sum(calls) FILTER (WHERE status_class >= {FAILED_CLASS}), 0)::bigint, count(DISTINCT day)"
)
Given = list[date | str]
T = TypeVar("T")


class _Counted(NamedTuple):
    """A row of the grouping: which columns are added over (as bits), the values of the others, the numbers."""

    mask: int
    day: str | None
    consumer: str | None
    provider: str | None
    resource: str | None
    grant: str | None
    code: str | None
    calls: int
    rows: int
    refused: int
    failed: int
    days: int


def usage_sums(reader: Reader, scope: Scope, since: date, until: date) -> UsageSums:
    """What was called from `since` to `until` (both included), as far as it concerns the reader's agency.

    The data bureau, auditors and operators count every call of the node; they see sums here, never a call.
    """
    where, given = _where(reader, scope, since, until)
    columns = [_COLUMNS[name] for name in DIMENSIONS]
    sets = ", ".join(["()", *(f"({column})" for column in columns)])
    grouping, listed = ", ".join(columns), ", ".join(columns)
    # the texts put together here are constants of this file; what a person gave stands in the parameters
    tallies: dict[str, list[Tally]] = {name: [] for name in DIMENSIONS}
    total = NONE
    for row in _rows(
        f"SELECT grouping({grouping}), {listed}, {_TALLY} FROM journal_rollup WHERE {where}"  # noqa: S608
        f" GROUP BY GROUPING SETS ({sets})",
        given,
        _Counted,
    ):
        tally = Tally("", row.calls, row.rows, row.refused, row.failed, row.days)
        named = (row.day, row.consumer, row.provider, row.resource, row.grant, row.code)
        for at, name in enumerate(DIMENSIONS):
            if not row.mask >> (len(columns) - 1 - at) & 1:
                tallies[name].append(replace(tally, key=named[at] or ""))
                break
        else:
            total = tally
    latency, daily = latency_of(
        (day, bucket - 1, calls)
        for day, bucket, calls in _rows(
            "SELECT day, bucket, sum(n)::bigint FROM journal_rollup,"  # noqa: S608
            f" unnest(histogram) WITH ORDINALITY AS h (n, bucket) WHERE {where} AND n > 0 GROUP BY day, bucket",
            given,
            tuple[date, int, int],
        )
    )
    purposes = [
        Tally(purpose, calls, found, 0, 0, days)
        for purpose, calls, found, days in _rows(
            "SELECT purpose, sum(calls)::bigint, sum(rows)::bigint, count(DISTINCT day)"  # noqa: S608
            f" FROM journal_purpose WHERE {where} GROUP BY purpose",
            given,
            tuple[str, int, int, int],
        )
    ]
    items = (
        [
            Tally(item, calls, found, 0, 0, days)
            for item, calls, found, days in _rows(
                "SELECT item, sum(calls)::bigint, sum(rows)::bigint, count(DISTINCT day)"  # noqa: S608
                f" FROM journal_item_use WHERE {where} GROUP BY item",
                given,
                tuple[str, int, int, int],
            )
        ]
        if scope.resource
        else []
    )
    by = {name: ordered(name, rows) for name, rows in tallies.items()}
    by |= {"purpose": ordered("purpose", purposes), "item": ordered("item", items)}
    return UsageSums(total, by, latency, daily)


def items_counted_since() -> date | None:
    """The first day on which this node's gateways counted items; None: they never did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(day) FROM journal_item_use")
        row = cursor.fetchone()
    return msgspec.convert(row[0], date | None) if row else None


def busiest_days(reader: Reader, scope: Scope, since: date, until: date) -> dict[str, int]:
    """By grant, the most calls that were answered on one day: what a daily quota is compared with."""
    where, given = _where(reader, scope, since, until)
    rows = _rows(
        "SELECT grant_id, max(n)::bigint FROM (SELECT grant_id, day, sum(calls) AS n FROM journal_rollup"  # noqa: S608
        f" WHERE {where} AND kind <> 'refusal' AND grant_id <> '' GROUP BY grant_id, day) AS d GROUP BY grant_id",
        given,
        tuple[str, int],
    )
    return dict(rows)


def _where(reader: Reader, scope: Scope, since: date, until: date) -> tuple[str, Given]:
    parts = ["day BETWEEN %s AND %s"]
    given: Given = [since, until]
    parties = [] if counts_all(reader) else [reader.agency]
    parties += [scope.agency] if scope.agency else []
    for agency in parties:
        parts.append("(consumer = %s OR provider = %s)")
        given += [agency, agency]
    for column, value in (("resource", scope.resource), ("grant_id", scope.grant)):
        if value:
            parts.append(f"{column} = %s")
            given.append(value)
    return " AND ".join(parts), given


def _rows(query: str, given: Given, kind: type[T]) -> list[T]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return [msgspec.convert(row, kind) for row in cursor.fetchall()]
