"""No silo, no lowered grade, no foreign claim, no circle; dependencies of the right version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from yiwang.systems.cel.declaring import World
from yiwang.systems.cel.parsing import CelSyntax, parse
from yiwang.systems.cel.tree import Ast, Name, Select, children
from yiwang.systems.errors import (
    Cycle,
    ForeignClaim,
    GradeLowered,
    NoStory,
    PackageFault,
    Silo,
    ValueRefused,
    VersionUnmet,
)
from yiwang.systems.model.entities import Entity
from yiwang.systems.model.package import Package
from yiwang.systems.reading.places import Place

LEAST_GRADES: Final[Mapping[str, int]] = {
    "resident_id": 3, "phone": 3, "signature": 3,
}  # fmt: skip
"""The least grade of types that hold personal data."""
_RANGE: Final = re.compile(r"(>=|<=|>|<|==?)?\s*(\d+(?:\.\d+){0,2})\Z")


def check_duties(world: World) -> Iterator[PackageFault]:
    """Every duty of a package as a whole."""
    package = world.package
    readable = {name for rule in package.access.rules for name in rule.entity}
    for rule in package.access.rules:
        for name in rule.entity:
            entity = package.entity(name)
            for part in rule.parts if entity is not None else ():
                found = entity.part(part) if entity is not None else None
                if found is not None:
                    readable.add(found.entity)
    for entity in package.entities:
        yield from _silo(package, entity, entity.id in readable)
        yield from _grades(entity)
    if not package.stories:
        yield NoStory(package.system.place, found=package.id)
    taken = world.others.get(package.id)
    if taken is not None and taken.system.owner != package.system.owner:
        yield ForeignClaim(
            package.system.place,
            found=package.id,
            expected="尚未使用的系统标识",
            expected_en="an id that no system has yet",
        )
    yield from _dependencies(world)
    yield from _circles(world)


def _silo(package: Package, entity: Entity, readable: bool) -> Iterator[PackageFault]:
    child = any(
        part.entity == entity.id
        for other in package.entities
        for part in other.parts
        if other.id != entity.id
    )
    owner = child or entity.reference
    if not owner and (entity.classify is None or not entity.abstract.zh):
        yield _lacks(entity, "目录条目（classify 与 abstract）", "catalogue terms (classify and abstract)")
    if not readable and entity.edited_by is None:
        yield _lacks(entity, "权限规则（access.yaml）", "access rule (access.yaml)")
    if not owner and not entity.quality:
        yield _lacks(entity, "质量规则（quality）", "quality rule (quality)")
    graded = any(one.grade is not None for one in entity.fields) or entity.share.type == "unconditional"
    if not owner and not graded:
        yield _lacks(entity, "分级（字段的 grade）", "grade (grade of its fields)")


def _lacks(entity: Entity, zh: str, en: str) -> Silo:
    return Silo(entity.place, found=entity.id, expected=zh, expected_en=en)


def _grades(entity: Entity) -> Iterator[PackageFault]:
    for one in entity.fields:
        least = LEAST_GRADES.get(one.type.kind, 1)
        if one.grade is not None and one.grade < least:
            yield _lowered(one.place, one.id, one.grade, least)
        if one.encrypted and (one.grade or 0) < 3:
            yield _lowered(one.place, one.id, one.grade or 2, 3)
        if one.lookup and one.encrypted and one.type.kind in ("boolean", "code"):
            yield ValueRefused(
                one.place, expected="取值多的字段（少数几种值的索引会泄密）",
                expected_en="a field of many values (an index over few gives them away)", found=f"{one.id}: lookup",
            )  # fmt: skip


def _lowered(place: Place, what: str, found: int, least: int) -> GradeLowered:
    return GradeLowered(place, what=what, found=found, expected=str(least), expected_en=str(least))


def satisfies(version: str, wanted: str) -> bool:
    """Whether `1.2.0` is in `>=1.0 <2`.

    Raises:
        ValueError: where the range has another form.
    """
    number = _number(version)
    for part in wanted.split():
        match = _RANGE.match(part)
        if match is None:
            raise ValueError(wanted)
        bound = _number(match[2])
        sign = match[1] or "=="
        held = {
            ">=": number >= bound, "<=": number <= bound, ">": number > bound, "<": number < bound,
            "=": number == bound, "==": number == bound,
        }[sign]  # fmt: skip
        if not held:
            return False
    return True


def _number(text: str) -> tuple[int, int, int]:
    parts = [int(one) for one in text.split(".")] + [0, 0]
    return parts[0], parts[1], parts[2]


def _dependencies(world: World) -> Iterator[PackageFault]:
    for one in world.package.system.depends:
        if one.system == world.package.id:
            yield Cycle(one.place, found=one.system, expected="另一系统", expected_en="another system")
            continue
        found = world.others.get(one.system)
        wanted = f"{one.system} {one.version}"
        try:
            met = (
                satisfies(found.system.version if found is not None else "0.0.0", one.version)
                and found is not None
            )
        except ValueError:
            yield ValueRefused(
                one.place,
                expected="版本范围，如 >=1.0 <2",
                expected_en="a range such as >=1.0 <2",
                found=one.version,
            )
            continue
        if not met and not (one.optional and found is None):
            have = f"{one.system} {found.system.version}" if found else "—"
            yield VersionUnmet(one.place, expected=wanted, expected_en=wanted, found=have)


def _circles(world: World) -> Iterator[PackageFault]:
    edges = {world.package.id: [one.system for one in world.package.system.depends]}
    edges.update(
        {
            name: [one.system for one in other.system.depends]
            for name, other in world.others.items()
            if name != world.package.id
        }
    )
    yield from _circle(edges, world.package.id, world.package.system.place)
    names = {one.id: one for one in world.package.indicators}
    formulas = {
        name: sorted(_names(one.formula.text) & set(names)) for name, one in names.items() if one.formula
    }
    for name, one in names.items():
        yield from _circle(formulas, name, one.place)
    for entity in world.package.entities:
        derived = {one.id: one for one in entity.fields if one.derived is not None}
        needs = {
            name: sorted(_selected(one.derived.text) & set(derived))
            for name, one in derived.items()
            if one.derived
        }
        for name, field in derived.items():
            yield from _circle(needs, name, field.place)


def _circle(edges: Mapping[str, list[str]], start: str, place: Place) -> Iterator[PackageFault]:
    seen: set[str] = set()
    waiting: list[tuple[str, tuple[str, ...]]] = [(start, (start,))]
    while waiting:
        name, path = waiting.pop()
        for other in edges.get(name, ()):
            if (other == start and path[-1] != other) or other == start == name:
                yield Cycle(
                    place, found=" → ".join((*path, other)), expected="无环的依赖", expected_en="no circle"
                )
                return
            if other not in seen:
                seen.add(other)
                waiting.append((other, (*path, other)))


def _walk(text: str) -> Iterator[Ast]:
    try:
        waiting = [parse(text)]
    except CelSyntax:
        return
    while waiting:
        tree = waiting.pop()
        yield tree
        waiting.extend(children(tree))


def _names(text: str) -> set[str]:
    return {one.name for one in _walk(text) if isinstance(one, Name)}


def _selected(text: str) -> set[str]:
    return {
        one.field
        for one in _walk(text)
        if isinstance(one, Select) and isinstance(one.of, Name) and one.of.name == "row"
    }


__all__ = ["check_duties", "satisfies"]
