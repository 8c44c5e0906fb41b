"""A field with data that becomes encrypted, or an encrypted one that becomes findable. ADR 0260, 0287.

The database cannot seal, so the application process does: the sealed value is put beside the plain one, batch by
batch. A trigger empties it again whenever somebody still writes a plain value, so that what is not sealed yet can be
told by looking; at the switch the few rows written since are sealed under its lock. The plain column goes with the
switch, and the tables are renewed afterwards, since a page keeps the bytes of what was deleted from it.

Digests of values that are sealed already are made in the same way: nothing plain is written, so nothing is renewed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from yiwang.blocks.registry.domain.compiled import Entity, Field, System
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.layout import LOOKUP, RECORD
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.domain.releasing.naming import gone_name, next_name
from yiwang.blocks.registry.domain.releasing.steps import Enciphered, Step
from yiwang.blocks.registry.domain.releasing.support import Unchangeable

STATISTICS = "pg_catalog.pg_statistic"
"""The planner's samples of values; deleted ones lie in its pages too."""


@dataclass(frozen=True, slots=True)
class Encrypting:
    """A field that becomes encrypted, or found: its column after the switch, and where it lies, the present table first."""

    column: str
    required: bool
    places: tuple[Enciphered, ...]


def becomes_encrypted(field: Field, source: Field) -> bool:
    """Whether its values have to be sealed. Raises: Unchangeable, where that cannot be done with another change."""
    if not field.encrypted or source.encrypted:
        return False
    if field.kind != source.kind or len(field.columns) > 1 or field.unique or field.kind == "ref":
        raise Unchangeable(f"{field.id}：加密的同时改类型、或加密引用与唯一字段")
    return True


def encrypting(
    system: System, former: Entity, later: Entity, field: Field, source: Field, tables: Iterable[str]
) -> Encrypting:  # fmt: skip
    """The column in each of its tables. Raises: Unchangeable, for a key."""
    if field.id in later.key:
        raise Unchangeable(f"{field.id}：主键不能加密")
    column = field.columns[0]
    places = tuple(
        Enciphered(
            table=table, plain=source.columns[0], beside=next_name(column),
            find=LOOKUP + column if field.lookup else "", place=field.place(system.id, later.id),
            key=former.table(system.id).key,
        )
        for table in tables
    )  # fmt: skip
    return Encrypting(column, field.required, places)


def becomes_found(field: Field, source: Field) -> bool:
    """Whether digests of its sealed values have to be made."""
    return field.encrypted and source.encrypted and field.lookup and not source.lookup


def finding(
    system: System, former: Entity, later: Entity, field: Field, source: Field, tables: Iterable[str]
) -> Encrypting:  # fmt: skip
    """The column of digests in each of its tables, under another name until the switch: an old one may stand there."""
    column = field.columns[0]
    places = tuple(
        Enciphered(
            table=table, plain=source.columns[0], beside="", find=next_name(LOOKUP + column),
            place=field.place(system.id, later.id), key=former.table(system.id).key,
        )
        for table in tables
    )  # fmt: skip
    return Encrypting(column, False, places)


def added(fields: Iterable[Encrypting]) -> tuple[list[str], list[str]]:
    """The statements that add the sealed columns, and those that take them away again."""
    do, undo = [], []
    for one in _everywhere(fields):
        for column in filter(None, (one.beside, one.find)):
            do.append(f"ALTER TABLE {one.table} ADD COLUMN {name(column)} bytea")
            undo.append(f"ALTER TABLE {one.table} DROP COLUMN IF EXISTS {name(column)}")
    return do, undo


def emptying(table: str, trigger: str, fields: Iterable[Encrypting]) -> list[str]:
    """A trigger by which no sealed value outlives the plain one that it was made of."""
    each = " ".join(
        f"IF TG_OP = 'INSERT' OR NEW.{name(one.plain)}::text IS DISTINCT FROM OLD.{name(one.plain)}::text THEN"
        + "".join(f" NEW.{name(column)} := NULL;" for column in filter(None, (one.beside, one.find)))
        + " END IF;"
        for one in _everywhere(fields)
        if one.table == table
    )
    return [
        f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
        f" SET search_path = public, pg_temp AS $seal$ BEGIN {each} RETURN NEW; END $seal$",
        f"REVOKE ALL ON FUNCTION {trigger}() FROM PUBLIC",
        f"CREATE TRIGGER yw_seal BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {trigger}()",
    ]


def sealed(entity: Entity, fields: Iterable[Encrypting], parts: Sequence[str]) -> list[Step]:
    """Values sealed table by table; then an index of what is not sealed yet, and one of the digests.

    `parts` are the partitions of the present table, quoted: an index is built on each without keeping writers out.
    """
    steps = []
    for one in _everywhere(fields):
        steps.append(
            Step(
                phase="backfill", kind="seal", table=one.table, enciphered=(one,),
                what=Label(f"{entity.title.zh}：加密 {one.plain}", f"{entity.id}: {one.plain} sealed")
                if one.beside
                else Label(f"{entity.title.zh}：计算 {one.plain} 的摘要", f"{entity.id}: {one.plain} digested"),
            )
        )  # fmt: skip
    for field in fields:
        for at, one in enumerate(field.places):
            for table in parts if parts and at == 0 else (one.table,):
                steps.append(
                    _index(entity, table, _left(one), f"未处理的 {one.plain}", f"what is left of {one.plain}")
                )
        present = field.places[0]
        title = (f"{field.column} 的等值索引", f"lookup of {field.column}")
        on = f"({name(present.find)})"
        if present.find:
            steps += [_index(entity, table, on, *title) for table in parts or (present.table,)]
        if present.find and parts:  # takes over those of the parts
            steps.append(
                Step(
                    phase="backfill", do=(f"CREATE INDEX ON {present.table} {on}",),
                    what=Label(f"{entity.title.zh}：{title[0]}", f"{entity.id}: {title[1]}"),
                )
            )  # fmt: skip
    return steps


def _left(one: Enciphered) -> str:
    """What an index of the rows holds that are not done yet."""
    return f"({name(RECORD)}) WHERE {name(one.plain)} IS NOT NULL AND {name(one.filled)} IS NULL"


def _index_name(table: str, on: str) -> str:
    return name(f"ix_{hashlib.sha256(f'{table} {on}'.encode()).hexdigest()[:16]}")


def _index(entity: Entity, table: str, on: str, zh: str, en: str) -> Step:
    gone = f"DROP INDEX CONCURRENTLY IF EXISTS {table.partition('.')[0]}.{_index_name(table, on)}"
    return Step(
        phase="backfill", kind="index",
        do=(gone, f"CREATE INDEX CONCURRENTLY {_index_name(table, on)} ON {table} {on}"),
        undo=(gone,), what=Label(f"{entity.title.zh}：{zh}", f"{entity.id}: {en}"),
    )  # fmt: skip


def compared(entity: Entity, fields: Iterable[Encrypting]) -> list[Step]:
    """That every sealed value opens to the plain one beside it, before that goes; or has the digest beside it."""
    return [
        Step(
            phase="validate", kind="opened", table=one.table, enciphered=(one,),
            what=Label(f"{entity.title.zh}：逐条解开核对 {one.plain}", f"{entity.id}: {one.plain} opened and compared"),
        )
        for one in _everywhere(fields)
    ]  # fmt: skip


def exchanged(fields: Iterable[Encrypting], number: int) -> list[str]:
    """Names change places: the plain column waits under another until the views let go of it."""
    do = []
    for field in fields:
        for one in field.places:
            gone = name(gone_name(one.plain, number))
            do.append(f"ALTER TABLE {one.table} RENAME COLUMN {name(one.plain)} TO {gone}")
            do.append(f"ALTER TABLE {one.table} RENAME COLUMN {name(one.beside)} TO {name(field.column)}")
        if field.required:
            present = field.places[0]
            do.append(
                f"ALTER TABLE {present.table} ALTER COLUMN {name(gone_name(present.plain, number))} DROP NOT NULL"
            )
            do.append(
                f"ALTER TABLE {present.table} ADD CONSTRAINT {_check(field)}"
                f" CHECK ({name(field.column)} IS NOT NULL) NOT VALID"
            )
    return do


def found(fields: Iterable[Encrypting], parts: Sequence[str]) -> list[str]:
    """The digests take the place of those that an earlier release may have left; the index of what was left to do goes."""
    do = []
    for field in fields:
        for at, one in enumerate(field.places):
            column = name(LOOKUP + field.column)
            for table in parts if parts and at == 0 else (one.table,):
                do.append(f"DROP INDEX {table.partition('.')[0]}.{_index_name(table, _left(one))}")
            do.append(f"ALTER TABLE {one.table} DROP COLUMN IF EXISTS {column}")
            do.append(f"ALTER TABLE {one.table} RENAME COLUMN {name(one.find)} TO {column}")
    return do


def dropped(fields: Iterable[Encrypting], number: int, tables: Mapping[str, str]) -> list[str]:
    """The plain columns go, with every index over them. `tables` are new names of tables by old ones, quoted."""
    return [
        f"ALTER TABLE {tables.get(one.table, one.table)} DROP COLUMN {name(gone_name(one.plain, number))}"
        for one in _everywhere(fields)
    ]


def needed(entity: Entity, table: str, fields: Iterable[Encrypting]) -> list[Step]:
    """That a value is required is proved without keeping anybody out, and then taken over by the column."""
    title, steps = entity.title.zh, []
    for field in fields:
        if not field.required:
            continue
        steps += [
            Step(
                phase="clean", kind="validate", do=(f"ALTER TABLE {table} VALIDATE CONSTRAINT {_check(field)}",),
                what=Label(f"{title}：核对 {field.column}", f"{entity.id}: {field.column} checked"),
            ),
            Step(
                phase="clean", locks=(table,),
                do=(
                    f"ALTER TABLE {table} ALTER COLUMN {name(field.column)} SET NOT NULL",
                    f"ALTER TABLE {table} DROP CONSTRAINT {_check(field)}",
                ),
                what=Label(f"{title}：{field.column} 必填", f"{entity.id}: {field.column} required"),
            ),
        ]  # fmt: skip
    return steps


def renewed(tables: Iterable[str], resting: Sequence[str]) -> list[Step]:
    """The tables anew, so that no page holds what was in the plain columns, while others read and write.

    `resting` are those that the database's own clean-up was kept from.
    """
    steps = [
        Step(
            phase="clean", kind="renew", table=table,
            what=Label(f"{table} 换新，不留明文", f"{table} renewed, no plain value left"),
        )
        for table in dict.fromkeys(tables)
    ]  # fmt: skip
    if steps:
        steps.append(
            Step(
                phase="clean", kind="rewrite", do=(f"VACUUM {STATISTICS}", f"VACUUM (FULL) {STATISTICS}"),
                what=Label("重写统计信息，不留明文", "statistics rewritten, no plain value left"),
            )
        )  # fmt: skip
        steps.append(
            Step(
                phase="clean", kind="validate",
                do=tuple(f"ALTER TABLE {one} RESET (autovacuum_enabled)" for one in resting),
                what=Label("恢复自动清理", "autovacuum goes on"),
            )
        )  # fmt: skip
    return steps


def _check(field: Encrypting) -> str:
    return name(f"{field.column}__needed"[:60])


def _everywhere(fields: Iterable[Encrypting]) -> list[Enciphered]:
    return [one for field in fields for one in field.places]
