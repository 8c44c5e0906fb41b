"""Finding and reading records: one, a page of many, its history, and what was known on a day about a day."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from psycopg import sql

from yiwang.blocks.registry.domain.compiled import Entity, Field, System, View
from yiwang.blocks.registry.domain.errors import FieldUnknown, ListBroken, RecordUnknown
from yiwang.blocks.registry.domain.layout import FROM, KNOWN, LOOKUP, PAST, RECORD, TO, UNTIL
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR, Plain, ValueWrong, read
from yiwang.blocks.registry.queries.reading import Record, Sent, columns_of, records_of
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.keys import protector
from yiwang.blocks.registry.store.sealing import generation
from yiwang.blocks.registry.store.systems import entity_of

MOST = 500
COUNTED = 10_000
"""Up to here a list says exactly how many records there are."""
_OPERATORS = {"": "=", "from": ">=", "to": "<=", "before": "<", "after": ">"}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list. `total` is exact up to `COUNTED`; `following` goes on after it, None at the end."""

    records: tuple[Record, ...]
    total: int
    at_least: bool
    following: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows.

    Attributes:
        filters: by `field` or `field.from|to|before|after`; several filters all hold.
        text: part of any searchable field.
        sort: a field, `-` before it for the largest first; the key where empty.
        on: about which day; today where None.
        mark: where to go on, as `Page.following` gave it.
    """

    filters: Mapping[str, str]
    text: str = ""
    sort: str = ""
    on: date | None = None
    size: int = 50
    mark: str | None = None
    counted: bool = True


def record(
    errand: Errand, system: str, entity: str, number: int, now: datetime, *, on: date | None = None,
    known: datetime | None = None,
) -> Record:  # fmt: skip
    """A record as it is believed (`known`: was believed then) about a day (`on`, today).

    Raises: SystemUnknown, EntityUnknown, RecordUnknown.
    """
    found, declared = entity_of(system, entity)
    with entering(errand, now):
        rows = _as_of(found, declared, number, on or now.date(), known)
    if not rows:
        raise RecordUnknown()
    return rows[0]


def by_key(errand: Errand, system: str, entity: str, key: Mapping[str, str], now: datetime) -> Record:
    """The record with a key, about today. Raises: SystemUnknown, EntityUnknown, FieldUnknown, RecordUnknown."""
    page = records(errand, system, entity, Wanted(key, size=1, counted=False), now)
    if not page.records:
        raise RecordUnknown()
    return page.records[0]


def records(
    errand: Errand, system: str, entity: str, wanted: Wanted, now: datetime, *, view: View | None = None
) -> Page:
    """A page of the records that the actor may see. Raises: SystemUnknown, EntityUnknown, FieldUnknown, ListBroken."""
    found, declared = entity_of(system, entity)
    reading = _List(found, declared, wanted, now, view)
    with entering(errand, now), connection.cursor() as cursor:
        cursor.execute(reading.statement(), reading.parameters)
        rows = cursor.fetchall()
        total, at_least = len(rows), False
        if wanted.counted:
            cursor.execute(reading.counting(), reading.counting_parameters)
            total = int(cursor.fetchone()[0])
            at_least = total > COUNTED
        shown = records_of(found, declared, rows[: reading.size])
    following = reading.mark_of(shown[-1]) if len(rows) > reading.size else None
    return Page(tuple(shown), min(total, COUNTED), at_least, following)


def history(errand: Errand, system: str, entity: str, number: int, now: datetime) -> tuple[Record, ...]:
    """All that is and was believed of a record, the newest belief first. Raises: SystemUnknown, EntityUnknown, RecordUnknown."""
    found, declared = entity_of(system, entity)
    table = declared.table(found.id)
    with entering(errand, now), connection.cursor() as cursor:
        rows: list[tuple[object, ...]] = []
        for name, past in ((table.name, False), *([(table.name + PAST, True)] if table.kept else [])):
            cursor.execute(
                sql.SQL("SELECT {} FROM {} AS {} WHERE {} = %s").format(
                    columns_of(found, declared, past=past), sql.Identifier(table.views, name),
                    sql.Identifier("row"), sql.Identifier("row", RECORD),
                ),
                [number],
            )  # fmt: skip
            rows += cursor.fetchall()
        shown = records_of(found, declared, rows)
    if not shown:
        raise RecordUnknown()
    return tuple(sorted(shown, key=lambda one: (one.known, one.since or date.min), reverse=True))


def _as_of(system: System, entity: Entity, number: int, on: date, known: datetime | None) -> list[Record]:
    table = entity.table(system.id)
    asked: list[tuple[str, bool]] = [(table.name, False)]
    if known is not None and table.kept:
        asked.append((table.name + PAST, True))
    found: list[tuple[object, ...]] = []
    for name, past in asked:
        conditions: list[sql.Composable] = [_compare(RECORD, "=")]
        values: list[Sent] = [number]
        if table.dated:
            conditions += [_compare(FROM, "<="), _compare(TO, ">")]
            values += [on, on]
        if known is not None:
            conditions.append(_compare(KNOWN, "<="))
            values.append(known)
        if past:
            conditions.append(_compare(UNTIL, ">"))
            values.append(known)
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("SELECT {} FROM {} AS {} WHERE {}").format(
                    columns_of(system, entity, past=past), sql.Identifier(table.views, name),
                    sql.Identifier("row"), sql.SQL(" AND ").join(conditions),
                ),
                values,
            )  # fmt: skip
            found += cursor.fetchall()
    return records_of(system, entity, found)


def _compare(column: str, operator: str) -> sql.Composable:
    return sql.SQL("{} {} %s").format(sql.Identifier("row", column), sql.SQL(operator))


class _List:
    """The statements of one list."""

    def __init__(
        self, system: System, entity: Entity, wanted: Wanted, now: datetime, view: View | None
    ) -> None:
        self._system, self._entity, self._wanted = system, entity, wanted
        self._table = entity.table(system.id)
        self.size = max(1, min(wanted.size, MOST))
        self._conditions: list[sql.Composable] = []
        self._values: list[Sent] = []
        if view is not None and view.where is not None:
            self._conditions.append(sql.SQL("({})").format(sql.SQL(view.where)))
        if self._table.dated:
            day = wanted.on or now.date()
            self._add(_compare(FROM, "<="), day)
            self._add(_compare(TO, ">"), day)
        for name, value in wanted.filters.items():
            self._filter(name, value, now)
        if wanted.text.strip():
            self._search(wanted.text.strip())
        self._order = self._sorted()
        self.counting_parameters = [*self._values, COUNTED + 1]
        if wanted.mark is not None:
            self._go_on(wanted.mark)
        self.parameters = [*self._values, self.size + 1]

    def statement(self) -> sql.Composable:
        """The page and one row more."""
        directions = [
            sql.SQL("{} {}").format(sql.Identifier("row", column), sql.SQL("DESC" if down else "ASC"))
            for column, down in self._order
        ]
        return sql.SQL("SELECT {} FROM {} AS {} WHERE {} ORDER BY {} LIMIT %s").format(
            columns_of(self._system, self._entity), self._from(), sql.Identifier("row"), self._where(),
            sql.SQL(", ").join(directions),
        )  # fmt: skip

    def counting(self) -> sql.Composable:
        """How many there are, counted no further than one past `COUNTED`."""
        where = (
            sql.SQL(" AND ").join(self._counted_conditions) if self._counted_conditions else sql.SQL("TRUE")
        )
        return sql.SQL("SELECT count(*) FROM (SELECT 1 FROM {} AS {} WHERE {} LIMIT %s) AS counted").format(
            self._from(), sql.Identifier("row"), where
        )

    def mark_of(self, last: Record) -> str:
        """Where the next page begins."""
        values = [self._cell(last, column) for column, _ in self._order]
        return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")

    def _from(self) -> sql.Composable:
        return sql.Identifier(self._table.views, self._table.name)

    def _where(self) -> sql.Composable:
        return sql.SQL(" AND ").join(self._conditions) if self._conditions else sql.SQL("TRUE")

    def _add(self, condition: sql.Composable, *values: Sent) -> None:
        self._conditions.append(condition)
        self._values += values

    def _filter(self, name: str, value: str, now: datetime) -> None:
        field_name, _, operator = name.partition(".")
        if operator not in _OPERATORS:
            raise ListBroken(problem=name)
        field = self._field(field_name)
        try:
            wanted = read(self._system, field, value, now.date())
        except ValueWrong:
            raise ListBroken(problem=field.title.zh) from None
        if isinstance(wanted, dict):
            raise ListBroken(problem=field.title.zh)
        if field.encrypted:
            if operator or not field.lookup:
                raise ListBroken(problem=field.title.zh)
            digest = protector(generation()).digest(field.place(self._system.id, self._entity.id), wanted)
            self._add(_compare(LOOKUP + field.columns[0], "="), digest)
        elif field.kind == "codes":
            self._add(sql.SQL("{} @> %s::text[]").format(sql.Identifier("row", field.columns[0])), wanted)
        elif field.kind == "division" and not operator:
            # a place means all places within it
            self._add(
                sql.SQL("starts_with({}, %s)").format(sql.Identifier("row", field.columns[0])), value.strip()
            )
        elif len(field.columns) > 1:
            for column, part in zip(field.columns, str(wanted).split(KEY_SEPARATOR), strict=True):
                self._add(_compare(column, "="), part)
        else:
            self._add(_compare(field.columns[0], _OPERATORS[operator]), wanted)

    def _search(self, text: str) -> None:
        fields = [f for f in self._entity.fields if f.search and not f.encrypted and f.derived is None]
        if not fields:
            raise ListBroken(problem=text[:20])
        pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        likes = [sql.SQL("{} LIKE %s").format(sql.Identifier("row", f.columns[0])) for f in fields]
        self._add(sql.SQL("({})").format(sql.SQL(" OR ").join(likes)), *([pattern] * len(likes)))

    def _sorted(self) -> list[tuple[str, bool]]:
        self._counted_conditions = list(self._conditions)
        order: list[tuple[str, bool]] = []
        if self._wanted.sort:
            field = self._field(self._wanted.sort.removeprefix("-"))
            if field.encrypted or field.derived is not None or not field.required or len(field.columns) > 1:
                raise ListBroken(problem=field.title.zh)
            order.append((field.columns[0], self._wanted.sort.startswith("-")))
        return [
            *order,
            *((column, False) for column in self._table.key if column not in {c for c, _ in order}),
        ]

    def _go_on(self, mark: str) -> None:
        try:
            values = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        except (ValueError, UnicodeDecodeError):
            raise ListBroken(problem="mark") from None
        if not isinstance(values, list) or len(values) != len(self._order):
            raise ListBroken(problem="mark")
        # (a, b) after (x, y), each in its own direction: a past x, or a = x and b past y
        ways: list[sql.Composable] = []
        for at, (column, down) in enumerate(self._order):
            same = [_compare(c, "=") for c, _ in self._order[:at]]
            ways.append(sql.SQL(" AND ").join([*same, _compare(column, "<" if down else ">")]))
            self._values += [*values[:at], values[at]]
        self._conditions.append(
            sql.SQL("({})").format(sql.SQL(" OR ").join(sql.SQL("({})").format(way) for way in ways))
        )

    def _field(self, name: str) -> Field:
        try:
            return self._entity.field(name)
        except KeyError:
            raise FieldUnknown(entity=self._entity.title.zh, field=name) from None

    def _cell(self, record: Record, column: str) -> Plain:
        """What a column of a shown record holds: of a reference with several keys, one of them."""
        field = next(f for f in self._entity.fields if column in f.columns)
        value = record.values[field.id]
        return (
            value if len(field.columns) == 1 else str(value).split(KEY_SEPARATOR)[field.columns.index(column)]
        )
