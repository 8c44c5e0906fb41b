"""Whether a mounted table still has the columns that were mounted."""

from __future__ import annotations

import re
from typing import Final

import asyncpg

from yiwang.blocks.exchange.domain.compiled import CompiledResource
from yiwang.gateway.values import column_of

_LOOK: Final = """
SELECT a.attname, pg_catalog.format_type(a.atttypid, NULL), t.typname, b.typname
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
WHERE n.nspname = $1::text AND c.relname = $2::text AND a.attnum > 0 AND NOT a.attisdropped
"""
_MODIFIER = re.compile(r"\s*\([^)]*\)")


async def differs(connection: asyncpg.Connection, resource: CompiledResource, seconds: float) -> bool:
    """Whether a column of the resource is gone or has another type now."""
    rows = await connection.fetch(_LOOK, resource.schema, resource.relation, timeout=seconds)
    present = {row[0]: tuple(name for name in row[1:] if name) for row in rows}
    return any(not _same(field.database_type, present.get(field.column, ())) for field in resource.fields)


def _same(declared: str, names: tuple[str, ...]) -> bool:
    if not names:
        return False
    kind = column_of(declared)
    if kind != "other":
        return any(column_of(name) == kind for name in names)
    plain = _MODIFIER.sub("", declared).strip().strip('"').lower()
    return (
        any(plain.rpartition(".")[2] in (name.lower(), name.lower().strip('"')) for name in names)
        or plain in names
    )
