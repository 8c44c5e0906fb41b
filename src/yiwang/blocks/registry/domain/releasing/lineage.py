"""What earlier releases kept of a field, under the names that it had then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from yiwang.blocks.registry.domain.layout import PAST
from yiwang.blocks.registry.domain.sealed import Relation, named

Left = Callable[[str, str], Sequence[tuple[str, str]]]
"""Tells of an entity and a column which tables and columns hold older values of it in the clear."""
Renaming = tuple[str, str, str]
"""Of a finished release: kind of a change, its path, and where it comes from."""


def nothing_left(_entity: str, _column: str) -> Sequence[tuple[str, str]]:
    """Of a system without earlier releases."""
    return ()


def leftovers(relations: Iterable[Relation], changes: Sequence[Renaming]) -> Left:
    """`relations` are the system's tables; `changes` all renames and moves that were made, the newest first."""
    lying = list(relations)

    def left(entity: str, column: str) -> Sequence[tuple[str, str]]:
        names = _ancestors(entity, column, changes)
        return [
            (relation.name, one)
            for relation in lying
            for one in relation.columns
            if one not in relation.binary
            and any(_kept_of(relation.name, one, table, was) for table, was in names)
        ]

    return left


def _kept_of(relation: str, actual: str, table: str, column: str) -> bool:
    """Whether a column was kept when it, or its table, went; never one that is in use."""
    live = (table, table + PAST)
    known = any(named(one, relation) for one in live)
    return known and named(column, actual) and not (relation in live and actual == column)


def _ancestors(entity: str, column: str, changes: Sequence[Renaming]) -> set[tuple[str, str]]:
    """Where the values of a column have ever stood: tables and columns by their names."""
    found = {(entity, column)}
    for kind, path, origin in chain(changes, changes):
        table, _, name = path.partition(".")
        for here, one in list(found):
            if here != table:
                continue
            if kind == "rename_table":
                found.add((origin, one))
            elif name == one and kind == "rename_column":
                found.add((table, origin))
            elif name == one and kind == "move_column":
                was, _, field = origin.partition(".")
                found.add((was, field))
    return found
