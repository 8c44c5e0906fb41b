"""Access rules of an entity: those that name it, those that name what it is a part of, its keeper's."""

from __future__ import annotations

from collections.abc import Iterator

from yiwang.blocks.registry.domain.compiled import Rule
from yiwang.blocks.registry.domain.compiling.expressions import Expressions
from yiwang.blocks.registry.domain.quoting import name
from yiwang.systems.cel.declaring import World
from yiwang.systems.cel.layout import reference_columns
from yiwang.systems.model.access import BUILT_IN_ROLES, AccessRule
from yiwang.systems.model.entities import Entity, Part

_ABOVE = "above"
"""Alias of the row that a part belongs to."""


def rules_of(world: World, entity: Entity) -> tuple[Rule, ...]:
    """The rules of an entity in the order of the declaration. Raises: NotSql."""
    found: list[Rule] = []
    for rule in world.package.access.rules:
        if entity.id in rule.entity:
            rows = Expressions(world, entity).table(rule.rows) if rule.rows is not None else None
            found.append(_made(world, rule, entity, rows, _fields(rule, entity)))
        for above, part in _above(world, rule, entity):
            found.append(_made(world, rule, entity, _through(world, rule, above, part, entity), None))
    if entity.edited_by:
        keeper = (_full(world, entity.edited_by),)
        found.append(Rule(roles=keeper, verbs=("read", "write", "export")))
    return tuple(found)


def _made(
    world: World, rule: AccessRule, entity: Entity, rows: str | None, fields: tuple[str, ...] | None
) -> Rule:
    del entity
    return Rule(
        roles=tuple(_full(world, role) for role in rule.role), purposes=rule.purpose, verbs=rule.verbs, rows=rows,
        fields=fields, open_case=rule.case == "open", masked=rule.masked,
    )  # fmt: skip


def _full(world: World, role: str) -> str:
    """A role with its system; the built-in ones are the same in all."""
    return role if role in BUILT_IN_ROLES else f"{world.package.id}.{role}"


def _fields(rule: AccessRule, entity: Entity) -> tuple[str, ...] | None:
    """The fields that a rule is about; None: all. What only a fusion's sources own is nobody's until it says whose."""
    if rule.fields is None:
        return None
    if rule.fields.allow:
        return tuple(one.id for one in entity.fields if one.id in rule.fields.allow)
    if rule.fields.own is not None:
        return ()
    return tuple(one.id for one in entity.fields if one.id not in rule.fields.deny)


def _above(world: World, rule: AccessRule, entity: Entity) -> Iterator[tuple[Entity, Part]]:
    for owner in rule.entity:
        declared = world.package.entity(owner)
        for part in declared.parts if declared is not None else ():
            if declared is not None and part.id in rule.parts and part.entity == entity.id:
                yield declared, part


def _through(world: World, rule: AccessRule, above: Entity, part: Part, entity: Entity) -> str | None:
    """A rule about the rows of a part: the row it belongs to must fulfil it."""
    if rule.rows is None:
        return None
    by = entity.field(part.by)
    columns = reference_columns(by, above) if by is not None else ()
    joined = [
        f"{name(_ABOVE, key)} = {name('row', column)}" for key, column in zip(above.key, columns, strict=True)
    ]
    condition = Expressions(world, above).table(rule.rows, _ABOVE)
    table = name(f"sys_{world.package.id}", above.id)
    return (
        f"EXISTS (SELECT 1 FROM {table} AS {name(_ABOVE)}"  # noqa: S608 (names are quoted)
        f" WHERE {' AND '.join(joined)} AND ({condition}))"
    )
