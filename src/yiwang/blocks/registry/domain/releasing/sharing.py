"""What the exchange may read of a declared table: a view of the present, of what its services name, for a role of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from yiwang.blocks.registry.domain.compiled import Entity, Field, Service, System, schema_of
from yiwang.blocks.registry.domain.compiling.expressions import TODAY
from yiwang.blocks.registry.domain.layout import FROM, KNOWN, TO
from yiwang.blocks.registry.domain.quoting import name


def share_schema(system: str) -> str:
    """The schema of what of a system the exchange may read."""
    return f"{schema_of(system)}_share"


CHANGED = "changed"
"""The column that says since when the row is believed."""
_CAST = {"point": "text", "jsonb": "text"}


def shared_fields(entity: Entity) -> tuple[Field, ...]:
    """The fields that a mount can give; encrypted ones stay in the registry."""
    return tuple(field for field in entity.fields if not field.encrypted)


def cast_to(kind: str) -> str:
    """The type in which a column of this one leaves the registry."""
    return "text" if kind == "text[]" else _CAST.get(kind, kind)


def plain_columns(field: Field) -> Iterator[tuple[str, str]]:
    """The columns of a field as they leave the registry, with their SQL over `row` of the table."""
    for column, kind in zip(field.columns, field.stored_types(), strict=True):
        plain = f"{name('row')}.{name(column)}"
        if field.worked is not None:
            yield column, f"({field.worked})"
        elif kind == "text[]":
            yield column, f"array_to_string({plain}, ';')"
        else:
            yield column, f"{plain}::{_CAST[kind]}" if kind in _CAST else plain


def served_services(entity: Entity) -> tuple[Service, ...]:
    """The services that one mount can keep apart: by query or check, and by nobody's leave beyond the entry's.

    A mount has one entry, one view and no modes of its own for whole tables. A table is served as a query where the
    entity has no other service, since its rows and fields are then the only ones.
    """
    if entity.share_type == "none":
        return ()
    asked = [
        one for one in entity.services if one.mode in ("query", "verify", "table") and _within(entity, one)
    ]
    by_row = tuple(one for one in asked if one.mode != "table")
    return by_row or tuple(asked)


def left_out(entity: Entity) -> tuple[str, ...]:
    """What services name and a mount cannot give: encrypted fields, and services that are not served."""
    if entity.share_type == "none":
        return ()
    served = served_services(entity)
    named = {name for service in served for name in _named(service)}
    fields = tuple(field.id for field in entity.fields if field.encrypted and field.id in named)
    others = tuple(
        one.id for one in entity.services if one.mode in ("query", "verify", "table") and one not in served
    )
    return (*fields, *others)


def readable_fields(entity: Entity) -> frozenset[str]:
    """The fields whose value leaves: of the key, those that are asked by, and those that more than a check names."""
    served = served_services(entity)
    return frozenset(
        (*entity.key, *(one for service in served for one in (*service.by, *service.fields)))
    )  # fmt: skip


def _within(entity: Entity, service: Service) -> bool:
    """Whether the entry's own share type already asks for what the service asks."""
    return service.share_type in ("unconditional", entity.share_type)


def _named(service: Service) -> tuple[str, ...]:
    return (*service.fields, *service.claims, *service.by)


def _limit(services: Iterable[Service]) -> str | None:
    """The rows that some of the services show; None: all."""
    limits = [one.rows for one in services]
    if not limits or any(one is None for one in limits):
        return None
    return "(" + " OR ".join(dict.fromkeys(f"({one})" for one in limits)) + ")"


def _limit_of(entity: Entity, field: Field) -> str | None:
    """The rows in which a field stands. What a query may give, a check with wider rows does not widen."""
    naming = [one for one in served_services(entity) if field.id in _named(one)]
    giving = [one for one in naming if one.mode != "verify"]
    return _limit(giving or naming)


def share_views(system: System, entity: Entity, app: str, share: str) -> list[str]:
    """The view, anew. Rows that no service shares are not in it."""
    table = entity.table(system.id)
    view = name(share_schema(system.id), entity.id)
    done = [f"DROP VIEW IF EXISTS {view}"]
    if entity.share_type == "none":
        return done
    services = served_services(entity)
    whole = _limit(services)
    named = {*entity.key, *(one for service in services for one in _named(service))}
    columns = []
    for field in shared_fields(entity):
        if services and field.id not in named:
            continue
        limit = None if field.id in entity.key else _limit_of(entity, field)
        for column, given in plain_columns(field):
            if limit not in (None, whole):
                columns.append(f"CASE WHEN {limit} THEN {given} END AS {name(column)}")
            else:
                columns.append(f"{given} AS {name(column)}")
    columns.append(f"{name('row')}.{name(KNOWN)} AS {name(CHANGED)}")
    conditions = []
    if table.dated:
        conditions.append(f"{name('row')}.{name(FROM)} <= {TODAY} AND {name('row')}.{name(TO)} > {TODAY}")
    if whole is not None:
        conditions.append(whole)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return [
        *done,
        f"CREATE VIEW {view} WITH (security_barrier) AS SELECT {', '.join(columns)}"
        f" FROM {name(table.schema, table.name)} AS {name('row')}{where}",
        f"REVOKE ALL ON {view} FROM PUBLIC, {name(app)}",
        f"GRANT SELECT ON {view} TO {name(share)}",
    ]
