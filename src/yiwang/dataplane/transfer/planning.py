"""From what is asked to a task: which columns travel, by which key, into which columns of the target."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from yiwang.dataplane.quality.rules import Rule
from yiwang.dataplane.transfer import errors
from yiwang.dataplane.transfer.checkpoint import JobState, Mode
from yiwang.dataplane.transfer.checks import DROP, check_masks
from yiwang.dataplane.transfer.database import Database
from yiwang.dataplane.transfer.passage import Task
from yiwang.dataplane.transfer.postgresql import PostgreSQL
from yiwang.dataplane.transfer.shape import Change, Column, Refusal, Shape, changes

RulesOf = Callable[[Sequence[Column]], Sequence[Rule]]


def no_rules(columns: Sequence[Column]) -> Sequence[Rule]:
    """Every row may pass."""
    del columns
    return ()


@dataclass(frozen=True)
class Order:
    """What is asked of a job.

    Attributes:
        job: its name; a second run under the same name goes on.
        key: columns that tell rows apart; empty: the table's own.
        cursor: column of an incremental job.
        chunk_rows: rows of a chunk, which is what a crash repeats at most.
        rate: rows a second, 0 without limit.
        replace: the target may hold rows that the job did not write; they go.
        accept_schema: a person accepts that the source has narrowed.
        follow: a job that captures changes goes on until a person stops it.
        follow_for: seconds after which it makes its report all the same; 0: never.
        slot: the one name that its slot and publication may have; empty: it chooses one.
    """

    job: str
    table: str
    target_table: str
    mode: Mode = "full"
    key: tuple[str, ...] = ()
    cursor: str = ""
    chunk_rows: int = 100_000
    rate: int = 0
    replace: bool = False
    accept_schema: bool = False
    follow: bool = False
    rules: RulesOf = no_rules
    masks: Mapping[str, str] = field(default_factory=dict)
    follow_for: int = 0
    slot: str = ""


@dataclass(frozen=True)
class Plan:
    """A task with the contract under which it runs."""

    task: Task
    shape: Shape
    version: int
    changes: tuple[Change, ...]


def planned(order: Order, source: Database, target: Database, state: JobState | None) -> Plan:
    """Look at both tables, make the target's where there is none, and keep the contract.

    Raises: TransferError.
    """
    found = source.shape(order.table)
    if found is None:
        raise errors.TransferTableMissing(table=order.table, place=source.name)
    for name in (*order.key, *order.masks, *((order.cursor,) if order.cursor else ())):
        if name not in found.named():
            raise errors.TransferColumnUnknown(table=order.table, column=name)
    travelling = [c.name for c in found.columns if order.masks.get(c.name) != DROP]
    shape = found.only(travelling)
    version, changed = _contract(order, shape, state)
    there = target.shape(order.target_table)
    key = _key(order, found, there, state)
    check_masks(order.masks, key)
    _fit(order, key, shape, there, source, target)
    if not found.keys and source.unfit_key(order.table, [shape.named()[name] for name in key]):
        raise errors.TransferKeyUnfit(
            table=order.table,
            key="、".join(key),
            reason_zh="有空值或重复",
            reason_en="it is NULL or repeats in some rows",
        )
    if there is None:
        _make(order, shape, key, source, target)
    else:
        _extend(order, shape, there, target)
        if state is None and not order.replace and target.count(order.target_table):
            raise errors.TransferTargetNotEmpty(table=order.target_table)
    made = target.shape(order.target_table)
    if made is None:
        raise errors.TransferTableMissing(table=order.target_table, place=target.name)
    targets = tuple(made.named()[column.name] for column in shape.columns)
    task = Task(order.table, order.target_table, shape.columns, targets, key)
    return Plan(task, shape, version, tuple(changed))


def _contract(order: Order, shape: Shape, state: JobState | None) -> tuple[int, list[Change]]:
    if state is None:
        return 1, []
    for what, was, now in (
        ("table", state.table, order.table),
        ("mode", state.mode, order.mode),
        ("key", "、".join(state.key), "、".join(order.key or state.key)),
    ):
        if was != now:
            raise errors.TransferJobDiffers(job=order.job, what=what, was=was, now=now)
    found = changes(state.shape, shape)
    if any(change.narrows for change in found) and not order.accept_schema:
        raise errors.TransferSchemaNarrowed(
            table=order.table,
            version=state.version,
            changes=[str(change) for change in found if change.narrows],
        )
    return state.version + bool(found), found


def _key(order: Order, shape: Shape, there: Shape | None, state: JobState | None) -> tuple[str, ...]:
    if order.key:
        return order.key
    if state is not None:
        return state.key
    if shape.keys:
        return shape.keys[0]
    if there is not None and there.keys and set(there.keys[0]) <= set(shape.named()):
        return there.keys[0]
    raise errors.TransferKeyMissing(table=order.table)


def _fit(
    order: Order, key: tuple[str, ...], shape: Shape, there: Shape | None, source: Database, target: Database
) -> None:
    for name in key:
        column = shape.named().get(name)
        if column is None:
            raise errors.TransferColumnUnknown(table=order.table, column=name)
        if column.kind not in source.key_kinds & target.key_kinds:
            raise errors.TransferKeyUnfit(
                table=order.table, key=name, reason_zh="这种类型两侧的排序不同",
                reason_en="both sides do not order this type alike",
            )  # fmt: skip
        other = there.named().get(name) if there else None
        if other is not None and other.kind != column.kind:
            raise errors.TransferKeyUnfit(
                table=order.table, key=name, reason_zh=f"两侧类型不同（{column.kind}、{other.kind}）",
                reason_en=f"its types differ ({column.kind}, {other.kind})",
            )  # fmt: skip


def _make(order: Order, shape: Shape, key: tuple[str, ...], source: Database, target: Database) -> None:
    columns = []
    for column in shape.columns:
        if order.masks.get(column.name):
            columns.append(Column(column.name, "text", nullable=column.nullable))
        else:
            columns.append(
                msgspec.structs.replace(column, nullable=column.nullable and column.name not in key)
            )
    same = (
        source.wirable.get(order.table)
        if isinstance(source, PostgreSQL) and isinstance(target, PostgreSQL)
        else None
    )
    with target.transaction():
        if same is not None and isinstance(target, PostgreSQL):
            target.keep_types(
                {c.name: c.native for c in shape.columns if c.name in same and not order.masks.get(c.name)}
            )
        try:
            target.create(order.target_table, columns, [c for name in key for c in columns if c.name == name])
        except Refusal as refusal:
            raise errors.TransferRefused(place=target.name, reason=refusal.reason) from None


def _extend(order: Order, shape: Shape, there: Shape, target: Database) -> None:
    """Additive changes flow: columns that the target lacks are added to it."""
    lacking = [column for column in shape.columns if column.name not in there.named()]
    try:
        with target.transaction():
            for column in lacking:
                masked = order.masks.get(column.name)
                target.add_column(
                    order.target_table,
                    Column(column.name, "text") if masked else msgspec.structs.replace(column, nullable=True),
                )
    except Refusal:
        raise errors.TransferTargetLacks(
            table=order.target_table, columns=[column.name for column in lacking]
        ) from None
