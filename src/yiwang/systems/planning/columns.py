"""Changes of one table: its columns, key, history, encryption and indexes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from yiwang.systems.model.entities import DEFAULT_GRADE, Entity, Field
from yiwang.systems.model.types import FieldType
from yiwang.systems.planning.changes import Change, Effect, Kind

Fit = Literal["same", "wider", "narrower", "other"]
_HISTORIES = ("none", "versions", "bitemporal")
_TEXTS = frozenset(("text", "long_text", "address", "phone", "serial", "division", "period", "code"))
"""Types that are stored as text, so that the values stay what they are."""


def compare_types(before: FieldType, after: FieldType) -> Fit:
    """Whether every value of the old type is one of the new."""
    if before == after:
        return "same"
    if before.kind == after.kind == "text":
        old, new = before.length, after.length
        return "wider" if new is None or (old is not None and new > old) else "narrower"
    if before.kind == after.kind == "decimal" and before.precision and after.precision:
        (digits, scale), (more, finer) = before.precision, after.precision
        return "wider" if finer >= scale and more - finer >= digits - scale else "narrower"
    if (before.kind, after.kind) in {("integer", "decimal"), ("code", "text"), ("date", "datetime")} or (
        before.kind in _TEXTS and after.kind == "long_text"
    ):
        return "wider"
    if before.kind in _TEXTS and after.kind in _TEXTS:
        return "narrower"
    return "other"


def table_changes(before: Entity, after: Entity, moved: frozenset[str] = frozenset()) -> Iterator[Change]:
    """The changes of a table that goes on; `moved`: fields that a split took elsewhere."""
    name = after.id
    if before.key != after.key:
        yield _change(
            "change_key",
            "table",
            name,
            "confirm",
            "更改主键",
            "changes its key",
            before.key,
            after.key,
            breaking=True,
        )
    if before.history != after.history:
        more = _HISTORIES.index(after.history) > _HISTORIES.index(before.history)
        effect: Effect = "backfill" if more else "confirm"
        yield _change(
            "change_history",
            "table",
            name,
            effect,
            "更改历史方式",
            "changes how history is kept",
            before.history,
            after.history,
        )
    if before.partition != after.partition:
        yield _change(
            "change_partition",
            "table",
            name,
            "backfill",
            "更改分区",
            "changes its partitions",
            before.partition,
            after.partition,
        )
    old = {one.id: one for one in before.fields}
    kept: set[str] = set()
    for field in after.fields:
        source = old.get(field.id) or (old.get(field.was) if field.was else None)
        if source is None:
            yield from new_column(name, field)
            continue
        kept.add(source.id)
        yield from column_changes(name, source, field)
    for field in before.fields:
        if field.id not in kept and field.id not in moved:
            yield _change("drop_column", "column", f"{name}.{field.id}", "confirm", "不再使用（旧数据保留）",
                          "is no longer used (its data is kept)", breaking=True)  # fmt: skip


def new_column(entity: str, field: Field) -> Iterator[Change]:
    """A column that was not there."""
    filled = field.default is not None or field.derived is not None or not field.required
    yield _change("create_column", "column", f"{entity}.{field.id}", "additive" if filled else "backfill", "新增",
                  "is new" if filled else "is new and required: rows must be filled", None, field.type)  # fmt: skip
    if field.unique or field.search or field.lookup:
        yield _change(
            "create_index", "column", f"{entity}.{field.id}", "additive", "建立索引", "gets an index"
        )


def column_changes(entity: str, before: Field, after: Field) -> Iterator[Change]:
    """The changes of a column that goes on."""
    path = f"{entity}.{after.id}"
    if before.id != after.id:
        yield _change(
            "rename_column",
            "column",
            path,
            "additive",
            "改名",
            "is renamed",
            before.id,
            after.id,
            breaking=True,
        )
    fit = compare_types(before.type, after.type)
    if fit == "wider":
        yield _change(
            "widen_column", "column", path, "additive", "放宽类型", "widens", before.type, after.type
        )
    elif fit == "narrower":
        yield _change(
            "narrow_column",
            "column",
            path,
            "confirm",
            "收窄类型",
            "narrows",
            before.type,
            after.type,
            breaking=True,
        )
    elif fit == "other":
        yield _change(
            "change_type",
            "column",
            path,
            "confirm",
            "更改类型",
            "changes its type",
            before.type,
            after.type,
            breaking=True,
        )
    if after.required and not before.required:
        yield _change(
            "require", "column", path, "backfill", "改为必填", "becomes required", None, after.default
        )
    elif before.required and not after.required:
        yield _change("unrequire", "column", path, "additive", "改为选填", "may be empty now", breaking=True)
    if before.default != after.default:
        yield _change(
            "change_default",
            "column",
            path,
            "additive",
            "更改默认值",
            "changes its default",
            before.default,
            after.default,
        )
    if before.derived != after.derived:
        yield _change("change_derived", "column", path, "backfill", "更改推算公式", "is worked out anew",
                      before.derived and before.derived.text, after.derived and after.derived.text)  # fmt: skip
    if after.encrypted and not before.encrypted:
        yield _change("encrypt", "column", path, "backfill", "改为加密存储（不留明文；切换后重写数据表，其间不能读写）",
                      "becomes encrypted (no plain value is kept; its table is closed while it is rewritten)")  # fmt: skip
    elif before.encrypted and not after.encrypted:
        yield _change("decrypt", "column", path, "confirm", "不再加密存储", "is no longer encrypted")
    if after.lookup != before.lookup:
        kind: Kind = "create_lookup" if after.lookup else "drop_lookup"
        yield _change(
            kind,
            "column",
            path,
            "backfill" if after.lookup else "additive",
            "可按值查找" if after.lookup else "不再可按值查找",
            "can be found by its value" if after.lookup else "is no longer found by its value",
        )
    if (after.unique or after.search) and not (before.unique or before.search):
        yield _change(
            "create_index",
            "column",
            path,
            "backfill" if after.unique else "additive",
            "建立索引",
            "gets an index",
        )
    elif (before.unique or before.search) and not (after.unique or after.search):
        yield _change("drop_index", "column", path, "additive", "去掉索引", "loses its index")
    old, new = before.grade or DEFAULT_GRADE, after.grade or DEFAULT_GRADE
    if new > old:
        yield _change("raise_grade", "column", path, "additive", "级别升高", "is graded higher", old, new)
    elif new < old:
        yield _change("lower_grade", "column", path, "confirm", "级别降低", "is graded lower", old, new)


def _change(
    kind: Kind, thing: str, path: str, effect: Effect, zh: str, en: str, old: object = None, new: object = None,
    *, breaking: bool = False,
) -> Change:  # fmt: skip
    facts = {key: str(value) for key, value in (("from", old), ("to", new)) if value is not None}
    arrow = f"：{facts.get('from', '—')} → {facts.get('to', '—')}" if facts else ""
    return Change(
        kind=kind, thing=thing, path=path, effect=effect, breaking=breaking, facts=facts,
        zh=f"{path} {zh}{arrow}", en=f"{path} {en}{arrow.replace('：', ': ')}",
    )  # fmt: skip
