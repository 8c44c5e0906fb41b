"""Fields of an entity: their columns, types and formulas."""

from __future__ import annotations

from yiwang.blocks.registry.domain.compiled import Field, sql_type
from yiwang.blocks.registry.domain.compiling.expressions import Expressions
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.quoting import name
from yiwang.systems.cel.declaring import World
from yiwang.systems.cel.layout import reference_columns
from yiwang.systems.model import base
from yiwang.systems.model.entities import DEFAULT_GRADE, Entity
from yiwang.systems.model.entities import Field as Declared
from yiwang.systems.model.package import Package


def label(declared: base.Label, otherwise: str = "") -> Label:
    """A label of a package; the id where there is none."""
    return Label(declared.zh or otherwise, declared.en)


def fields_of(world: World, entity: Entity) -> tuple[Field, ...]:
    """All fields of an entity. Raises: NotSql."""
    home = world.find(entity.id)
    owner = home[0] if home is not None else world.package
    return tuple(_field(world, owner, entity, one) for one in entity.fields)


def column_types(world: World, home: Package, field: Declared) -> tuple[str, ...]:
    """The types of a field's columns; of a reference those of the keys that it points to."""
    target = world.find(field.type.argument, home) if field.type.kind == "ref" else None
    if target is None:
        return (sql_type(_plain(field)),)
    owner, other = target
    found: list[str] = []
    for key in other.key:
        declared = other.field(key)
        found += column_types(world, owner, declared) if declared is not None else ("text",)
    return tuple(found)


def _field(world: World, home: Package, entity: Entity, one: Declared) -> Field:
    plain = _plain(one)
    target = world.find(one.type.argument, home) if one.type.kind == "ref" else None
    source = _element(one)
    made = {
        "title": label(one.title, one.id), "required": one.required or one.id in entity.key,
        "default": list(one.default) if isinstance(one.default, tuple) else one.default,
        "grade": min(max(one.grade or DEFAULT_GRADE, 1), 4), "encrypted": one.encrypted, "lookup": one.lookup,
        "search": one.search, "mask": one.mask, "unit": one.unit.zh, "unit_en": one.unit.en,
        "note": one.note.zh, "note_en": one.note.en, "unique": one.unique,
        "authority": one.authority or "", "element": one.element, "standard": one.standard, "source": source,
    }  # fmt: skip
    if one.type.kind == "serial":
        made["required"] = False  # the engine gives it
    changes: dict[str, object] = {}
    if target is not None:
        changes = {
            "columns": reference_columns(one, target[1]), "target": (target[0].id, target[1].id),
            "types": column_types(world, home, one),
        }  # fmt: skip
    expressions = Expressions(world, entity)
    if one.derived is not None:
        changes |= {"derived": name("row", one.id), "worked": expressions.value(one.derived)}
    if one.fill is not None:
        changes["fill"] = expressions.value(one.fill)
    return Field(
        id=one.id, kind=plain.kind, argument=plain.argument, scale=plain.scale,
        **{"columns": (one.id,), **made, **changes},  # type: ignore[arg-type]
    )  # fmt: skip


def _plain(one: Declared) -> Field:
    """The field with nothing but its type."""
    precision = one.type.precision
    return Field(
        id=one.id, title=Label(one.id), kind=one.type.kind, argument=one.type.argument, columns=(one.id,),
        scale=precision[1] if precision else 0,
    )  # fmt: skip


def _element(one: Declared) -> str:
    return one.element or one.standard
