"""Rules about encrypted fields: judged on opened values in the worker's memory, never by SQL of a database.

What comes of it are counts and keyed marks of rows, as of every rule. A value that cannot be opened, or more rows than the
memory holds, leave these rules out with that reason; the others have run already.
"""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import datetime

from yiwang.blocks.exchange.public import MountedTable
from yiwang.blocks.quality.actions.declared import declared_entity
from yiwang.blocks.quality.actions.planning import codes_of
from yiwang.blocks.quality.domain.planning import Compiled, NotRun, compiled_in_memory
from yiwang.blocks.registry.public import judged_columns, judged_rows
from yiwang.dataplane.engines.duckdb import EngineError
from yiwang.dataplane.quality.judging import Judgement
from yiwang.dataplane.quality.memory import engine_types, judge_in_memory
from yiwang.vocabulary.errors import YwError

log = logging.getLogger(__name__)


def with_sealed(
    entries: list[object], table: MountedTable, made: Compiled, judged: Judgement, now: datetime
) -> tuple[Compiled, Judgement]:
    """What was found, with the rules that were left out because they look at an encrypted field."""
    waiting = {one.rule.id for one in made.left_out if one.reason == "encrypted"}
    found = declared_entity(table.schema, table.relation) if waiting else None
    if found is None:
        return made, judged
    system, entity = found
    if system.owner != table.agency:  # a table of somebody else's source that is only called so
        return made, judged
    types = engine_types(judged_columns(entity))
    fit = [rule for rule in compiled_in_memory(entries, types, now, codes_of) if rule.id in waiting]
    if not fit:
        return made, judged
    others = tuple(one for one in made.left_out if one.rule.id not in {rule.id for rule in fit})
    keys = [one for one in entity.table(system.id).key if one in types]
    try:
        with closing(judged_rows(system, entity)) as rows:
            more = judge_in_memory(types, rows, fit, keys)
    except (YwError, EngineError) as problem:
        # the engine's own words may hold a value: only the kind of the problem is told
        log.warning(
            "rules on encrypted fields of %s were not run: %s", table.resource, type(problem).__name__
        )
        return Compiled(made.rules, (*others, *(NotRun(rule, "engine") for rule in fit))), judged
    together = Judgement(judged.rows, judged.outcomes | more.outcomes, judged.examples | more.examples)
    return Compiled((*made.rules, *fit), others), together
