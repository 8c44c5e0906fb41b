"""What stands in a system's schemas, as text by name: tables, columns, indexes, views, functions, rights."""

from __future__ import annotations

import psycopg

Shape = dict[str, str]

_SHAPE = """
WITH spaces AS (SELECT oid, nspname FROM pg_namespace WHERE nspname = ANY (%(schemas)s)),
relations AS (
  SELECT c.oid, c.relkind, c.relname, c.relacl, s.nspname || '.' || c.relname AS called
  FROM pg_class c JOIN spaces s ON s.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v'))
SELECT 'table ' || called, coalesce(relacl::text, '') FROM relations WHERE relkind <> 'v'
UNION ALL SELECT 'view ' || called, md5(pg_get_viewdef(oid)) || coalesce(relacl::text, '') FROM relations WHERE relkind = 'v'
UNION ALL SELECT 'column ' || called || '.' || attname,
  format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' not null' ELSE '' END || coalesce(attacl::text, '')
  FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid
  WHERE attnum > 0 AND NOT attisdropped AND relkind <> 'v'
UNION ALL SELECT 'index ' || r.called || '.' || i.relname, pg_get_indexdef(x.indexrelid)
  FROM relations r JOIN pg_index x ON x.indrelid = r.oid JOIN pg_class i ON i.oid = x.indexrelid
UNION ALL SELECT 'constraint ' || r.called || '.' || conname, pg_get_constraintdef(o.oid)
  FROM relations r JOIN pg_constraint o ON o.conrelid = r.oid WHERE contype <> 'n'
UNION ALL SELECT 'trigger ' || r.called || '.' || tgname, pg_get_triggerdef(t.oid)
  FROM relations r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT tgisinternal
UNION ALL SELECT 'policy ' || r.called || '.' || polname, '' FROM relations r JOIN pg_policy p ON p.polrelid = r.oid
UNION ALL SELECT 'function ' || s.nspname || '.' || proname, md5(prosrc) || coalesce(proacl::text, '')
  FROM pg_proc f JOIN spaces s ON s.oid = f.pronamespace
"""


def shape_of(connection: psycopg.Connection[tuple[object, ...]], schema: str) -> Shape:
    """Everything in a system's schemas. Constraints that only say NOT NULL are told by their column."""
    schemas = [schema, f"{schema}_read", f"{schema}_share", f"{schema}_quality"]
    return {str(what): str(how) for what, how in connection.execute(_SHAPE, {"schemas": schemas})}


def differences(before: Shape, now: Shape) -> list[str]:
    """What differs, each with how: `+` is new, `-` is gone, `~` is other than it was."""
    return [
        f"{'+' if what not in before else '-' if what not in now else '~'} {what}"
        for what in sorted({*before, *now})
        if before.get(what) != now.get(what)
    ]
