"""How rows of an entity's views are selected and turned into records: worked out once for each application."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import connection

from yiwang.blocks.registry.domain.compiled import Entity, Field, System
from yiwang.blocks.registry.domain.errors import RecordRefused, RecordUnknown
from yiwang.blocks.registry.domain.layout import (
    BY,
    FROM,
    HIDDEN,
    KNOWN,
    MASKED,
    RECORD,
    SOURCES,
    TO,
    UNTIL,
    Table,
)
from yiwang.blocks.registry.domain.masks import masked_value
from yiwang.blocks.registry.domain.quoting import name, text
from yiwang.blocks.registry.domain.values import KEY_SEPARATOR, Plain
from yiwang.blocks.registry.domain.written import HIDDEN_VALUE, ROW, written
from yiwang.blocks.registry.store.keys import protector


@dataclass(frozen=True, slots=True)
class Record:
    """A record, or what was once believed of it.

    Attributes:
        id: its number, the same in every row of its history.
        values: by field id; None where there is no value or the actor may not see it.
        since, until: days that it is about (bitemporal tables); `until` None: further notice.
        known, replaced: since when it was believed, and until when; None: still.
        by: who said so.
        hidden: fields that the actor may not see in this record.
        masked: fields whose value is shown masked.
        sources: of fused records, by field: where its value comes from.
    """

    id: int
    values: Mapping[str, Plain]
    since: date | None
    until: date | None
    known: datetime
    replaced: datetime | None
    by: str
    hidden: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()
    sources: Mapping[str, Sourced] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sourced:
    """Where a fused value comes from: the source's name, its row, and the date it is of."""

    source: str
    row: str = ""
    on: str = ""


class Shape:
    """An entity as statements select it."""

    def __init__(self, system: System, entity: Entity) -> None:
        self.system, self.entity = system, entity
        self.table: Table = entity.table(system.id)
        self._dated = self.table.dated
        fields: list[str] = []
        self._fields: list[tuple[Field, int, int]] = []
        start = 9 if self._dated else 7
        for one in entity.fields:
            columns = (
                [f"({one.derived.replace('%', '%%')})"]
                if one.derived is not None
                else [name(ROW, column) for column in one.columns]
            )
            self._fields.append((one, start + len(fields), len(columns)))
            fields += columns
        self._selected = ", ".join(fields)
        self._sealed = any(one.encrypted for one in entity.fields)
        self._plain = [
            (one.id, at, _converter(one))
            for one, at, width in self._fields
            if width == 1 and not one.encrypted
        ]
        # references come first: a key may be one, and sealed values are bound to the key
        self._others = sorted(
            (one for one in self._fields if one[2] > 1 or one[0].encrypted), key=lambda one: one[0].encrypted
        )
        self._order = [one.id for one in entity.fields]
        self._columns = {past: self._own(past) for past in (False, True)}
        text = written(entity, dated=self._dated)
        self.text: Final = None if text is None else f"{name(ROW, RECORD)}, {text}"
        """What is selected where the database writes whole records: their numbers, and each as JSON."""

    def columns(self, *, past: bool = False) -> str:
        """What is selected: the record's own columns, then the fields'."""
        return self._columns[past]

    def _own(self, past: bool) -> str:
        own = [name(ROW, RECORD)]
        if self._dated:
            own += [name(ROW, FROM), f"nullif({name(ROW, TO)}, 'infinity')"]  # the driver has no such date
        own += [name(ROW, KNOWN), name(ROW, BY), name(ROW, UNTIL) if past else "NULL::timestamptz"]
        own += [
            name(ROW, HIDDEN),
            name(ROW, MASKED),
            name(ROW, SOURCES) if self.entity.fused else "NULL::jsonb",
        ]
        return f"{', '.join(own)}, {self._selected}"

    def view(self, *, ending: str = "") -> str:
        """The view that is read, by the name `ROW`."""
        return f"{name(self.table.views, self.table.name + ending)} AS {name(ROW)}"

    def records(self, rows: Sequence[Sequence[object]]) -> list[Record]:
        """Rows of `columns` as records; encrypted fields are opened for whoever sees them."""
        dated, plain, others, entity = self._dated, self._plain, self._others, self.entity
        opened = self._opener()
        found = []
        for row in rows:
            values: dict[str, Plain] = dict.fromkeys(self._order)
            for one_id, at, convert in plain:
                values[one_id] = convert(row[at])
            since, until = (row[1], row[2]) if dated else (None, None)
            known, by, replaced, hidden, masked, told = row[3:9] if dated else row[1:7]
            covered = self._named(masked) if masked else _NONE
            bound = covered.isdisjoint(entity.key)
            for one, at, width in others:
                if width > 1:
                    values[one.id] = _joined(row[at : at + width])
                elif bound:
                    values[one.id] = opened(one, row[at], values)
                else:  # what a sealed value is bound to is not to be seen either
                    values[one.id] = HIDDEN_VALUE if row[at] is not None else None
            if not isinstance(known, datetime):
                raise TypeError("a record without the time it was believed from")
            for one_id in covered:
                field = entity.field(one_id)
                if values[one_id] is None:
                    values[one_id] = HIDDEN_VALUE
                elif field.encrypted and bound:
                    values[one_id] = masked_value(field, values[one_id])
            found.append(
                Record(
                    int(str(row[0])), values,
                    since if isinstance(since, date) else None,
                    until if isinstance(until, date) else None,
                    known, replaced if isinstance(replaced, datetime) else None, str(by),
                    self._named(hidden) if hidden else _NONE, covered, _sources(told) if told else {},
                )
            )  # fmt: skip
        return found

    def _named(self, columns: object) -> frozenset[str]:
        names = {str(one) for one in columns} if isinstance(columns, list) else set()
        return frozenset(one.id for one in self.entity.fields if not names.isdisjoint(one.columns))

    def _opener(self) -> Callable[[Field, object, Mapping[str, Plain]], Plain]:
        opener = protector() if self._sealed else None

        def opened(field: Field, sealed: object, values: Mapping[str, Plain]) -> Plain:
            if opener is None or not isinstance(sealed, bytes | memoryview):
                return None
            key = KEY_SEPARATOR.join(str(values[part]) for part in self.entity.key)
            return opener.open(field.place(self.system.id, self.entity.id), key, bytes(sealed))

        return opened


def key_text(system: System, entity: Entity, record: int) -> str:
    """The key of a record that the actor may see, as sealed values are bound to it.

    Raises: RecordUnknown; RecordRefused, where the key is seen behind a mask only.
    """
    shape = shape_of(system, entity)
    columns = ", ".join(name(ROW, column) for column in (MASKED, *shape.table.key))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {shape.view()} WHERE {name(ROW, RECORD)} = %s LIMIT 1", [record]
        )
        row = cursor.fetchone()
    if row is None:
        raise RecordUnknown()
    masked, *key = row
    if not set(masked).isdisjoint(shape.table.key):
        raise RecordRefused(entity=entity.title.zh)
    return KEY_SEPARATOR.join(str(value) for value in key)


def unmasked(entity: Entity, field: Field) -> str:
    """The condition that a field's value itself is shown: what is masked is not found, sorted or counted by it."""
    if not field.mask or not any(rule.masked for rule in entity.rules):
        return ""
    return f"NOT {text(field.columns[0])} = ANY ({name(ROW, MASKED)})"


_NONE: Final[frozenset[str]] = frozenset()
_shapes: dict[tuple[str, str], Shape] = {}


def shape_of(system: System, entity: Entity) -> Shape:
    """The shape of an entity, made when it is first asked for."""
    known = _shapes.get((system.id, entity.id))
    if known is None or known.entity is not entity:
        known = _shapes[system.id, entity.id] = Shape(system, entity)
    return known


def _same(value: object) -> Plain:
    if value is None or isinstance(value, str | int | float):
        return value
    return plain(value)


def _day(value: object) -> Plain:
    return value.isoformat() if isinstance(value, date) else _same(value)


def _geometry(value: object) -> Plain:
    found: Plain = json.loads(value) if isinstance(value, str) else plain(value)
    return found


def _converter(field: Field) -> Callable[[object], Plain]:
    if field.derived is not None:
        return _same
    return {"date": _day, "datetime": _day, "geometry": _geometry}.get(field.kind, _same)


def plain(value: object) -> Plain:
    """A column's value in plain form. Raises: TypeError, for a type that no field has."""
    match value:
        case None | bool() | int() | str() | float():
            return value
        case Decimal():
            return format(value, "f")
        case date():  # and moments
            return value.isoformat()
        case list():
            return [str(one) for one in value]
        case dict():
            return {str(key): one for key, one in value.items()}
        case _:
            raise TypeError(f"a column gave a {type(value).__name__}")


def _joined(parts: Sequence[object]) -> str | None:
    return None if any(part is None for part in parts) else KEY_SEPARATOR.join(str(part) for part in parts)


def _sources(told: object) -> dict[str, Sourced]:
    """`_sources` as a fusion writes it: by field `{"source": …, "row": …, "date": …}`."""
    told = json.loads(told) if isinstance(told, str) else told  # Django leaves jsonb as text
    if not isinstance(told, dict):
        return {}
    return {
        str(one): Sourced(str(facts.get("source", "")), str(facts.get("row", "")), str(facts.get("date", "")))
        for one, facts in told.items()
        if isinstance(facts, dict)
    }
