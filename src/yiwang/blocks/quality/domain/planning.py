"""The rules of a resource as plain entries over its items, and as rules of the engine that holds its rows.

Entries name items by wire name; the table that is judged is the mounted one with its columns renamed to items, so that
a rule stays when a column is renamed. A rule that cannot be run on this table is left out with the reason, never counted
as passed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from yiwang.blocks.quality.domain.errors import Problem
from yiwang.blocks.quality.domain.expressions import expressions
from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.dialects import POSTGRES
from yiwang.dataplane.quality.errors import QualityError, QualityExpressionWrong
from yiwang.dataplane.quality.judging import check_columns
from yiwang.dataplane.quality.spelling import Lists, Spelled, rules_of

Origin = Literal["proposed", "edited", "contract", "declared"]
Cadence = Literal["daily", "weekly", "off"]
NotRunReason = Literal["unmapped", "type", "encrypted", "wrong", "engine"]
CADENCES: tuple[Cadence, ...] = ("daily", "weekly", "off")
MOST_RULES: Final = 200
SHORTEST, USUAL, LONGEST = 5, 60, 600
"""Seconds that a pass over the source may take."""
REACHABLE: Final = r.Rule(id="reachable", dimension="可访问性", severity="minor")
"""Judged by the runs themselves: how many of the last month reached the source."""


NOTHING_KNOWN: Final[Mapping[str, r.Condition]] = MappingProxyType({})


@dataclass(frozen=True)
class Column:
    """An item in the table that is judged: SQL over the alias `source`, the engine's type, whether it is sealed."""

    sql: str
    type: str
    encrypted: bool = False


@dataclass(frozen=True)
class NotRun:
    """A rule that was left out, and why."""

    rule: r.Rule
    reason: NotRunReason


@dataclass(frozen=True)
class Compiled:
    """Rules that can be run, and those that cannot."""

    rules: tuple[r.Rule, ...]
    left_out: tuple[NotRun, ...]


def column_sql(name: str, database_type: str, zone: str) -> str:
    """A column of a source table; a time without zone is one of the node's zone."""
    quoted = f'"source".{POSTGRES.identifier(name)}'
    if database_type.startswith("timestamp") and "with time zone" not in database_type:
        return f"{quoted} AT TIME ZONE {POSTGRES.text(zone)}"
    return quoted


def table_sql(schema: str, relation: str, columns: Mapping[str, Column]) -> str:
    """The mounted table with its columns under the names of the items."""
    named = ", ".join(
        f"{one.sql} AS {POSTGRES.identifier(item)}" for item, one in columns.items() if not one.encrypted
    )
    return f'(SELECT {named} FROM {POSTGRES.identifier(schema, relation)} AS "source")'  # noqa: S608 - quoted names


def compiled(
    entries: Sequence[object],
    columns: Mapping[str, Column],
    as_of: datetime,
    lists: Lists,
    known: Mapping[str, r.Condition] = NOTHING_KNOWN,
) -> Compiled:
    """The rules of these entries for a table with these columns, by item.

    `known` are conditions that were compiled already, by their words; one without SQL cannot be run.
    """
    types = {item: one.type for item, one in columns.items()}
    sealed = {item for item, one in columns.items() if one.encrypted}
    others = expressions(types, as_of, "postgres")

    def conditions(text: str) -> r.Condition:
        return known[text] if text in known else others(text)

    runs: list[r.Rule] = []
    left: list[NotRun] = []
    for number, entry in enumerate(entries, 1):
        try:
            found = rules_of([entry], as_of, conditions, lists)
        except QualityError:
            left.append(NotRun(_named(entry, number), "wrong"))
            continue
        for rule in found:
            reason = _unfit(rule, types, sealed)
            if isinstance(rule, r.Expression) and not rule.condition.sql["postgres"]:
                reason = "encrypted"
            if reason is None:
                runs.append(rule)
            else:
                left.append(NotRun(rule, reason))
    return Compiled(tuple(runs), tuple(left))


def compiled_in_memory(
    entries: Sequence[object], types: Mapping[str, str], as_of: datetime, lists: Lists
) -> tuple[r.Rule, ...]:
    """Those of the rules that can be run on rows in memory, whose columns have these types of DuckDB."""
    conditions = expressions(types, as_of, "duckdb")
    found: list[r.Rule] = []
    for entry in entries:
        try:
            made = rules_of([entry], as_of, conditions, lists)
        except QualityError:
            continue
        found += [rule for rule in made if _unfit(rule, types, set()) is None]
    return tuple(found)


def problems(
    entries: Sequence[object], columns: Mapping[str, Column], as_of: datetime, lists: Lists
) -> tuple[Problem, ...]:
    """Everything that is wrong with rules before they are kept; `where` is `rules.N`, from 0."""
    found: list[Problem] = []
    if len(entries) > MOST_RULES:
        found.append(Problem("rules", f"最多 {MOST_RULES} 条规则。", f"At most {MOST_RULES} rules."))
    conditions = expressions({item: one.type for item, one in columns.items()}, as_of, "postgres")
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        where = f"rules.{number}"
        try:
            made = rules_of([entry], as_of, conditions, lists)
        except QualityExpressionWrong as error:
            found.append(Problem(where, error.text("zh"), error.text("en")))
            continue
        except QualityError as error:
            said = str(error.facts.get("problem", ""))
            found.append(Problem(where, f"规则不对：{said}。", f"The rule is wrong: {said}."))
            continue
        for rule in made:
            strange = [name for name in rule.fields if name not in columns]
            if strange:
                found.append(
                    Problem(where, f"没有数据项“{strange[0]}”。", f"There is no item “{strange[0]}”.")
                )
            if rule.id in seen:
                found.append(Problem(where, f"编号 {rule.id} 重复。", f"The id {rule.id} stands twice."))
            seen.add(rule.id)
    return tuple(found)


def spelled(entries: Sequence[object]) -> tuple[Spelled, ...]:
    """Entries that can be read, in order; those that cannot are left out."""
    found = []
    for entry in entries:
        try:
            found.append(msgspec.convert(entry, Spelled))
        except msgspec.ValidationError:
            continue
    return tuple(found)


def plain(entries: Sequence[Spelled]) -> list[object]:
    """Entries as they are kept."""
    return [msgspec.to_builtins(one) for one in entries]


def _unfit(rule: r.Rule, types: Mapping[str, str], sealed: set[str]) -> NotRunReason | None:
    if not sealed.isdisjoint(rule.fields):
        return "encrypted"
    if any(name not in types for name in rule.fields):
        return "unmapped"
    try:
        check_columns([rule], types)
    except QualityError:
        return "type"
    return None


def _named(entry: object, number: int) -> r.Rule:
    """A rule that cannot be read, by what it calls itself."""
    known = entry if isinstance(entry, dict) else {}
    name = str(known.get("id") or known.get("rule") or number)
    return r.Rule(id=name, dimension="准确性", severity="minor", message=str(known.get("message", "")))
