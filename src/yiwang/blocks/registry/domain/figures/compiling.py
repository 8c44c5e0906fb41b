"""Declared indicators compiled: each expression to SQL, or the reason why it cannot be measured yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from yiwang.blocks.registry.domain.figures.declared import ZONE, Dimension, Figure, History
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.layout import CREATED, KNOWN
from yiwang.systems.cel.declaring import World
from yiwang.systems.cel.layout import Layout, reference_columns
from yiwang.systems.cel.parsing import parse
from yiwang.systems.cel.sql import Compiler, NotSql
from yiwang.systems.cel.tree import Ast, Name, children
from yiwang.systems.checking.uses import scope_of
from yiwang.systems.model.access import Indicator, Measure
from yiwang.systems.model.base import NO_LABEL
from yiwang.systems.model.base import Label as Named
from yiwang.systems.model.entities import Entity
from yiwang.systems.model.entities import Field as Declared
from yiwang.systems.model.journal import call_field
from yiwang.systems.model.package import Package

TODAY: Final = '"period"."last"'
NOW: Final = '"period"."told"'
_DATED: Final = f'{{alias}}."_from" <= {TODAY} AND {{alias}}."_to" > {TODAY}'
_PERSONAL: Final = ("resident_id", "phone", "user", "signature")
_CASES: Final = Label("办件引擎启用后开始计算", "measured once the engine of cases runs")
_FUSION: Final = Label("融合引擎启用后开始计算", "measured once the engine of fusion runs")
_HOT_SPOTS: Final = Label("热点由督办计算", "hot spots are found by supervision")
_ENCRYPTED: Final = Label(
    "用到加密字段，只能在数据面计算", "reads an encrypted field, which only the data plane may"
)
_PERSONS: Final = Label("维度指向个人，不能分列", "a dimension names persons, so it is not split")


@dataclass(frozen=True)
class _Watching(Layout):
    """A layout that notes which tables are looked into."""

    seen: set[tuple[str, str]] = field(default_factory=set, compare=False)

    def table(self, system: str, entity: str) -> str:
        self.seen.add((system, entity))
        return super().table(system, entity)


class _Waits(Exception):
    """The figure cannot be measured, and why."""

    def __init__(self, why: Label) -> None:
        super().__init__(why.en)
        self.why = why


def compile_figures(world: World) -> tuple[Figure, ...]:
    """Every indicator of a package that passed its check; those that cannot be measured say why."""
    made = {one.id: _compiled(world, one) for one in world.package.indicators}
    for _ in made:  # a formula over formulas knows only after them that it waits
        made = {name: _related(one, made) if one.kind == "formula" else one for name, one in made.items()}
    return tuple(_with_sets(one, made) for one in made.values())


def _compiled(world: World, one: Indicator) -> Figure:
    head = Figure(
        id=one.id, system=world.package.id, title=_label(one.title), kind="waiting", unit=one.unit.zh,
        unit_en=one.unit.en, target=one.target,
        direction=one.direction, per=one.per or "month", law=one.law.law if one.law is not None else "",
        by=(*(one.dimensions or one.group_by), one.at or ""),
    )  # fmt: skip
    try:
        if one.formula is not None:
            return _formula(world, one, head)
        if one.over is not None:
            return _calls(world, one, head)
        if one.of is None or one.of.kind != "entity":
            raise _Waits(_CASES)
        if world.find(one.of.name) is None:
            raise _Waits(_FUSION)
        if one.kind == "hotspot":
            raise _Waits(_HOT_SPOTS)
        return _counted(world, one, head)
    except _Waits as waiting:
        return replace(head, why=waiting.why, dimensions=tuple(_titles(world, one)))


def _calls(world: World, one: Indicator, head: Figure) -> Figure:
    """A figure over the journal: nothing of it runs in the database."""
    measure = one.measure
    counting = measure.kind if measure is not None else "count"
    value = measure.argument.text if measure is not None and measure.argument is not None else ""
    summed = call_field(value) if counting not in ("share", "distinct") else None
    unit = (
        one.unit
        if one.unit.zh
        else Named("%")
        if counting == "share"
        else summed.unit
        if summed
        else NO_LABEL
    )
    return replace(
        head,
        kind="journal",
        counting=counting,
        unit=unit.zh,
        unit_en=unit.en,
        where=one.where.text if one.where is not None else "",
        value=value,
        dimensions=tuple(_titles(world, one)),
    )


def _counted(world: World, one: Indicator, head: Figure) -> Figure:
    subject = world.find(one.of.name) if one.of is not None else None
    if subject is None:
        raise _Waits(_CASES)
    entity = subject[1]
    tables, views = (_Expressions(world, one, schema) for schema in ("sys_{system}", "sys_{system}_read"))
    flow = one.per is not None and one.at != "day_end"
    at = one.at if flow and one.at is not None else ""
    reads = tables.layout.seen
    unit = one.unit if one.unit.zh else _unit(world, one)
    made = replace(
        head,
        kind="flow" if flow else "stock",
        entity=entity.id,
        history=entity.history,
        columns=tuple(_columns(world, subject[0], entity)),
        counting=one.measure.kind if one.measure is not None else "count",
        unit=unit.zh,
        unit_en=unit.en,
        dimensions=tuple(tables.dimension(path, views) for path in one.dimensions),
        where=tables.where(),
        value=tables.measured(),
        at=tables.instant(at),
        seen=views.where(),
        seen_at=views.instant(at),
    )
    return replace(
        made,
        reads=tuple(sorted((system, name, _history(world, system, name)) for system, name in reads)),
        timed=any(word in text for text in (made.where, made.value) for word in (TODAY, NOW)),
    )


class _Expressions:
    """The expressions of one indicator, over the tables or over what a reader may see."""

    def __init__(self, world: World, one: Indicator, schema: str) -> None:
        self.world, self.one = world, one
        self.layout = _Watching(schema=schema, dated=_DATED, created=CREATED, changed=KNOWN)
        self.scope = scope_of(world, one.of) if one.of is not None else {}

    def sql(self, text: str, *, condition: bool = False) -> str:
        """SQL of an expression. Raises: _Waits."""
        compiler = Compiler(
            self.world, self.layout, self.one.of.name if self.one.of else "", {"today": TODAY, "now": NOW}
        )
        try:
            return compiler.condition(text, self.scope) if condition else compiler.value(text, self.scope)
        except NotSql as problem:
            if "encrypt" in problem.what:
                raise _Waits(_ENCRYPTED) from None
            raise _Waits(
                Label(f"{problem.what} 还不能在库内计算", f"{problem.what} is not counted in the database")
            ) from None

    def where(self) -> str:
        """Which rows count."""
        if self.one.where is None:
            return "TRUE"
        return f"coalesce({self.sql(self.one.where.text, condition=True)}, FALSE)"

    def measured(self) -> str:
        """What is measured of a row; nothing for a count."""
        measure = self.one.measure
        if measure is None or measure.argument is None:
            return ""
        return self.sql(measure.argument.text if measure.kind == "share" else f"row.{measure.argument.text}")

    def instant(self, path: str) -> str:
        """The instant that puts a row into a period; the first time it was known where none is named."""
        if not path:
            return ""
        text = self.sql(f"row.{path}")
        declared = _end(self.world, self.one, path)
        if declared is None or declared[1].type.kind == "datetime":
            return text
        if declared[1].type.kind == "period":
            return f"(to_date({text}, 'YYYY-MM')::timestamp AT TIME ZONE '{ZONE}')"
        return f"({text}::timestamp AT TIME ZONE '{ZONE}')"

    def dimension(self, path: str, views: _Expressions) -> Dimension:
        """A dimension of the figure. Raises: _Waits, for one that names persons."""
        found = _end(self.world, self.one, path)
        if found is not None and (found[1].mask is not None or found[1].type.kind in _PERSONAL):
            raise _Waits(_PERSONS)
        return replace(
            _title(self.world, self.one, path), sql=self.sql(f"row.{path}"), seen=views.sql(f"row.{path}")
        )


def _end(world: World, one: Indicator, path: str) -> tuple[Package, Declared] | None:
    """The field at the end of a path from the subject, with its package; None for what every row has."""
    found = world.find(one.of.name) if one.of is not None else None
    declared: tuple[Package, Declared] | None = None
    for name in path.split("."):
        if found is None:
            return None
        field = found[1].field(name)
        if field is None:
            return None
        declared = (found[0], field)
        found = world.find(field.type.argument, found[0]) if field.type.kind == "ref" else None
    return declared


def _title(world: World, one: Indicator, path: str) -> Dimension:
    told = call_field(path) if one.over is not None else None
    if told is not None:
        return Dimension(path=path, title=_label(told.title), kind=told.shown, owner=world.package.id)
    found = _end(world, one, path)
    if found is None:
        return Dimension(path=path, title=Label(path))
    owner, declared = found
    return Dimension(
        path=path, title=_label(declared.title), kind=declared.type.kind, argument=declared.type.argument,
        owner=owner.id,
    )  # fmt: skip


def _titles(world: World, one: Indicator) -> Iterator[Dimension]:
    for path in one.dimensions:
        yield _title(world, one, path)


def _formula(world: World, one: Indicator, head: Figure) -> Figure:
    text = one.formula.text if one.formula is not None else ""
    operands = tuple(sorted(_names(parse(text))))
    by_id = {other.id: other for other in world.package.indicators}
    first = by_id[operands[0]]
    return replace(
        head,
        kind="formula",
        formula=text,
        operands=operands,
        dimensions=tuple(_title(world, first, path) for path in one.dimensions),
    )


def _related(one: Figure, made: Mapping[str, Figure]) -> Figure:
    """A formula that can be worked out, or the operand for which it waits."""
    for name in one.operands:
        other = made[name]
        if other.kind == "waiting":
            return replace(
                one, kind="waiting", why=Label(f"等{other.title.zh}", f"waits for {other.title.text('en')}")
            )
        missing = {d.path for d in one.dimensions} - {d.path for d in other.dimensions}
        if other.per != one.per or missing:
            return replace(
                one,
                kind="waiting",
                why=Label(
                    f"{other.title.zh}的周期或维度不同",
                    f"{other.title.text('en')} has other periods or dimensions",
                ),
            )
    return one


def _with_sets(one: Figure, made: Mapping[str, Figure]) -> Figure:
    """The groups to store: the total, each dimension, all of them, and what formulas over it need."""
    wanted = {(), *((d.path,) for d in one.dimensions), tuple(d.path for d in one.dimensions)}
    for other in made.values():
        if one.id in other.operands and other.kind == "formula":
            held = {d.path for d in other.dimensions}
            wanted.add(tuple(d.path for d in one.dimensions if d.path in held))
    return replace(one, sets=tuple(sorted(wanted, key=lambda found: (len(found), found))))


def _unit(world: World, one: Indicator) -> Named:
    measure: Measure | None = one.measure
    if measure is None or measure.kind in ("count", "distinct"):
        return NO_LABEL
    if measure.kind == "share":
        return Named("%")
    found = _end(world, one, measure.argument.text) if measure.argument is not None else None
    if found is None:
        return NO_LABEL
    return Named("分", "fen") if found[1].type.kind == "money" else found[1].unit


def _columns(world: World, owner: Package, entity: Entity) -> Iterator[str]:
    for one in entity.fields:
        if one.derived is None and not one.encrypted:
            target = world.find(one.type.argument, owner) if one.type.kind == "ref" else None
            yield from reference_columns(one, target[1]) if target is not None else (one.id,)


def _history(world: World, system: str, name: str) -> History:
    found: tuple[Package, Entity] | None = world.find(f"{system}.{name}")
    return found[1].history if found is not None else "none"


def _label(named: Named) -> Label:
    return Label(named.zh, named.en)


def _names(tree: Ast) -> set[str]:
    found = {tree.name} if isinstance(tree, Name) else set()
    for child in children(tree):
        found |= _names(child)
    return found
