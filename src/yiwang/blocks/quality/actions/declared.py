"""Quality rules that a system declares, as entries over the columns of the view that they are judged in.

Conditions were compiled with the package, where all its types and functions are known; what of a rule looks at an
encrypted field has no SQL, and is judged apart (`sealed`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, get_args

import msgspec

from yiwang.blocks.registry.public import (
    Check,
    Entity,
    Field,
    RegistryError,
    System,
    entity_of,
    quality_columns,
    quality_verdicts,
    share_schema,
)
from yiwang.dataplane.quality.dialects import POSTGRES
from yiwang.dataplane.quality.rules import CheckDigit, Condition, Dimension, Severity
from yiwang.dataplane.quality.spelling import Spelled

_VIEW: Final = re.compile(r"sys_(\w+)_(share|quality)")
"""The schemas in which the registry shows what of a system is shared, and all that its rules judge."""
_NAMED: Final = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\brow\.([A-Za-z_]\w*)""")


@dataclass(frozen=True)
class Declared:
    """What a system says of an entity.

    Attributes:
        entries: its rules.
        conditions: SQL of their conditions, by the words of the declaration.
        encrypted: columns that no statement can look into.
        whole: the other columns with their types, where the rules find all of them; empty where they find what is shared.
        verdicts: columns of no field, with what came of a condition.
    """

    entries: tuple[Spelled, ...]
    conditions: Mapping[str, Condition]
    encrypted: frozenset[str]
    whole: Mapping[str, str]
    verdicts: frozenset[str] = frozenset()


def declared_of(schema: str, relation: str) -> Declared | None:
    """The rules of the entity behind a view of the registry; None for any other table."""
    found = declared_entity(schema, relation)
    if found is None:
        return None
    system, entity = found
    said = declared(system, entity)
    if schema == share_schema(system.id):
        return said
    verdicts = quality_verdicts(entity)
    conditions = {
        cel: replace(one, sql={"postgres": POSTGRES.column(verdicts[cel])}) if cel in verdicts else one
        for cel, one in said.conditions.items()
    }
    return replace(
        said, conditions=conditions, whole=quality_columns(entity), verdicts=frozenset(verdicts.values())
    )


def declared_entity(schema: str, relation: str) -> tuple[System, Entity] | None:
    """The system and entity behind a view of the registry; None for any other table."""
    found = _VIEW.fullmatch(schema)
    if found is None:
        return None
    try:
        return entity_of(found[1], relation)
    except RegistryError:
        return None


def declared(system: System, entity: Entity) -> Declared:
    """The rules of an entity, over what of it is shared."""
    fields = {one.id: one for one in entity.fields}
    conditions: dict[str, Condition] = {}
    entries: list[Spelled] = []
    for check in entity.checks:
        for truth in (check.when, check.expr):
            if truth is not None:
                conditions[truth.cel] = Condition({"postgres": truth.postgres}, _columns(truth.cel, fields))
        entries += _entries(system, check, fields)
    sealed = frozenset(column for one in entity.fields if one.encrypted for column in one.columns)
    return Declared(tuple(entries), conditions, sealed, {})


def _entries(system: System, check: Check, fields: Mapping[str, Field]) -> Sequence[Spelled]:
    base = Spelled(
        rule=check.rule, id=check.id, severity=_severity(check.severity), message=check.message,
        message_en=check.message_en, to=check.to,
        dimension=next((one for one in get_args(Dimension) if one == check.dimension), None),
    )  # fmt: skip
    columns = [
        column for one in check.fields for column in (fields[one].columns if one in fields else (one,))
    ]
    match check.rule:
        case "in_list":
            return [
                _with(base, fields=list(fields[one].columns), values=list(_codes(system, fields[one])),
                      id=f"{check.id}.{one}" if len(check.fields) > 1 else check.id)
                for one in check.fields
                if one in fields and fields[one].kind == "code"
            ]  # fmt: skip
        case "not_null" | "unique":
            return [_with(base, fields=columns)]
        case "expr":
            return [_with(base, expr=check.expr.cel)] if check.expr else []
        case _:
            return [
                _with(base, field=columns[0], min=check.low, max=check.high, kind=_kind(check.kind),
                      within=check.within or None, when=check.when.cel if check.when else None)
            ] if columns else []  # fmt: skip


def _with(base: Spelled, **given: object) -> Spelled:
    return msgspec.convert({**msgspec.to_builtins(base), **given}, Spelled)


def _codes(system: System, field: Field) -> tuple[str, ...]:
    return tuple(one.code for one in system.codes.get(field.argument, ()))


def _columns(cel: str, fields: Mapping[str, Field]) -> tuple[str, ...]:
    named = {found for text, found in _NAMED.findall(cel) if not text}
    return tuple(
        sorted({column for one in named for column in (fields[one].columns if one in fields else (one,))})
    )


def _severity(word: str) -> Severity:
    return "blocking" if word == "blocking" else "minor" if word == "minor" else "major"


def _kind(word: str) -> CheckDigit | None:
    return next((one for one in get_args(CheckDigit) if one == word), None)
