"""References in forms, items, rules, processes, exchange, schedules, fusion and stories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from yiwang.systems.cel.declaring import World
from yiwang.systems.checking.references import check_path, check_type, one_of
from yiwang.systems.errors import PackageFault
from yiwang.systems.model.access import BUILT_IN_ROLES
from yiwang.systems.model.forms import FormField
from yiwang.systems.model.processes import Action, Clock, Do, Process, Step
from yiwang.systems.reading.places import Place

END = ("end", "join")
"""Targets that every process has."""


def check_work(world: World) -> Iterator[PackageFault]:
    """Every reference of what is worked through."""
    yield from _forms_and_items(world)
    yield from _rules(world)
    for process in world.package.processes:
        yield from _process(world, process)
    yield from _exchange(world)
    yield from _fusion(world)
    yield from _stories(world)


def _ids(things: Iterable[object]) -> list[str]:
    return [str(getattr(one, "id", "")) for one in things]


def _entity(world: World, name: str, place: Place) -> Iterator[PackageFault]:
    yield from one_of("数据表", "table", name, _ids(world.package.entities), place)


def _field(world: World, one: FormField) -> Iterator[PackageFault]:
    if one.type is not None:
        yield from check_type(world, one.type, one.place)
    needs = _ids(world.package.exchange.needs)
    for need in (one.prefill.need if one.prefill else None, one.check.need if one.check else None):
        if need is not None:
            yield from one_of("数据需求", "need", need, needs, one.place)
    for entity in (one.of, one.prefill.own if one.prefill else None):
        if entity is not None:
            yield from _entity(world, entity, one.place)
    if one.rule is not None:
        yield from one_of("规则", "rule", one.rule, _ids(world.package.rules), one.place)
    if one.kind == "related" and one.of is not None:
        for path in one.columns:
            yield from check_path(world.record_of(one.of), path, one.place)
    for inner in one.fields:
        yield from _field(world, inner)


def _forms_and_items(world: World) -> Iterator[PackageFault]:
    for form in world.package.forms:
        yield from _entity(world, form.binds, form.place)
        for step in form.steps:
            for one in step.fields:
                yield from _field(world, one)
                if one.bind is not None:
                    yield from check_path(world.record_of(form.binds), one.bind, one.place)
    for item in world.package.items:
        yield from one_of("表单", "form", item.form, _ids(world.package.forms), item.place)
        yield from one_of("流程", "process", item.process, _ids(world.package.processes), item.place)
        for material in item.materials:
            for case in material.cases:
                yield from one_of("情形", "case", case, _ids(item.cases), material.place)
            for way in material.satisfy:
                if way.kind == "need":
                    yield from one_of(
                        "数据需求", "need", way.name, _ids(world.package.exchange.needs), material.place
                    )
                elif way.kind == "record":
                    yield from _entity(world, way.name, material.place)


def _rules(world: World) -> Iterator[PackageFault]:
    for rule in world.package.rules:
        for kind in (*rule.inputs.values(), *(one.type for one in rule.formulas)):
            yield from check_type(world, kind, rule.place)
        for parameter in rule.parameters.values():
            found = next((one for one in world.package.parameters if one.id == parameter.of), None)
            yield from one_of(
                "参数", "parameter", parameter.of, _ids(world.package.parameters), parameter.place
            )
            for key in parameter.keys if found is not None else ():
                yield from one_of(
                    "参数键", "key of the parameter", key, found.by if found else (), parameter.place
                )
        for table in rule.tables:
            for kind in table.outputs.values():
                yield from check_type(world, kind, table.place)
            for row in table.rows:
                for name in row.when:
                    yield from one_of("列", "column", name, table.columns, row.place)
                for name in (*row.then, *row.calc):
                    yield from one_of("输出", "output", name, table.outputs, row.place)
                for name, value in row.then.items():
                    output = table.outputs.get(name)
                    codes = world.package.code_list(output.code_list or "") if output else None
                    values = value.value if isinstance(value.value, list) else [value.value]
                    for code in values if codes is not None else ():
                        yield from one_of(
                            f"代码（{codes.id if codes else ''}）", f"code of {codes.id if codes else ''}", str(code),
                            codes.values if codes else (), value.node.place,
                        )  # fmt: skip
        if rule.of is not None:
            yield from _entity(world, rule.of, rule.place)
            for path in (*(p for block in rule.block for p in block), *(one.field for one in rule.score)):
                yield from check_path(world.record_of(rule.of), path, rule.place)


def _process(world: World, process: Process) -> Iterator[PackageFault]:
    yield from _entity(world, process.subject, process.place)
    if process.item is not None:
        yield from one_of("事项", "item", process.item, _ids(world.package.items), process.place)
    steps = _ids(process.steps)
    yield from one_of("步骤", "step", process.start, steps, process.place)
    for clock in process.clocks:
        yield from _clock(process, clock, steps)
    for step in process.steps:
        yield from _step(world, process, step, steps)
    for action in process.any_time:
        yield from _action(world, process, action, steps)
    if process.withdraw is not None:
        yield from one_of("步骤", "step", process.withdraw.until, steps, process.place)
    for event in process.on_event:
        for name in event.at_steps:
            yield from one_of("步骤", "step", name, steps, process.place)
        yield from one_of("步骤", "step", event.to, [*steps, *END], process.place)


def _clock(process: Process, clock: Clock, steps: list[str]) -> Iterator[PackageFault]:
    for moment in (clock.starts, clock.stops):
        yield from one_of("步骤", "step", moment.step, steps, clock.place)
        step = next((one for one in process.steps if one.id == moment.step), None)
        if step is not None and moment.action is not None:
            yield from one_of("动作", "action", moment.action, _ids(step.actions), clock.place)


def _step(world: World, process: Process, step: Step, steps: list[str]) -> Iterator[PackageFault]:
    roles = [*_ids(world.package.access.roles), *BUILT_IN_ROLES]
    targets = [*steps, *END, *_ids(step.steps)]
    for role in (step.role, *((m.role for m in step.joint.members) if step.joint else ())):
        if role is not None:
            yield from one_of("角色", "role", role, roles, step.place)
    for form in (step.form, *(one.form for one in step.interrupts)):
        if form is not None:
            yield from one_of("表单", "form", form, _ids(world.package.forms), step.place)
    for one in step.fields:
        yield from _field(world, one)
    for name in (step.clock,) if step.clock else ():
        yield from one_of("时钟", "clock", name, _ids(process.clocks), step.place)
    for name in (*(p for p in (step.pause,) if p), *(one.pause for one in step.interrupts if one.pause)):
        yield from one_of("暂停", "pause", name, _ids(process.pauses), step.place)
    if step.process is not None:
        yield from one_of("流程", "process", step.process, _ids(world.package.processes), step.place)
    goes = [
        step.to, *step.apart_from, *(one.step or one.to for one in (*step.branches, *step.branch)),
        *(one.to for one in step.interrupts), *(one.to for one in (step.on_fail, step.on_late) if one),
    ]  # fmt: skip
    for target in goes:
        if target is not None:
            yield from one_of("步骤", "step", target, targets, step.place)
    if step.start is not None:
        yield from one_of("步骤", "step", step.start, _ids(step.steps), step.place)
    for action in step.actions:
        yield from _action(world, process, action, targets)
    for do in (*step.do, *([step.record] if step.record else [])):
        yield from _do(world, do)
    for inner in step.steps:
        yield from _step(world, process, inner, targets)


def _action(world: World, process: Process, action: Action, targets: list[str]) -> Iterator[PackageFault]:
    for name in (action.to, action.then):
        if name is not None:
            yield from one_of("步骤", "step", name, [*targets, *END], action.place)
    if action.reasons is not None:
        yield from one_of("代码表", "code list", action.reasons, _ids(world.package.codes), action.place)
    if action.clock is not None:
        yield from one_of("时钟", "clock", action.clock, _ids(process.clocks), action.place)
    if action.create is not None:
        yield from _written(world, action.create, action.values, action.place)
    if action.process is not None:
        yield from one_of("流程", "process", action.process, _ids(world.package.processes), action.place)


def _written(world: World, entity: str, names: Iterable[str], place: Place) -> Iterator[PackageFault]:
    yield from _entity(world, entity, place)
    found = world.package.entity(entity)
    for name in names if found is not None else ():
        if name != "as_of":
            yield from one_of("字段", "field", name, _ids(found.fields) if found else (), place)


def _do(world: World, do: Do) -> Iterator[PackageFault]:
    if do.rule is not None:
        yield from one_of("规则", "rule", do.rule, _ids(world.package.rules), do.place)
    if do.need is not None:
        yield from one_of("数据需求", "need", do.need, _ids(world.package.exchange.needs), do.place)
    if do.feed is not None:
        yield from one_of("上报", "feed", do.feed, _ids(world.package.exchange.feeds), do.place)
    for entity in (do.create, do.update, do.upsert):
        if entity is not None:
            yield from _written(world, entity, do.values, do.place)


def _exchange(world: World) -> Iterator[PackageFault]:
    for need in world.package.exchange.needs:
        for kind in (*need.key.values(), *need.inputs.values(), *need.answer.values()):
            yield from check_type(world, kind, need.place)
        if need.purpose.item is not None:
            yield from one_of("事项", "item", need.purpose.item, _ids(world.package.items), need.place)
        for name in (
            need.consent.entity if need.consent else None,
            need.resource_from.entity if need.resource_from else None,
        ):
            if name is not None:
                yield from _entity(world, name, need.place)
        asked = world.find(need.resource) if need.resource and "/" not in need.resource else None
        if asked is not None and need.service is not None:
            services = asked[1].share.services
            yield from one_of("共享服务", "service", need.service, _ids(services), need.place)
            given = next((one for one in services if one.id == need.service), None)
            for name in (*need.fields, *need.claims) if given is not None else ():
                yield from one_of(
                    "服务字段",
                    "field of the service",
                    name,
                    (*given.fields, *given.claims) if given else (),
                    need.place,
                )
    for feed in world.package.exchange.feeds:
        yield from _entity(world, feed.entity, feed.place)
        for path in feed.fields:
            yield from check_path(world.record_of(feed.entity), path, feed.place)
    for one in world.package.schedules:
        if one.from_ is not None:
            yield from _entity(world, one.from_, one.place)
        if one.create is not None:
            yield from _written(world, one.create, one.values, one.place)
        if one.lines is not None:
            yield from _written(world, one.lines.entity, one.lines.values, one.place)
        if one.open is not None:
            yield from one_of("流程", "process", one.open, _ids(world.package.processes), one.place)


def _fusion(world: World) -> Iterator[PackageFault]:
    fusion = world.package.fusion
    if fusion is None:
        return
    yield from _entity(world, fusion.target, fusion.place)
    target, sources = world.package.entity(fusion.target), _ids(fusion.sources)
    fields = _ids(target.fields) if target is not None else []
    yield from one_of("字段", "field", fusion.key.field, fields, fusion.place)
    for source in fusion.sources:
        for name in (*source.map, *source.codes, *source.units):
            yield from one_of("字段", "field", name, fields, source.place)
    for name in (*fusion.standardise, *fusion.survive.fields):
        yield from one_of("字段", "field", name, fields, fusion.place)
    for rule in (fusion.survive.default, *fusion.survive.fields.values()):
        for name in rule.order:
            yield from one_of("融合来源", "fusion source", name, sources, fusion.place)
    for conflict in fusion.conflicts:
        if conflict.field is not None:
            yield from one_of("字段", "field", conflict.field, fields, conflict.place)


def _stories(world: World) -> Iterator[PackageFault]:
    fusion = world.package.fusion
    sources = _ids(fusion.sources) if fusion is not None else []
    for story in world.package.stories:
        for given in story.given:
            if given.entity is not None:
                yield from _entity(world, given.entity, given.place)
                entity = world.package.entity(given.entity)
                for row in given.rows.value if isinstance(given.rows.value, list) else ():
                    for name in row if isinstance(row, dict) and entity is not None else ():
                        yield from one_of(
                            "字段", "field", name, _ids(entity.fields) if entity else (), given.place
                        )
            if given.landing is not None:
                yield from one_of("融合来源", "fusion source", given.landing, sources, given.place)
        for step in story.steps:
            if step.form is not None:
                yield from one_of("表单", "form", step.form, _ids(world.package.forms), step.place)
            if step.item is not None:
                yield from one_of("事项", "item", step.item, _ids(world.package.items), step.place)
            if step.entity is not None:
                yield from _entity(world, step.entity, step.place)
            if step.view is not None:
                yield from one_of("视图", "view", step.view, _ids(world.package.views), step.place)
