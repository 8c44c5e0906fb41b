"""Conditions of rules over the columns of a table that no package declares, as SQL of an engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Literal

from yiwang.dataplane.quality.dialects import DIALECTS
from yiwang.dataplane.quality.errors import QualityExpressionWrong
from yiwang.dataplane.quality.rules import Condition
from yiwang.systems.cel.checking import check
from yiwang.systems.cel.declaring import World
from yiwang.systems.cel.layout import Dialect, Layout
from yiwang.systems.cel.parsing import CelSyntax, parse
from yiwang.systems.cel.sql import Compiler, NotSql
from yiwang.systems.cel.tree import Ast, Name, Select, children
from yiwang.systems.cel.types import BOOL, DATE, CelType, fits
from yiwang.systems.model.base import Label, Org
from yiwang.systems.model.entities import Entity, Field, Opening, Share
from yiwang.systems.model.package import Calendar, Package, System
from yiwang.systems.model.types import FieldType, Kind

Engine = Literal["duckdb", "postgres"]
_LAYOUTS: Final[dict[Engine, Dialect]] = {"duckdb": "duckdb", "postgres": "postgresql"}
_TABLE: Final = "table"
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,47}")
_NAMED: Final = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\brow\.([^\W\d]\w*)""")
"""Texts, which are left as they are, and columns."""


def expressions(
    found: Mapping[str, str], as_of: datetime, engine: Engine = "duckdb"
) -> Callable[[str], Condition]:
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
            sql = Compiler(
                world, Layout(_LAYOUTS[engine]), _TABLE, context={"today": f"DATE '{day}'"}
            ).condition(text, scope)
        except NotSql as problem:
            raise QualityExpressionWrong(
                expression=text,
                at=problem.start + 1,
                expected="an expression over the row",
                found=problem.what,
            ) from problem
        for name, short in plain.items():
            if name != short:
                sql = sql.replace(f'"row"."{short}"', DIALECTS[engine].column(name))
        names = {short: name for name, short in plain.items()}
        return Condition({engine: sql}, tuple(sorted(names[short] for short in _columns(tree))))

    return compile_one


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
    if "INT" in name and not name.startswith(("INTERVAL", "POINT")):
        return "integer"
    if name.startswith(("DECIMAL", "DOUBLE", "FLOAT", "NUMERIC", "REAL")):
        return "decimal"
    return "text"
