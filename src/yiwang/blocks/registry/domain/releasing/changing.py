"""From one release to the next, while the tables are read and written. ADR 0141.

What a column is to hold anew is put into a column beside it (`name__next`), which a trigger keeps right for whoever
still writes by the release before; a walk touches the rows that were there. At the switch names change places: the
old column stays as `name__was_N`. So nothing is lost, and until the switch everything can be taken back.
"""

from __future__ import annotations

from yiwang.blocks.registry.domain.compiled import Entity, System, schema_of
from yiwang.blocks.registry.domain.judged import VIEW
from yiwang.blocks.registry.domain.layout import ORDERED, PAST, Table
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.domain.releasing import enciphering, indexing
from yiwang.blocks.registry.domain.releasing.columns import moves_of
from yiwang.blocks.registry.domain.releasing.installing import created, functions_gone, switched
from yiwang.blocks.registry.domain.releasing.lineage import Left, nothing_left
from yiwang.blocks.registry.domain.releasing.naming import carried, kept_name
from yiwang.blocks.registry.domain.releasing.quality import quality_gone
from yiwang.blocks.registry.domain.releasing.roles import Roles
from yiwang.blocks.registry.domain.releasing.sharing import share_schema
from yiwang.blocks.registry.domain.releasing.splitting import splits_of
from yiwang.blocks.registry.domain.releasing.steps import Step
from yiwang.blocks.registry.domain.releasing.support import Unchangeable, unsupported
from yiwang.systems.planning.changes import Plan


def change(
    before: System, after: System, plan: Plan, roles: Roles, number: int, left: Left = nothing_left
) -> tuple[System, tuple[Step, ...]]:
    """The next release as it will be stored, and the steps that lead to it.

    `number` names what is kept; `left` tells what earlier releases kept of a field.

    Raises: Unchangeable, naming a change that is not made on tables with data.
    """
    refused = unsupported(plan, before)
    if refused:
        raise Unchangeable(refused)
    was = {c.path: c.facts["from"] for c in plan.changes if c.kind == "rename_table"}
    after = carried(before, after, was, plan)
    old = {one.id: one for one in before.entities}
    splits = splits_of(plan, before, after)
    pairs = [(old[was.get(one.id, one.id)], one) for one in after.entities if was.get(one.id, one.id) in old]
    gone = [one for one in before.entities if one.id not in {pair[0].id for pair in pairs}]
    steps: list[Step] = []
    kept = {pair[1].id for pair in pairs}
    steps += [created(after, one, roles.app) for one in after.entities if one.id not in kept]
    moves = [
        moves_of(before, after, former, later, plan, [s for s in splits if s.source == former.id], number)
        for former, later in pairs
    ]
    for one in moves:
        steps += one.expand()
    for one in moves:
        steps += one.walk()
    for one, (former, later) in zip(moves, pairs, strict=True):
        names = {now: was for was, now in one.renamed}
        new = frozenset(column.column for column in one.fresh)
        steps += indexing.added(after, former, later, names, new)
    for one in moves:
        steps += one.validate()
    first: list[str] = []
    locks: list[str] = []
    for one, (former, _) in zip(moves, pairs, strict=True):
        first += one.switch()
        locks += _views(before, former)
        if one.moves:
            locks += _relations(one.table, one.past)
    for entity in gone:
        first += _retired(before, entity, number)
        table = entity.table(before.id)
        locks += _relations(
            name(table.schema, table.name), name(table.schema, table.name + PAST) if table.kept else ""
        )
    for former, later in pairs:
        if former.id != later.id:
            first += _renamed(before, former, later)
    names = _new_names(before, pairs, gone, number)
    drops: list[str] = []
    last: list[str] = []
    clean: list[Step] = []
    touched: list[str] = []
    resting: list[str] = []
    for one, (former, later) in zip(moves, pairs, strict=True):
        last += enciphering.dropped(one.encrypted, number, names)
        if one.encrypted:
            clean += enciphering.needed(later, names.get(one.table, one.table), one.encrypted)
            resting += _stored(after, later)
        for field in one.encrypted:
            touched += [place.table for place in field.places]
            for relation, column in left(former.id, field.places[0].plain):
                standing = name(schema_of(before.id), relation)
                drops.append(f"ALTER TABLE {standing} DROP COLUMN {name(column)}")
                touched.append(standing)
    locks += [table for table in dict.fromkeys(touched) if table not in locks]
    clean += enciphering.renewed([names.get(table, table) for table in touched], resting)
    places = tuple(place for one in moves for field in one.enciphered for place in field.places)
    steps.append(switched(after, roles, (*drops, *first), tuple(locks), tuple(last), places))
    return after, (*steps, *clean)


def _stored(system: System, entity: Entity) -> list[str]:
    """The tables that its rows lie in: of a partitioned one its parts."""
    table = entity.table(system.id)
    parts = [f"{table.name}__{part}" for part in range(table.partition)] or [table.name]
    return [name(table.schema, one) for one in (*parts, *([table.name + PAST] if table.kept else []))]


def _new_names(
    before: System, pairs: list[tuple[Entity, Entity]], gone: list[Entity], number: int
) -> dict[str, str]:
    """What tables are called after the switch, by their names before it; both quoted."""
    schema = schema_of(before.id)
    renamed = [(former.id, later.id) for former, later in pairs if former.id != later.id]
    found = {(was + end, now + end) for was, now in renamed for end in ("", PAST)}
    found |= {(one.id + end, kept_name(one.id + end, number)) for one in gone for end in ("", PAST)}
    return {name(schema, was): name(schema, now) for was, now in found}


def _relations(table: str, past: str) -> list[str]:
    return [one for one in (table, past) if one]


def _views(system: System, entity: Entity) -> list[str]:
    """The views that the switch makes anew."""
    table = entity.table(system.id)
    found = [name(table.views, table.name)]
    if table.kept:
        found.append(name(table.views, table.name + PAST))
    if entity.share_type != "none":
        found.append(name(share_schema(system.id), entity.id))
    return found


def _gone_views(system: System, table: Table) -> list[str]:
    found = [
        f"DROP VIEW IF EXISTS {name(table.views, table.name + ORDERED)}",
        f"DROP VIEW IF EXISTS {name(table.views, table.name)}",
        f"DROP VIEW IF EXISTS {name(share_schema(system.id), table.name)}",
        quality_gone(system.id, table.name),
        f"DROP VIEW IF EXISTS {name(table.views, table.name + VIEW)}",
    ]
    if table.kept:
        found.append(f"DROP VIEW IF EXISTS {name(table.views, table.name + PAST)}")
    return found


def _retired(system: System, entity: Entity, number: int) -> list[str]:
    """A table that is declared no more: its views and functions go, its rows stay under another name."""
    table = entity.table(system.id)
    done = [*_gone_views(system, table), *functions_gone(system, entity)]
    for one in (table.name, *([table.name + PAST] if table.kept else [])):
        done.append(f"ALTER TABLE {name(table.schema, one)} RENAME TO {name(kept_name(one, number))}")
    return done


def _renamed(system: System, former: Entity, later: Entity) -> list[str]:
    table = former.table(system.id)
    done = [*_gone_views(system, table), *functions_gone(system, former)]
    done.append(f"ALTER TABLE {name(table.schema, former.id)} RENAME TO {name(later.id)}")
    if table.kept:
        done.append(f"ALTER TABLE {name(table.schema, former.id + PAST)} RENAME TO {name(later.id + PAST)}")
    for part in range(table.partition):
        done.append(
            f"ALTER TABLE {name(table.schema, f'{former.id}__{part}')} RENAME TO {name(f'{later.id}__{part}')}"
        )
    return done
