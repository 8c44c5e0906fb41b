"""The statements by which many records are taken in at once: a staging table of the load, checks and one insert.

The application fills a table that a function of the owner made in the same transaction, and calls a second function
that checks all rows as sets (a key twice, a key taken, a row or field that the rules refuse) and inserts them with
their history. Who writes single records waits meanwhile; who reads does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from yiwang.blocks.registry.domain import access
from yiwang.blocks.registry.domain.layout import BY, CREATED, FROM, KNOWN, PAST, RECORD, TO, AccessRule, Table
from yiwang.blocks.registry.domain.quoting import name, text

STAGE, LOAD, LINE = "__stage", "__load", "_line"
TOLD: Final = 200
"""As many wrong lines of a kind are named."""
_STAGED: Final = "@staged@"


@dataclass(frozen=True, slots=True)
class Loading:
    """The functions of one table. `columns` are all that a record stores of its fields."""

    table: Table
    columns: Sequence[str]
    rules: Sequence[AccessRule]

    def functions(self, app: str) -> list[str]:
        """The statements that make them."""
        schema = name(self.table.schema)
        stage, load = (name(self.table.schema, self.table.name + one) for one in (STAGE, LOAD))
        prefix = f"{self.table.name}__load_"
        empty = f"CREATE UNLOGGED TABLE {_STAGED} AS SELECT 0::bigint AS {name(LINE)}, {self._listed()} FROM {self._this()} WITH NO DATA"
        staged = f"'{schema}.' || quote_ident(made)"
        arguments = "made text, since date, before date, told timestamptz, teller text"
        types = "text, date, date, timestamptz, text"
        return [
            f"CREATE OR REPLACE FUNCTION {stage}() RETURNS text LANGUAGE plpgsql SECURITY DEFINER"
            f" SET search_path = public, pg_temp AS $stage$ DECLARE made text := {text(prefix)} || nextval('registry_record_number');"
            f" BEGIN EXECUTE replace({text(empty)}, {text(_STAGED)}, {staged});"
            f" EXECUTE replace({text(f'REVOKE ALL ON {_STAGED} FROM PUBLIC, {name(app)}')}, {text(_STAGED)}, {staged});"
            f" EXECUTE replace({text(f'GRANT INSERT ON {_STAGED} TO {name(app)}')}, {text(_STAGED)}, {staged});"
            " RETURN made; END $stage$",
            f"CREATE OR REPLACE FUNCTION {load}({arguments}) RETURNS TABLE (what text, number bigint) LANGUAGE plpgsql"
            f" SECURITY DEFINER SET search_path = public, pg_temp AS $load$"
            f" DECLARE staged text := {staged}; wrong boolean := FALSE; fresh boolean; loaded bigint;"
            f" BEGIN IF made !~ {text(f'^{prefix}[0-9]+$')} THEN RAISE insufficient_privilege; END IF;"
            f" LOCK TABLE {self._this()} IN SHARE ROW EXCLUSIVE MODE;"
            f" EXECUTE replace({text(self._fresh())}, {text(_STAGED)}, staged) INTO fresh;"
            f" {self._check(self._twice())} IF NOT fresh THEN {self._check(self._taken())} END IF;"
            f" {self._check(self._refused())} IF wrong THEN RETURN; END IF;"
            f" EXECUTE replace(CASE WHEN fresh THEN {text(self._insert(fresh=True))} ELSE {text(self._insert(fresh=False))} END,"
            f" {text(_STAGED)}, staged) USING since, before, told, teller;"
            f" GET DIAGNOSTICS loaded = ROW_COUNT; EXECUTE 'DROP TABLE ' || staged;"
            f" RETURN QUERY SELECT 'loaded', loaded; END $load$",
            f"REVOKE ALL ON FUNCTION {stage}() FROM PUBLIC",
            f"REVOKE ALL ON FUNCTION {load}({types}) FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {stage}() TO {name(app)}",
            f"GRANT EXECUTE ON FUNCTION {load}({types}) TO {name(app)}",
        ]

    def _check(self, statement: str) -> str:
        return (
            f"RETURN QUERY EXECUTE replace({text(statement)}, {text(_STAGED)}, staged) USING since, before;"
            " wrong := wrong OR FOUND;"
        )

    def _twice(self) -> str:
        keys = ", ".join(name(one) for one in self.table.key)
        return f"SELECT 'twice'::text, max({name(LINE)}) FROM {_STAGED} GROUP BY {keys} HAVING count(*) > 1 LIMIT {TOLD}"

    def _taken(self) -> str:
        period = f" AND t.{name(FROM)} < $2 AND t.{name(TO)} > $1" if self.table.dated else ""
        return (
            f"SELECT 'taken'::text, s.{name(LINE)} FROM {_STAGED} s JOIN {self._this()} t ON {self._same()}{period}"
            f" LIMIT {TOLD}"
        )

    def _refused(self) -> str:
        allowed = [f"coalesce(({access.rows(self.rules, 'write')}), FALSE)"]
        allowed += [
            f"({name('row', one.name)} IS NULL OR coalesce(({when}), FALSE))"
            for one in self.table.columns
            if (when := access.field(self.rules, "write", one.name)) is not None
        ]
        return (
            f"SELECT 'refused'::text, {name(LINE)} FROM (SELECT s.*, NULL::bigint AS {name(RECORD)} FROM {_STAGED} s)"
            f" AS {name('row')} WHERE NOT ({' AND '.join(allowed)}) LIMIT {TOLD}"
        )

    def _insert(self, *, fresh: bool) -> str:
        number = "nextval('registry_record_number')"
        if not fresh:
            known = [self._this(), *([self._past()] if self.table.kept else [])]
            found = ", ".join(
                f"(SELECT t.{name(RECORD)} FROM {one} t WHERE {self._same()} LIMIT 1)" for one in known
            )
            number = f"coalesce({found}, {number})"
        own = {RECORD: number, CREATED: "$3", KNOWN: "$3", BY: "$4"}
        if self.table.dated:
            own |= {FROM: "$1", TO: "$2"}
        columns = ", ".join(name(one) for one in own)
        return (
            f"INSERT INTO {self._this()} ({columns}, {self._listed()}) SELECT {', '.join(own.values())},"
            f" {', '.join(name('s', one) for one in self.columns)} FROM {_STAGED} s"
        )

    def _fresh(self) -> str:
        """Whether no key of the load was ever known."""
        known = [self._this(), *([self._past()] if self.table.kept else [])]
        none = (f"NOT EXISTS (SELECT FROM {_STAGED} s JOIN {one} t ON {self._same()})" for one in known)
        return f"SELECT {' AND '.join(none)}"

    def _same(self) -> str:
        return " AND ".join(f"t.{name(one)} = s.{name(one)}" for one in self.table.key)

    def _listed(self) -> str:
        return ", ".join(name(one) for one in self.columns)

    def _this(self) -> str:
        return name(self.table.schema, self.table.name)

    def _past(self) -> str:
        return name(self.table.schema, self.table.name + PAST)
