"""The statements that make a declared table: itself, its past, its view, its write function.

docs/specs/registry.md states the tables for whoever reads them with other tools.
"""

from __future__ import annotations

from collections.abc import Sequence

from yiwang.blocks.registry.domain import access
from yiwang.blocks.registry.domain.layout import (
    BY,
    CREATED,
    FROM,
    HIDDEN,
    KNOWN,
    LOOKUP,
    MASKED,
    MAY,
    ORDERED,
    PAST,
    PUT,
    RECORD,
    SOURCES,
    TO,
    UNTIL,
    AccessRule,
    Column,
    Table,
    Worked,
)
from yiwang.blocks.registry.domain.loading import Loading
from yiwang.blocks.registry.domain.quoting import name, text


def schemas(table: Table, app: str) -> list[str]:
    """The system's schemas; the application may name them and nothing more."""
    return [
        f"CREATE SCHEMA IF NOT EXISTS {name(table.schema)}",
        f"CREATE SCHEMA IF NOT EXISTS {name(table.views)}",
        f"GRANT USAGE ON SCHEMA {name(table.schema)}, {name(table.views)} TO {name(app)}",
    ]


def create(table: Table) -> list[str]:
    """The table, its past and its indexes, without rights for anybody but the owner."""
    this = name(table.schema, table.name)
    columns = [*_system_columns(table), *(column_definition(c) for c in stored(table))]
    key = [*table.key, *([FROM] if table.dated else [])]
    columns.append(f"PRIMARY KEY ({', '.join(name(k) for k in key)})")
    if table.dated:
        columns.append(f"CHECK ({name(FROM)} < {name(TO)})")
    partition = f" PARTITION BY HASH ({name(table.key[0])})" if table.partition else ""
    done = [
        f"CREATE TABLE {this} ({', '.join(columns)}){partition}",
        f"REVOKE ALL ON {this} FROM PUBLIC",
    ]
    for part in range(table.partition):
        done.append(
            f"CREATE TABLE {name(table.schema, f'{table.name}__{part}')} PARTITION OF {this}"
            f" FOR VALUES WITH (MODULUS {table.partition}, REMAINDER {part})"
        )
    done.append(f"CREATE INDEX ON {this} ({name(RECORD)})")
    done += [index(table, columns) for columns in table.indexes]
    done += [index(table, (LOOKUP + c.name,)) for c in table.columns if c.lookup]
    done += [unique_index(table, column) for column in table.unique]
    if table.kept:
        past = name(table.schema, table.name + PAST)
        done += [
            f"CREATE TABLE {past} (LIKE {this}, {name(UNTIL)} timestamptz NOT NULL)",
            f"CREATE INDEX ON {past} ({name(RECORD)})",
            f"CREATE INDEX ON {past} ({', '.join(name(k) for k in table.key)})",
        ]
    return done


def stored(table: Table) -> list[Column]:
    """Columns of the declaration as they are stored: encrypted ones with their digest beside them."""
    found = []
    for column in table.columns:
        found.append(column)
        if column.lookup:
            found.append(Column(LOOKUP + column.name, "bytea"))
    return found


def column_definition(column: Column) -> str:
    """One column in CREATE TABLE."""
    return f"{name(column.name)} {column.sql}{' NOT NULL' if column.required else ''}"


def index(table: Table, columns: Sequence[str]) -> str:
    """An index over columns."""
    return f"CREATE INDEX ON {name(table.schema, table.name)} ({', '.join(name(c) for c in columns)})"


def unique_index(table: Table, column: str) -> str:
    """That no two records have the same value: at one time, where beliefs are about days."""
    if table.dated:
        return (
            f"ALTER TABLE {name(table.schema, table.name)} ADD EXCLUDE USING gist"
            f" ({name(column)} WITH =, daterange({name(FROM)}, {name(TO)}) WITH &&)"
        )
    return f"CREATE UNIQUE INDEX ON {name(table.schema, table.name)} ({name(column)})"


def _system_columns(table: Table) -> list[str]:
    done = [
        f"{name(RECORD)} bigint NOT NULL DEFAULT nextval('registry_record_number')",
        f"{name(CREATED)} timestamptz NOT NULL DEFAULT now()",
        f"{name(KNOWN)} timestamptz NOT NULL DEFAULT now()",
        f"{name(BY)} text NOT NULL",
        f"{name(SOURCES)} jsonb",
    ]
    if table.dated:
        done[1:1] = [f"{name(FROM)} date NOT NULL", f"{name(TO)} date NOT NULL DEFAULT 'infinity'"]
    return done


def system_names(table: Table) -> list[str]:
    """Names of the columns that every record has."""
    return [RECORD, *([FROM, TO] if table.dated else []), CREATED, KNOWN, BY, SOURCES]


def read_views(table: Table, rules: Sequence[AccessRule], app: str) -> list[str]:
    """What the application may read: the believed rows, and those of the past under the same rules."""
    ordered = name(table.views, table.name + ORDERED)
    done, selected = [f"DROP VIEW IF EXISTS {ordered}"], ""
    seen: list[Column | Worked] = [*table.columns, *table.worked]
    kinds = [(table.name, system_names(table))]
    if table.kept:
        kinds.append((table.name + PAST, [*system_names(table), UNTIL]))
    for base, own in kinds:
        parts = []
        for arm, where in access.arms(rules):
            columns = [f"{name('row')}.{name(c)}" for c in own]
            columns += [f"{access.value(rules, c, arm)} AS {name(c.name)}" for c in seen]
            columns += [
                f"{access.digest(rules, c, arm)} AS {name(LOOKUP + c.name)}"
                for c in table.columns
                if c.lookup
            ]
            columns += [
                f"{access.hidden(rules, seen, arm)} AS {name(HIDDEN)}",
                f"{access.masked(rules, seen, arm)} AS {name(MASKED)}",
            ]
            parts.append(
                f"SELECT {', '.join(columns)} FROM {name(table.schema, base)} AS {name('row')} WHERE {where}"
            )
        view, rows = name(table.views, base), " UNION ALL ".join(parts)
        selected = selected or rows
        done += [
            f"DROP VIEW IF EXISTS {view}",
            f"CREATE VIEW {view} WITH (security_barrier) AS {rows}",
            # a plain view could be written through; default privileges of the owner would let the application
            f"REVOKE ALL ON {view} FROM PUBLIC, {name(app)}",
            f"GRANT SELECT ON {view} TO {name(app)}",
        ]
    # an order outside of a view with a barrier cannot use an index; one inside can. ADR 0262
    return [
        *done,
        f"CREATE VIEW {ordered} WITH (security_barrier) AS SELECT * FROM ({selected}) AS rows"
        f" ORDER BY {', '.join(name(one) for one in table.key)}",
        f"REVOKE ALL ON {ordered} FROM PUBLIC, {name(app)}",
        f"GRANT SELECT ON {ordered} TO {name(app)}",
    ]


def write_functions(table: Table, rules: Sequence[AccessRule], app: str) -> list[str]:
    """How the application writes: one function that keeps the history and checks the rules."""
    this = name(table.schema, table.name)
    may, put = name(table.schema, table.name + MAY), name(table.schema, table.name + PUT)
    fields = " ".join(
        f"IF changes ? {text(column)} AND NOT ({when}) THEN RETURN FALSE; END IF;"
        for column in (c.name for c in table.columns)
        if (when := access.field(rules, "write", column)) is not None
    )
    body = _PUT_DATED if table.dated else _PUT_VERSIONS if table.kept else _PUT_PLAIN
    same = " AND ".join(f"t.{name(k)} = fresh.{name(k)}" for k in table.key)
    kept = [*system_names(table), *(c.name for c in stored(table))]
    filled = body.format(
        columns=", ".join(name(c) for c in [*kept, UNTIL]),
        piece=", ".join([*(f"piece.{name(c)}" for c in kept), "told"]),
        old=", ".join([*(f"old.{name(c)}" for c in kept), "told"]),
        this=this, past=name(table.schema, table.name + PAST), may=may, same=same,
        key=f"ROW({', '.join(f'fresh.{name(k)}' for k in table.key)})::text", label=text(f"{table.schema}.{table.name}"),
    )  # fmt: skip
    return [
        f"CREATE OR REPLACE FUNCTION {may}({name('row')} {this}, changes jsonb) RETURNS boolean LANGUAGE plpgsql STABLE"
        f" SET search_path = public, pg_temp AS $may$ #variable_conflict use_variable\n BEGIN {fields}"
        f" RETURN {access.rows(rules, 'write')}; END $may$",
        f"CREATE OR REPLACE FUNCTION {put}(record bigint, changes jsonb, since date, before date, told timestamptz,"
        f" teller text, withdraw boolean) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER"
        f" SET search_path = public, pg_temp AS $put$ #variable_conflict use_variable\n {filled} $put$",
        f"REVOKE ALL ON FUNCTION {may}({this}, jsonb) FROM PUBLIC",
        f"REVOKE ALL ON FUNCTION {put}(bigint, jsonb, date, date, timestamptz, text, boolean) FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {put}(bigint, jsonb, date, date, timestamptz, text, boolean) TO {name(app)}",
        *Loading(table, [c.name for c in stored(table)], rules).functions(app),
    ]


_CREATE = """
  IF record IS NULL THEN
    fresh := jsonb_populate_record(NULL::{this}, changes);
    PERFORM pg_advisory_xact_lock(hashtextextended({label} || {key}, 0));
    {taken}
    SELECT t."_id" INTO fresh."_id" FROM {this} t WHERE {same} LIMIT 1;
    {before}
    IF fresh."_id" IS NULL THEN fresh."_id" := nextval('registry_record_number'); END IF;
    {stamp}
    fresh."_created" := told; fresh."_known" := told; fresh."_by" := teller;
    IF NOT {may}(fresh, changes) THEN RAISE insufficient_privilege USING MESSAGE = 'registry: not allowed'; END IF;
    INSERT INTO {this} SELECT fresh.*;
    RETURN fresh."_id";
  END IF;
"""
_BEFORE = (
    'IF fresh."_id" IS NULL THEN SELECT t."_id" INTO fresh."_id" FROM {past} t WHERE {same} LIMIT 1; END IF;'
)
"""A record that was withdrawn and comes back is the same record."""
_MINE = "LOCK TABLE {this} IN ROW EXCLUSIVE MODE;"
"""Nobody exchanges the table under a call that has begun: its row's type would be another. ADR 0316."""
_PUT_DATED = (
    """
DECLARE old {this}; fresh {this}; piece {this}; found boolean := FALSE;
BEGIN
"""
    + _MINE
    + _CREATE.replace(
        "{taken}",
        'IF EXISTS (SELECT FROM {this} t WHERE {same} AND t."_from" < before AND t."_to" > since) THEN'
        " RAISE unique_violation USING MESSAGE = 'registry: key taken'; END IF;",
    )
    .replace("{stamp}", 'fresh."_from" := since; fresh."_to" := before;')
    .replace("{before}", _BEFORE)
    + """
  FOR old IN SELECT * FROM {this} t WHERE t."_id" = record AND t."_from" < before AND t."_to" > since
             ORDER BY t."_from" FOR UPDATE LOOP
    found := TRUE;
    IF NOT {may}(old, changes) THEN RAISE insufficient_privilege USING MESSAGE = 'registry: not allowed'; END IF;
    told := greatest(told, old."_known" + interval '1 microsecond');
    piece := old;
    piece."_from" := greatest(old."_from", since); piece."_to" := least(old."_to", before);
    INSERT INTO {past} ({columns}) SELECT {piece};
    fresh := jsonb_populate_record(piece, changes);
    DELETE FROM {this} t WHERE t."_id" = record AND t."_from" = old."_from";
    IF old."_from" < since THEN
      piece := old; piece."_to" := since; INSERT INTO {this} SELECT piece.*;
    END IF;
    IF old."_to" > before THEN
      piece := old; piece."_from" := before; INSERT INTO {this} SELECT piece.*;
    END IF;
    IF NOT withdraw THEN
      fresh."_known" := told; fresh."_by" := teller;
      IF NOT {may}(fresh, changes) THEN RAISE insufficient_privilege USING MESSAGE = 'registry: not allowed'; END IF;
      INSERT INTO {this} SELECT fresh.*;
    END IF;
  END LOOP;
  IF NOT found THEN RAISE no_data_found USING MESSAGE = 'registry: nothing believed'; END IF;
  RETURN record;
END
"""
)
_ONE = """
  SELECT * INTO old FROM {this} t WHERE t."_id" = record FOR UPDATE;
  IF NOT FOUND THEN RAISE no_data_found USING MESSAGE = 'registry: nothing believed'; END IF;
  IF NOT {may}(old, changes) THEN RAISE insufficient_privilege USING MESSAGE = 'registry: not allowed'; END IF;
  told := greatest(told, old."_known" + interval '1 microsecond');
  {keep}
  DELETE FROM {this} t WHERE t."_id" = record;
  IF NOT withdraw THEN
    fresh := jsonb_populate_record(old, changes);
    fresh."_known" := told; fresh."_by" := teller;
    IF NOT {may}(fresh, changes) THEN RAISE insufficient_privilege USING MESSAGE = 'registry: not allowed'; END IF;
    INSERT INTO {this} SELECT fresh.*;
  END IF;
  RETURN record;
END
"""
_HEAD = (
    "DECLARE old {this}; fresh {this};\nBEGIN\n"
    + _MINE
    + _CREATE.replace(
        "{taken}",
        "IF EXISTS (SELECT FROM {this} t WHERE {same}) THEN"
        " RAISE unique_violation USING MESSAGE = 'registry: key taken'; END IF;",
    ).replace("{stamp}", "")
)
_PUT_VERSIONS = _HEAD.replace("{before}", _BEFORE) + _ONE.replace(
    "{keep}", "INSERT INTO {past} ({columns}) SELECT {old};"
)
_PUT_PLAIN = _HEAD.replace("{before}", "") + _ONE.replace("{keep}", "")
