"""A sandbox 沙箱: an entry as it would be granted, for calls that are answered with made-up rows before any grant.

Pure. The gateway reads the compiled document when a sandbox call comes; it names no source.
"""

from __future__ import annotations

import msgspec

from yiwang.blocks.exchange.domain.asking import ItemFacts, required_by_default
from yiwang.blocks.exchange.domain.compiled import (
    CompiledField,
    CompiledGrant,
    CompiledResource,
    CompiledSource,
    FieldType,
    GrantedField,
    GrantedPredicate,
)
from yiwang.blocks.exchange.domain.terms import Mode

FOR_EVER = 4_102_444_800
"""2100-01-01: a sandbox has no end of its own."""
COLUMN_TYPES: dict[FieldType, str] = {
    "text": "text", "integer": "bigint", "decimal": "numeric", "boolean": "boolean", "date": "date",
    "datetime": "timestamp with time zone", "json": "jsonb", "binary": "bytea",
}  # fmt: skip
NO_SOURCE = CompiledSource(id="", host="", port=0, database="", user="", sealed_password="")


class CompiledSandbox(msgspec.Struct, frozen=True):
    """What a gateway needs to answer a sandbox: terms as they would be granted, and the items' lengths."""

    grant: CompiledGrant
    resource: CompiledResource
    lengths: dict[str, int]
    """Characters that a text may have, by wire name; items without a limit are missing."""


def compile_sandbox(
    sandbox_id: str, consumer: str, resource: CompiledResource, items: tuple[ItemFacts, ...], lengths: dict[str, int],
    modes: tuple[Mode, ...], zone: str,
) -> CompiledSandbox:  # fmt: skip
    """Everything the entry has, with the masks that a grant starts with; look-ups narrow as a request's must."""
    lookups = tuple(item for item in items if item.lookups)
    narrowing = tuple(item for item in lookups if item.narrows) or lookups[:1]
    grant = CompiledGrant(
        id=sandbox_id,
        version=1,
        resource=resource.code,
        consumer=consumer,
        modes=modes,
        fields=tuple(GrantedField(item.name, item.mask) for item in items if item.readable),
        predicates=tuple(GrantedPredicate(item.name, item.lookups) for item in lookups),
        required=required_by_default(items, tuple(item.name for item in narrowing)),
        purposes=(),
        not_before=0,
        not_after=FOR_EVER,
        claims=tuple(item.name for item in items if item.operators and item not in narrowing),
        zone=zone,
    )
    return CompiledSandbox(grant, resource, lengths)


def sandbox_field(
    name: str, title: str, title_en: str, type: FieldType, subject: str | None, check: str | None
) -> CompiledField:
    """An item as gateways know fields; there is no column behind it."""
    return msgspec.convert(
        {
            "name": name, "column": name, "type": type, "database_type": COLUMN_TYPES[type], "title": title,
            "title_en": title_en, "subject": subject, "check": check,
        },
        CompiledField,
    )  # fmt: skip
