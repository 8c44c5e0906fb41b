"""What changed in the sources since an earlier census: tables, columns, types, keys, code lists, grades."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from yiwang.dataplane.census.document import Earlier, Known, known
from yiwang.dataplane.census.draft import Draft
from yiwang.dataplane.census.source import Text

Kind = Literal[
    "table-added",
    "table-removed",
    "column-added",
    "column-removed",
    "type",
    "key",
    "reference",
    "codes",
    "level",
]
_SHOWN: Final = 5


@dataclass(frozen=True)
class Change:
    """One difference; `breaking` when those who read the data may trip over it."""

    kind: Kind
    where: str
    breaking: bool
    text: Text


def changes(earlier: Earlier, draft: Draft) -> tuple[Change, ...]:
    """Differences from the earlier census to this one, by table and column."""
    now = known(draft)
    # a run over some of the sources says nothing about the others
    here = {
        table
        for table, columns in earlier.items()
        if any(c.source in draft.sources for c in columns.values())
    }
    if here:
        earlier = {table: columns for table, columns in earlier.items() if table in here or table in now}
    found: list[Change] = []
    for table in sorted(earlier.keys() | now.keys()):
        if table not in now:
            found.append(Change("table-removed", table, True, Text("表已不在", "the table is gone")))
        elif table not in earlier:
            found.append(Change("table-added", table, False, Text("新增的表", "a new table")))
        else:
            found.extend(_columns(table, earlier[table], now[table]))
    return tuple(found)


def _columns(table: str, was: dict[str, Known], now: dict[str, Known]) -> Iterator[Change]:
    for column in dict.fromkeys((*was, *now)):
        where = f"{table}.{column}"
        if column not in now:
            yield Change("column-removed", where, True, Text("列已不在", "the column is gone"))
        elif column not in was:
            yield Change("column-added", where, False, Text("新增的列", "a new column"))
        else:
            yield from _column(where, was[column], now[column])


def _column(where: str, was: Known, now: Known) -> Iterator[Change]:
    before, after = _type(was), _type(now)
    if before != after:
        narrower = was.letter != now.letter or now.length < was.length
        yield Change(
            "type",
            where,
            narrower,
            Text(f"类型由 {before} 变为 {after}", f"type changed from {before} to {after}"),
        )
    if was.key != now.key:
        told = (
            Text("成为主键", "became part of the key")
            if now.key
            else Text("不再是主键", "is no longer part of the key")
        )
        yield Change("key", where, not now.key, told)
    if was.references != now.references:
        yield Change(
            "reference", where, False,
            Text(f"外键由“{was.references or '无'}”变为“{now.references or '无'}”",
                 f"points to {now.references or 'nothing'} instead of {was.references or 'nothing'}"),
        )  # fmt: skip
    if was.entries is not None and now.entries is not None and was.entries != now.entries:
        added, removed = sorted(now.entries - was.entries), sorted(was.entries - now.entries)
        zh = "；".join(
            f"{word} {'、'.join(codes[:_SHOWN])}{' 等' if len(codes) > _SHOWN else ''}"
            for word, codes in (("新增代码", added), ("不再出现", removed))
            if codes
        )
        en = "; ".join(
            f"{word} {', '.join(codes[:_SHOWN])}{' …' if len(codes) > _SHOWN else ''}"
            for word, codes in (("new codes", added), ("no longer there:", removed))
            if codes
        )
        yield Change("codes", where, bool(added), Text(zh, en))
    if was.level != now.level:
        yield Change(
            "level", where, now.level > was.level,
            Text(f"数据级别由 {was.level} 级变为 {now.level} 级", f"level changed from {was.level} to {now.level}"),
        )  # fmt: skip


def _type(held: Known) -> str:
    size = f"({held.length},{held.scale})" if held.scale else f"({held.length})" if held.length else ""
    return f"{held.letter}{size}"
