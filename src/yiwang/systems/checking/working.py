"""Uses of expressions in forms, items, rules, processes and stories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from yiwang.systems.cel.checking import check
from yiwang.systems.cel.declaring import ACTOR, APPLICANT, PHONE_CALL, World
from yiwang.systems.cel.parsing import CelSyntax, parse
from yiwang.systems.cel.types import BOOL, DYN, INT, STRING, CelType, list_of, record
from yiwang.systems.checking.uses import CLOCKED, Scope, Use, template_uses, values_of
from yiwang.systems.model.base import Expr, Org
from yiwang.systems.model.forms import Each, Form, FormField
from yiwang.systems.model.processes import Action, Do, Process, Rule, Span, Step


def working_uses(world: World) -> Iterator[Use]:
    """Every use in forms, items, rules, processes and stories."""
    for form in world.package.forms:
        yield from _form(world, form)
    for item in world.package.items:
        scope: Scope = {**CLOCKED, "form": world.form(world.form_of(item.form)), "applicant": APPLICANT}
        for case in item.cases:
            if case.show_if is not None:
                yield Use(case.show_if, scope)
        for fee in item.fees:
            yield Use(fee.amount, scope, INT)
    for rule in world.package.rules:
        yield from _rule(world, rule)
    for process in world.package.processes:
        yield from _process(world, process)
    yield from _stories(world)


def _conditions(scope: Mapping[str, CelType], *exprs: Expr | None) -> Iterator[Use]:
    for one in exprs:
        if one is not None:
            yield Use(one, scope)


def _each(each: Each | None, scope: Scope, uses: list[Use]) -> Scope:
    if each is None:
        return scope
    uses.append(Use(each.in_, scope, list_of(DYN)))
    inner = {**scope, each.as_: element(each.in_, scope)}
    if each.key is not None:
        uses.append(Use(each.key, inner, STRING))
    return inner


def element(expr: Expr, scope: Mapping[str, CelType]) -> CelType:
    """What the list of an `each` holds; dyn where it does not check."""
    try:
        made = check(parse(expr.text), scope).type
    except CelSyntax:
        return DYN
    return made.item or DYN


def _form(world: World, form: Form) -> Iterator[Use]:
    base: Scope = {
        **CLOCKED, "form": world.form(form), "applicant": APPLICANT, "actor": ACTOR, "case": world.case(), "call": PHONE_CALL,
    }  # fmt: skip
    for step in form.steps:
        uses: list[Use] = []
        scope = _each(step.each, base, uses)
        yield from uses
        yield from _conditions(scope, step.show_if)
        if step.signer is not None:
            yield Use(step.signer, scope, STRING)
        yield from _form_fields(world, step.fields, scope)


def _form_fields(world: World, fields: Iterable[FormField], scope: Scope) -> Iterator[Use]:
    for one in fields:
        yield from _conditions(scope, one.show_if, one.required_if, one.valid_if)
        want = world.type_of(one.type) if one.type is not None else None
        if one.default is not None:
            yield Use(one.default, scope, want)
        if one.choices is not None:
            yield Use(one.choices, scope, list_of(DYN))
        if one.prefill is not None:
            if one.prefill.expr is not None:
                yield Use(one.prefill.expr, scope, want)
            for expr in (*one.prefill.key.values(), *one.prefill.match.values()):
                yield Use(expr, scope, None)
        if one.check is not None:
            for expr in (*one.check.key.values(), *one.check.claims.values()):
                yield Use(expr, scope, None)
        if one.where is not None:
            yield Use(one.where, {**scope, "row": world.record_of(one.of or "")}, sql=True)
        if one.kind == "group":
            inner = {**scope, "row": record(one.id, world.fields(one.fields))}
            yield from _form_fields(world, one.fields, inner)


def _rule(world: World, rule: Rule) -> Iterator[Use]:
    if rule.kind == "match":
        row: Scope = {**CLOCKED, "row": world.record_of(rule.of or "")}
        yield from (Use(e, row, None) for p in rule.parameters.values() for e in p.keys.values())
        if rule.where is not None:
            yield Use(rule.where, row, sql=True)
        for one in rule.score:
            if one.arg is not None:
                yield Use(one.arg, {**row, "p": world.parameters(rule)}, None)
        return
    scope: Scope = {name: world.type_of(kind) for name, kind in rule.inputs.items()}
    yield from (Use(e, scope, STRING) for p in rule.parameters.values() for e in p.keys.values())
    scope = {**scope, "p": world.parameters(rule)}
    for formula in rule.formulas:
        yield Use(formula.expr, scope, world.type_of(formula.type))
        scope = {**scope, formula.id: world.type_of(formula.type)}
    for table in rule.tables:
        for line in table.rows:
            yield from _conditions(scope, *line.when.values())
            for name, expr in line.calc.items():
                kind = table.outputs.get(name)
                yield Use(expr, scope, world.type_of(kind) if kind else None)
        scope = {**scope, table.id: world.outputs(table)}


def _process(world: World, process: Process) -> Iterator[Use]:
    base: Scope = {
        **CLOCKED, process.subject: world.record_of(process.subject), "case": world.case(process), "actor": ACTOR,
        "tables": world.tables(), "kept": record("kept", dict(_kept(world, process.steps))),
        **{name: world.type_of(kind) for name, kind in process.input.items()},
    }  # fmt: skip
    if process.place_of is not None:
        yield Use(process.place_of, base, STRING)
    if process.applicant is not None:
        one = process.applicant
        yield from (Use(e, base, STRING) for e in (one.person, one.phone, one.name) if e is not None)
        yield from _conditions(base, one.secret_if)
    for clock in process.clocks:
        yield from _span(clock.time, base)
        yield from _span(clock.again, base)
        if clock.extend is not None:
            yield from _span(clock.extend.by, base)
            yield from _conditions(base, clock.extend.when)
    for step in process.steps:
        yield from _step(world, process, step, base)
    for action in process.any_time:
        yield from _action(world, process, action, base)
    for event in process.on_event:
        yield from _conditions(base, event.when)
        yield from _sets(world, process.subject, event.set, base)


def _kept(world: World, steps: Iterable[Step]) -> Iterator[tuple[str, CelType]]:
    for step in steps:
        for do in step.do:
            if do.keep and do.rule and (rule := world.rule(do.rule)):
                yield step.id, world.result(rule)
            if do.keep and do.need and (need := world.need(do.need)):
                yield step.id, world.answer(need)
        yield from _kept(world, step.steps)


def _span(span: Span | None, scope: Mapping[str, CelType]) -> Iterator[Use]:
    if span is not None and span.workdays is not None:
        yield Use(span.workdays, scope, INT)


def _org(org: Org | None, scope: Mapping[str, CelType]) -> Iterator[Use]:
    if org is not None:
        yield from (Use(e, scope, STRING) for e in (org.at, org.is_) if e is not None)
        if org.provider is not None:
            yield Use(org.provider, scope, None)


def _step(world: World, process: Process, step: Step, base: Scope) -> Iterator[Use]:
    uses: list[Use] = []
    scope = _each(step.each, base, uses)
    yield from uses
    form = world.form_of(step.form) if step.form else None
    task = {
        **(dict(world.form(form).members()) if form else {}),
        **world.fields(step.fields),
        "opinion": STRING,
    }
    scope = {**scope, "task": record("task", task)}
    yield from _form_fields(world, step.fields, {**scope, "form": record("form", task)})
    yield from _org(step.org, scope)
    yield from _span(step.due, scope)
    yield from _span(step.time, scope)
    yield from _conditions(scope, step.skip_if, *(one.when for one in (*step.branches, *step.branch)))
    if step.joint is not None:
        yield from _conditions(scope, step.joint.exclude)
        for member in step.joint.members:
            yield from _org(member.org, scope)
    if step.publish is not None:
        yield from (Use(expr, scope, None) for expr in step.publish.fields.values())
    called = world.process(step.process) if step.process else None
    for name, expr in step.with_.items():
        yield Use(expr, scope, world.type_of(called.input[name]) if called and name in called.input else None)
    for action in step.actions:
        yield from _action(world, process, action, scope)
    for do in (*step.do, *([step.record] if step.record else [])):
        yield from _do(world, process, do, scope)
    yield from _sets(world, process.subject, step.set, scope)
    for inner in step.steps:
        yield from _step(world, process, inner, scope)


def _action(world: World, process: Process, action: Action, base: Scope) -> Iterator[Use]:
    uses: list[Use] = []
    scope = _each(action.each, base, uses)
    yield from uses
    yield from _conditions(scope, action.guard)
    yield from (Use(e, scope, None) for e in (action.into, action.within) if e is not None)
    yield from _sets(world, process.subject, action.set, scope)
    if action.create is not None:
        yield from values_of(world, action.create, action.values, scope)


def _do(world: World, process: Process, do: Do, base: Scope) -> Iterator[Use]:
    uses: list[Use] = []
    scope = _each(do.also, _each(do.each, base, uses), uses)
    yield from uses
    yield from _conditions(scope, do.when)
    rule, need = world.rule(do.rule or ""), world.need(do.need or "")
    for name, expr in do.with_.items():
        want = None
        if rule is not None and name in rule.inputs:
            want = world.type_of(rule.inputs[name])
            want = CelType("time") if want.kind == "date" else want
        yield Use(expr, scope, want)
    if do.under is not None:
        yield Use(do.under, scope, None)
    written = do.create or do.update or do.upsert
    yield from values_of(world, written or do.pay or process.subject, do.values, scope)
    out = world.result(rule) if rule else world.answer(need) if need else None
    inner = {**scope, "out": out} if out is not None else scope
    target = do.update or process.subject
    if need is not None and need.resource_from is not None and do.need in scope:
        target = scope[do.need].name.rpartition(".")[2] or target
    yield from _sets(world, target, do.set, inner)
    if do.text is not None:
        yield from template_uses(do.text, scope)


def _sets(
    world: World, entity: str, values: Mapping[str, Expr], scope: Mapping[str, CelType]
) -> Iterator[Use]:
    """`set:` of fields of the subject, or of `name.field` of something in scope."""
    members = world.record_of(entity).members()
    for path, expr in values.items():
        head, dot, rest = path.partition(".")
        found = scope[head].members().get(rest) if dot and head in scope else members.get(path)
        yield Use(expr, scope, found)


def _stories(world: World) -> Iterator[Use]:
    package = world.package
    for story in package.stories:
        scope: Scope = {
            **CLOCKED, "case": DYN if not package.processes else world.case(*package.processes), "answer": DYN,
            "lights": list_of(DYN), "tables": world.tables(every=True), "figures": DYN, "quality": DYN,
        }  # fmt: skip
        for process in package.processes:
            scope[process.subject] = world.record_of(process.subject)
        for given in story.given:
            if given.as_ and given.entity:
                scope[given.as_] = world.record_of(given.entity)
        for step in story.steps:
            for name, expr in step.let.items():
                yield Use(expr, scope, None, story=True)
                scope = {**scope, name: DYN}
            if step.as_:
                form = world.form_of(step.form or "")
                scope = {**scope, step.as_: world.record_of(form.binds if form else step.entity or "")}
            yield from (Use(expr, scope, BOOL, story=True) for expr in step.expect)
