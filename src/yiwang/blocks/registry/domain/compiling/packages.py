"""A package as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from yiwang.blocks.registry.domain.compiled import Code, Entity, Part, Role, System
from yiwang.blocks.registry.domain.compiling.fields import fields_of, label
from yiwang.blocks.registry.domain.compiling.looking import views_of
from yiwang.blocks.registry.domain.compiling.rules import rules_of
from yiwang.blocks.registry.domain.compiling.sharing import checks_of, services_of
from yiwang.blocks.registry.domain.figures.compiling import compile_figures
from yiwang.blocks.registry.domain.labels import Label
from yiwang.systems.cel.declaring import World
from yiwang.systems.cel.layout import reference_columns
from yiwang.systems.model import access, entities, lists
from yiwang.systems.model.base import Law
from yiwang.systems.model.package import Package


def compile_package(package: Package, others: Mapping[str, Package], owner: str) -> System:
    """What the registry runs.

    Args:
        package: checked and found without faults.
        others: the packages that it refers to, by system id.
        owner: the agency that answers for it, by its 统一社会信用代码.

    Raises:
        NotSql: an expression that filters rows asks for what the database cannot tell.
    """
    world = World(package, others)
    system = package.system
    return System(
        id=package.id, title=label(system.title, package.id), version=system.version, owner=owner,
        zone=system.zone, grade=system.grade, scope=system.scope,
        entities=tuple(_entity(world, one) for one in package.entities),
        roles=tuple(_role(one) for one in package.access.roles),
        views=views_of(world), codes={one.id: _codes(one) for one in package.codes},
        lists={one.id: label(one.title, one.id) for one in package.codes},
        purposes=tuple(dict.fromkeys(p for rule in package.access.rules for p in rule.purpose)),
        figures=compile_figures(world), stories=tuple(one.id for one in package.stories),
        purpose_titles={one.id: label(one.title, one.id) for one in package.access.purposes},
        basis=tuple(_law(one) for one in system.basis), place=system.calendar.place_code,
    )  # fmt: skip


def _entity(world: World, one: entities.Entity) -> Entity:
    basis = one.share.basis
    withheld = one.disclosure.withheld
    return Entity(
        id=one.id, title=label(one.title, one.id), abstract=one.abstract.zh, abstract_en=one.abstract.en,
        key=one.key, history=one.history,
        fields=fields_of(world, one), parts=tuple(Part(p.id, p.entity, p.by) for p in one.parts),
        rules=rules_of(world, one), services=services_of(world, one), share_type=one.share.type,
        share_condition=one.share.condition.zh, share_condition_en=one.share.condition.en,
        share_basis=_law(basis) if basis is not None else "",
        purposes=one.share.purposes, reply_days=one.share.reply_days or 0, open_type=one.open.type,
        open_condition=one.open.condition.zh, open_condition_en=one.open.condition.en,
        classification=one.classify.category if one.classify else "",
        topic=one.classify.topic if one.classify else "", update_cycle=one.update.cycle if one.update else "",
        disclosure=one.disclosure.default, disclosure_basis=_law(withheld.basis) if withheld else "",
        fused=one.fused, reference=one.reference, partition=one.partition.parts if one.partition else 0,
        indexes=_indexes(world, one), checks=checks_of(world, one), edited_by=one.edited_by or "",
        retention=(str(one.retention.time), one.retention.from_) if one.retention else None,
    )  # fmt: skip


def _indexes(world: World, entity: entities.Entity) -> tuple[tuple[str, ...], ...]:
    """By what rows are looked for: references, what lists filter by, what services are asked with, places."""
    wanted: list[tuple[str, ...]] = []
    filtered = {
        name
        for view in world.package.views
        if view.of.kind == "entity" and view.of.name == entity.id
        for name in (*view.filters, *view.sort)
    } | {name for service in entity.share.services for name in service.by}
    for field in entity.fields:
        if field.encrypted or field.derived is not None:
            continue
        target = world.find(field.type.argument) if field.type.kind == "ref" else None
        if target is not None:
            wanted.append(reference_columns(field, target[1]))
        elif field.lookup or (field.id in filtered and field.type.kind not in ("codes", "list", "boolean")):
            wanted.append((field.id,))
    leading = entity.key[:1] if len(entity.key) == 1 else ()
    return tuple(one for one in dict.fromkeys(wanted) if one != leading)


def _role(one: access.Role) -> Role:
    return Role(
        id=one.id, title=label(one.title, one.id), line=one.org.kind, levels=one.org.level,
        apart_from=one.apart_from,
    )  # fmt: skip


def _codes(one: lists.CodeList) -> tuple[Code, ...]:
    return tuple(
        Code(
            code.code, Label(code.zh, code.en), code.from_, _after(code.until),
            code.successor[0] if code.successor else None, code.parent,
        )
        for code in one.codes
    )  # fmt: skip


def _after(last: str | None) -> str | None:
    """The day after the last one, since here the end is not included."""
    return None if last is None else (date.fromisoformat(last) + timedelta(days=1)).isoformat()


def _law(law: Law) -> str:
    return f"{law.law} {law.article}".strip()
