"""Expressions over rows as SQL that agrees with the evaluator on every row.

The evaluator fails where a value is missing; SQL gives NULL. Here a failure is NULL too, and NULL never counts as
true. What needs care is that null is also a value (`row.a == null` is true, `null != 'x'` is true): equality is
`IS [NOT] DISTINCT FROM` where a side may be null, plain `=` where it cannot matter (so that indexes are used), and
NULL under `failed`, the condition under which a side fails. `c ? a : b` is NULL where `c` fails, unlike CASE.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from yiwang.systems.cel.checking import check
from yiwang.systems.cel.declaring import BUILT_IN_FIELDS, World
from yiwang.systems.cel.layout import Layout, quoted, reference_columns, text_literal
from yiwang.systems.cel.parsing import parse
from yiwang.systems.cel.sql_functions import AGGREGATES, SQL_FUNCTIONS
from yiwang.systems.cel.tree import (
    Ast,
    Call,
    Comprehension,
    Index,
    ListOf,
    Literal,
    MapOf,
    Name,
    Select,
    path_of,
)
from yiwang.systems.cel.types import DYN, CelType
from yiwang.systems.model.entities import Entity
from yiwang.systems.model.package import Package

_COMPARISONS: Final = ("<", "<=", ">", ">=")


class NotSql(Exception):
    """Something of an expression has no SQL: what, and at which character."""

    def __init__(self, what: str, start: int) -> None:
        super().__init__(f"{what} at {start}")
        self.what, self.start = what, start


@dataclass(frozen=True, slots=True)
class Sql:
    """A compiled value.

    Attributes:
        text: SQL.
        empty: null can be its value (beside the NULL that means a failure).
        failed: SQL, never NULL, that says when NULL means a failure; "" where it never fails.
    """

    text: str
    empty: bool = False
    failed: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """A variable that stands for a row of an entity."""

    alias: str
    owner: Package
    entity: Entity


@dataclass(frozen=True, slots=True)
class _Set:
    """Rows of a part, filtered: alias, FROM, the join, and conditions."""

    row: _Row
    join: str
    where: tuple[str, ...] = ()


@dataclass(slots=True)
class Compiler:
    """Compiles expressions over one entity.

    Attributes:
        context: SQL of variables and their fields beside the row: `actor.org`, `today`, `purpose` …
        lists: names of `context` whose SQL is an array.
    """

    world: World
    layout: Layout
    entity: str
    context: Mapping[str, str] = field(default_factory=dict)
    alias: str = "row"
    types: dict[int, CelType] = field(default_factory=dict)
    count: int = 0

    def condition(self, text: str, scope: Mapping[str, CelType]) -> str:
        """A condition on rows.

        Raises:
            CelSyntax: where it does not parse.
            NotSql: where something of it has no SQL.
        """
        return self._compile(text, scope, True).text

    def value(self, text: str, scope: Mapping[str, CelType]) -> str:
        """A value, NULL where it fails. Raises as `condition`."""
        return self._compile(text, scope, False).text

    def _compile(self, text: str, scope: Mapping[str, CelType], positive: bool) -> Sql:
        tree = parse(text)
        self.types = check(tree, scope).types
        found = self.world.find(self.entity)
        if found is None:
            raise NotSql(self.entity, 0)
        return self._sql(tree, {"row": _Row(self.alias, *found)}, positive)

    def _sql(self, tree: Ast, rows: Mapping[str, _Row], positive: bool = False) -> Sql:
        match tree:
            case Literal():
                return self._literal(tree)
            case Name() | Select():
                return self._path(tree, rows)
            case Call():
                return self._call(tree, rows, positive)
            case Comprehension():
                return self._loop(tree, rows)
            case ListOf() | MapOf() | Index():
                raise NotSql(type(tree).__name__, tree.start)

    def _literal(self, tree: Literal) -> Sql:
        value = tree.value
        if value is None:
            return Sql("NULL", True)
        if isinstance(value, bool):
            return Sql("TRUE" if value else "FALSE")
        if isinstance(value, str):
            return Sql(text_literal(value))
        if isinstance(value, float):
            return Sql(f"CAST({value!r} AS double precision)")
        return Sql(f"CAST({value} AS bigint)")

    def _path(self, tree: Name | Select, rows: Mapping[str, _Row]) -> Sql:
        named = path_of(tree) or ""
        if (
            named in self.context
        ):  # a fact of the actor that is not there matches nothing, not even an empty field
            return self._result(self.context[named])
        if isinstance(tree, Name):
            if tree.name in rows:
                return Sql(self._column(rows[tree.name], rows[tree.name].entity.key[0]))
            raise NotSql(tree.name, tree.start)
        steps: list[Select] = []
        at: Ast = tree
        while isinstance(at, Select):
            steps.append(at)
            at = at.of
        if not isinstance(at, Name) or at.name not in rows:
            raise NotSql(tree.field, tree.start)
        return self._walk(rows[at.name], steps[::-1])

    def _walk(self, row: _Row, steps: list[Select]) -> Sql:
        step = steps[0]
        declared = row.entity.field(step.field)
        if declared is None and step.field not in BUILT_IN_FIELDS:
            raise NotSql(step.field, step.start)
        if len(steps) == 1 or declared is None:
            return self._field(row, step)
        target = self.world.find(declared.type.argument, row.owner)
        if target is None:
            raise NotSql(step.field, step.start)
        columns = reference_columns(declared, target[1])
        if len(steps) == 2 and steps[1].field in target[1].key:
            text = self._column(row, columns[target[1].key.index(steps[1].field)])
            return Sql(text, False, f"({text} IS NULL)" if declared.nullable else "")
        self.count += 1
        inner = _Row(f"t{self.count}", *target)
        joined = " AND ".join(
            f"{self._column(inner, key)} = {self._column(row, column)}"
            for key, column in zip(target[1].key, columns, strict=True)
        )
        value = self._walk(inner, steps[1:])
        table = f"{self.layout.table(target[0].id, target[1].id)} AS {quoted(inner.alias)}"
        source = f"FROM {table} WHERE {joined}{self.layout.counts(quoted(inner.alias), inner.entity)}"
        failed = f"NOT EXISTS (SELECT 1 {source})"
        if value.failed:
            failed = f"({failed} OR EXISTS (SELECT 1 {source} AND {value.failed}))"
        return Sql(f"(SELECT {value.text} {source})", value.empty, failed)

    def _field(self, row: _Row, step: Select) -> Sql:
        declared = row.entity.field(step.field)
        kind = self.types.get(id(step), DYN)
        if declared is None:
            return Sql(self._column(row, self.layout.built_in(step.field)))
        if declared.encrypted:
            raise NotSql(f"{step.field} (protect: encrypt)", step.start)
        if declared.derived is not None:
            inner = replace(
                self, entity=f"{row.owner.id}.{row.entity.id}", alias=row.alias, context=self.context
            )
            inner.count = self.count + 100
            scope = {"row": self.world.record_of(inner.entity)}
            return self._result(f"({inner.value(declared.derived.text, scope)})")
        target = self.world.find(declared.type.argument, row.owner) if declared.type.kind == "ref" else None
        text = self._column(row, reference_columns(declared, target[1])[0] if target else declared.id)
        if declared.type.kind == "decimal":
            text = f"CAST({text} AS double precision)"
        if declared.type.kind == "user":
            text = f"CAST({text} AS text)"
        if kind.kind == "list":
            empty = "'{}'" if self.layout.dialect == "postgresql" else "[]"
            return Sql(f"coalesce({text}, {empty})")
        return Sql(text, declared.nullable and declared.id not in row.entity.key)

    def _column(self, row: _Row, name: str) -> str:
        return f"{quoted(row.alias)}.{quoted(name)}"

    def _call(self, tree: Call, rows: Mapping[str, _Row], positive: bool) -> Sql:
        name = tree.function
        if name in ("&&", "||"):
            one, other = (self._sql(arg, rows, positive).text for arg in tree.args)
            return self._result(f"({one} {'AND' if name == '&&' else 'OR'} {other})")
        if name == "!":
            return self._result(f"(NOT {self._sql(tree.args[0], rows).text})")
        if name == "?:":
            return self._choice(tree, rows)
        if name in ("==", "!="):
            return self._equal(
                self._sql(tree.args[0], rows), self._sql(tree.args[1], rows), name == "==", positive
            )
        if name == "in":
            return self._within(tree, rows, positive)
        if name in AGGREGATES or (
            name == "size" and self._set_of((*tree.args, tree.target)[0] or tree, rows)
        ):
            return self._aggregate(tree, rows)
        values = [
            self._sql(arg, rows)
            for arg in ((tree.target, *tree.args) if tree.target is not None else tree.args)
        ]
        texts, kinds = [one.text for one in values], [self.types.get(id(arg), DYN) for arg in tree.args]
        if name in _COMPARISONS:
            collate = (
                ' COLLATE "C"' if kinds[0].kind == "string" and self.layout.dialect == "postgresql" else ""
            )
            return self._result(f"({texts[0]}{collate} {name} {texts[1]})")
        if name in ("+", "-", "*", "/", "%", "neg"):
            return self._result(self._arithmetic(name, texts, kinds))
        build = SQL_FUNCTIONS.get(name)
        if tree.target is not None:
            kinds.insert(0, self.types.get(id(tree.target), DYN))
        made = build(self.layout.dialect, texts, kinds) if build is not None else None
        if made is None:
            raise NotSql(name, tree.start)
        return self._result(made)

    def _result(self, text: str) -> Sql:
        """A value whose NULL always means failure."""
        return Sql(text, False, f"(({text}) IS NULL)")

    def _arithmetic(self, name: str, texts: list[str], kinds: list[CelType]) -> str:
        if name == "neg":
            return f"(-{texts[0]})"
        whole = kinds[0].kind == "int"
        if name == "+" and kinds[0].kind == "string":
            return f"({texts[0]} || {texts[1]})"
        if name in ("/", "%"):
            sign = "//" if name == "/" and whole and self.layout.dialect == "duckdb" else name
            return f"({texts[0]} {sign} NULLIF({texts[1]}, 0))"
        return f"({texts[0]} {name} {texts[1]})"

    def _choice(self, tree: Call, rows: Mapping[str, _Row]) -> Sql:
        test, yes, no = (self._sql(arg, rows) for arg in tree.args)
        text = f"CASE WHEN {test.text} THEN {yes.text} WHEN NOT {test.text} THEN {no.text} END"
        failed = f"CASE WHEN {test.text} THEN {yes.failed or 'FALSE'} WHEN NOT {test.text} THEN {no.failed or 'FALSE'} ELSE TRUE END"
        return Sql(f"({text})", yes.empty or no.empty, f"({failed})")

    def _equal(self, one: Sql, other: Sql, same: bool, positive: bool) -> Sql:
        if "NULL" in (one.text, other.text):
            held = other if one.text == "NULL" else one
            return self._guarded(f"({held.text} IS {'' if same else 'NOT '}NULL)", held)
        never_both = not (one.empty and other.empty)
        if (same and positive and never_both) or not (one.empty or other.empty):
            return self._result(f"({one.text} {'=' if same else '<>'} {other.text})")
        return self._guarded(
            f"({one.text} IS {'NOT ' if same else ''}DISTINCT FROM {other.text})", one, other
        )

    def _guarded(self, text: str, *sides: Sql) -> Sql:
        failing = [one.failed for one in sides if one.failed]
        if not failing:
            return Sql(text)
        return self._result(f"CASE WHEN {' OR '.join(failing)} THEN NULL ELSE {text} END")

    def _within(self, tree: Call, rows: Mapping[str, _Row], positive: bool) -> Sql:
        one, many = self._sql(tree.args[0], rows), tree.args[1]
        if isinstance(many, ListOf):
            if not many.items:
                return self._guarded("FALSE", one)
            items = [self._sql(item, rows) for item in many.items]
            if any(item.empty or item.failed for item in items):
                parts = " OR ".join(self._equal(one, item, True, False).text for item in items)
                return self._guarded(f"({parts})", one, *items)  # one failing item fails the list
            text = f"({one.text} IN ({', '.join(item.text for item in items)}))"
        else:
            held = self._sql(many, rows).text
            text = (
                f"({one.text} = ANY ({held}))"
                if self.layout.dialect == "postgresql"
                else f"list_contains({held}, {one.text})"
            )
        if positive or not one.empty:
            return self._result(text)
        return self._guarded(f"coalesce({text}, FALSE)", one)

    def _set_of(self, tree: Ast, rows: Mapping[str, _Row]) -> _Set | None:
        """The rows that a path to a part, filtered or not, stands for."""
        if isinstance(tree, Comprehension) and tree.macro == "filter":
            inner = self._set_of(tree.over, rows)
            if inner is None:
                return None
            where = self._sql(tree.body, {**rows, tree.variable: inner.row}).text
            return replace(inner, where=(*inner.where, where))
        if not isinstance(tree, Select) or not isinstance(tree.of, Name) or tree.of.name not in rows:
            return None
        row = rows[tree.of.name]
        part = row.entity.part(tree.field)
        child = row.owner.entity(part.entity) if part is not None else None
        if part is None or child is None:
            return None
        self.count += 1
        inner_row = _Row(f"p{self.count}", row.owner, child)
        by = child.field(part.by)
        columns = reference_columns(by, row.entity) if by is not None else ()
        join = " AND ".join(
            f"{self._column(inner_row, column)} = {self._column(row, key)}"
            for column, key in zip(columns, row.entity.key, strict=True)
        )
        return _Set(inner_row, join)

    def _over(self, rows: _Set, value: str) -> str:
        """A value over the rows of a set; NULL where a filter fails on one."""
        table = self.layout.table(rows.row.owner.id, rows.row.entity.id)
        alias = quoted(rows.row.alias)
        return f"(SELECT {value} FROM {table} AS {alias} WHERE {rows.join}{self.layout.counts(alias, rows.row.entity)})"  # noqa: S608 (names are quoted)

    def _loop(self, tree: Comprehension, rows: Mapping[str, _Row]) -> Sql:
        found = self._set_of(tree.over, rows)
        if found is None or tree.macro in ("map", "filter"):
            raise NotSql(tree.macro, tree.start)
        kept = " AND ".join(found.where) or "TRUE"
        body = self._sql(tree.body, {**rows, tree.variable: found.row}).text
        failed = f"count(*) FILTER (WHERE ({kept}) IS NULL OR (({kept}) AND ({body}) IS NULL)) > 0"
        yes = f"count(*) FILTER (WHERE ({kept}) AND ({body}))"
        no = f"count(*) FILTER (WHERE ({kept}) AND NOT ({body}))"
        broken = f"count(*) FILTER (WHERE ({kept}) IS NULL) > 0"
        text = {
            "exists": f"CASE WHEN {broken} THEN NULL WHEN {yes} > 0 THEN TRUE WHEN {failed} THEN NULL ELSE FALSE END",
            "all": f"CASE WHEN {broken} THEN NULL WHEN {no} > 0 THEN FALSE WHEN {failed} THEN NULL ELSE TRUE END",
            "exists_one": f"CASE WHEN {failed} THEN NULL ELSE {yes} = 1 END",
        }[tree.macro]
        return self._result(self._over(found, text))

    def _aggregate(self, tree: Call, rows: Mapping[str, _Row]) -> Sql:
        held = tree.target if tree.target is not None else tree.args[0]
        value: Ast | None = None
        variable = ""
        if isinstance(held, Comprehension) and held.macro == "map" and held.condition is None:
            value, variable, held = held.body, held.variable, held.over
        found = self._set_of(held, rows)
        if found is None or (tree.function != "size" and value is None):
            raise NotSql(tree.function, tree.start)
        kept = " AND ".join(found.where) or "TRUE"
        if value is None or tree.function == "size":
            text = f"CASE WHEN count(*) FILTER (WHERE ({kept}) IS NULL) > 0 THEN NULL ELSE count(*) FILTER (WHERE {kept}) END"
            return self._result(self._over(found, text))
        made = self._sql(value, {**rows, variable: found.row})
        zero = tree.function in ("sum", "sum_real")
        total = f"{AGGREGATES[tree.function]}({made.text}) FILTER (WHERE {kept})"
        if tree.function == "sum":
            total = f"CAST(coalesce({total}, 0) AS bigint)"
        elif zero:
            total = f"coalesce({total}, 0.0)"
        failed = f"count(*) FILTER (WHERE ({kept}) IS NULL OR (({kept}) AND ({made.text}) IS NULL)) > 0"
        return self._result(self._over(found, f"CASE WHEN {failed} THEN NULL ELSE {total} END"))
