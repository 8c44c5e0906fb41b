"""A package and those it refers to under other names, so that a story never touches the tables of the real ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from yiwang.systems.model.entities import Field
from yiwang.systems.model.package import Package
from yiwang.systems.model.types import FieldType

LONGEST = 48
"""Letters of a system's id."""


def needed(package: Package, others: Mapping[str, Package]) -> tuple[Package, ...]:
    """The packages that a package refers to, itself last; each after those it refers to."""
    found: dict[str, Package] = {}

    def visit(one: Package, above: tuple[str, ...]) -> None:
        for entity in one.entities:
            for field in entity.fields:
                system = _system(field)
                if system in others and system not in (*above, one.id) and system not in found:
                    visit(others[system], (*above, one.id))
        found[one.id] = one

    visit(package, ())
    return tuple(found.values())


def renamed(package: Package, names: Mapping[str, str]) -> Package:
    """The package with its own id and those of systems it refers to replaced."""
    entities = tuple(
        replace(entity, fields=tuple(_field(field, names) for field in entity.fields))
        for entity in package.entities
    )
    return replace(package, system=replace(package.system, id=names[package.id]), entities=entities)


def copy_name(prefix: str, system: str) -> str:
    """The id of the copy of a system."""
    return f"{prefix}_{system}"[:LONGEST].rstrip("_")


def _system(field: Field) -> str:
    return field.type.argument.rpartition(".")[0] if field.type.kind == "ref" else ""


def _field(field: Field, names: Mapping[str, str]) -> Field:
    system = _system(field)
    if system not in names:
        return field
    entity = field.type.argument.rpartition(".")[2]
    return replace(field, type=FieldType("ref", f"{names[system]}.{entity}"))
