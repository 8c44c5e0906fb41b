"""A file of quality rules, or an open data contract, read and compiled for a file of data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, get_args

from yiwang.dataplane.quality.contracts import from_contract
from yiwang.dataplane.quality.dialects import DUCKDB
from yiwang.dataplane.quality.errors import QualityExpressionWrong, QualityRulesUnreadable
from yiwang.dataplane.quality.files import ColumnType
from yiwang.dataplane.quality.rules import Condition, DialectName, Rule
from yiwang.dataplane.quality.spelling import rules_of
from yiwang.systems.cel.checking import check
from yiwang.systems.cel.declaring import World
from yiwang.systems.cel.layout import Layout
from yiwang.systems.cel.parsing import CelSyntax, parse
from yiwang.systems.cel.sql import Compiler, NotSql
from yiwang.systems.cel.tree import Ast, Name, Select, children
from yiwang.systems.cel.types import BOOL, DATE, CelType, fits
from yiwang.systems.model.base import Label, Org
from yiwang.systems.model.entities import Entity, Field, Opening, Share
from yiwang.systems.model.package import Calendar, Package, System
from yiwang.systems.model.types import FieldType, Kind
from yiwang.systems.reading.yaml_text import read_yaml
from yiwang.vocabulary.code_lists import code_list, code_list_ids

KEYS: Final = frozenset({"title", "key", "columns", "rules"})
_KINDS: Final[dict[ColumnType, Kind]] = {
    "text": "text", "integer": "integer", "decimal": "decimal", "boolean": "boolean", "date": "date",
    "datetime": "datetime",
}  # fmt: skip
_TABLE: Final = "table"
_LAYOUTS: Final[dict[DialectName, Layout]] = {"duckdb": Layout("duckdb"), "postgres": Layout("postgresql")}
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,47}")
_NAMED: Final = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\brow\.([^\W\d]\w*)""")
"""Texts, which are left as they are, and columns."""


@dataclass(frozen=True, slots=True)
class RuleFile:
    """What a file of rules says.

    Attributes:
        columns: how columns of a CSV or a sheet are read; those not named are text.
        key: columns by which a row is named in the report; empty: by its number.
        entries: the rules in plain form.
        left_out: checks of a contract that are not run, by name.
    """

    title: str
    columns: dict[str, ColumnType]
    key: tuple[str, ...]
    entries: tuple[object, ...]
    left_out: tuple[str, ...] = ()


def read_rules(path: Path) -> RuleFile:
    """Read a rule file or an Open Data Contract (`kind: DataContract`). Raises: QualityRulesUnreadable."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise QualityRulesUnreadable(file=path.name, line=0, problem=type(problem).__name__) from problem
    node, faults = read_yaml(path.name, content)
    if faults or node is None:
        place = faults[0].place if faults else None
        told = faults[0].text("zh") if faults else "empty"
        raise QualityRulesUnreadable(file=path.name, line=place.line if place else 0, problem=told)
    tree = node.plain()
    if not isinstance(tree, dict):
        raise QualityRulesUnreadable(file=path.name, line=1, problem="not a mapping with `rules`")
    if tree.get("kind") == "DataContract":
        try:
            found = from_contract(tree)
        except ValueError as problem:
            raise QualityRulesUnreadable(file=path.name, line=1, problem=str(problem)) from problem
        return RuleFile(str(tree.get("name") or tree.get("id") or ""), {}, (), found.entries, found.left_out)
    for key in tree:
        if key not in KEYS:
            at = node.get(key)
            line = at.place.line if at is not None else 1
            raise QualityRulesUnreadable(file=path.name, line=line, problem=f"there is no key `{key}`")
    rules, columns, keys = tree.get("rules"), tree.get("columns") or {}, tree.get("key") or []
    if not isinstance(rules, list) or not isinstance(columns, dict) or not isinstance(keys, list):
        raise QualityRulesUnreadable(
            file=path.name, line=1, problem="`rules` and `key` are lists, `columns` a mapping"
        )
    typed: dict[str, ColumnType] = {}
    for name, kind in columns.items():
        known = next((one for one in get_args(ColumnType) if one == kind), None)
        if known is None:
            raise QualityRulesUnreadable(
                file=path.name,
                line=1,
                problem=f"column {name}: {kind} is none of {', '.join(get_args(ColumnType))}",
            )
        typed[str(name)] = known
    return RuleFile(str(tree.get("title") or ""), typed, tuple(str(one) for one in keys), tuple(rules))


def compiled(file: RuleFile, found: Mapping[str, str], as_of: datetime) -> tuple[Rule, ...]:
    """The rules for a table with the columns `found` (engine types by name).

    Raises: QualityRuleWrong, QualityExpressionWrong.
    """
    return rules_of(file.entries, as_of, expressions(found, as_of), codes_of)


def codes_of(name: str) -> tuple[str, ...] | None:
    """The codes of a national list of this version, such as `sex`; None when there is no such list."""
    if name not in code_list_ids():
        return None
    return tuple(code_list(name).codes)


def expressions(found: Mapping[str, str], as_of: datetime) -> Callable[[str], Condition]:
    """A compiler of conditions over `row`, whose fields are the table's columns.

    A name in CEL is ASCII; columns with other names stand under a number while an expression is compiled.
    """
    plain = {
        name: name if _IDENTIFIER.fullmatch(name) else f"column_{at}" for at, name in enumerate(found, 1)
    }
    fields = tuple(
        Field(id=plain[name], type=FieldType(_kind(engine)), title=Label(name))
        for name, engine in found.items()
    )
    entity = Entity(
        id=_TABLE, title=Label(_TABLE), key=(), history="none", fields=fields, share=Share(type="none"),
        open=Opening(type="none"),
    )  # fmt: skip
    system = System(
        id=_TABLE, scope=(), title=Label(_TABLE), version="1.0.0", owner=Org(), zone="extranet", grade=1, basis=(),
        calendar=Calendar(""),
    )  # fmt: skip
    world = World(Package(system=system, entities=(entity,)))
    scope: dict[str, CelType] = {"row": world.record_of(_TABLE), "today": DATE}
    day = as_of.date().isoformat()

    def compile_one(written: str) -> Condition:
        text = _NAMED.sub(
            lambda found: found[0] if found[1] else f"row.{plain.get(found[2], found[2])}", written
        )
        try:
            tree = parse(text)
        except CelSyntax as problem:
            raise QualityExpressionWrong(
                expression=written, at=problem.start + 1, expected=problem.expected_en, found=problem.found
            ) from problem
        checked = check(tree, scope)
        for wrong in checked.problems:
            if wrong.kind != "nullable":
                raise QualityExpressionWrong(
                    expression=written, at=wrong.start + 1, expected=wrong.expected_en, found=wrong.found
                )
        if not fits(checked.type, BOOL):
            raise QualityExpressionWrong(
                expression=written, at=1, expected="true or false", found=str(checked.type)
            )
        try:
            sql = {engine: _condition(world, layout, day, text, scope) for engine, layout in _LAYOUTS.items()}
        except NotSql as problem:
            raise QualityExpressionWrong(
                expression=text,
                at=problem.start + 1,
                expected="an expression over the row",
                found=problem.what,
            ) from problem
        for name, short in plain.items():
            if name != short:
                sql = {
                    engine: held.replace(f'"row"."{short}"', DUCKDB.column(name))
                    for engine, held in sql.items()
                }
        names = {short: name for name, short in plain.items()}
        return Condition(sql, tuple(sorted(names[short] for short in _columns(tree))))

    return compile_one


def _condition(world: World, layout: Layout, day: str, text: str, scope: Mapping[str, CelType]) -> str:
    return Compiler(world, layout, _TABLE, context={"today": f"DATE '{day}'"}).condition(text, scope)


def _columns(tree: Ast) -> set[str]:
    named = (
        {tree.field}
        if isinstance(tree, Select) and isinstance(tree.of, Name) and tree.of.name == "row"
        else set()
    )
    return named.union(*(_columns(one) for one in children(tree)))


def _kind(engine: str) -> Kind:
    name = engine.upper()
    if "TIMESTAMP" in name:
        return "datetime"
    if name == "DATE":
        return "date"
    if name == "BOOLEAN":
        return "boolean"
    if "INT" in name:
        return "integer"
    if name.startswith(("DECIMAL", "DOUBLE", "FLOAT")):
        return "decimal"
    return "text"
