"""Rules as table jobs judge them, row by row on the way. Needs no server, as the command line has none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from yiwang.blocks.quality.domain.expressions import expressions
from yiwang.bootstrap.quality_rules import codes_of
from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.errors import QualityError
from yiwang.dataplane.quality.judging import check_columns
from yiwang.dataplane.quality.spelling import rules_of
from yiwang.dataplane.transfer.checks import engine_types
from yiwang.dataplane.transfer.errors import TransferRuleUnfit
from yiwang.dataplane.transfer.planning import RulesOf
from yiwang.dataplane.transfer.shape import Column


def compiled_for(entries: Sequence[object], *, strict: bool = True) -> RulesOf:
    """Rules that both the engine and PostgreSQL can judge; `strict`: what does not fit the columns is an error."""
    now = datetime.now(UTC)

    def rules(columns: Sequence[Column]) -> Sequence[r.Rule]:
        found = engine_types(columns)
        here, there = expressions(found, now), expressions(found, now, "postgres")

        def both(text: str) -> r.Condition:
            plain = here(text)
            return r.Condition({**plain.sql, **there(text).sql}, plain.columns)

        def made(some: Sequence[object]) -> Sequence[r.Rule]:
            fitting = rules_of(some, now, both, codes_of)
            check_columns(fitting, found)
            whole = [rule for rule in fitting if isinstance(rule, r.Recent)]
            if whole and strict:
                raise TransferRuleUnfit(rule=whole[0].id)
            return [rule for rule in fitting if rule not in whole]

        if strict:
            return made(entries)
        kept: list[r.Rule] = []
        for entry in entries:
            try:
                kept += [rule for rule in made([entry]) if not isinstance(rule, r.Refers | r.Unique)]
            except QualityError:
                continue  # it names an item that is not granted, or has another type there
        return kept

    return rules
