"""A table that takes over some of another's columns."""

from __future__ import annotations

from dataclasses import dataclass

from yiwang.blocks.registry.domain.compiled import Entity, Field, System, stored_columns
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.layout import BY, CREATED, FROM, KNOWN, RECORD, SOURCES, TO
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.domain.releasing.steps import Step
from yiwang.blocks.registry.domain.releasing.support import Unchangeable
from yiwang.systems.planning.changes import Plan


@dataclass(frozen=True, slots=True)
class Split:
    """A split.

    Attributes:
        source: id of the table that goes on.
        target: the new entity.
        table: the new table, quoted.
        pairs: columns of the new table and the columns of the source they come from.
        columns: the source's columns that move.
    """

    source: str
    target: Entity
    table: str
    pairs: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    dated: bool


def splits_of(plan: Plan, before: System, after: System) -> list[Split]:
    """The splits of a plan. Raises: Unchangeable, where the new table keeps its history otherwise."""
    found = []
    for one in plan.changes:
        if one.kind != "split_table":
            continue
        target = after.entity(one.path)
        source = before.entity(one.facts["from"])
        if target.history != source.history:
            raise Unchangeable(one.zh)
        moves = {
            c.facts["to"].partition(".")[2]: c.facts["from"].partition(".")[2]
            for c in plan.changes
            if c.kind == "move_column" and c.path.startswith(f"{target.id}.")
        }
        pairs: list[tuple[str, str]] = []
        moved: list[str] = []
        keys = tuple(c for name_ in source.key for c in source.field(name_).columns)
        for field in target.fields:
            if field.id in moves:
                was = source.field(moves[field.id])
                _movable(field, was, target, source)
                pairs += list(zip(stored_columns(field), stored_columns(was), strict=False))
                moved += stored_columns(was)
            elif field.target == (after.id, source.id):
                pairs += list(zip(field.columns, keys, strict=True))
            elif field.id in target.key:
                pairs += list(zip(field.columns, source.field(field.id).columns, strict=True))
            elif field.required and field.derived is None:
                raise Unchangeable(one.zh)
        table = name(f"sys_{after.id}", target.id)
        found.append(
            Split(source.id, target, table, tuple(pairs), tuple(moved), target.history == "bitemporal")
        )
    return found


def _movable(field: Field, was: Field, target: Entity, source: Entity) -> None:
    """Sealed values move as they are. Raises: Unchangeable, where they could not be opened in the new table."""
    if field.encrypted != was.encrypted or (field.lookup and not was.lookup and field.encrypted):
        raise Unchangeable(f"{target.id}.{field.id}：拆表的同时改加密方式（分两版做）")
    by = [
        tuple(source.key) if one.target is not None and one.target[1] == source.id else (one.id,)
        for one in map(target.field, target.key)
    ]
    if field.encrypted and tuple(name_ for names in by for name_ in names) != tuple(source.key):
        raise Unchangeable(f"{target.id}.{field.id}：加密的值绑定原表主键，拆出的表须用同一主键")


def following(split: Split, trigger: str, source: str) -> list[str]:
    """A trigger by which the new table follows the source until the switch."""
    own = [RECORD, *([FROM, TO] if split.dated else []), CREATED, KNOWN, BY, SOURCES]
    columns = ", ".join(name(c) for c in (*own, *(to for to, _ in split.pairs)))
    values = ", ".join(f"NEW.{name(c)}" for c in (*own, *(was for _, was in split.pairs)))
    same = [f"t.{name(RECORD)} = OLD.{name(RECORD)}"]
    if split.dated:
        same.append(f"t.{name(FROM)} = OLD.{name(FROM)}")
    return [
        f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
        f" SET search_path = public, pg_temp AS $split$ BEGIN"
        f" IF TG_OP <> 'INSERT' THEN DELETE FROM {split.table} t WHERE {' AND '.join(same)}; END IF;"
        f" IF TG_OP <> 'DELETE' THEN INSERT INTO {split.table} ({columns}) VALUES ({values}); END IF;"
        f" RETURN NULL; END $split$",
        f"REVOKE ALL ON FUNCTION {trigger}() FROM PUBLIC",
        f"CREATE TRIGGER yw_split_{len(split.pairs)} AFTER INSERT OR UPDATE OR DELETE ON {source}"
        f" FOR EACH ROW EXECUTE FUNCTION {trigger}()",
    ]


def compared(split: Split, source: str) -> Step:
    """That each row of the source has its row in the new table."""
    own = [RECORD, *([FROM] if split.dated else [])]
    joined = " AND ".join(f"t.{name(c)} = s.{name(c)}" for c in own)
    other = " OR ".join(f"t.{name(to)} IS DISTINCT FROM s.{name(was)}" for to, was in split.pairs)
    return Step(
        phase="validate", kind="count",
        do=(
            f"SELECT count(*) FROM {source} s LEFT JOIN {split.table} t ON {joined}"
            f" WHERE t.{name(RECORD)} IS NULL OR {other}",
        ),
        what=Label(f"{split.target.title.zh}：与原表不同的行数", f"{split.target.id}: rows that differ from the source"),
    )  # fmt: skip
