"""Where a package uses expressions over its data: what is in scope there and what must come out.

`Use.sql` marks those that filter rows in the database. Work (forms, processes, rules, stories) is in `working`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from yiwang.systems.cel.declaring import ACTOR, World
from yiwang.systems.cel.types import BOOL, DATE, DATETIME, DOUBLE, DYN, STRING, CelType, list_of
from yiwang.systems.model.access import Of
from yiwang.systems.model.base import Expr
from yiwang.systems.model.exchange import Schedule
from yiwang.systems.model.journal import CALL

Scope = dict[str, CelType]
CLOCKED: Final[Mapping[str, CelType]] = {"now": DATETIME, "today": DATE}


@dataclass(frozen=True, slots=True)
class Use:
    """One use of an expression.

    Attributes:
        scope: the variables.
        want: what must come out; None: anything.
        sql: compiled to SQL, so without loops and functions over reference data.
        counting: over a call of the journal, and as bounded as what is compiled to SQL.
        loops: loops over `parts` are allowed all the same (derived fields).
        story: the functions of stories are there.
    """

    expr: Expr
    scope: Mapping[str, CelType]
    want: CelType | None = BOOL
    sql: bool = False
    loops: bool = False
    counting: bool = False
    story: bool = False


def data_uses(world: World) -> Iterator[Use]:
    """Uses in entities, access, views, indicators, supervise, exchange, schedules and fusion."""
    yield from _entities(world)
    yield from _access(world)
    yield from _figures(world)
    yield from _exchange(world)
    for one in world.package.schedules:
        yield from _schedule(world, one)
    yield from _fusion(world)


def _entities(world: World) -> Iterator[Use]:
    for entity in world.package.entities:
        scope: Scope = {**CLOCKED, "row": world.record_of(entity.id)}
        for one in entity.fields:
            if one.derived is not None:
                yield Use(one.derived, scope, world.type_of(one.type), sql=True, loops=True)
            if one.fill is not None:
                yield Use(one.fill, scope, world.type_of(one.type), sql=True)
        for rule in entity.quality:
            for expr in (rule.expr, rule.when):
                if expr is not None:
                    yield Use(expr, scope, sql=True)
        for service in entity.share.services:
            if service.rows is not None:
                yield Use(service.rows, scope, sql=True)
        for interface in entity.open.interfaces:
            if interface.where is not None:
                yield Use(interface.where, scope, sql=True)
        withheld = entity.disclosure.withheld
        if withheld is not None:
            yield Use(withheld.when, {**scope, "actor": ACTOR, "purpose": STRING})


def _access(world: World) -> Iterator[Use]:
    for rule in world.package.access.rules:
        for name in rule.entity:
            if rule.rows is not None:
                scope: Scope = {**CLOCKED, "row": world.record_of(name), "actor": ACTOR, "purpose": STRING}
                yield Use(rule.rows, scope, sql=True)


def scope_of(world: World, of: Of) -> Scope:
    """The variables of a view, indicator or light about `of`."""
    if of.kind == "entity":
        return {**CLOCKED, "row": world.record_of(of.name)}
    process = world.process(of.name.partition(".")[0])
    if process is None:
        return {**CLOCKED, "case": DYN, "clock": DYN}
    scope: Scope = {**CLOCKED, "case": world.case(process), process.subject: world.record_of(process.subject)}
    if of.kind == "clock":
        scope["clock"] = world.case(process).members()["clock"].members().get(of.name.partition(".")[2], DYN)
    return scope


def _figures(world: World) -> Iterator[Use]:
    package = world.package
    for view in package.views:
        if view.where is not None:
            yield Use(
                view.where,
                {**scope_of(world, view.of), "actor": ACTOR, "purpose": STRING},
                sql=view.of.kind == "entity",
            )
    for one in package.indicators:
        if one.formula is not None:
            yield Use(
                one.formula, {other.id: DOUBLE for other in package.indicators if other.id != one.id}, DOUBLE
            )
        if one.over is None and one.of is None:
            continue
        # a call is counted once, by what its entry says: nothing of now, nothing of others
        calls = one.over is not None
        scope = {CALL: world.call()} if one.of is None else scope_of(world, one.of)
        sql = one.of is not None and one.of.kind == "entity"
        if one.where is not None:
            yield Use(one.where, scope, sql=sql, counting=calls)
        if one.measure is not None and one.measure.kind == "share" and one.measure.argument is not None:
            yield Use(one.measure.argument, scope, sql=sql, counting=calls)
    for light in package.supervise:
        about = light.of or Of("clock", light.clock or "")
        yield Use(light.when, scope_of(world, about))


def _exchange(world: World) -> Iterator[Use]:
    for need in world.package.exchange.needs:
        inputs: Scope = {**CLOCKED, **{name: world.type_of(kind) for name, kind in need.inputs.items()}}
        if need.consent is not None:
            yield Use(
                need.consent.require, {**inputs, need.consent.entity: world.record_of(need.consent.entity)}
            )
        if need.when is not None:
            yield Use(need.when, inputs)
    for feed in world.package.exchange.feeds:
        if feed.when is not None:
            yield Use(feed.when, {**CLOCKED, "row": world.record_of(feed.entity)}, sql=True)


def values_of(
    world: World, entity: str, values: Mapping[str, Expr], scope: Mapping[str, CelType]
) -> Iterator[Use]:
    """Values written into fields of an entity."""
    members = world.record_of(entity).members()
    for name, expr in values.items():
        yield Use(expr, scope, members.get(name))


def _schedule(world: World, one: Schedule) -> Iterator[Use]:
    scope: Scope = dict(CLOCKED)
    if one.each is not None:
        yield Use(one.each.in_, scope, list_of(DYN))
        scope[one.each.as_] = STRING
    inner = {**scope, "row": world.record_of(one.from_)} if one.from_ else scope
    yield Use(one.key, inner, STRING)
    if one.where is not None:
        yield Use(one.where, inner, sql=True)
    if one.create is not None:
        yield from values_of(world, one.create, one.values, inner)
    if one.lines is not None:
        lines = {**scope, "row": world.record_of(one.lines.from_)}
        yield Use(one.lines.where, lines, sql=True)
        yield from values_of(world, one.lines.entity, one.lines.values, lines)
    if one.notify is not None:
        yield Use(one.notify.to, inner, STRING)
        yield from template_uses(one.notify.text, inner)


def _fusion(world: World) -> Iterator[Use]:
    fusion = world.package.fusion
    if fusion is None:
        return
    target = world.record_of(fusion.target)
    dated = CelType("record", name=target.name, fields=lambda: {**target.members(), "as_of": DATE})
    for one in (fusion.survive.default, *fusion.survive.fields.values()):
        if one.when is not None:
            yield Use(one.when, {**CLOCKED, "row": dated}, sql=True)
    for conflict in fusion.conflicts:
        if conflict.when is not None:
            yield Use(conflict.when, {**CLOCKED, "row": target}, sql=True)


def template_uses(text: Expr, scope: Mapping[str, CelType]) -> Iterator[Use]:
    """The expressions in the braces of a text."""
    for start, part in braces(text.text):
        yield Use(Expr(part, text.node, text.offset + start), scope, None)


def braces(text: str) -> Iterator[tuple[int, str]]:
    """Where each `{expression}` of a text begins, and the expression; braces inside quotes do not count."""
    position = 0
    while (start := text.find("{", position)) >= 0:
        end, quote = start + 1, ""
        while end < len(text) and (quote or text[end] != "}"):
            if quote:
                quote = "" if text[end] == quote else quote
            elif text[end] in "'\"":
                quote = text[end]
            end += 1
        yield start + 1, text[start + 1 : end]
        position = end + 1
