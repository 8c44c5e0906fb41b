"""Whether a table still is what was mounted."""

from __future__ import annotations

from collections.abc import Mapping

from yiwang.blocks.exchange.domain.mount import ColumnMap, Drift


def drifts(
    columns: tuple[ColumnMap, ...],
    key: tuple[str, ...],
    now: Mapping[str, str] | None,
    keys_now: tuple[tuple[str, ...], ...],
    *,
    declared: bool,
) -> tuple[Drift, ...]:
    """What changed since the mount.

    Args:
        columns: items and columns as mounted.
        key: wire names of the key as mounted.
        now: database types by column name as they stand; None when the table is gone or unreadable.
        keys_now: column names of the unique keys as they stand.
        declared: the key was the officer's word (a view), so the database has none to lose.
    """
    if now is None:
        return (Drift("relation-gone"),)
    found = []
    for column in columns:
        if column.column not in now:
            found.append(Drift("dropped", column.item, column.column, column.database_type, ""))
        elif now[column.column] != column.database_type:
            found.append(
                Drift("retyped", column.item, column.column, column.database_type, now[column.column])
            )
    behind = {column.item: column.column for column in columns}
    needed = {behind[name] for name in key if name in behind}
    if key and not declared and not any(set(one) == needed for one in keys_now):
        found.append(Drift("key-gone", was=", ".join(sorted(needed))))
    return tuple(found)
