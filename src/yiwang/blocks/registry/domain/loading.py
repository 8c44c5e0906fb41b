"""The statements by which many records are taken in at once: a staging table of the load, checks and inserts.

The application fills a table that a function of the owner made in the same transaction. After some thousand rows it
calls a second function, which checks them as a set (a key known, a row or field that the rules refuse) and inserts them
with their history. Where something is wrong, that function takes out again what the load inserted, and a third says of
all rows which lines are wrong and how. Who writes single records waits meanwhile; who reads does not.

A load that is kept lays each step into a table of its own, in a schema beside the system's, and is taken in when the
last one lies there. ADR 0285.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from yiwang.blocks.registry.domain import access
from yiwang.blocks.registry.domain.layout import BY, CREATED, FROM, KNOWN, PAST, RECORD, TO, AccessRule, Table
from yiwang.blocks.registry.domain.quoting import name, text

STAGE, LOAD, WRONG, UNSTAGE, LINE = "__stage", "__load", "__wrong", "__unstage", "_line"
KEEP, JUDGE = "__keep", "__judge"
TOLD: Final = 50_000
"""As many wrong lines of a kind are named."""
_STAGED: Final = "@staged@"
_STEM: Final = 36
"""As much of a table's name stands in those of its staging tables: with their numbers they stay below 63."""
_STEP: Final = f"s.ctid >= $5 AND s.{name(LINE)} > $6"
"""The rows of a step: from a page of the staging table on, those behind a line."""
_SAFE: Final = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp"


@dataclass(frozen=True, slots=True)
class Loading:
    """The functions of one table. `columns` are all that a record stores of its fields."""

    table: Table
    columns: Sequence[str]
    rules: Sequence[AccessRule]

    def functions(self, app: str) -> list[str]:
        """The statements that make them."""
        schema = name(self.table.schema)
        stage, load, wrong, unstage = (
            name(self.table.schema, self.table.name + one) for one in (STAGE, LOAD, WRONG, UNSTAGE)
        )
        prefix = self._prefix
        empty = self._empty("UNLOGGED")
        staged = f"CASE WHEN made ~ 'k[0-9]*$' THEN '{name(self.table.loads)}.' ELSE '{schema}.' END || quote_ident(made)"
        own = f"IF made !~ {text(f'^{prefix}[0-9]+(k[0-9]*)?$')} THEN RAISE insufficient_privilege; END IF;"
        safe = _SAFE
        arguments = (
            "made text, page bigint, line bigint, since date, before date, told timestamptz, teller text"
        )
        types = "text, bigint, bigint, date, date, timestamptz, text"
        return [
            f"CREATE OR REPLACE FUNCTION {stage}() RETURNS text {safe}"
            f" AS $stage$ DECLARE made text := {text(prefix)} || nextval('registry_record_number');"
            f" BEGIN EXECUTE replace({text(empty)}, {text(_STAGED)}, {staged});"
            f" EXECUTE replace({text(f'REVOKE ALL ON {_STAGED} FROM PUBLIC, {name(app)}')}, {text(_STAGED)}, {staged});"
            f" EXECUTE replace({text(f'GRANT INSERT ON {_STAGED} TO {name(app)}')}, {text(_STAGED)}, {staged});"
            " RETURN made; END $stage$",
            f"CREATE OR REPLACE FUNCTION {load}({arguments}) RETURNS TABLE (loaded bigint, following bigint)"
            f" {safe} SET jit = off AS $load$"
            f" DECLARE staged text := {staged}; place tid := ('(' || page || ',0)')::tid; bad boolean; fresh boolean;"
            f" BEGIN {own} LOCK TABLE {self._this()} IN SHARE ROW EXCLUSIVE MODE;"
            " loaded := NULL;"
            # the next step goes on in the page of the last row: the file itself is longer, since it grows by many pages at once
            f" {self._asked(self._ended(), 'following')}"
            f" BEGIN {self._asked(self._any(self._refused(_STEP)), 'bad')}"
            f" IF NOT bad THEN {self._asked(self._fresh(), 'fresh')}"
            f" IF NOT fresh THEN {self._asked(self._any(self._taken(_STEP)), 'bad')} END IF; END IF;"
            f" IF NOT bad THEN EXECUTE replace(CASE WHEN fresh THEN {text(self._insert(fresh=True))}"
            f" ELSE {text(self._insert(fresh=False))} END, {text(_STAGED)}, staged)"
            " USING since, before, told, teller, place, line; GET DIAGNOSTICS loaded = ROW_COUNT; END IF;"
            " EXCEPTION WHEN unique_violation OR exclusion_violation THEN loaded := NULL; END;"
            f" IF loaded IS NULL THEN EXECUTE replace({text(self._unload())}, {text(_STAGED)}, staged) USING since, line; END IF;"
            f" RETURN NEXT; END $load$",
            f"CREATE OR REPLACE FUNCTION {wrong}(made text, since date, before date) RETURNS TABLE (what text, number bigint)"
            f" {safe} SET jit = off AS $wrong$ DECLARE staged text := {staged};"
            f" BEGIN {own} {''.join(self._told(one) for one in (self._twice(), self._taken(), self._refused()))}"
            " END $wrong$",
            f"CREATE OR REPLACE FUNCTION {unstage}(made text) RETURNS void {safe} AS $unstage$"
            f" DECLARE staged text := {staged}; BEGIN {own} EXECUTE 'DROP TABLE IF EXISTS ' || staged || ' CASCADE'; END $unstage$",
            *self._keeping(app),
            f"CREATE OR REPLACE FUNCTION {name(self.table.schema, self.table.name + JUDGE)}(made text) RETURNS boolean"
            f" {safe} SET jit = off AS $judge$ DECLARE staged text := {staged}; bad boolean;"
            f" BEGIN {own} EXECUTE replace({text(self._any(self._refused()))}, {text(_STAGED)}, staged) INTO bad;"
            " RETURN bad; END $judge$",
            *(
                statement
                for one in (
                    f"{stage}()",
                    f"{load}({types})",
                    f"{wrong}(text, date, date)",
                    f"{unstage}(text)",
                    f"{name(self.table.schema, self.table.name + KEEP)}(text, bigint)",
                    f"{name(self.table.schema, self.table.name + JUDGE)}(text)",
                )
                for statement in (
                    f"REVOKE ALL ON FUNCTION {one} FROM PUBLIC",
                    f"GRANT EXECUTE ON FUNCTION {one} TO {name(app)}",
                )
            ),
        ]

    def _keeping(self, app: str) -> list[str]:
        """The schema of kept loads, and what makes the table of one, or that of a step of it: part of the former."""
        loads = name(self.table.loads)
        staged = f"'{loads}.' || quote_ident(fresh)"
        rights = (
            f"REVOKE ALL ON {_STAGED} FROM PUBLIC, {name(app)}",
            f"GRANT INSERT ON {_STAGED} TO {name(app)}",
        )
        given = " ".join(f"EXECUTE replace({text(one)}, {text(_STAGED)}, {staged});" for one in rights)
        return [
            f"CREATE SCHEMA IF NOT EXISTS {loads}",
            f"GRANT USAGE ON SCHEMA {loads} TO {name(app)}",
            f"CREATE OR REPLACE FUNCTION {name(self.table.schema, self.table.name + KEEP)}(made text, step bigint)"
            f" RETURNS text {_SAFE} AS $keep$ DECLARE fresh text;"
            f" BEGIN IF made = '' THEN fresh := {text(self._prefix)} || nextval('registry_record_number') || 'k';"
            f" EXECUTE replace({text(self._empty(''))}, {text(_STAGED)}, {staged});"
            f" ELSE IF made !~ {text(f'^{self._prefix}[0-9]+k$')} THEN RAISE insufficient_privilege; END IF;"
            f" fresh := made || step; EXECUTE 'CREATE TABLE ' || {staged} || ' () INHERITS ({loads}.' || quote_ident(made)"
            f" || ')'; END IF; {given} RETURN fresh; END $keep$",
        ]

    @property
    def _prefix(self) -> str:
        return f"{self.table.name[:_STEM]}__load_"

    def _empty(self, kind: str) -> str:
        return (
            f"CREATE {kind} TABLE {_STAGED} AS SELECT 0::bigint AS {name(LINE)}, {self._listed()}"
            f" FROM {self._this()} WITH NO DATA"
        )

    def _asked(self, statement: str, into: str) -> str:
        return (
            f"EXECUTE replace({text(statement)}, {text(_STAGED)}, staged) INTO {into}"
            " USING since, before, told, teller, place, line;"
        )

    def _told(self, statement: str) -> str:
        return (
            f"RETURN QUERY EXECUTE replace({text(statement)}, {text(_STAGED)}, staged) USING since, before; "
        )

    def _any(self, statement: str) -> str:
        return f"SELECT EXISTS ({statement})"

    def _twice(self) -> str:
        keys = ", ".join(name(one) for one in self.table.key)
        return f"SELECT 'twice'::text, max({name(LINE)}) FROM {_STAGED} GROUP BY {keys} HAVING count(*) > 1 LIMIT {TOLD}"

    def _taken(self, step: str = "TRUE") -> str:
        period = f" AND t.{name(FROM)} < $2 AND t.{name(TO)} > $1" if self.table.dated else ""
        return (
            f"SELECT 'taken'::text, s.{name(LINE)} FROM {_STAGED} s JOIN {self._this()} t ON {self._same()}{period}"
            f" WHERE {step} LIMIT {TOLD}"
        )

    def _refused(self, step: str = "TRUE") -> str:
        allowed = [f"coalesce(({access.rows(self.rules, 'write')}), FALSE)"]
        allowed += [
            f"({name('row', one.name)} IS NULL OR coalesce(({when}), FALSE))"
            for one in self.table.columns
            if (when := access.field(self.rules, "write", one.name)) is not None
        ]
        return (
            f"SELECT 'refused'::text, {name(LINE)} FROM (SELECT s.*, NULL::bigint AS {name(RECORD)} FROM {_STAGED} s"
            f" WHERE {step}) AS {name('row')} WHERE NOT ({' AND '.join(allowed)}) LIMIT {TOLD}"
        )

    def _insert(self, *, fresh: bool) -> str:
        number = "nextval('registry_record_number')"
        if not fresh:
            found = ", ".join(
                f"(SELECT t.{name(RECORD)} FROM {one} t WHERE {self._same()} LIMIT 1)"
                for one in self._known()
            )
            number = f"coalesce({found}, {number})"
        own = {RECORD: number, CREATED: "$3", KNOWN: "$3", BY: "$4"}
        if self.table.dated:
            own |= {FROM: "$1", TO: "$2"}
        columns = ", ".join(name(one) for one in own)
        return (
            f"INSERT INTO {self._this()} ({columns}, {self._listed()}) SELECT {', '.join(own.values())},"
            f" {', '.join(name('s', one) for one in self.columns)} FROM {_STAGED} s WHERE {_STEP}"
        )

    def _unload(self) -> str:
        """What earlier steps inserted is taken out again: the rows under the keys of their lines, as of the same day."""
        day = f" AND t.{name(FROM)} = $1" if self.table.dated else ""
        return f"DELETE FROM {self._this()} t USING {_STAGED} s WHERE s.{name(LINE)} <= $2 AND {self._same()}{day}"

    def _ended(self) -> str:
        """The page in which the step ends."""
        return f"SELECT coalesce((max(s.ctid)::text::point)[0]::bigint, 0) FROM {_STAGED} s WHERE {_STEP}"

    def _fresh(self) -> str:
        """Whether no key of the step was ever known: each is looked up, so that no step reads a large table whole."""
        met = " OR ".join(
            f"EXISTS (SELECT FROM {one} t WHERE {self._same()} OFFSET 0)" for one in self._known()
        )
        return f"SELECT NOT EXISTS (SELECT FROM {_STAGED} s WHERE {_STEP} AND ({met}))"

    def _known(self) -> list[str]:
        return [self._this(), *([self._past()] if self.table.kept else [])]

    def _same(self) -> str:
        return " AND ".join(f"t.{name(one)} = s.{name(one)}" for one in self.table.key)

    def _listed(self) -> str:
        return ", ".join(name(one) for one in self.columns)

    def _this(self) -> str:
        return name(self.table.schema, self.table.name)

    def _past(self) -> str:
        return name(self.table.schema, self.table.name + PAST)
