"""The rules of resources: proposed from their entries, edited by their providers, taken from and given as contracts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SYSTEM, as_actor, zone
from yiwang.blocks.identity.public import DATA_OFFICER, Actor, acting
from yiwang.blocks.quality.actions.declared import declared_of
from yiwang.blocks.quality.actions.tables import judged_table, judged_tables
from yiwang.blocks.quality.actions.ticketing import drop_tickets
from yiwang.blocks.quality.domain import errors
from yiwang.blocks.quality.domain.errors import Problem
from yiwang.blocks.quality.domain.planning import (
    CADENCES,
    LONGEST,
    SHORTEST,
    Cadence,
    Column,
    Origin,
    column_sql,
    plain,
    problems,
)
from yiwang.blocks.quality.domain.proposing import Domain, Item, proposed
from yiwang.blocks.quality.store import models
from yiwang.blocks.quality.store.rows import watched_in_reach
from yiwang.blocks.quality.store.run_queue import hand_over
from yiwang.blocks.standards import public as standards
from yiwang.dataplane.quality.contracts import FromContract, from_contract
from yiwang.dataplane.quality.dialects import POSTGRES
from yiwang.dataplane.quality.rules import Condition, Expression, Fresh, Rule
from yiwang.dataplane.quality.spelling import Spelled
from yiwang.systems.reading.yaml_text import read_yaml

LARGEST_CONTRACT = 512 * 1024
LEAST_GAP = timedelta(minutes=5)
"""Between two runs of a resource that people ask for."""


@as_actor
def keep_rules(
    actor: Actor,
    resource: str,
    entries: Sequence[object],
    now: datetime,
    *,
    cadence: Cadence = "daily",
    timeout_s: int = 60,
    origin: Origin = "edited",
    seen: int | None = None,
) -> None:
    """Keep the rules of a resource of the actor's agency; its next run, which begins soon, uses them.

    Raises: WatchUnknown, QualityNotAllowed, RulesChanged, RulesInvalid.
    """
    row = _own(actor, resource, seen)
    found = [*problems(entries, _columns(resource), now, codes_of)]
    if not SHORTEST <= timeout_s <= LONGEST:
        found.append(
            Problem("timeout_s", f"{SHORTEST} 到 {LONGEST} 秒。", f"{SHORTEST} to {LONGEST} seconds.")
        )
    if cadence not in CADENCES:
        found.append(Problem("cadence", "请选择检查频率。", "Choose how often."))
    if found:
        raise errors.RulesInvalid(tuple(found))
    row.entries, row.origin, row.cadence, row.timeout_s = list(entries), origin, cadence, timeout_s
    _changed(row, actor, now)


@as_actor
def propose_anew(actor: Actor, resource: str, now: datetime, *, seen: int | None = None) -> None:
    """Go back to the rules that follow from the entry. Raises: WatchUnknown, QualityNotAllowed, RulesChanged."""
    row = _own(actor, resource, seen)
    row.origin = "proposed"
    row.entries = entries_now(row)
    _changed(row, actor, now)


@as_actor
def take_contract(
    actor: Actor, resource: str, text: bytes, now: datetime, *, seen: int | None = None
) -> tuple[str, ...]:
    """Replace the rules by those of an Open Data Contract; returns names of checks that are not run.

    The table of the contract is the one named like the mounted table, else its first; columns may be named as in the
    table or as items.

    Raises: WatchUnknown, QualityNotAllowed, RulesChanged, ContractUnreadable, RulesInvalid.
    """
    row = _own(actor, resource, seen)
    table = judged_tables({resource})[resource]
    found = _read(text, table.relation)
    by_column = {one.column: one.item for one in table.columns}
    entries = [_renamed(entry, by_column) for entry in found.entries]
    wrong = problems(entries, _columns(resource), now, codes_of)
    if wrong:
        raise errors.RulesInvalid(wrong)
    row.entries, row.origin = entries, "contract"
    _changed(row, actor, now)
    return found.left_out


@as_actor
def ask_run(actor: Actor, resource: str, now: datetime) -> None:
    """Have the rules run soon. Raises: WatchUnknown, QualityNotAllowed, RunTooSoon."""
    row = _own(actor, resource, None)
    recent = row.tried_at is not None and row.tried_at > now - LEAST_GAP
    if row.running_since is not None or (recent and row.next_at is not None and not row.problem):
        raise errors.RunTooSoon(minutes=int(LEAST_GAP.total_seconds() // 60))
    _soon(row, now)


def follow_mounts(now: datetime) -> int:
    """Watch what was newly mounted or declared, let go of what is no longer; returns how many changed. As the platform."""
    mounted = judged_tables()
    changed = 0
    with acting(SYSTEM):
        known = {row.resource: row for row in models.Watched.objects.all()}
        entries = catalogue.resources_by_code(set(mounted) - {c for c, row in known.items() if row.active})
        for code, table in mounted.items():
            row = known.get(code)
            if row is not None and row.active:
                continue
            entry = entries.get(code)
            if entry is None:
                continue
            row = row or models.Watched(resource=code)
            row.title, row.agency, row.agency_name = entry.title, table.agency, entry.provider_name
            row.active, row.next_at = True, now
            row.entries = entries_now(row)
            row.save()
            changed += 1
        for code, row in known.items():
            if row.active and code not in mounted:
                row.active, row.next_at, row.level, row.score, row.run = False, None, None, None, None
                row.save()
                drop_tickets(code, now)
                catalogue.note_quality(code, 0)
                changed += 1
    return changed


def entries_now(row: models.Watched) -> list[object]:
    """The rules of a resource: those kept, or, while nobody has touched them, those that its entry says now."""
    if row.origin not in {"proposed", "declared"}:
        return list(row.entries)
    table = judged_table(row.resource)
    entry = catalogue.resources_by_code({row.resource}).get(row.resource)
    if table is None or entry is None:
        return list(row.entries)
    said = declared_of(table.schema, table.relation)
    row.origin = "declared" if said is not None and said.entries else "proposed"
    if said is not None and said.entries:
        return plain(said.entries)
    items = [
        Item(one.wire, one.title, one.length, one.subject, one.check, one.element) for one in entry.items
    ]
    types = (said.whole if said is not None else {}) or {one.item: one.database_type for one in table.columns}
    return plain(proposed(items, types, table.key, entry.update_cycle, element_domain))


def columns_of(table: exchange.MountedTable, now: exchange.RelationFacts | None = None) -> dict[str, Column]:
    """Items of a mounted table with their columns; `now` leaves out those that the table no longer has.

    The rules of a declared entity speak of its columns, so these stand under their own names.
    """
    present = None if now is None else {one.name: one.database_type for one in now.columns}
    name = zone().key
    said = declared_of(table.schema, table.relation)
    if said is not None:
        kinds = present or said.whole or {one.column: one.database_type for one in table.columns}
        shown = {column: Column(column_sql(column, kind, name), kind) for column, kind in kinds.items()}
        return shown | {column: Column("", "bytea", encrypted=True) for column in said.encrypted}
    return {
        one.item: Column(
            column_sql(one.column, kind, name),
            "timestamp with time zone" if kind.startswith("timestamp") else kind,
        )
        for one in table.columns
        if (kind := one.database_type if present is None else present.get(one.column, "")) != ""
    }


def codes_of(name: str) -> tuple[str, ...] | None:
    """The codes of a list in force, of this node or national; None when there is none."""
    return standards.codes_in_force(name)


def element_domain(number: str) -> Domain | None:
    """The value domain of a data element; None where none of that number is in force."""
    found = standards.in_force(number)
    return None if found is None else Domain(found.code_list, found.pattern, found.longest, found.check)


def known_conditions(table: exchange.MountedTable) -> Mapping[str, Condition]:
    """Conditions that were compiled with the package of a declared entity, by their words."""
    said = declared_of(table.schema, table.relation)
    return {} if said is None else said.conditions


def verdicts_of(table: exchange.MountedTable, rule: Rule) -> dict[str, Column]:
    """Columns beside the items that a rule's condition stands in, worked out where the table is."""
    said = declared_of(table.schema, table.relation)
    condition = (
        rule.condition if isinstance(rule, Expression) else rule.when if isinstance(rule, Fresh) else None
    )
    if said is None or condition is None:
        return {}
    return {
        one: Column(column_sql(one, "boolean", zone().key), "boolean")
        for one in said.verdicts
        if condition.sql["postgres"] == POSTGRES.column(one)
    }


def items_of(table: exchange.MountedTable, columns: Mapping[str, Column]) -> tuple[str, ...]:
    """Which of the columns are items, so that rules should cover them."""
    said = declared_of(table.schema, table.relation)
    return tuple(one for one in columns if said is None or one not in said.verdicts)


def key_of(table: exchange.MountedTable, columns: Mapping[str, Column]) -> list[str]:
    """The key under the names of the columns that are judged; empty where it is not among them."""
    column_of = {one.item: one.column for one in table.columns}
    named = [one if one in columns else column_of.get(one, "") for one in table.key]
    return named if all(one in columns for one in named) else []


def _own(actor: Actor, resource: str, seen: int | None) -> models.Watched:
    row = watched_in_reach(actor).select_for_update().filter(pk=resource, active=True).first()
    if row is None:
        raise errors.WatchUnknown(resource=resource)
    if row.agency != actor.agency or not actor.has(DATA_OFFICER):
        raise errors.QualityNotAllowed(needs_zh="提供方的数据专员", needs_en="a data officer of the provider")
    if seen is not None and row.revision != seen:
        raise errors.RulesChanged(person=row.changed_by)
    return row


def _changed(row: models.Watched, actor: Actor, now: datetime) -> None:
    row.revision += 1
    row.changed_at, row.changed_by = now, actor.name
    _soon(row, now)


def _soon(row: models.Watched, now: datetime) -> None:
    row.next_at = now
    row.save()
    hand_over(row.resource)


def _columns(resource: str) -> dict[str, Column]:
    table = judged_table(resource)
    return {} if table is None else columns_of(table)


def _read(text: bytes, relation: str) -> FromContract:
    if len(text) > LARGEST_CONTRACT:
        raise errors.ContractUnreadable(problem=f"> {LARGEST_CONTRACT // 1024} KiB")
    node, faults = read_yaml("contract", text)
    if faults or node is None:
        raise errors.ContractUnreadable(problem=faults[0].text("zh") if faults else "—")
    tree = node.plain()
    if not isinstance(tree, dict):
        raise errors.ContractUnreadable(problem="—")
    try:
        return from_contract(tree, relation)
    except ValueError:
        try:
            return from_contract(tree)
        except ValueError as problem:
            raise errors.ContractUnreadable(problem=str(problem)) from problem


def _renamed(entry: object, by_column: dict[str, str]) -> object:
    """An entry of a contract about columns, about items."""
    try:
        spelled = msgspec.convert(entry, Spelled)
    except msgspec.ValidationError:
        return entry
    return msgspec.to_builtins(
        msgspec.structs.replace(
            spelled,
            fields=None if spelled.fields is None else [by_column.get(one, one) for one in spelled.fields],
            field=None if spelled.field is None else by_column.get(spelled.field, spelled.field),
        )
    )
