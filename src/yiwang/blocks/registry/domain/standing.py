"""What the rules of an entity let somebody do, before any row is looked at: for menus, forms and explanations.

The database decides row by row by the same rules; this only tells what can be hoped for, and under which purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from yiwang.blocks.registry.domain.compiled import Entity, Rule


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody's standing towards an entity, in their roles, under a purpose and for a case.

    Attributes:
        reads, writes, exports: some rule counts now.
        shown, written: fields that some counting rule lets be read or written.
        purposes: those under which some rule of these roles counts; empty where none is asked for.
        purpose_asked: nothing can be read without one of the purposes.
        case_asked: some rule of these roles counts only for a case.
        known: some rule of these roles names the entity at all.
    """

    reads: bool
    writes: bool
    exports: bool
    shown: frozenset[str]
    written: frozenset[str]
    purposes: tuple[str, ...]
    purpose_asked: bool
    case_asked: bool
    known: bool


def standing(entity: Entity, roles: frozenset[str], purpose: str, case: bool) -> Standing:
    """The standing of who holds the roles (full names) under a purpose, with or without a case."""
    mine = [rule for rule in entity.rules if roles.intersection(rule.roles)]
    counting = [
        rule
        for rule in mine
        if (not rule.purposes or purpose in rule.purposes) and (case or not rule.open_case)
    ]
    reads, writes = _with(counting, "read"), _with(counting, "write")
    purposes = tuple(dict.fromkeys(name for rule in mine for name in rule.purposes))
    return Standing(
        bool(reads), bool(writes), bool(_with(counting, "export")), _fields(entity, reads), _fields(entity, writes), purposes,
        bool(purposes) and all(rule.purposes for rule in mine), any(rule.open_case for rule in mine), bool(mine),
    )  # fmt: skip


def _with(rules: list[Rule], verb: Literal["read", "write", "export"]) -> list[Rule]:
    return [rule for rule in rules if verb in rule.verbs]


def _fields(entity: Entity, rules: list[Rule]) -> frozenset[str]:
    every = frozenset(field.id for field in entity.fields)
    return frozenset().union(*(every if rule.fields is None else every & set(rule.fields) for rule in rules))
