"""What the exchange may read of a declared table: a view of the present, without encrypted fields, for a role of its own."""

from __future__ import annotations

from yiwang.blocks.registry.domain.compiled import Entity, Field, System, schema_of
from yiwang.blocks.registry.domain.compiling.expressions import TODAY
from yiwang.blocks.registry.domain.layout import FROM, KNOWN, TO
from yiwang.blocks.registry.domain.quoting import name


def share_schema(system: str) -> str:
    """The schema of what of a system the exchange may read."""
    return f"{schema_of(system)}_share"


CHANGED = "changed"
"""The column that says since when the row is believed."""
_CAST = {"point": "text", "text[]": "text", "jsonb": "text"}


def shared_fields(entity: Entity) -> tuple[Field, ...]:
    """The fields that a mount can give; encrypted ones stay in the registry."""
    return tuple(field for field in entity.fields if not field.encrypted)


def left_out(entity: Entity) -> tuple[Field, ...]:
    """The fields that a mount cannot give, though a service names them."""
    named = {name for service in entity.services for name in (*service.fields, *service.claims, *service.by)}
    return tuple(field for field in entity.fields if field.encrypted and field.id in named)


def share_views(system: System, entity: Entity, app: str, share: str) -> list[str]:
    """The view, anew. Rows that no service shares are not in it."""
    table = entity.table(system.id)
    view = name(share_schema(system.id), entity.id)
    done = [f"DROP VIEW IF EXISTS {view}"]
    if entity.share_type == "none":
        return done
    columns = []
    for field in shared_fields(entity):
        if field.worked is not None:
            columns.append(f"({field.worked}) AS {name(field.columns[0])}")
            continue
        for column, kind in zip(field.columns, field.stored_types(), strict=True):
            plain = f"{name('row')}.{name(column)}"
            columns.append(
                f"array_to_string({plain}, ';') AS {name(column)}" if kind == "text[]"
                else f"{plain}::{_CAST[kind]} AS {name(column)}" if kind in _CAST
                else f"{plain} AS {name(column)}"
            )  # fmt: skip
    columns.append(f"{name('row')}.{name(KNOWN)} AS {name(CHANGED)}")
    conditions = []
    if table.dated:
        conditions.append(f"{name('row')}.{name(FROM)} <= {TODAY} AND {name('row')}.{name(TO)} > {TODAY}")
    limits = [service.rows for service in entity.services]
    if limits and all(limit is not None for limit in limits):
        conditions.append("(" + " OR ".join(f"({limit})" for limit in limits) + ")")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return [
        *done,
        f"CREATE VIEW {view} WITH (security_barrier) AS SELECT {', '.join(columns)}"
        f" FROM {name(table.schema, table.name)} AS {name('row')}{where}",
        f"REVOKE ALL ON {view} FROM PUBLIC, {name(app)}",
        f"GRANT SELECT ON {view} TO {name(share)}",
    ]
