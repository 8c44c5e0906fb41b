"""Which fields a list shows, which it is filtered and sorted by: as a view declares it, else chosen from the fields."""

from __future__ import annotations

from collections.abc import Sequence

from yiwang.blocks.registry.public import Entity, Field, Standing, View

MOST_COLUMNS = 7
LONGEST = 120
"""Texts that may be longer do not stand in a list."""
LINE = 3
"""Filters that stand in the line; the others are under "more"."""
_SHORT = frozenset({
    "text", "serial", "code", "division", "date", "datetime", "money", "integer", "decimal", "boolean", "period", "org",
    "phone", "resident_id", "uscc", "ref",
})  # fmt: skip


def columns(entity: Entity, standing: Standing, view: View | None) -> tuple[Field, ...]:
    """The fields of a list, the key first."""
    if view is not None and view.columns:
        named = _fields(entity, view.columns)
    else:
        named = [
            field
            for field in entity.fields
            if field.kind in _SHORT and not _long(field) and not field.encrypted and not field.derived
        ]
        named.sort(key=lambda field: _rank(entity, field))
        named = named[:MOST_COLUMNS]
    keys = [entity.field(name) for name in entity.key]
    ordered = [*keys, *(field for field in named if field not in keys)]
    return tuple(field for field in ordered if field.id in standing.shown)


def filters(entity: Entity, standing: Standing, view: View | None) -> tuple[Field, ...]:
    """The fields to filter by."""
    if view is not None and view.filters:
        named = _fields(entity, view.filters)
    else:
        named = [
            field
            for field in entity.fields
            if field.kind in ("code", "division", "date", "datetime", "boolean")
        ]
        named.sort(key=lambda field: ("division", "code", "boolean", "date", "datetime").index(field.kind))
        named += [field for field in entity.fields if field.lookup]
    usable = [
        field
        for field in named
        if field.id in standing.shown and field.derived is None and (field.lookup or not field.encrypted)
    ]
    return tuple(dict.fromkeys(usable))


def sortable(field: Field) -> bool:
    """Whether a list can be sorted by a field."""
    return field.required and not field.encrypted and field.derived is None and len(field.columns) == 1


def searched(entity: Entity, standing: Standing) -> tuple[Field, ...]:
    """The fields in which a text is looked for."""
    return tuple(f for f in entity.fields if f.search and not f.encrypted and f.id in standing.shown)


def personal(field: Field) -> bool:
    """Whether a value of the field must not stand in an address."""
    return (
        field.grade >= 3
        or field.encrypted
        or field.mask is not None
        or field.kind in ("resident_id", "phone")
    )


def _long(field: Field) -> bool:
    """A text that would fill a list."""
    return field.kind == "text" and field.argument.isdigit() and int(field.argument) > LONGEST


def _rank(entity: Entity, field: Field) -> tuple[bool, bool, bool, bool]:
    """The key, searchable texts, the state, what every record has of codes, places and dates, then the rest."""
    told = field.required and field.kind in ("code", "division", "date", "datetime")
    return (field.id not in entity.key, not field.search, field.id != "state", not told)


def _fields(entity: Entity, names: Sequence[str]) -> list[Field]:
    """The fields that paths begin with; what is no field of the entity is left out."""
    known = {field.id: field for field in entity.fields}
    found = [known[head] for head in (name.partition(".")[0] for name in names) if head in known]
    return list(dict.fromkeys(found))
