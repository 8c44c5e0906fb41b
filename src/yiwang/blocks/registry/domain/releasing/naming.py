"""Names through releases: of columns that are kept, of places that sealed values are bound to."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from yiwang.blocks.registry.domain.compiled import Entity, Field, System
from yiwang.systems.planning.changes import Plan

_LONGEST = 63
"""Bytes of a name in PostgreSQL."""


def next_name(column: str) -> str:
    """Where the coming values of a column stand until the switch."""
    return _fitting(column, "__next")


def kept_name(one: str, number: int) -> str:
    """What a column or table is called that is declared no more; `number` is that of the application."""
    return _fitting(one, f"__was_{number}")


def gone_name(column: str, number: int) -> str:
    """What a plain column is called between the switch of names and its end, a moment later."""
    return _fitting(column, f"__gone_{number}")


def carried(before: System, after: System, tables: Mapping[str, str], plan: Plan) -> System:
    """The next release with what it keeps of the last: sealed values stay bound to the names they were sealed under."""
    old = {one.id: one for one in before.entities}
    renamed = {c.path: c.facts["from"] for c in plan.changes if c.kind == "rename_column"}
    for one in plan.changes:
        if one.kind == "move_column":
            renamed[one.facts["to"]] = one.facts["from"].partition(".")[2]
    split = {one.path: one.facts["from"] for one in plan.changes if one.kind == "split_table"}
    entities = []
    for entity in after.entities:
        former = old.get(split.get(entity.id) or tables.get(entity.id, entity.id))
        fields = (
            tuple(_bound(before, former, entity, field, renamed) for field in entity.fields)
            if former is not None
            else entity.fields
        )
        entities.append(msgspec.structs.replace(entity, fields=fields))
    return msgspec.structs.replace(after, entities=tuple(entities))


def _bound(system: System, former: Entity, entity: Entity, field: Field, renamed: Mapping[str, str]) -> Field:
    if not field.encrypted:
        return field
    was = renamed.get(f"{entity.id}.{field.id}", field.id)
    source = next((one for one in former.fields if one.id == was), None)
    if source is None or not source.encrypted:
        return field
    place = source.place(system.id, former.id)
    return (
        field
        if place == field.place(system.id, entity.id)
        else msgspec.structs.replace(field, sealed_as=place)
    )


def _fitting(stem: str, ending: str) -> str:
    return stem.encode()[: _LONGEST - len(ending)].decode("ascii", "ignore") + ending
