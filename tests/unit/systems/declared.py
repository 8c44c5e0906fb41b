"""Plain tables for a package, to see that the SQL of its expressions is understood by a database."""

from __future__ import annotations

from collections.abc import Iterator

from yiwang.systems.cel.declaring import BUILT_IN_FIELDS, World
from yiwang.systems.cel.layout import Dialect, Layout, quoted, reference_columns
from yiwang.systems.cel.sql import Compiler, NotSql
from yiwang.systems.checking.expressions import uses_of
from yiwang.systems.model.package import Package

_TYPES = {
    "integer": "bigint", "money": "bigint", "decimal": "numeric", "boolean": "boolean", "date": "date",
    "datetime": "timestamp with time zone", "codes": "text[]", "list": "text[]", "files": "text[]",
}  # fmt: skip
NONE_TEXT = "CAST(NULL AS text)"
CONTEXT = {
    **{f"actor.{name}": NONE_TEXT for name in ("id", "person", "org", "division", "phone")},
    "actor.tickets": "CAST(NULL AS text[])", "actor.roles": "CAST(NULL AS text[])", "today": "CAST('2026-03-02' AS date)",
    "now": "CAST('2026-03-02 09:00:00+08' AS timestamp with time zone)", "purpose": NONE_TEXT, "county": NONE_TEXT,
    "form.phone": NONE_TEXT,
}  # fmt: skip


def tables(world: World) -> Iterator[str]:
    """CREATE statements for every entity of the package."""
    package = world.package
    for entity in package.entities:
        columns = [f"{quoted(name)} timestamp with time zone" for name in BUILT_IN_FIELDS]
        for field in entity.fields:
            if field.derived is not None:
                continue
            found = world.find(field.type.argument, package) if field.type.kind == "ref" else None
            names = reference_columns(field, found[1]) if found else (field.id,)
            columns += [f"{quoted(name)} {_TYPES.get(field.type.kind, 'text')}" for name in names]
        yield f"CREATE TABLE {quoted(f'sys_{package.id}')}.{quoted(entity.id)} ({', '.join(columns)})"


def statements(world: World, dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Every expression of the package that filters rows, with a SELECT that uses it."""
    for use in uses_of(world):
        name = use.scope["row"].name if use.sql else ""
        if not name:
            continue
        system, _, entity = name.partition(".")
        layout = Layout(dialect)
        try:
            text = Compiler(world, layout, name, CONTEXT).value(use.expr.text, use.scope)
        except NotSql:
            continue
        yield use.expr.text, f'SELECT {text} FROM {layout.table(system, entity)} AS "row"'


def worlds(packages: dict[str, Package]) -> list[World]:
    """Each package among the others."""
    return [World(one, packages) for one in packages.values()]
