"""A system that was not there: its tables first, then what the application may see and call of them."""

from __future__ import annotations

from yiwang.blocks.registry.domain import statements
from yiwang.blocks.registry.domain.compiled import Entity, System, schema_of
from yiwang.blocks.registry.domain.figures.statements import install_figures
from yiwang.blocks.registry.domain.judged import judged_view
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.layout import LOADS, MAY, PAST, PUT
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.domain.releasing.quality import quality_opened, quality_schema, quality_view
from yiwang.blocks.registry.domain.releasing.roles import Roles
from yiwang.blocks.registry.domain.releasing.sharing import share_views
from yiwang.blocks.registry.domain.releasing.steps import Enciphered, Step


def install(system: System, roles: Roles) -> tuple[Step, ...]:
    """Every step of a first application."""
    return (
        opened(system, roles),
        *(created(system, one, roles.app) for one in system.entities),
        switched(system, roles),
    )


def opened(system: System, roles: Roles) -> Step:
    """The system's schemas."""
    schema, views, shared = (
        schema_of(system.id),
        f"{schema_of(system.id)}_read",
        f"{schema_of(system.id)}_share",
    )
    return Step(
        phase="expand", what=Label(f"建立模式 {schema}", f"schema {schema}"),
        do=(
            *(f"CREATE SCHEMA IF NOT EXISTS {name(one)}" for one in (schema, views, shared)),
            f"GRANT USAGE ON SCHEMA {name(schema)}, {name(views)} TO {name(roles.app)}",
            f"GRANT USAGE ON SCHEMA {name(shared)} TO {name(roles.share)}",
        ),
        undo=tuple(
            f"DROP SCHEMA IF EXISTS {name(one)} CASCADE"
            for one in (schema_of(system.id) + LOADS, quality_schema(system.id), shared, views, schema)
        ),
    )  # fmt: skip


def created(system: System, entity: Entity, app: str) -> Step:
    """One table, out of the application's reach."""
    table = entity.table(system.id)
    return Step(
        phase="expand", what=Label(f"建表 {entity.title.zh}", f"table {entity.id}"),
        do=(
            *statements.create(table),
            # the owner's default privileges give the application rights on every new table
            *(f"REVOKE ALL ON {one} FROM {name(app)}" for one in tables_of(system, entity)),
        ),
        undo=(
            f"DROP TABLE IF EXISTS {name(table.schema, table.name + PAST)} CASCADE",
            f"DROP TABLE IF EXISTS {name(table.schema, table.name)} CASCADE",
        ),
    )  # fmt: skip


def tables_of(system: System, entity: Entity) -> list[str]:
    """The tables of an entity, quoted: present, past, partitions."""
    table = entity.table(system.id)
    found = [name(table.schema, table.name)]
    if table.kept:
        found.append(name(table.schema, table.name + PAST))
    return [*found, *(name(table.schema, f"{table.name}__{part}") for part in range(table.partition))]


def switched(
    system: System, roles: Roles, before: tuple[str, ...] = (), locks: tuple[str, ...] = (),
    last: tuple[str, ...] = (), enciphered: tuple[Enciphered, ...] = (),
) -> Step:  # fmt: skip
    """From here on the application works by the new release.

    `before` is done first, in the same transaction, and `last` when the views are those of the new release.
    """
    # what a load has laid down so far fits the release before, and may hold what is encrypted from now on
    app = roles.app
    done = [
        f"DROP SCHEMA IF EXISTS {name(schema_of(system.id) + LOADS)} CASCADE",
        *before,
        *quality_opened(system, roles),
    ]
    for entity in system.entities:
        table = entity.table(system.id)
        done += functions_gone(system, entity)
        done += statements.read_views(table, entity.access(), app)
        done += statements.write_functions(table, entity.access(), app)
        done += share_views(system, entity, app, roles.share)
        done += quality_view(system, entity, roles)
        done += judged_view(system, entity, app)
    done += install_figures(schema_of(system.id), system.figures, app)
    return Step(
        phase="switch", kind="switch", what=Label(f"启用 {system.version}", f"{system.version} in force"),
        do=(*done, *last), locks=locks, enciphered=enciphered,
    )  # fmt: skip


def functions_gone(system: System, entity: Entity) -> list[str]:
    """The write functions of a release before: their row types may have changed."""
    table = entity.table(system.id)
    this = name(table.schema, table.name)
    return [
        f"DROP FUNCTION IF EXISTS {name(table.schema, table.name + PUT)}"
        "(bigint, jsonb, date, date, timestamptz, text, boolean)",
        f"DROP FUNCTION IF EXISTS {name(table.schema, table.name + MAY)}({this}, jsonb)",
    ]
