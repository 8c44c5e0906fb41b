"""Lists of records: filters, search, order and the mark from which the next page goes on, as statements."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import msgspec

from yiwang.blocks.registry.domain.compiled import Entity, Field, System, View
from yiwang.blocks.registry.domain.errors import FieldUnknown, ListBroken
from yiwang.blocks.registry.domain.layout import FROM, KNOWN, LOOKUP, ORDERED, RECORD, TO
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.domain.quoting import text as quoted
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR, Plain, ValueWrong, read
from yiwang.blocks.registry.domain.written import ROW
from yiwang.blocks.registry.queries.reading import Record, shape_of, unmasked
from yiwang.blocks.registry.store.asking import Question, Sent
from yiwang.blocks.registry.store.days import local_day
from yiwang.blocks.registry.store.keys import living_generations, protector

MOST: Final = 500
COUNTED: Final = 10_000
"""Up to here a list says exactly how many records there are."""
_OPERATORS: Final = {"": "=", "from": ">=", "to": "<=", "before": "<", "after": ">"}
_LEVELS: Final = (2, 4, 6, 9, 12)
"""Digits of a place's code: province, city, county, town, village."""
_NOT_COMPARED: Final = frozenset({"point", "geometry", "files"})


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list. `total` is exact up to `COUNTED`; `following` goes on after it, None at the end."""

    records: tuple[Record, ...]
    total: int
    at_least: bool
    following: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """A page whose records are JSON already; the rest as in `Page`."""

    records: tuple[bytes, ...]
    total: int
    at_least: bool
    following: str | None


class Told(msgspec.Struct, frozen=True):
    """What the mark of a page needs of a record that the database wrote."""

    id: int
    values: dict[str, Plain]
    known: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows.

    Attributes:
        filters: by `field` or `field.from|to|before|after`; several filters all hold.
        text: part of any searchable field.
        sort: a field, `-` before it for the largest first; `_known` for when it was written; the key where empty.
            A field that may be empty sorts where a range of it is filtered by.
        on: about which day; today where None.
        mark: where to go on, as `Page.following` gave it.
        exact: a place means itself alone, and not all places within it.
    """

    filters: Mapping[str, str]
    text: str = ""
    sort: str = ""
    on: date | None = None
    size: int = 50
    mark: str | None = None
    counted: bool = True
    exact: bool = False


class Selection:
    """The statements of one list, and which rows it is about. Raises: FieldUnknown, ListBroken."""

    def __init__(
        self, system: System, entity: Entity, wanted: Wanted, now: datetime, view: View | None
    ) -> None:
        self._system, self._entity, self._wanted = system, entity, wanted
        self._shape = shape_of(system, entity)
        self._table = self._shape.table
        self.size = max(1, min(wanted.size, MOST))
        self._conditions: list[str] = []
        self._values: list[Sent] = []
        if view is not None and view.where is not None:
            self._conditions.append(f"({view.where.replace('%', '%%')})")
        if self._table.dated:
            self._about(wanted.on, local_day(now))
        for field, value in wanted.filters.items():
            self._filter(field, value, now)
        if wanted.text.strip():
            self._search(wanted.text.strip())
        self._order = self._sorted()

    def questions(self, *, columns: str | None = None) -> list[Question]:
        """The page and one row more; then, where it is counted, how many there are, up to one past `COUNTED`.

        How many stands in the statement itself: of a number unknown to it the database would make a new plan each time.
        """
        conditions, values = list(self._conditions), list(self._values)
        if self._wanted.mark is not None:
            self._go_on(self._wanted.mark, conditions, values)
        view, order = "", f" ORDER BY {', '.join(_directed(*one) for one in self._order)}"
        if self._by_key():
            view, order = ORDERED, ""  # an order said again would have the database plan for all rows
        asked = [
            Question(
                f"SELECT {columns or self._shape.columns()} FROM {self._shape.view(ending=view)}{_where(conditions)}{order}"
                f" LIMIT {self.size + 1}",
                values, self.size,
            )
        ]  # fmt: skip
        if self._wanted.counted:
            counted = f"SELECT 1 FROM {self._shape.view()}{_where(self._conditions)} LIMIT {COUNTED + 1}"
            asked.append(Question(f"SELECT count(*) FROM ({counted}) AS counted", list(self._values)))
        return asked

    def _by_key(self) -> bool:
        """Whether pages are read in the order of the key's index, also where filters narrow the list. ADR 0262, 0291.

        A text that is searched for can be judged outside of the view only: there all rows are read in any order.
        """
        apart = self._wanted.sort or self._wanted.text.strip()
        return not apart and [column for column, _ in self._order] == list(self._table.key)

    def selected(self) -> tuple[str, list[Sent]]:
        """The condition of the whole list, wherever its page begins, and the values in it."""
        return (" AND ".join(self._conditions) if self._conditions else "TRUE"), list(self._values)

    def source(self) -> str:
        """The view of the list, by the name of a row."""
        return self._shape.view()

    def mark_of(self, last: Record | Told) -> str:
        """Where the next page begins."""
        values = [self._cell(last, column) for column, _ in self._order]
        return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")

    def _add(self, condition: str, *values: Sent) -> None:
        self._conditions.append(condition)
        self._values += values

    def _about(self, on: date | None, today: date) -> None:
        """The rows about a day. Today stands in the statement itself, so that its plan can be kept: ADR 0312."""
        if on is not None:
            self._add(f"{_compare(FROM, '<=')} AND {_compare(TO, '>')}", on, on)
            return
        day = f"{quoted(today.isoformat())}::date"
        self._add(f"{name(ROW, FROM)} <= {day} AND {name(ROW, TO)} > {day}")

    def _filter(self, wanted: str, value: str, now: datetime) -> None:
        field_id, _, operator = wanted.partition(".")
        if operator not in _OPERATORS:
            raise ListBroken(problem=wanted)
        field = self._field(field_id)
        try:
            given = self._read(field, value, local_day(now))
        except ValueWrong:
            raise ListBroken(problem=field.title.zh) from None
        if isinstance(given, dict) or field.kind in _NOT_COMPARED:
            raise ListBroken(problem=field.title.zh)
        if shown := unmasked(self._entity, field):
            self._add(shown)
        if field.encrypted:
            if operator or not field.lookup:
                raise ListBroken(problem=field.title.zh)
            place = field.place(self._system.id, self._entity.id)
            digests = protector().digests(place, given, living_generations())
            self._add(f"{name(ROW, LOOKUP + field.columns[0])} = ANY (%s)", digests)
        elif field.derived is not None:
            self._add(f"({field.derived.replace('%', '%%')}) {_OPERATORS[operator]} %s", given)
        elif field.kind == "codes":
            self._add(f"{name(ROW, field.columns[0])} @> %s::text[]", given)
        elif field.kind == "division" and not operator and not self._wanted.exact:
            self._place(field, str(given), value)
        elif len(field.columns) > 1:
            for column, part in zip(field.columns, str(given).split(KEY_SEPARATOR), strict=True):
                self._add(_compare(column, "="), part)
        else:
            self._add(_compare(field.columns[0], _OPERATORS[operator]), given)

    def _place(self, field: Field, code: str, given: str) -> None:
        """A place means all places within it: a range of digits, which an index can follow."""
        text = given.strip()
        place = next((text[:digits] for digits in _LEVELS if not text[digits:].strip("0")), text)
        if len(place) >= len(code):
            self._add(_compare(field.columns[0], "="), code)
        else:
            within = f"{_compare(field.columns[0], '>=')} AND {_compare(field.columns[0], '<=')}"
            self._add(within, place, place.ljust(len(code), "9"))

    def _search(self, text: str) -> None:
        fields = [f for f in self._entity.fields if f.search and not f.encrypted and f.derived is None]
        if not fields:
            raise ListBroken(problem=text[:20])
        pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        likes = [
            " AND ".join(filter(None, (unmasked(self._entity, f), f"{name(ROW, f.columns[0])} LIKE %s")))
            for f in fields
        ]
        self._add(f"({' OR '.join(likes)})", *([pattern] * len(likes)))

    def _sorted(self) -> list[tuple[str, bool]]:
        order: list[tuple[str, bool]] = []
        if self._wanted.sort:
            by, down = self._wanted.sort.removeprefix("-"), self._wanted.sort.startswith("-")
            order.append((by if by == KNOWN else self._sortable(by), down))
        return [*order, *((column, False) for column in self._last() if column not in {c for c, _ in order})]

    def _last(self) -> tuple[str, ...]:
        """What tells equal rows apart: the key, or where some see it behind a mask the number."""
        covered = any(unmasked(self._entity, self._entity.field(one)) for one in self._entity.key)
        return (RECORD,) if covered else self._table.key

    def _sortable(self, wanted: str) -> str:
        """The column of a field that lists can be sorted by: it holds a value in every row of the list."""
        field = self._field(wanted)
        always = field.required or any(one.startswith(f"{wanted}.") for one in self._wanted.filters)
        if field.encrypted or field.derived is not None or not always or len(field.columns) > 1:
            raise ListBroken(problem=field.title.zh)
        return field.columns[0]

    def _read(self, field: Field, value: str, today: date) -> Plain:
        """A value to filter by; codes that are no longer in force still find what they were used for."""
        if field.kind in ("code", "codes") and any(
            code.code == value for code in self._system.codes.get(field.argument, ())
        ):
            return value if field.kind == "code" else [value]
        return read(self._system, field, value, today)

    def _go_on(self, mark: str, conditions: list[str], values: list[Sent]) -> None:
        try:
            given = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        except (ValueError, UnicodeDecodeError):
            raise ListBroken(problem="mark") from None
        if not isinstance(given, list) or len(given) != len(self._order):
            raise ListBroken(problem="mark")
        directions = {down for _, down in self._order}
        if len(directions) == 1:  # compared as a row, which the order's index can begin at
            columns = ", ".join(name(ROW, column) for column, _ in self._order)
            places = ", ".join(["%s"] * len(given))
            conditions.append(f"({columns}) {'<' if directions.pop() else '>'} ({places})")
            values += given
            return
        # (a, b) after (x, y), each in its own direction: a past x, or a = x and b past y
        ways = []
        for at, (column, down) in enumerate(self._order):
            same = [_compare(c, "=") for c, _ in self._order[:at]]
            ways.append("(" + " AND ".join([*same, _compare(column, "<" if down else ">")]) + ")")
            values += given[: at + 1]
        conditions.append(f"({' OR '.join(ways)})")

    def _field(self, field: str) -> Field:
        try:
            return self._entity.field(field)
        except KeyError:
            raise FieldUnknown(entity=self._entity.title.zh, field=field) from None

    def _cell(self, record: Record | Told, column: str) -> Plain:
        """What a column of a shown record holds: of a reference with several keys, one of them."""
        if column == KNOWN:
            return record.known.isoformat()
        if column == RECORD:
            return record.id
        field = next(f for f in self._entity.fields if column in f.columns)
        value = record.values[field.id]
        return (
            value if len(field.columns) == 1 else str(value).split(KEY_SEPARATOR)[field.columns.index(column)]
        )


def _compare(column: str, operator: str) -> str:
    return f"{name(ROW, column)} {operator} %s"


def _directed(column: str, down: bool) -> str:
    return f"{name(ROW, column)} {'DESC' if down else 'ASC'}"


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
