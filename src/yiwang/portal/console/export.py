"""The numbers of the monitor as a table for a spreadsheet. Cells that a spreadsheet would calculate are defused."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.utils.translation import gettext

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.journal import public as journal
from yiwang.portal.console.period import Period
from yiwang.portal.evidence.words import agency, resource_name

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def safe(cell: str | int) -> str | int:
    """A text that begins like a formula gets an apostrophe before it; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell


def table(rows: Iterable[Iterable[str | int]]) -> bytes:
    """UTF-8 with the mark by which spreadsheets recognise it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def by_day(me: Actor, period: Period) -> bytes:
    """Calls by day and consumer."""
    head = [
        gettext("Day"),
        gettext("Consumer"),
        gettext("Credit code"),
        gettext("Calls"),
        gettext("Refusals"),
    ]
    rows: list[list[str | int]] = [
        [one.day.isoformat(), agency(one.consumer), one.consumer, one.calls, one.refused]
        for one in journal.heat(me, period.since, period.until)
    ]
    return table([head, *rows])


def by_service(me: Actor, period: Period) -> bytes:
    """How each resource answered."""
    head = [
        gettext("Resource"), gettext("Code"), gettext("Provider"), gettext("Calls"), gettext("Refusals"),
        gettext("Failed"), "P95 ms",
    ]  # fmt: skip
    rows: list[list[str | int]] = [
        [resource_name(one.resource), one.resource, agency(one.provider), one.calls, one.refused, one.failed,
         round(one.p95_ms) if one.p95_ms is not None else ""]
        for one in journal.services(me, period.since, period.until)
    ]  # fmt: skip
    return table([head, *rows])
