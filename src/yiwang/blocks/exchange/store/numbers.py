"""Numbers of requests, bundles, grants, sources, mounts, sandboxes, old clients, scans, needs, quality tickets, table
jobs and their targets: one sequence a kind and year, without reuse."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection


def next_number(
    kind: Literal["R", "G", "S", "M", "B", "E", "C", "N", "P", "Q", "J", "K", "T"], now: datetime
) -> str:
    """The next number of the year in the node's zone, such as `R-2026-000001`."""
    year = now.astimezone(ZoneInfo(settings.TIME_ZONE)).year
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO exchange_number (kind, year, last) VALUES (%s, %s, 1)"
            " ON CONFLICT (kind, year) DO UPDATE SET last = exchange_number.last + 1 RETURNING last",
            [kind, year],
        )
        row = cursor.fetchone()
    return f"{kind}-{year}-{row[0]:06d}"
