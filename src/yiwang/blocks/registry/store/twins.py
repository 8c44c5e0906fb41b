"""A table's twin: a second table of the same form, which follows it by a trigger and then takes its place. ADR 0316.

The twin is made from what the database itself says of the table, and so is all that hangs on it: nothing here knows
how a declared table looks. Everything is worked out as statements before the first of them is run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from yiwang.blocks.registry.domain.quoting import name, text
from yiwang.blocks.registry.store import hanging
from yiwang.blocks.registry.store.ledger import Owner

FOLLOW: Final = "yw_follow"
"""The trigger on the table."""
_PART: Final = "yw_part"
"""On the twin of a part: that its rows belong there, so that nothing is read when it is attached."""

_PARTS: Final = """
SELECT c.relname FROM pg_class c WHERE c.oid IN (
  SELECT relid FROM pg_partition_tree(%(table)s::regclass) WHERE isleaf
  UNION SELECT oid FROM pg_class WHERE oid = %(table)s::regclass AND relkind = 'r')
ORDER BY c.relname
"""
_TABLE: Final = """
SELECT c.oid::bigint, coalesce(i.inhparent, 0)::bigint, CASE WHEN p.oid IS NULL THEN '' ELSE format('%%I.%%I', s.nspname, p.relname) END,
  coalesce(pg_get_expr(c.relpartbound, c.oid), ''), coalesce(pg_get_partition_constraintdef(c.oid), ''),
  pg_get_userbyid(c.relowner)::text
FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
LEFT JOIN pg_class p ON p.oid = i.inhparent LEFT JOIN pg_namespace s ON s.oid = p.relnamespace
WHERE c.oid = %(table)s::regclass AND c.relkind = 'r'
"""
_COLUMNS: Final = """
SELECT attname::text FROM pg_attribute
WHERE attrelid = %(oid)s AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""


@dataclass(frozen=True, slots=True)
class Twin:
    """A table that holds rows, with its twin.

    Attributes:
        schema, table: of the table, unquoted.
        whole: the partitioned table that it is a part of, its number; 0: it is none. `parent` is that table, quoted.
        bound: which rows of the whole it takes; `fits`: the same as a condition.
        columns: those that values are written to.
    """

    oid: int
    schema: str
    table: str
    whole: int
    parent: str
    bound: str
    fits: str
    owner: str
    columns: tuple[str, ...]

    @property
    def here(self) -> str:
        """The table, quoted."""
        return name(self.schema, self.table)

    @property
    def fresh(self) -> str:
        """The schema of the twin, unquoted; no system's id has such a sign."""
        return f"{self.schema}~fresh"

    @property
    def gone(self) -> str:
        """The schema that the table is in for the moment between the exchange and its end."""
        return f"{self.schema}~gone"

    @property
    def there(self) -> str:
        """The twin, quoted."""
        return name(self.fresh, self.table)

    @property
    def listed(self) -> str:
        """The columns, quoted."""
        return ", ".join(name(one) for one in self.columns)


def parts_of(connection: Owner, table: str) -> list[str]:
    """The tables in which the rows of one lie, unquoted: its parts, or itself."""
    return [str(one) for (one,) in connection.execute(_PARTS, {"table": table}).fetchall()]


def twin_of(connection: Owner, schema: str, table: str) -> Twin:
    """A table as it stands."""
    row = connection.execute(_TABLE, {"table": name(schema, table)}).fetchone()
    assert row is not None
    oid, whole, parent, bound, fits, owner = row
    columns = connection.execute(_COLUMNS, {"oid": oid}).fetchall()
    return Twin(
        int(oid), schema, table, int(whole), parent, bound, fits, owner, tuple(str(one) for (one,) in columns)
    )


def made(connection: Owner, twin: Twin) -> list[str]:
    """The statements that make the twin, empty, and have it follow. What a row needs to be found is there from the first."""
    return [
        f"CREATE SCHEMA IF NOT EXISTS {name(twin.fresh)}",
        f"CREATE TABLE {twin.there} (LIKE {twin.here} INCLUDING ALL EXCLUDING INDEXES EXCLUDING STATISTICS)",
        f"ALTER TABLE {twin.there} OWNER TO {name(twin.owner)}",
        *_told(connection, hanging.MAKING, twin),
        *([f"ALTER TABLE {twin.there} ADD CONSTRAINT {_PART} CHECK ({twin.fits})"] if twin.parent else []),
        *_following(twin),
    ]


def unmade(twin: Twin) -> list[str]:
    """The statements that take the twin away again."""
    return [
        f"DROP FUNCTION IF EXISTS {name(twin.fresh, FOLLOW + '_' + twin.table[:40])}() CASCADE",
        f"DROP TABLE IF EXISTS {twin.there}",
    ]


def locks(connection: Owner, twin: Twin) -> list[str]:
    """The relations that the exchange changes, quoted: the table or its whole, views over it, tables that refer to it."""
    return [twin.parent or twin.here, *_told(connection, (hanging.TOUCHED,), twin)]


def exchanged(connection: Owner, twin: Twin) -> tuple[list[str], list[str]]:
    """The statements by which the twin takes the table's place and the table goes; and those that prove references after it.

    Run as one transaction under the locks. The table is dropped without what depends on it: where anything still does,
    all of it is taken back.
    """
    out = [
        f"CREATE SCHEMA IF NOT EXISTS {name(twin.gone)}",
        *_told(connection, hanging.LEAVING, twin),
        f"DROP FUNCTION {name(twin.fresh, FOLLOW + '_' + twin.table[:40])}() CASCADE",
    ]
    if twin.parent:
        out.append(f"ALTER TABLE {twin.parent} DETACH PARTITION {twin.here}")
    out += [
        f"ALTER TABLE {twin.here} SET SCHEMA {name(twin.gone)}",
        f"ALTER TABLE {twin.there} SET SCHEMA {name(twin.schema)}",
        *_told(connection, hanging.REVOKED, twin),
    ]
    if twin.parent:
        out += [
            f"ALTER TABLE {twin.parent} ATTACH PARTITION {twin.here} {twin.bound}",
            f"ALTER TABLE {twin.here} DROP CONSTRAINT {_PART}",
        ]
    out += _told(connection, hanging.COMING, twin)
    out += [f"DROP TABLE {name(twin.gone, twin.table)}", f"DROP SCHEMA {name(twin.gone)}"]
    return out, _told(connection, (hanging.PROVED,), twin)


def form(connection: Owner, twin: Twin) -> str:
    """A mark of what the twin was made by: columns, indexes, constraints of the table."""
    return _told(connection, (hanging.FORM,), twin)[0]


def seen(connection: Owner, twin: Twin) -> str:
    """A mark of what hangs on the table: another one when any of it was changed."""
    return _told(connection, (hanging.SEEN,), twin)[0]


def hindrances(connection: Owner, twin: Twin) -> list[str]:
    """What hangs on the table and cannot come along, by name."""
    return _told(connection, (hanging.HINDERING,), twin)


def _told(connection: Owner, questions: tuple[str, ...], twin: Twin) -> list[str]:
    values = {
        "oid": twin.oid, "whole": twin.whole, "schema": twin.schema, "table": twin.table, "fresh": twin.fresh,
        "follow": FOLLOW,
    }  # fmt: skip
    return [
        str(one)
        for question in questions
        for (one,) in connection.execute(question.encode(), values).fetchall()
        if one
    ]


def _following(twin: Twin) -> list[str]:
    """The trigger: a row is told by all that stands in it, so that a table needs no key.

    Whoever works from an old snapshot may not see a row that was copied since; that writer is asked to try again.
    """
    trigger = name(twin.fresh, FOLLOW + "_" + twin.table[:40])
    old, new = (", ".join(f"{row}.{name(one)}" for one in twin.columns) for row in ("OLD", "NEW"))
    own = ", ".join(f"m.{name(one)}" for one in twin.columns)
    record = name("_id")
    body = (
        f"IF TG_OP = 'TRUNCATE' THEN TRUNCATE {twin.there}; RETURN NULL; END IF;"
        f" IF TG_OP <> 'INSERT' THEN DELETE FROM {twin.there} n WHERE n.ctid ="
        f" (SELECT m.ctid FROM {twin.there} m WHERE m.{record} = OLD.{record}"
        f" AND ROW({own})::record OPERATOR(pg_catalog.*=) ROW({old})::record LIMIT 1);"
        f" IF NOT FOUND AND current_setting('transaction_isolation') NOT LIKE 'read%' THEN"
        f" RAISE serialization_failure USING MESSAGE = 'registry: the table is renewed, try again'; END IF; END IF;"
        f" IF TG_OP <> 'DELETE' THEN INSERT INTO {twin.there} ({twin.listed}) OVERRIDING SYSTEM VALUE"
        f" VALUES ({new}); END IF; RETURN NULL;"
    )
    return [
        f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
        f" SET search_path = pg_catalog, pg_temp AS {text(f'BEGIN {body} END')}",
        f"REVOKE ALL ON FUNCTION {trigger}() FROM PUBLIC",
        f"CREATE TRIGGER {FOLLOW} AFTER INSERT OR UPDATE OR DELETE ON {twin.here}"
        f" FOR EACH ROW EXECUTE FUNCTION {trigger}()",
        f"CREATE TRIGGER {FOLLOW}_all AFTER TRUNCATE ON {twin.here} FOR EACH STATEMENT EXECUTE FUNCTION {trigger}()",
        # also for whoever takes rows over from another server
        f"ALTER TABLE {twin.here} ENABLE ALWAYS TRIGGER {FOLLOW}",
        f"ALTER TABLE {twin.here} ENABLE ALWAYS TRIGGER {FOLLOW}_all",
    ]
