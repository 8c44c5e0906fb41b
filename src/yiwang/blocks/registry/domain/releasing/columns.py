"""What happens to the columns of one table between two releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yiwang.blocks.registry.domain.compiled import Entity, System, stored_columns
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.layout import PAST, RECORD
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.domain.releasing import enciphering, splitting, values
from yiwang.blocks.registry.domain.releasing.enciphering import Encrypting
from yiwang.blocks.registry.domain.releasing.naming import kept_name, next_name
from yiwang.blocks.registry.domain.releasing.splitting import Split
from yiwang.blocks.registry.domain.releasing.steps import Step
from yiwang.blocks.registry.domain.releasing.values import Fresh
from yiwang.systems.planning.changes import Plan

_FILL, _SPLIT, _SEAL = "__fill", "__split", "__seal"


@dataclass(frozen=True, slots=True)
class Moves:
    """The steps of one table.

    Attributes:
        table, past: quoted, under their names before the switch; `past` empty where none is kept.
        renamed: new names by old ones.
        retired: columns that are declared no more.
        encrypted: fields whose values are sealed; `found`: sealed ones that get digests.
        loosened, tightened: columns (old names) that may be empty from now on, or no more.
    """

    entity: Entity
    schema: str
    former: str
    table: str
    past: str
    renamed: tuple[tuple[str, str], ...]
    retired: tuple[str, ...]
    loosened: tuple[str, ...]
    tightened: tuple[str, ...]
    fresh: tuple[Fresh, ...]
    optional: tuple[tuple[str, str], ...]
    splits: tuple[Split, ...]
    encrypted: tuple[Encrypting, ...]
    found: tuple[Encrypting, ...]
    number: int

    @property
    def walked(self) -> bool:
        """Whether rows have to be touched."""
        return bool(self.splits) or any(not one.constant for one in self.fresh)

    def expand(self) -> list[Step]:
        """New columns, and the triggers that keep them right."""
        do: list[str] = []
        undo: list[str] = []
        for column, kind in self.optional:
            for table in self._both():
                do.append(f"ALTER TABLE {table} ADD COLUMN {name(column)} {kind}")
                undo.append(f"ALTER TABLE {table} DROP COLUMN IF EXISTS {name(column)}")
        for one in self.fresh:
            beside = name(next_name(one.column))
            default = f" DEFAULT {one.constant}" if one.constant else ""
            do.append(f"ALTER TABLE {self.table} ADD COLUMN {beside} {one.sql}{default}")
            undo.append(f"ALTER TABLE {self.table} DROP COLUMN IF EXISTS {beside}")
            if self.past and (one.past or not one.replaces):
                do.append(f"ALTER TABLE {self.past} ADD COLUMN {beside} {one.sql}")
                undo.append(f"ALTER TABLE {self.past} DROP COLUMN IF EXISTS {beside}")
        if self.fresh:
            do += self._filling(self.table) + (
                self._filling(self.past, past=True) if self._past_filled() else []
            )
        if self.enciphered:
            columns, gone = enciphering.added(self.enciphered)
            do += columns
            undo += gone
            for table, ending in zip(self._both(), (_SEAL, _SEAL + "_past"), strict=False):
                do += enciphering.emptying(table, self._trigger(ending), self.enciphered)
        for split in self.splits:
            do += splitting.following(split, self._trigger(_SPLIT + "_" + split.target.id), self.table)
            undo += self._untriggered(_SPLIT + "_" + split.target.id)
        if not do:
            return []
        what = Label(f"{self.entity.title.zh}：加列", f"{self.entity.id}: new columns")
        return [
            Step(
                phase="expand", what=what, do=tuple(do), undo=(*self._unfilled(), *undo),
                locks=tuple(self._both()),
            )
        ]  # fmt: skip

    def walk(self) -> list[Step]:
        """Rows that were there before, batch by batch."""
        steps = []
        tables = [self.table] if self.walked else []
        if self._past_filled():
            tables.append(self.past)
        for table in tables:
            record = name(RECORD)
            touch = (
                f"UPDATE {table} SET {record} = {record} WHERE {record} > %(after)s AND {record} <= %(upto)s"
            )
            steps.append(
                Step(
                    phase="backfill", kind="walk", table=table, do=(touch,),
                    what=Label(f"{self.entity.title.zh}：补数", f"{self.entity.id}: rows filled"),
                )
            )  # fmt: skip
        return steps + enciphering.sealed(self.entity, self.enciphered, self._parts())

    @property
    def enciphered(self) -> tuple[Encrypting, ...]:
        """Fields of which sealed values or digests are made."""
        return (*self.encrypted, *self.found)

    @property
    def moves(self) -> bool:
        """Whether the table itself changes."""
        return bool(
            self.fresh
            or self.renamed
            or self.retired
            or self.loosened
            or self.tightened
            or self.splits
            or self.enciphered
        )

    def validate(self) -> list[Step]:
        """That nothing is empty that must not be, and nothing got lost."""
        steps = [self._quiet()] if self.moves else []
        for column, label in self._needed():
            empty = f"SELECT count(*) FROM {self.table} WHERE {name(column)} IS NULL"
            title = self.entity.title.zh
            steps.append(
                Step(
                    phase="validate", kind="count", do=(empty,),
                    what=Label(f"{title}：{label} 为空的行数", f"{self.entity.id}: rows without {label}"),
                )
            )  # fmt: skip
            check = name(f"{column}__needed"[:60])
            steps.append(
                Step(
                    phase="validate",
                    do=(f"ALTER TABLE {self.table} ADD CONSTRAINT {check} CHECK ({name(column)} IS NOT NULL) NOT VALID",),
                    undo=(f"ALTER TABLE {self.table} DROP CONSTRAINT IF EXISTS {check}",), locks=(self.table,),
                    what=Label(f"{title}：{label} 必填", f"{self.entity.id}: {label} required"),
                )
            )  # fmt: skip
            steps.append(
                Step(
                    phase="validate", kind="validate", do=(f"ALTER TABLE {self.table} VALIDATE CONSTRAINT {check}",),
                    what=Label(f"{title}：核对 {label}", f"{self.entity.id}: {label} checked"),
                )
            )  # fmt: skip
        for one in self.fresh:
            if one.replaces and not one.required:
                lost = (
                    f"SELECT count(*) FROM {self.table} WHERE {name(one.replaces)} IS NOT NULL"
                    f" AND {name(next_name(one.column))} IS NULL"
                )
                steps.append(
                    Step(
                        phase="validate", kind="count", do=(lost,),
                        what=Label(
                            f"{self.entity.title.zh}：{one.column} 转换不了的行数",
                            f"{self.entity.id}: rows whose {one.column} cannot be converted",
                        ),
                    )
                )  # fmt: skip
        steps += [splitting.compared(split, self.table) for split in self.splits]
        return steps + enciphering.compared(self.entity, self.enciphered)

    def _quiet(self) -> Step:
        """No clean-up by the database until the switch: it would hold the table longer than the switch waits."""
        tables = self._stored()
        return Step(
            phase="validate", kind="validate",
            do=tuple(f"ALTER TABLE {one} SET (autovacuum_enabled = false)" for one in tables),
            undo=tuple(f"ALTER TABLE {one} RESET (autovacuum_enabled)" for one in tables),
            what=Label(f"{self.entity.title.zh}：暂停自动清理", f"{self.entity.id}: autovacuum paused"),
        )  # fmt: skip

    def switch(self) -> list[str]:
        """Names change places; done in the transaction of the switch."""
        if not self.moves:
            return []
        # a table that is renewed afterwards is left alone until then
        do = (
            []
            if self.encrypted
            else [f"ALTER TABLE {one} RESET (autovacuum_enabled)" for one in self._stored()]
        )
        do += self._unfilled()
        for split in self.splits:
            do += self._untriggered(_SPLIT + "_" + split.target.id)
        for column in self.loosened:
            do += [f"ALTER TABLE {table} ALTER COLUMN {name(column)} DROP NOT NULL" for table in self._both()]
        moved = [column for split in self.splits for column in split.columns]
        for column in (*self.retired, *moved):
            for table in self._both():
                do.append(f"ALTER TABLE {table} ALTER COLUMN {name(column)} DROP NOT NULL")
                do.append(
                    f"ALTER TABLE {table} RENAME COLUMN {name(column)} TO {name(kept_name(column, self.number))}"
                )
        for one in self.fresh:
            if one.replaces:
                kept = name(kept_name(one.replaces, self.number))
                for table in [self.table, *([self.past] if one.past and self.past else [])]:
                    do.append(f"ALTER TABLE {table} ALTER COLUMN {name(one.replaces)} DROP NOT NULL")
                    do.append(f"ALTER TABLE {table} RENAME COLUMN {name(one.replaces)} TO {kept}")
        do += enciphering.exchanged(self.encrypted, self.number) + enciphering.found(
            self.found, self._parts()
        )
        for was, now in self.renamed:
            do += [f"ALTER TABLE {table} RENAME COLUMN {name(was)} TO {name(now)}" for table in self._both()]
        for column, _ in self._needed():
            if any(column == one.places[0].plain for one in self.encrypted):
                continue  # the constraint goes with the column
            do.append(f"ALTER TABLE {self.table} ALTER COLUMN {name(column)} SET NOT NULL")
            do.append(f"ALTER TABLE {self.table} DROP CONSTRAINT {name(f'{column}__needed'[:60])}")
        for one in self.fresh:
            beside = name(next_name(one.column))
            if one.constant:
                do.append(f"ALTER TABLE {self.table} ALTER COLUMN {beside} DROP DEFAULT")
            do.append(f"ALTER TABLE {self.table} RENAME COLUMN {beside} TO {name(one.column)}")
            if self.past and (one.past or not one.replaces):
                do.append(f"ALTER TABLE {self.past} RENAME COLUMN {beside} TO {name(one.column)}")
        return do

    def _needed(self) -> list[tuple[str, str]]:
        """Columns, as they are called now, that must not be empty."""
        found = [(next_name(one.column), one.column) for one in self.fresh if one.required]
        return [*found, *((column, column) for column in self.tightened)]

    def _stored(self) -> list[str]:
        """The tables that rows lie in: of a partitioned one its parts."""
        return [*(self._parts() or [self.table]), *([self.past] if self.past else [])]

    def _parts(self) -> list[str]:
        return [name(self.schema, f"{self.former}__{part}") for part in range(self.entity.partition)]

    def _both(self) -> list[str]:
        return [self.table, *([self.past] if self.past else [])]

    def _past_filled(self) -> bool:
        return bool(self.past) and any(one.past for one in self.fresh)

    def _filling(self, table: str, *, past: bool = False) -> list[str]:
        """A trigger that works the coming values out, whoever writes; what fails is left empty and found later."""
        trigger = self._trigger(_FILL + ("_past" if past else ""))
        # the row under its coming names
        renamed = "".join(f", NEW.{name(was)} AS {name(now)}" for was, now in self.renamed)
        row = f"(SELECT NEW.*{renamed}) AS {name('row')}"
        filled = [one for one in self.fresh if not past or one.past]
        each = "".join(
            f" BEGIN {self._filled([one], row)} EXCEPTION WHEN data_exception THEN"
            f" NEW.{name(next_name(one.column))} := NULL; END;"
            for one in filled
        )
        body = f"BEGIN {self._filled(filled, row)} EXCEPTION WHEN data_exception THEN {each} END;"
        return [
            f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
            f" SET search_path = public, pg_temp AS $fill$ BEGIN {body} RETURN NEW; END $fill$",
            f"REVOKE ALL ON FUNCTION {trigger}() FROM PUBLIC",
            f"CREATE TRIGGER yw_fill BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {trigger}()",
        ]

    def _filled(self, fresh: Sequence[Fresh], row: str) -> str:
        values = ", ".join(one.value for one in fresh)
        places = ", ".join(f"NEW.{name(next_name(one.column))}" for one in fresh)
        return f"SELECT {values} INTO {places} FROM {row};"

    def _unfilled(self) -> list[str]:
        gone = []
        if self.enciphered:
            gone += self._untriggered(_SEAL) + self._untriggered(_SEAL + "_past")
        if self.fresh:
            gone += self._untriggered(_FILL)
            gone += self._untriggered(_FILL + "_past") if self._past_filled() else []
        return gone

    def _untriggered(self, ending: str) -> list[str]:
        return [f"DROP FUNCTION IF EXISTS {self._trigger(ending)}() CASCADE"]

    def _trigger(self, ending: str) -> str:
        return name(self.schema, (self.former + ending)[:60])


def moves_of(
    before: System, after: System, former: Entity, later: Entity, plan: Plan, splits: Sequence[Split], number: int
) -> Moves:  # fmt: skip
    """What of a table is other in the next release."""
    renames = {
        c.path.partition(".")[2]: c.facts["from"]
        for c in plan.changes
        if c.kind == "rename_column" and c.path.startswith(f"{later.id}.")
    }
    old = {one.id: one for one in former.fields if one.derived is None}
    kept: set[str] = set()
    renamed: list[tuple[str, str]] = []
    loosened: list[str] = []
    tightened: list[str] = []
    fresh: list[Fresh] = []
    optional: list[tuple[str, str]] = []
    encrypted: list[Encrypting] = []
    found: list[Encrypting] = []
    table = former.table(before.id)
    successors = values.replaced(before, after)
    for field in later.fields:
        if field.derived is not None:
            continue
        source = old.get(renames.get(field.id, field.id))
        if source is None:
            values.new(field, fresh, optional)
            continue
        kept.add(source.id)
        both = [name(table.schema, one) for one in (former.id, former.id + PAST)[: 1 + table.kept]]
        if enciphering.becomes_found(field, source):
            found.append(enciphering.finding(after, former, later, field, source, both))
        if enciphering.becomes_encrypted(field, source):
            encrypted.append(enciphering.encrypting(after, former, later, field, source, both))
            if field.required and not source.required:
                tightened += source.columns
            continue
        value = values.changed(field, source, successors)
        if value:
            fresh.append(
                Fresh(
                    field.columns[0], field.stored_types()[0], value, field.required, replaces=source.columns[0],
                    past=field.stored_types() != source.stored_types(),
                )
            )  # fmt: skip
            continue
        pairs = zip(stored_columns(source), stored_columns(field), strict=False)
        renamed += [(w, n) for w, n in pairs if w != n]
        if source.required and not field.required:
            loosened += source.columns
        elif field.required and not source.required and field.kind != "serial":
            values.tighten(field, source, fresh, tightened)
    moved = {column for one in splits for column in one.columns}
    retired = [
        column
        for one in old.values()
        if one.id not in kept
        for column in stored_columns(one)
        if column not in moved
    ]
    return Moves(
        later, table.schema, former.id, name(table.schema, former.id),
        name(table.schema, former.id + PAST) if table.kept else "", tuple(renamed), tuple(retired), tuple(loosened),
        tuple(tightened), tuple(fresh), tuple(optional), tuple(splits), tuple(encrypted), tuple(found), number,
    )  # fmt: skip
