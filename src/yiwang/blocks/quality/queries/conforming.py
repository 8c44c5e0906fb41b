"""The conformance of a mounted resource with the data elements that its items name, read at its source now."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.identity.public import DATA_OFFICER, Actor, acting
from yiwang.blocks.quality.actions.planning import codes_of, columns_of
from yiwang.blocks.quality.actions.tables import looked_into
from yiwang.blocks.quality.domain import errors
from yiwang.blocks.quality.domain.conforming import Conformance, conformance
from yiwang.blocks.quality.domain.planning import table_sql
from yiwang.blocks.quality.store.rows import watched_in_reach
from yiwang.blocks.standards import public as standards


def resource_conformance(actor: Actor, resource: str, now: datetime) -> tuple[Conformance, ...]:
    """Items of the actor's own resource beside their data elements; items that name none are left out.

    Raises: WatchUnknown, QualityNotAllowed, ConnectorError.
    """
    with acting(actor):
        row = watched_in_reach(actor).filter(pk=resource, active=True).first()
        if row is None:
            raise errors.WatchUnknown(resource=resource)
        if row.agency != actor.agency or not actor.has(DATA_OFFICER):
            raise errors.QualityNotAllowed(
                needs_zh="提供方的数据专员", needs_en="a data officer of the provider"
            )
        items = catalogue.resource(actor, resource).items
        named = [
            (item.wire, item.element, standards.in_force(item.element)) for item in items if item.element
        ]
    with looked_into(resource, row.timeout_s * 1000) as opened:
        if opened is None:
            return ()
        table, database = opened
        columns = columns_of(table, database.relation(table.schema, table.relation))
        types = {item: one.type for item, one in columns.items()}
        return conformance(
            lambda statement: database.read(statement.replace("%", "%%")), "postgres",
            table_sql(table.schema, table.relation, columns), types,
            [one for one in named if one[0] in types], standards.rules_for, codes_of, now,
        )  # fmt: skip
