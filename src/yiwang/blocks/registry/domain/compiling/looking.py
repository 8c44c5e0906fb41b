"""Ways to look at records."""

from __future__ import annotations

from yiwang.blocks.registry.domain.compiled import View
from yiwang.blocks.registry.domain.compiling.expressions import Expressions
from yiwang.blocks.registry.domain.compiling.fields import label
from yiwang.systems.cel.declaring import World
from yiwang.systems.model import access


def views_of(world: World) -> tuple[tuple[str, tuple[View, ...]], ...]:
    """Views by the entity whose records they show; those of a case by the entity that the case is about."""
    found: dict[str, list[View]] = {}
    for one in world.package.views:
        entity = _entity(world, one.of)
        if entity is not None:
            found.setdefault(entity, []).append(_view(world, entity, one))
    return tuple((entity, tuple(views)) for entity, views in found.items())


def _view(world: World, entity: str, one: access.View) -> View:
    declared = world.package.entity(entity)
    return View(
        id=one.id, title=label(one.title, one.id), kind=one.kind, of=_text(one.of),
        columns=tuple(c for c in one.columns if _path(world, entity, c)),
        search=tuple(c for c in one.search if _path(world, entity, c)),
        filters=tuple(c for c in one.filters if _path(world, entity, c)),
        sort=tuple(c for c in one.sort if _path(world, entity, c)),
        where=Expressions(world, declared).view(one.where)
        if one.where is not None and declared is not None and one.of.kind == "entity"
        else None,
        by=one.place_field or one.date, tabs=one.tabs, lanes=one.lanes, show=one.show,
        measure=one.of.name if one.of.kind == "indicator" else one.measure,
        roles=tuple(r if r in access.BUILT_IN_ROLES else f"{world.package.id}.{r}" for r in one.for_),
    )  # fmt: skip


def _entity(world: World, of: access.Of) -> str | None:
    """The entity behind a view; of a formula, that of the first figure in it that has one."""
    if of.kind == "entity":
        return of.name
    if of.kind in ("case", "clock"):
        process = world.process(of.name.partition(".")[0])
        return process.subject if process is not None else None
    known = {one.id: one for one in world.package.indicators}
    figure = known.get(of.name)
    if figure is None:
        return None
    if figure.of is not None:
        return _entity(world, figure.of)
    inside = figure.formula.text if figure.formula is not None else ""
    return next(
        (_entity(world, one.of) for one in known.values() if one.of is not None and one.id in inside), None
    )


def _path(world: World, entity: str, path: str) -> bool:
    """Whether a path leads to a field of a record, and not to a clock or a case."""
    home, here = world.package, world.package.entity(entity)
    for step in path.split("."):
        field = here.field(step) if here is not None else None
        if field is None:
            return False
        target = world.find(field.type.argument, home) if field.type.kind == "ref" else None
        home, here = target if target is not None else (home, None)
    return True


def _text(of: access.Of) -> str:
    return of.name if of.kind == "entity" else f"{of.kind}({of.name})"
