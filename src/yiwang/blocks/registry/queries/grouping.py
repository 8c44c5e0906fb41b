"""Counts and sums of what the actor may see, by a field: for charts, boards, calendars and maps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.conf import settings
from django.db import connection
from psycopg import sql

from yiwang.blocks.registry.domain.compiled import Entity, Field, View
from yiwang.blocks.registry.domain.errors import FieldUnknown, ListBroken
from yiwang.blocks.registry.domain.layout import RECORD
from yiwang.blocks.registry.domain.values import Plain
from yiwang.blocks.registry.queries.listing import Selection, Wanted
from yiwang.blocks.registry.queries.reading import plain, unmasked
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.systems import entity_of

CountBy = Literal["value", "day", "month", "year", "province", "city", "county", "town"]
_DATES: Final = {"day": "YYYY-MM-DD", "month": "YYYY-MM", "year": "YYYY"}
_PLACES: Final = {"province": 2, "city": 4, "county": 6, "town": 9}
_SUMMED: Final = ("integer", "money", "decimal")
MOST_POINTS: Final = 2000


@dataclass(frozen=True, slots=True)
class Group:
    """How many records have a value, and the sum of a measure over them (money in 分). None: no value."""

    value: Plain
    count: int
    total: Plain = None


@dataclass(frozen=True, slots=True)
class Grouped:
    """Groups of a list, the largest first; `more`: there are others that are not listed."""

    groups: tuple[Group, ...]
    more: bool

    @property
    def count(self) -> int:
        """Records in the groups that are listed."""
        return sum(group.count for group in self.groups)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is: longitude and latitude in degrees."""

    record: int
    east: float
    north: float


def grouped(
    errand: Errand, system: str, entity: str, wanted: Wanted, by: str, now: datetime, *, step: CountBy = "value",
    measure: str = "", view: View | None = None, most: int = 200,
) -> Grouped:  # fmt: skip
    """Records of a list counted by a field.

    `step` counts dates by day, month or year and divisions by level. Raises: SystemUnknown, EntityUnknown,
    FieldUnknown, ListBroken (also for fields that cannot be counted: encrypted ones and lists).
    """
    found, declared = entity_of(system, entity)
    selection = Selection(found, declared, wanted, now, view)
    where, values = selection.selected()
    field = _field(declared, by)
    total: sql.Composable = sql.SQL("NULL")
    if measure:
        total = sql.SQL("sum({})").format(_value(_summed(declared, measure)))
    statement = sql.SQL(
        "SELECT {} AS value, count(*), {} FROM {} WHERE {}{} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s"
    )
    with entering(errand, now), connection.cursor() as cursor:
        cursor.execute(
            statement.format(
                _stepped(field, step),
                total,
                sql.SQL(selection.source()),
                sql.SQL(where),
                _unmasked(declared, field),
            ),
            [*values, most + 1],
        )
        rows = cursor.fetchall()
    groups = tuple(
        Group(plain(value), int(count), None if sums is None else plain(sums))
        for value, count, sums in rows[:most]
    )
    return Grouped(groups, len(rows) > most)


def places(
    errand: Errand,
    system: str,
    entity: str,
    wanted: Wanted,
    by: str,
    now: datetime,
    *,
    view: View | None = None,
) -> tuple[tuple[Place, ...], bool]:
    """Where the records of a list are, and whether there are more than `MOST_POINTS`.

    Raises: SystemUnknown, EntityUnknown, FieldUnknown, ListBroken (also for a field that is no point).
    """
    found, declared = entity_of(system, entity)
    field = _field(declared, by)
    if field.kind != "point" or field.encrypted or field.derived is not None:
        raise ListBroken(problem=field.title.zh)
    selection = Selection(found, declared, wanted, now, view)
    where, values = selection.selected()
    column = sql.Identifier("row", field.columns[0])
    statement = sql.SQL("SELECT {}, {}[0], {}[1] FROM {} WHERE {} AND {} IS NOT NULL{} LIMIT %s").format(
        sql.Identifier("row", RECORD), column, column, sql.SQL(selection.source()), sql.SQL(where), column,
        _unmasked(declared, field),
    )  # fmt: skip
    with entering(errand, now), connection.cursor() as cursor:
        cursor.execute(statement, [*values, MOST_POINTS + 1])
        rows = cursor.fetchall()
    shown = tuple(Place(int(record), float(east), float(north)) for record, east, north in rows[:MOST_POINTS])
    return shown, len(rows) > MOST_POINTS


def _field(entity: Entity, name: str) -> Field:
    try:
        return entity.field(name)
    except KeyError:
        raise FieldUnknown(entity=entity.title.zh, field=name) from None


def _summed(entity: Entity, name: str) -> Field:
    field = _field(entity, name)
    if field.kind not in _SUMMED or field.encrypted:
        raise ListBroken(problem=field.title.zh)
    return field


def _value(field: Field) -> sql.Composable:
    if field.derived is not None:
        return sql.SQL("({})").format(sql.SQL(field.derived))
    return sql.Identifier("row", field.columns[0])


def _unmasked(entity: Entity, field: Field) -> sql.Composable:
    """What is shown masked is not counted by its value."""
    shown = unmasked(entity, field)
    return sql.SQL(f" AND {shown}") if shown else sql.SQL("")


def _stepped(field: Field, step: CountBy) -> sql.Composable:
    if field.encrypted or field.kind in ("codes", "files", "point", "geometry") or len(field.columns) > 1:
        raise ListBroken(problem=field.title.zh)
    value = _value(field)
    if step in _DATES and field.kind in ("date", "datetime"):
        local = value
        if field.kind == "datetime":
            local = sql.SQL("({} AT TIME ZONE {})").format(value, sql.Literal(settings.TIME_ZONE))
        return sql.SQL("to_char({}, {})").format(local, sql.Literal(_DATES[step]))
    if step in _PLACES and field.kind == "division":
        return sql.SQL("left({}, {})").format(value, sql.Literal(_PLACES[step]))
    if step != "value":
        raise ListBroken(problem=field.title.zh)
    return value
