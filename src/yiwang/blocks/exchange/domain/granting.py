"""What a grant lets out of a whole table: granted fields of granted rows, for whoever reads them."""

from __future__ import annotations

from collections.abc import Iterable

from yiwang.blocks.exchange.domain import errors
from yiwang.blocks.exchange.domain.compiled import (
    CompiledField,
    CompiledResource,
    GrantedField,
    RowCondition,
)
from yiwang.dataplane.transfer.granted import Granted, RowRule


def granted_of(
    resource: CompiledResource, granted: Iterable[GrantedField], rows: Iterable[RowCondition]
) -> Granted:
    """The narrowed table. Raises: NotMounted, where a condition has no column any more."""
    fields = {field.name: field for field in resource.fields}
    return Granted(
        f"{resource.schema}.{resource.relation}",
        {one.name: fields[one.name].column for one in granted if one.name in fields},
        tuple(_rule(row, fields) for row in rows),
    )


def _rule(row: RowCondition, fields: dict[str, CompiledField]) -> RowRule:
    field = fields.get(row.name)
    if field is None:  # a condition that cannot be asked must not be left out
        raise errors.NotMounted(resource=row.name)
    values = row.value if isinstance(row.value, tuple) else (_text(row.value),)
    return RowRule(field.column, row.operator, values, text=field.type == "text")


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
