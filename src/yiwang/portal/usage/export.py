"""Usage as a file: one table a dimension, in CSV (one after the other) or as sheets of a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.journal.public import Tally
from yiwang.dataplane.spreadsheets.writing import Table, write_workbook
from yiwang.portal.console.export import safe, table
from yiwang.portal.evidence.words import agency, resource_name
from yiwang.portal.refusals import refusal_words
from yiwang.portal.usage.report import Report, items_of

Row = list[str | int]


def as_csv(me: Actor, report: Report) -> bytes:
    """Every table after its name, an empty line between two."""
    rows: list[Sequence[str | int]] = []
    for name, lines in _tables(me, report):
        rows += [[name], *lines, []]
    return table(rows[:-1])


def as_workbook(me: Actor, report: Report) -> bytes:
    """A sheet a table; texts that begin like a formula are written as texts."""
    return write_workbook(
        Table(name, [[safe(cell) for cell in line] for line in lines], widths=(28, 24, 12, 12, 12, 12, 12))
        for name, lines in _tables(me, report)
    )


def _tables(me: Actor, report: Report) -> Iterator[tuple[str, list[Row]]]:
    by = report.sums.by
    named = (
        ("day", gettext("By day"), lambda _key: ""),
        ("consumer", gettext("By consumer"), agency),
        ("provider", gettext("By provider"), agency),
        ("resource", gettext("By resource"), resource_name),
        ("grant", gettext("By grant"), lambda _key: ""),
        ("purpose", gettext("By purpose"), lambda _key: ""),
        ("code", gettext("By refusal"), refusal_words),
    )
    for dimension, title, words in named:
        yield title, [_head(), *(_line(one, words(one.key)) for one in by[dimension])]
    if report.scope.resource:
        items = items_of(me, report.scope, report.sums)
        yield gettext("By item"), [_head(), *(_line(tally, "") for _name, tally in items)]


def _head() -> Row:
    return [
        gettext("Value"), gettext("Name"), gettext("Calls"), gettext("Rows"), gettext("Refusals"),
        gettext("Failed"), gettext("Days"),
    ]  # fmt: skip


def _line(one: Tally, words: str) -> Row:
    return [one.key, words, one.calls, one.rows, one.refused, one.failed, one.days]
