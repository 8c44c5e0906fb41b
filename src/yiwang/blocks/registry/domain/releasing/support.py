"""Changes that are not made on tables with data."""

from __future__ import annotations

from typing import Final

from yiwang.blocks.registry.domain.compiled import System
from yiwang.systems.planning.changes import Plan


class Unchangeable(Exception):
    """A change that is not made on tables with data; the argument says it in words."""


_REFUSED: Final = frozenset(("change_key", "change_history", "change_partition"))


def unsupported(plan: Plan, before: System) -> str:
    """The first of them in words; empty where there is none."""
    for one in plan.changes:
        if one.kind == "decrypt":
            return f"{one.zh}（加密过的值不再以明文落库；需要明文的，另设不加密的字段重新采集）"
        if one.kind in _REFUSED:
            return one.zh
        if one.kind == "create_index" and one.effect == "backfill" and _dated(before, one.path):
            return one.zh
    return ""


def _dated(before: System, path: str) -> bool:
    entity = path.partition(".")[0]
    return any(one.id == entity and one.history == "bitemporal" for one in before.entities)
