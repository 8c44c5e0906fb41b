"""References: every name that stands for something declared elsewhere must be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from yiwang.systems.cel.declaring import BUILT_IN_FIELDS, FUSION_TABLES, World
from yiwang.systems.cel.types import CelType
from yiwang.systems.errors import ForeignClaim, PackageFault, ReferenceUnknown
from yiwang.systems.model.access import BUILT_IN_ROLES, Indicator, Of
from yiwang.systems.model.entities import Entity
from yiwang.systems.model.journal import CALL_FIELDS
from yiwang.systems.model.types import FieldType
from yiwang.systems.reading.places import Place
from yiwang.systems.reading.validating import choices

RETENTION_FROM = ("last_activity", *BUILT_IN_FIELDS)


def check_references(world: World) -> Iterator[PackageFault]:
    """References of entities, access, views, indicators, lights and parameters."""
    for entity in world.package.entities:
        yield from _entity(world, entity)
        yield from _sharing(world, entity)
    yield from _code_lists(world)
    yield from _access(world)
    yield from _figures(world)
    roles = _roles(world)
    for one in world.package.parameters:
        yield from check_type(world, one.type, one.place)
        yield from one_of("角色", "role", one.edited_by, roles, one.place)
        for row in one.rows:
            for key in (*row.keys, *(k for k in one.by if k not in row.keys)):
                if key not in one.by or key not in row.keys:
                    yield from one_of(
                        "参数键", "key of the parameter", key, one.by if key not in one.by else (), row.place
                    )


def _code_lists(world: World) -> Iterator[PackageFault]:
    """Parents and successors are codes of the same list."""
    for codes in world.package.codes:
        for one in codes.codes if codes.use is None else ():
            for other in (*one.successor, *((one.parent,) if one.parent else ())):
                yield from one_of("代码", "code", other, codes.values, one.place)


def one_of(zh: str, en: str, name: str, known: Iterable[str], place: Place) -> Iterator[PackageFault]:
    """A fault where `name` is not among the known ones."""
    names = sorted(set(known))
    if name not in names:
        yield ReferenceUnknown(place, what=zh, what_en=en, found=name, **choices(name, names))


def check_type(world: World, kind: FieldType, place: Place) -> Iterator[PackageFault]:
    """The list of a code and the entity of a reference."""
    if kind.code_list is not None:
        yield from one_of(
            "代码表", "code list", kind.code_list, (one.id for one in world.package.codes), place
        )
    target = kind.target or (kind.item.target if kind.item is not None else None)
    if target is not None and world.find(target) is None:
        system, dot, _ = target.rpartition(".")
        owner = world.others.get(system) if dot else world.package
        prefix = f"{system}." if dot else ""
        known = (
            [prefix + one.id for one in owner.entities]
            if owner
            else [one.id for one in world.package.entities]
        )
        yield from one_of("数据表", "table", target, known, place)
    if target is not None and "." in target and target.partition(".")[0] != world.package.id:
        depends = [one.system for one in world.package.system.depends]
        yield from one_of("依赖的系统", "system under depends", target.partition(".")[0], depends, place)


def check_path(
    record: CelType, path: str, place: Place, zh: str = "字段", en: str = "field"
) -> Iterator[PackageFault]:
    """A path of fields, through references and parts, must lead somewhere."""
    at = record
    for step in path.split("."):
        at = at.item if at.kind == "list" and at.item is not None else at
        if at.kind == "dyn":
            return
        members = at.members()
        if step not in members:
            yield from one_of(zh, en, step, members, place)
            return
        at = members[step]


def _roles(world: World) -> list[str]:
    return [*(one.id for one in world.package.access.roles), *BUILT_IN_ROLES]


def _entity(world: World, entity: Entity) -> Iterator[PackageFault]:
    record, fields = world.record_of(entity.id), [one.id for one in entity.fields]
    for key in entity.key:
        yield from one_of("字段", "field", key, fields, entity.place)
    for one in entity.fields:
        yield from check_type(world, one.type, one.place)
        if one.authority is not None and world.package.fusion is not None:
            sources = [source.id for source in world.package.fusion.sources]
            yield from one_of("融合来源", "fusion source", one.authority, sources, one.place)
        codes = world.package.code_list(one.type.code_list or "")
        if codes is not None and isinstance(one.default, str):
            yield from one_of(
                f"代码（{codes.id}）", f"code of {codes.id}", one.default, codes.values, one.place
            )
    for part in entity.parts:
        if "." in part.entity:
            yield ForeignClaim(
                part.place, found=part.entity, expected="本系统的数据表", expected_en="a table of this system"
            )
            continue
        child = world.package.entity(part.entity)
        if child is None:
            yield from one_of(
                "数据表", "table", part.entity, (one.id for one in world.package.entities), part.place
            )
            continue
        refs = [
            one.id
            for one in child.fields
            if one.type.target in (entity.id, f"{world.package.id}.{entity.id}")
        ]
        yield from one_of(f"指向 {entity.id} 的引用", f"reference to {entity.id}", part.by, refs, part.place)
    if entity.edited_by is not None:
        yield from one_of("角色", "role", entity.edited_by, _roles(world), entity.place)
    if entity.partition is not None:
        yield from one_of("字段", "field", entity.partition.by, entity.key, entity.place)
    if entity.retention is not None:
        yield from one_of("字段", "field", entity.retention.from_, [*fields, *RETENTION_FROM], entity.place)
    for rule in entity.quality:
        for name in (*rule.fields, *([rule.field] if rule.field else ())):
            yield from check_path(record, name, rule.place)
        if rule.to is not None and world.package.fusion is not None:
            yield from one_of(
                "融合来源", "fusion source", rule.to, (s.id for s in world.package.fusion.sources), rule.place
            )


def _sharing(world: World, entity: Entity) -> Iterator[PackageFault]:
    record = world.record_of(entity.id)
    for one in entity.share.services:
        for path in (*one.by, *one.fields, *one.claims, *(p for p in (one.same, one.cursor) if p)):
            yield from check_path(record, path, one.place)
    for face in entity.open.interfaces:
        for path in (*face.fields, *face.group_by, *face.per, *face.transform, *face.round):
            yield from check_path(record, path, face.place)
        if face.anonymity is not None and face.anonymity.l is not None:
            yield from check_path(record, face.anonymity.l.field, face.place)


def _access(world: World) -> Iterator[PackageFault]:
    roles, entities = _roles(world), [one.id for one in world.package.entities]
    for role in world.package.access.roles:
        for name in role.apart_from:
            yield from one_of("角色", "role", name, roles, role.place)
    for rule in world.package.access.rules:
        for name in rule.role:
            yield from one_of("角色", "role", name, roles, rule.place)
        for name in rule.entity:
            if "." in name:
                yield ForeignClaim(
                    rule.place, found=name, expected="本系统的数据表", expected_en="a table of this system"
                )
                continue
            yield from one_of("数据表", "table", name, entities, rule.place)
            entity = world.package.entity(name)
            if entity is None:
                continue
            for part in rule.parts:
                yield from one_of("子表", "part", part, (one.id for one in entity.parts), rule.place)
            if rule.fields is not None:
                for path in (*rule.fields.allow, *rule.fields.deny):
                    yield from one_of("字段", "field", path, (one.id for one in entity.fields), rule.place)


def about(world: World, of: Of, place: Place) -> Iterator[PackageFault]:
    """The subject of a view, indicator or light must be declared."""
    package = world.package
    if of.kind == "entity":
        extra = FUSION_TABLES if package.fusion is not None else ()
        yield from one_of("数据表", "table", of.name, [*(one.id for one in package.entities), *extra], place)
    elif of.kind == "indicator":
        yield from one_of("指标", "indicator", of.name, (one.id for one in package.indicators), place)
    else:
        process, dot, clock = of.name.partition(".")
        found = world.process(process)
        if found is None and not (package.fusion is not None and process in FUSION_TABLES):
            yield from one_of("流程", "process", process, (one.id for one in package.processes), place)
        elif found is not None and dot:
            yield from one_of("时钟", "clock", clock, _clocks(world, process), place)


def _clocks(world: World, name: str) -> list[str]:
    process = world.process(name)
    if process is None:
        return []
    steps = [inner for step in process.steps for inner in (step, *step.steps)]
    return [*(one.id for one in process.clocks), *(one.id for one in steps if one.due or one.time)]


def _subject(world: World, of: Of) -> CelType | None:
    if of.kind == "entity":
        return world.record_of(of.name)
    process = world.process(of.name.partition(".")[0])
    return world.record_of(process.subject) if process is not None else None


def _path(world: World, of: Of, path: str, place: Place) -> Iterator[PackageFault]:
    """A column or dimension: a field of the subject, `case.x`, or `clock.x`."""
    record = _subject(world, of)
    head, _, rest = path.partition(".")
    if record is None or head == "clock" or (head == "case" and rest in world.case().members()):
        return
    yield from check_path(record, rest if head == "case" else path, place)


def _figures(world: World) -> Iterator[PackageFault]:
    package, roles = world.package, _roles(world)
    for view in package.views:
        yield from about(world, view.of, view.place)
        for name in view.for_:
            yield from one_of("角色", "role", name, roles, view.place)
        for path in (
            *view.columns,
            *view.search,
            *view.filters,
            *view.sort,
            *(p for p in (view.date, view.place_field) if p),
        ):
            yield from _path(world, view.of, path, view.place)
        if view.measure is not None:
            yield from one_of(
                "指标", "indicator", view.measure, (one.id for one in package.indicators), view.place
            )
        entity = package.entity(view.of.name) if view.of.kind == "entity" else None
        for tab in view.tabs if entity is not None else ():
            yield from one_of(
                "子表", "part", tab, [*(p.id for p in entity.parts), "history"] if entity else (), view.place
            )
        process = world.process(view.of.name) if view.of.kind == "case" else None
        for lane in view.lanes if process is not None else ():
            yield from one_of(
                "步骤", "step", lane, (s.id for s in process.steps) if process else (), view.place
            )
    for one in package.indicators:
        for name in one.notify:
            yield from one_of("角色", "role", name, roles, one.place)
        if one.over is not None:
            yield from _calls(one)
        if one.of is None:
            continue
        yield from about(world, one.of, one.place)
        for path in (*one.dimensions, *one.group_by):
            yield from _path(world, one.of, path, one.place)
        if (
            one.measure is not None
            and one.measure.kind not in ("count", "share")
            and one.measure.argument is not None
        ):
            yield from _path(world, one.of, one.measure.argument.text, one.measure.argument.place)
        if one.at is not None and one.at != "day_end":
            yield from _path(world, one.of, one.at, one.place)
    for light in package.supervise:
        yield from about(world, light.of or Of("clock", light.clock or ""), light.place)
        for name in light.notify:
            yield from one_of("角色", "role", name, roles, light.place)


def _calls(one: Indicator) -> Iterator[PackageFault]:
    """What an indicator over the journal is split by and measures are fields of a call that can be."""
    splits = [field.id for field in CALL_FIELDS if field.splits]
    numbers = [field.id for field in CALL_FIELDS if field.measures]
    for name in one.dimensions:
        yield from one_of("日志字段", "field of the journal", name, splits, one.place)
    measure = one.measure
    if measure is None or measure.argument is None or measure.kind == "share":
        return
    known = splits if measure.kind == "distinct" else numbers
    yield from one_of(
        "日志字段", "field of the journal", measure.argument.text, known, measure.argument.place
    )
