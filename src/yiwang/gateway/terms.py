"""A grant and its resource, laid out for deciding quickly; built once for each snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from yiwang.blocks.exchange.domain.compiled import (
    CompiledField,
    CompiledGrant,
    CompiledResource,
    Operator,
    RowCondition,
)
from yiwang.dataplane.masking import mask
from yiwang.gateway import values
from yiwang.gateway.conditions import Condition, Output
from yiwang.gateway.refusals import ValueInvalid


@dataclass(frozen=True, slots=True)
class Terms:
    """What one grant allows on one resource, by wire name."""

    grant: CompiledGrant
    grant_epoch: int
    resource: CompiledResource
    fields: dict[str, CompiledField]
    outputs: dict[str, Output]
    operators: dict[str, tuple[Operator, ...]]
    rows: tuple[Condition, ...]
    key: tuple[CompiledField, ...]
    subjects: tuple[CompiledField, ...]
    claims: frozenset[str]
    purposes: frozenset[str]
    required: frozenset[str]
    personal: bool
    """Whether the resource holds data about natural persons."""
    selections: dict[object, object]
    """Selections made under these terms, by what is in their text (see `selection.select`)."""


class TermsBroken(ValueError):
    """Grant and resource do not fit each other: such a grant lets nothing out."""


def terms(grant: CompiledGrant, epoch: int, resource: CompiledResource) -> Terms:
    """Lay out a grant. Raises: TermsBroken, naming what does not fit."""
    fields = {field.name: field for field in resource.fields}
    try:
        return Terms(
            grant=grant,
            grant_epoch=epoch,
            resource=resource,
            fields=fields,
            outputs={
                granted.name: Output(fields[granted.name], mask(granted.mask) if granted.mask else None)
                for granted in grant.fields
            },
            operators={p.name: p.operators for p in grant.predicates if p.name in fields},
            rows=tuple(_fixed(fields[row.name], row) for row in grant.rows),
            key=tuple(fields[name] for name in resource.key),
            subjects=tuple(field for field in resource.fields if field.subject is not None),
            claims=frozenset(name for name in grant.claims if name in fields),
            purposes=frozenset(grant.purposes),
            required=frozenset(grant.required),
            personal=any(field.subject == "person" for field in resource.fields),
            selections={},
        )
    except (KeyError, ValueError, ValueInvalid) as problem:
        raise TermsBroken(f"{grant.id} on {resource.code}: {problem!r}") from problem


def _fixed(field: CompiledField, row: RowCondition) -> Condition:
    if isinstance(row.value, tuple):
        return Condition(field, row.operator, tuple(values.read(field, value) for value in row.value))
    return Condition(field, row.operator, values.read(field, row.value))
