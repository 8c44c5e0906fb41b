"""What runs of quality rules read of a declared table: every field that is not sealed, of all present rows. ADR 0290.

Conditions may look at other records, which their reader may not see: the view itself works them out, with the owner's
rights, and gives what came of it. The exchange's views hold what services name, and no other role may read these: not
the application's, not the exchange's, not the gateway's.
"""

from __future__ import annotations

from typing import Final

from yiwang.blocks.registry.domain.compiled import Entity, System, schema_of
from yiwang.blocks.registry.domain.compiling.expressions import TODAY
from yiwang.blocks.registry.domain.layout import FROM, KNOWN, TO
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.domain.releasing.roles import Roles
from yiwang.blocks.registry.domain.releasing.sharing import CHANGED, cast_to, plain_columns, shared_fields

VERDICT: Final = "_says"
"""How columns with the verdicts of conditions are called, with a number; no field begins so."""
_DATABASE: Final = {"timestamptz": "timestamp with time zone"}


def quality_schema(system: str) -> str:
    """The schema of what the runs of a system's quality rules read."""
    return f"{schema_of(system)}_quality"


def quality_columns(entity: Entity) -> dict[str, str]:
    """The columns of the view by name, with the database's names of their types."""
    found = {}
    for field in shared_fields(entity):
        for column, kind in zip(field.columns, field.stored_types(), strict=True):
            shown = cast_to(kind)
            found[column] = _DATABASE.get(shown, shown)
    return found | {CHANGED: "timestamp with time zone"}


def quality_verdicts(entity: Entity) -> dict[str, str]:
    """Columns of the view that hold what came of a condition in each row, by its words; none of one without SQL."""
    return {cel: f"{VERDICT}{at}" for at, cel in enumerate(_conditions(entity))}


def quality_opened(system: System, roles: Roles) -> list[str]:
    """The schema, where it is not there yet."""
    schema = name(quality_schema(system.id))
    return [
        f"CREATE SCHEMA IF NOT EXISTS {schema}",
        f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC, {name(roles.app)}, {name(roles.share)}",
        f"GRANT USAGE ON SCHEMA {schema} TO {name(roles.quality)}",
    ]


def quality_view(system: System, entity: Entity, roles: Roles) -> list[str]:
    """The view, anew. It keeps nothing from its one reader, so it needs no barrier."""
    table = entity.table(system.id)
    view = name(quality_schema(system.id), entity.id)
    columns = [
        f"{given} AS {name(column)}"
        for field in shared_fields(entity)
        for column, given in plain_columns(field)
    ]
    columns.append(f"{name('row')}.{name(KNOWN)} AS {name(CHANGED)}")
    said = _conditions(entity)
    columns += [f"({said[cel]}) AS {name(column)}" for cel, column in quality_verdicts(entity).items()]
    present = (
        f" WHERE {name('row')}.{name(FROM)} <= {TODAY} AND {name('row')}.{name(TO)} > {TODAY}"
        if table.dated
        else ""
    )
    return [
        quality_gone(system.id, entity.id),
        f"CREATE VIEW {view} AS SELECT {', '.join(columns)}"
        f" FROM {name(table.schema, table.name)} AS {name('row')}{present}",
        # the owner's default privileges give the application rights on every new relation
        f"REVOKE ALL ON {view} FROM PUBLIC, {name(roles.app)}, {name(roles.share)}",
        f"GRANT SELECT ON {view} TO {name(roles.quality)}",
    ]


def quality_gone(system: str, entity: str) -> str:
    """No view of that entity any more."""
    return f"DROP VIEW IF EXISTS {name(quality_schema(system), entity)}"


def _conditions(entity: Entity) -> dict[str, str]:
    """The SQL over `row` of the table of every condition that has one, by its words."""
    truths = [truth for check in entity.checks for truth in (check.when, check.expr) if truth is not None]
    return {one.cel: one.postgres for one in truths if one.postgres}
