"""Whether a resource fits a table: items to columns, the key, the disclosure of uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yiwang.blocks.exchange.domain.compiled import FieldType
from yiwang.blocks.exchange.domain.mount import ColumnMap
from yiwang.dataplane.connectors.facts import RelationFacts
from yiwang.vocabulary.forms import Problem

_FROM: dict[FieldType, frozenset[str]] = {
    "text": frozenset({"text", "integer", "decimal", "boolean", "date", "datetime"}),
    "integer": frozenset({"integer", "decimal"}),
    "decimal": frozenset({"decimal", "integer"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date", "datetime"}),
    "datetime": frozenset({"datetime", "date"}),
    "json": frozenset({"json"}),
    "binary": frozenset({"binary"}),
}
"""Column types from which an item of each type can be served without guessing."""


@dataclass(frozen=True)
class MountPlan:
    """What the officer wants."""

    columns: Sequence[ColumnMap]
    key: tuple[str, ...]
    modes: tuple[str, ...]
    disclosure: str
    disclosure_basis: str


def fitted(
    plan: MountPlan, items: Mapping[str, FieldType], relation: RelationFacts
) -> tuple[tuple[ColumnMap, ...], tuple[Problem, ...]]:
    """The columns as they will be served, with types of catalogue and table, and everything wrong with the plan.

    `items` are types of the resource's items by wire name.
    """
    fitting: list[ColumnMap] = []
    found: list[Problem] = []
    seen: set[str] = set()
    for index, wanted in enumerate(plan.columns):
        where = f"columns.{index}"
        problem = _column_problem(wanted, items, relation, seen)
        seen.add(wanted.item)
        if problem is not None:
            found.append(Problem(f"{where}.{problem.where}", problem.zh, problem.en))
            continue
        column = relation.column(wanted.column)
        if column is not None:
            type_ = items[wanted.item]
            fitting.append(ColumnMap(wanted.item, column.name, type_, column.database_type, wanted.readable))
    if not plan.columns:
        found.append(Problem("columns", "至少映射一个数据项。", "Map at least one item."))
    found += _key_problems(plan, fitting, relation)
    if not {"query", "verify"} & set(plan.modes) or set(plan.modes) - {"query", "verify", "table"}:
        found.append(
            Problem(
                "modes",
                "请选择提供方式：查询、核验，可以加上库表。",
                "Choose query or verify; tables may be added.",
            )
        )
    if "table" in plan.modes and not plan.key:
        found.append(
            Problem(
                "key",
                "提供库表要有主键：没有主键无法断点续传和对账。",
                "Delivering tables needs a key: without it nothing could be resumed or reconciled.",
            )
        )
    if plan.disclosure not in {"immediate", "delayed", "withheld"}:
        found.append(Problem("disclosure", "请选择使用记录的公开方式。", "Choose how uses are disclosed."))
    elif plan.disclosure != "immediate" and not plan.disclosure_basis.strip():
        found.append(
            Problem(
                "disclosure_basis",
                "延迟或不向本人公开使用记录，须写明法律依据。",
                "Delaying or withholding the record of uses needs its legal basis.",
            )
        )
    return tuple(fitting), tuple(found)


def key_columns(key: tuple[str, ...], columns: Sequence[ColumnMap]) -> tuple[str, ...]:
    """The columns behind the wire names of a key."""
    behind = {column.item: column.column for column in columns}
    return tuple(behind[name] for name in key if name in behind)


def key_is_declared(key: tuple[str, ...], columns: Sequence[ColumnMap], relation: RelationFacts) -> bool:
    """Whether the key is only the officer's word: true for views, where the database declares none."""
    return bool(key) and not any(set(one) == set(key_columns(key, columns)) for one in relation.keys)


def _column_problem(
    wanted: ColumnMap, items: Mapping[str, FieldType], relation: RelationFacts, seen: set[str]
) -> Problem | None:
    if wanted.item not in items:
        return Problem(
            "item", f"资源没有数据项“{wanted.item}”。", f"The resource has no item “{wanted.item}”."
        )
    if wanted.item in seen:
        return Problem("item", f"数据项“{wanted.item}”映射了两次。", f"Item “{wanted.item}” is mapped twice.")
    column = relation.column(wanted.column)
    if column is None:
        return Problem("column", f"表中没有列“{wanted.column}”。", f"There is no column “{wanted.column}”.")
    if column.type is None:
        return Problem(
            "column",
            f"列“{column.name}”的类型 {column.database_type} 不能交换，请用视图转换。",
            f"Column “{column.name}” has type {column.database_type}, which cannot be exchanged: use a view.",
        )
    if column.type not in _FROM[items[wanted.item]]:
        return Problem(
            "column",
            f"列“{column.name}”是 {column.database_type}，不能作为 {items[wanted.item]} 型的“{wanted.item}”。",
            f"Column “{column.name}” is {column.database_type} and cannot serve the {items[wanted.item]} item"
            f" “{wanted.item}”.",
        )
    return None


def _key_problems(plan: MountPlan, fitting: Sequence[ColumnMap], relation: RelationFacts) -> list[Problem]:
    if not plan.key:
        return []
    types = {column.item: column.type for column in fitting}
    if set(plan.key) - set(types):
        return [Problem("key", "主键的每个数据项都要映射。", "Every item of the key has to be mapped.")]
    if any(types[name] in {"json", "binary"} for name in plan.key):
        return [Problem("key", "主键不能是结构化或二进制类型。", "A key is neither structured nor binary.")]
    if relation.name.kind in {"table", "partitioned_table"} and key_is_declared(plan.key, fitting, relation):
        return [
            Problem(
                "key",
                "表上没有这样的主键或非空唯一索引；没有唯一键的表可以挂接，但不能翻页。",
                "The table has no such primary key or non-null unique index. It can be mounted, without paging.",
            )
        ]
    return []
