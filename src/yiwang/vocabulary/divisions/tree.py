"""The divisions of a day as a tree, and what an old code is called on that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property

from yiwang.vocabulary.divisions.codes import (
    DivisionCode,
    DivisionNotYet,
    DivisionUnknown,
    Level,
    parse_division_code,
)
from yiwang.vocabulary.divisions.records import Division, Succession, dated, read_divisions, read_successions
from yiwang.vocabulary.identifiers import Notice
from yiwang.vocabulary.tables import Table, data_table

YEAR_ONLY = Notice("division-year-only", "当年有变更，只知年份", "changed that year, the day is not known")
REUSED = Notice(
    "division-code-reused", "该代码先后用于不同地方", "the code was used for different places in turn"
)
FORMER_NAME = Notice("division-former-name", "该代码曾用其他名称", "the code had another name before")
SUCCESSOR_UNKNOWN = Notice(
    "division-successor-unknown", "已撤销，去向未收录", "abolished, successor not on record"
)
UNVERIFIED = Notice(
    "division-succession-derived", "沿革由历年名称推得，未核实", "succession derived from names"
)
TOWNSHIP_UNKNOWN = Notice(
    "division-township-unlisted", "乡级代码不在代码表中", "the township is not on the list"
)
TOWNSHIP_MOVED = Notice(
    "division-township-moved",
    "县级已变更，乡级新代码须另查",
    "the county changed, look up the township's new code",
)
VILLAGE_UNLISTED = Notice(
    "division-village-unlisted", "村级代码表未随附，未核对", "villages are not kept, not compared"
)


class Status(StrEnum):
    """What became of a code by the day in question."""

    CURRENT = "current"
    REPLACED = "replaced"
    DIVIDED = "divided"
    ABOLISHED = "abolished"
    NOT_YET = "not-yet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a code is called on a day.

    Attributes:
        code: normal form of what was asked.
        on: the day.
        was: the division under its old name, None for an unknown code.
        now: what it is called on the day: itself, its successor, or several when it was divided.
        changes: the rows of the successor table that lead there, in order.
        notices: what is worth a look.
    """

    code: str
    on: dt.date
    status: Status
    was: Division | None
    now: tuple[Division, ...] = ()
    changes: tuple[Succession, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Divisions:
    """Divisions present and past.

    Attributes:
        history: code → its records in order of time.
        successions: (code, year) → what took its place.
        edition: day of the list the current codes were taken from.
        complete_until: last day up to which changes are on record.
        townships: nine digits → name, of the edition.
    """

    history: Mapping[str, tuple[Division, ...]]
    successions: Mapping[tuple[str, int], Succession]
    edition: dt.date
    complete_until: dt.date
    townships: Mapping[str, str]

    def ever_existed(self, code: str) -> bool:
        """Whether a list, present or past, has the six digits."""
        return code in self.history

    def find(self, code: str, on: dt.date) -> Division | None:
        """The division in force on the day under exactly this code (6 or 9 digits)."""
        if len(code) == 9:
            if code in self.townships and self.find(code[:6], on) is not None:
                return Division(code, self.townships[code], source="c")
            return None
        found = [division for division in self.history.get(code, ()) if division.in_force(on)]
        return found[-1] if found else None

    def parent(self, code: str, on: dt.date) -> Division | None:
        """The division above: `XXXX00` of a county, the province where the list has no such city."""
        normal = parse_division_code(code)
        if normal.level is Level.VILLAGE:
            return self.find(normal.code[:9], on) or self.find(normal.county, on)
        if normal.level is Level.TOWNSHIP:
            return self.find(normal.county, on)
        if normal.level is Level.COUNTY:
            return self.find(normal.code[:4] + "00", on) or self.find(normal.province, on)
        return self.find(normal.province, on) if normal.level is Level.CITY else None

    def path(self, code: str, on: dt.date) -> tuple[Division, ...]:
        """From the province down to the division itself; empty when it is not in force."""
        found = self.find(parse_division_code(code).code[:9], on)
        steps: list[Division] = []
        while found is not None:
            steps.insert(0, found)
            found = self.parent(found.code, on)
        return tuple(steps)

    def full_name(self, code: str, on: dt.date) -> str:
        """山东省济南市历下区: the names of the path without statistical headings."""
        return "".join(division.name for division in self.path(code, on) if not division.bucket)

    def children(self, code: str, on: dt.date) -> tuple[Division, ...]:
        """The divisions directly below, in order of their codes; the provinces for an empty code."""
        if not code:
            return tuple(d for key in self._below.get("", ()) if (d := self.find(key, on)) is not None)
        parent = parse_division_code(code).code
        candidates = list(self._below.get(parent, ()))
        if parent.endswith("0000"):
            for city in self._below.get(parent, ()):
                if self.find(city, on) is None:
                    candidates.extend(self._below.get(city, ()))
        found = (self.find(key, on) for key in sorted(set(candidates)))
        return tuple(division for division in found if division is not None)

    def resolve(self, code: str, on: dt.date) -> Resolution:
        """What a code, present or past, is called on a day.

        Raises:
            DivisionLength, DivisionCharacter, IdentifierEmpty: it is no code at all.
        """
        asked = parse_division_code(code)
        found = self._resolve_county(asked.county, on)
        if asked.level in (Level.TOWNSHIP, Level.VILLAGE):
            return self._with_township(asked, found)
        return found

    def require(self, code: str, on: dt.date) -> Resolution:
        """Like `resolve`, for values that have to exist.

        Raises:
            DivisionUnknown: no list has the code.
            DivisionNotYet: it came into use after the day.
            DivisionError, IdentifierEmpty: it is no code at all.
        """
        found = self.resolve(code, on)
        if found.status is Status.UNKNOWN:
            raise DivisionUnknown(value=found.code)
        if found.status is Status.NOT_YET:
            raise DivisionNotYet(
                value=found.code, name=found.was.name if found.was else "", day=on.isoformat()
            )
        return found

    def with_local(self, local: Iterable[Division]) -> Divisions:
        """These divisions and others of the node's own, which win over the standard ones of the same code.

        For development zones without a code of the standard, for changes that are too new, and for fictional places
        of a demonstration.
        """
        added = tuple(local)
        history = dict(self.history)
        townships = dict(self.townships)
        for division in added:
            if len(division.code) == 9:
                townships[division.code] = division.name
            else:
                history[division.code] = ()
        for division in dated(added, dict(self.successions)):
            if len(division.code) == 6:
                history[division.code] += (division,)
        return Divisions(history, self.successions, self.edition, self.complete_until, townships)

    @cached_property
    def _below(self) -> dict[str, tuple[str, ...]]:
        below: dict[str, list[str]] = {}
        for code in sorted(self.history):
            if code.endswith("0000"):
                above = ""
            elif code.endswith("00"):
                above = code[:2] + "0000"
            else:
                city = code[:4] + "00"
                above = city if city in self.history else code[:2] + "0000"
            below.setdefault(above, []).append(code)
        for code in sorted(self.townships):
            below.setdefault(code[:6], []).append(code)
        return {above: tuple(codes) for above, codes in below.items()}

    def _resolve_county(self, code: str, on: dt.date) -> Resolution:
        records = self.history.get(code, ())
        if not records:
            return Resolution(code, on, Status.UNKNOWN, None)
        current = self.find(code, on)
        if current is not None:
            return Resolution(
                code, on, Status.CURRENT, current, (current,), (), self._current_notices(current, on)
            )
        past = [division for division in records if division.until is not None and division.until < on]
        if not past:
            return Resolution(code, on, Status.NOT_YET, records[0])
        now, changes, lost = self._follow(past[-1], on)
        notices: tuple[Notice, ...] = ()
        if lost:
            notices += (SUCCESSOR_UNKNOWN,)
        if len({division.name for division in past}) > 1 and not self._same_place(past):
            notices += (REUSED,)
        if now and any(
            not change.verified and change.how not in ("notice", "compiled") for change in changes
        ):
            notices += (UNVERIFIED,)
        if any(division.uncertain(on) for division in now):
            notices += (YEAR_ONLY,)
        status = Status.ABOLISHED if not now else Status.REPLACED if len(now) == 1 else Status.DIVIDED
        return Resolution(code, on, status, past[-1], now, changes, notices)

    def _current_notices(self, current: Division, on: dt.date) -> tuple[Notice, ...]:
        notices: tuple[Notice, ...] = ()
        if current.uncertain(on):
            notices += (YEAR_ONLY,)
        earlier = [d for d in self.history[current.code] if d.until is not None and d.until < on]
        if any(division.name != current.name for division in earlier):
            notices += (FORMER_NAME if self._same_place([*earlier, current]) else REUSED,)
        return notices

    def _same_place(self, records: list[Division]) -> bool:
        """Whether each record of a code leads to the next one of the same code."""
        for division in records[:-1]:
            change = self.successions.get((division.code, (division.last_year or 0) + 1))
            if change is None or division.code not in change.successors:
                return False
        return True

    def _follow(
        self, start: Division, on: dt.date
    ) -> tuple[tuple[Division, ...], tuple[Succession, ...], bool]:
        """Walks the successor table until every branch is in force on the day; says whether a branch was lost."""
        now: dict[str, Division] = {}
        changes: list[Succession] = []
        seen: set[tuple[str, int]] = set()
        lost = False
        open_ends = [start]
        while open_ends:
            division = open_ends.pop(0)
            year = (division.last_year or 0) + 1
            if (division.code, year) in seen:
                continue
            seen.add((division.code, year))
            change = self.successions.get((division.code, year))
            if change is None:
                lost = True
                continue
            changes.append(change)
            for code in change.successors:
                heir = self._heir(code, change.year)
                if heir is None:
                    lost = True
                elif heir.in_force(on):
                    now[heir.code] = heir
                else:
                    open_ends.append(heir)
        return tuple(now[code] for code in sorted(now)), tuple(changes), lost

    def _heir(self, code: str, year: int) -> Division | None:
        for division in self.history.get(code, ()):
            if (division.first_year or 0) <= year <= (division.last_year or 9999):
                return division
        return None

    def _with_township(self, asked: DivisionCode, county: Resolution) -> Resolution:
        if county.status is not Status.CURRENT:
            notices = county.notices + ((TOWNSHIP_MOVED,) if county.now else ())
            return Resolution(
                asked.code, county.on, county.status, county.was, county.now, county.changes, notices
            )
        township = self.find(asked.code[:9], county.on)
        notices = tuple(notice for notice in county.notices if notice is YEAR_ONLY)
        if township is None:
            notices += (TOWNSHIP_UNKNOWN,)
        if asked.level is Level.VILLAGE:
            notices += (VILLAGE_UNLISTED,)
        place = township or county.was
        now = (place,) if place is not None else ()
        return Resolution(asked.code, county.on, Status.CURRENT, place, now, (), notices)


@cache
def standard_divisions() -> Divisions:
    """The divisions that come with the product. Reading them takes some 0.3 s, once in a process."""
    return read_all(
        data_table("divisions.csv", "code", "name", "first_year", "last_year", "source"),
        data_table(
            "division_successors.csv", "code", "effective", "successors", "how", "document", "verified"
        ),
        data_table("townships.csv.gz", "code", "name"),
    )


def read_all(divisions: Table, successors: Table, townships: Table) -> Divisions:
    """Divisions from tables, for operators who keep their own.

    Raises:
        TableError: a table is broken.
    """
    changes = read_successions(successors)
    history: dict[str, list[Division]] = {}
    for division in dated(read_divisions(divisions), changes):
        history.setdefault(division.code, []).append(division)
    return Divisions(
        {code: tuple(sorted(found, key=_begin)) for code, found in history.items()},
        changes,
        dt.date.fromisoformat(divisions.edition),
        dt.date.fromisoformat(successors.edition),
        {row["code"]: row["name"] for row in townships.rows},
    )


def _begin(division: Division) -> int:
    return division.first_year or 0
