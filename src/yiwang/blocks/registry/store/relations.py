"""The tables of a system as they lie in the database, and what its releases renamed."""

from __future__ import annotations

from typing import Final

from yiwang.blocks.registry.domain.compiled import schema_of
from yiwang.blocks.registry.domain.releasing.lineage import Renaming
from yiwang.blocks.registry.domain.sealed import Relation
from yiwang.blocks.registry.store.ledger import Owner

_RELATIONS: Final = """
SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum),
  coalesce(array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.atttypid = 'bytea'::regtype), '{}')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY 1, 2 ORDER BY c.relname LIKE '%%\\_\\_past%%', c.relname
"""
"""The present before the past: a change copies from the one to the other."""
_RENAMINGS: Final = """
SELECT change->>'kind', change->>'path', change->'facts'->>'from' FROM registry_apply,
  jsonb_array_elements(plan->'changes') WITH ORDINALITY AS of(change, at)
WHERE system = %s AND state = 'done' AND change->>'kind' IN ('rename_table', 'rename_column', 'move_column')
ORDER BY id DESC, at
"""


def relations_of(connection: Owner, system: str) -> list[Relation]:
    """Its tables, those of the present first."""
    rows = connection.execute(_RELATIONS, [schema_of(system)]).fetchall()
    return [Relation(schema, table, tuple(columns), tuple(binary)) for schema, table, columns, binary in rows]


def renamings_of(connection: Owner, system: str) -> list[Renaming]:
    """Tables and columns that its releases renamed or moved, the newest first."""
    return [(kind, path, was) for kind, path, was in connection.execute(_RENAMINGS, [system]).fetchall()]
