"""A file of quality rules, or an open data contract, read and compiled for a file of data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, get_args

from yiwang.blocks.quality.domain.expressions import expressions
from yiwang.dataplane.quality.contracts import from_contract
from yiwang.dataplane.quality.errors import QualityRulesUnreadable
from yiwang.dataplane.quality.files import ColumnType
from yiwang.dataplane.quality.rules import Rule
from yiwang.dataplane.quality.spelling import rules_of
from yiwang.systems.reading.yaml_text import read_yaml
from yiwang.vocabulary.code_lists import code_list, code_list_ids

KEYS: Final = frozenset({"title", "key", "columns", "rules"})


@dataclass(frozen=True, slots=True)
class RuleFile:
    """What a file of rules says.

    Attributes:
        columns: how columns of a CSV or a sheet are read; those not named are text.
        key: columns by which a row is named in the report; empty: by its number.
        entries: the rules in plain form.
        left_out: checks of a contract that are not run, by name.
    """

    title: str
    columns: dict[str, ColumnType]
    key: tuple[str, ...]
    entries: tuple[object, ...]
    left_out: tuple[str, ...] = ()


def read_rules(path: Path) -> RuleFile:
    """Read a rule file or an Open Data Contract (`kind: DataContract`). Raises: QualityRulesUnreadable."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise QualityRulesUnreadable(file=path.name, line=0, problem=type(problem).__name__) from problem
    return rules_in(path.name, content)


def rules_in(name: str, content: bytes) -> RuleFile:
    """What a file of this name says. Raises: QualityRulesUnreadable."""
    node, faults = read_yaml(name, content)
    if faults or node is None:
        place = faults[0].place if faults else None
        told = faults[0].text("zh") if faults else "empty"
        raise QualityRulesUnreadable(file=name, line=place.line if place else 0, problem=told)
    tree = node.plain()
    if not isinstance(tree, dict):
        raise QualityRulesUnreadable(file=name, line=1, problem="not a mapping with `rules`")
    if tree.get("kind") == "DataContract":
        try:
            found = from_contract(tree)
        except ValueError as problem:
            raise QualityRulesUnreadable(file=name, line=1, problem=str(problem)) from problem
        return RuleFile(str(tree.get("name") or tree.get("id") or ""), {}, (), found.entries, found.left_out)
    for key in tree:
        if key not in KEYS:
            at = node.get(key)
            line = at.place.line if at is not None else 1
            raise QualityRulesUnreadable(file=name, line=line, problem=f"there is no key `{key}`")
    rules, columns, keys = tree.get("rules"), tree.get("columns") or {}, tree.get("key") or []
    if not isinstance(rules, list) or not isinstance(columns, dict) or not isinstance(keys, list):
        raise QualityRulesUnreadable(
            file=name, line=1, problem="`rules` and `key` are lists, `columns` a mapping"
        )
    typed: dict[str, ColumnType] = {}
    for column, kind in columns.items():
        known = next((one for one in get_args(ColumnType) if one == kind), None)
        if known is None:
            raise QualityRulesUnreadable(
                file=name,
                line=1,
                problem=f"column {column}: {kind} is none of {', '.join(get_args(ColumnType))}",
            )
        typed[str(column)] = known
    return RuleFile(str(tree.get("title") or ""), typed, tuple(str(one) for one in keys), tuple(rules))


def compiled(file: RuleFile, found: Mapping[str, str], as_of: datetime) -> tuple[Rule, ...]:
    """The rules for a table with the columns `found` (engine types by name).

    Raises: QualityRuleWrong, QualityExpressionWrong.
    """
    return rules_of(file.entries, as_of, expressions(found, as_of), codes_of)


def codes_of(name: str) -> tuple[str, ...] | None:
    """The codes of a national list of this version, such as `sex`; None when there is no such list."""
    if name not in code_list_ids():
        return None
    return tuple(code_list(name).codes)
