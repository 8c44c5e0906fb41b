"""Indexes that a release adds to tables with data: built while others read and write."""

from __future__ import annotations

import hashlib

from yiwang.blocks.registry.domain.compiled import Entity, System
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.quoting import name
from yiwang.blocks.registry.domain.releasing.naming import next_name
from yiwang.blocks.registry.domain.releasing.steps import Step


def added(
    after: System, former: Entity, later: Entity, names: dict[str, str], fresh: frozenset[str]
) -> list[Step]:  # fmt: skip
    """Steps for the indexes that the last release had not.

    Args:
        names: of columns in the last release by those of the next.
        fresh: columns whose coming values stand beside them until the switch.
    """
    table = name(f"sys_{after.id}", former.id)
    had = set(former.indexes)
    unique_had = {c for f in former.fields if f.unique for c in f.columns}
    steps = []
    for columns in later.indexes:
        standing = tuple(names.get(c, c) for c in columns)
        if standing not in had:
            steps.append(
                _step(after, table, later, tuple(_now(c, names, fresh) for c in columns), "", former)
            )
    for field in later.fields:
        for column in field.columns if field.unique and field.derived is None else ():
            if names.get(column, column) not in unique_had:
                steps.append(_step(after, table, later, (_now(column, names, fresh),), "UNIQUE ", former))
    return steps


def _now(column: str, renamed: dict[str, str], fresh: frozenset[str]) -> str:
    return next_name(column) if column in fresh else renamed.get(column, column)


def _step(
    system: System, table: str, entity: Entity, columns: tuple[str, ...], unique: str, former: Entity
) -> Step:
    digest = hashlib.sha256(f"{entity.id} {columns} {system.version}".encode()).hexdigest()[:16]
    index = f"ix_{digest}"
    here = name(f"sys_{system.id}", index)
    made = f"INDEX {{}}{name(index)} ON {table} ({', '.join(name(c) for c in columns)})"
    what = Label(
        f"{entity.title.zh}：按 {'、'.join(columns)} 建索引", f"{entity.id}: index on {', '.join(columns)}"
    )
    if former.partition:
        return Step(
            phase="backfill", what=what, do=(f"CREATE {unique}{made.format('')}",), undo=(f"DROP INDEX IF EXISTS {here}",),
        )  # fmt: skip
    gone = f"DROP INDEX CONCURRENTLY IF EXISTS {here}"
    return Step(
        phase="backfill", kind="index", what=what, do=(gone, f"CREATE {unique}{made.format('CONCURRENTLY ')}"), undo=(gone,),
    )  # fmt: skip
