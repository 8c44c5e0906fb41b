"""Running the rules of a resource: one pass over its rows at the source, then score, tickets, and the search's level.

The source is asked outside any transaction, so that a slow one holds no lock. What it answers are counts, and keys of
some rows, which are kept as marks alone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.exchange import public as exchange
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.blocks.quality.actions.planning import (
    codes_of,
    columns_of,
    entries_now,
    items_of,
    key_of,
    known_conditions,
)
from yiwang.blocks.quality.actions.sealed import with_sealed
from yiwang.blocks.quality.actions.tables import looked_into
from yiwang.blocks.quality.actions.ticketing import settle
from yiwang.blocks.quality.domain import outcomes
from yiwang.blocks.quality.domain.outcomes import Trigger
from yiwang.blocks.quality.domain.planning import Column, Compiled, NotRun, compiled, table_sql
from yiwang.blocks.quality.store import models
from yiwang.blocks.quality.store.keys import mark_key
from yiwang.blocks.quality.store.rows import next_night
from yiwang.dataplane.connectors.errors import (
    ConnectorError,
    DatabaseFault,
    RelationMissing,
    RightMissing,
)
from yiwang.dataplane.connectors.postgresql import Database
from yiwang.dataplane.quality import rules as r
from yiwang.dataplane.quality.judging import Judgement, judge
from yiwang.dataplane.quality.scoring import Score

LONGEST = timedelta(minutes=15)
"""After which a run that did not end is taken for lost."""
LOOKED_BACK = timedelta(days=30)


REFUSED = (DatabaseFault, RelationMissing, RightMissing)
"""A statement that the source cannot evaluate: a value that is no number, a table that a rule refers to and is not there."""


@dataclass(frozen=True)
class _Found:
    """What a pass gave."""

    compiled: Compiled
    judgement: Judgement
    items: tuple[str, ...]


def run_rules(resource: str, now: datetime, cause: Trigger = "clock", by: str = "") -> int | None:
    """Run the rules of a mounted resource; returns the run's number, None where nothing was to be run.

    A source that does not answer is a run too, without counts: tickets and score stay as they were.
    """
    watched = _claim(resource, now)
    if watched is None:
        return None
    started = time.monotonic()
    found: _Found | None = None
    problem = "unexpected"  # until it went through: whatever breaks off is not a run without findings
    try:
        found = _look(watched, now)
        problem = "" if found else "quality-not-connected"
    except ConnectorError as error:
        problem = error.code
    finally:
        took = int((time.monotonic() - started) * 1000)
        with acting(SYSTEM):
            row = models.Watched.objects.select_for_update().get(pk=resource)
            row.running_since, row.tried_at, row.problem = None, now, problem
            row.next_at = next_night(resource, row.cadence, now)
            number = _keep(row, watched.revision, found, problem, took, now, cause, by)
    return number


def _claim(resource: str, now: datetime) -> models.Watched | None:
    """Take the run, unless somebody runs it already."""
    with acting(SYSTEM):
        row = models.Watched.objects.select_for_update().filter(pk=resource, active=True).first()
        if row is None or (row.running_since is not None and row.running_since > now - LONGEST):
            return None
        row.running_since = now
        row.entries = entries_now(row)
        entry = catalogue.resources_by_code({resource}).get(resource)
        row.title = entry.title if entry is not None else row.title
        row.save(update_fields=["running_since", "entries", "origin", "title"])
        return row


def _look(watched: models.Watched, now: datetime) -> _Found | None:
    made = Compiled((), ())
    try:
        with looked_into(watched.resource, watched.timeout_s * 1000) as opened:
            if opened is None or not opened[0].running:
                return None
            table, database = opened
            columns = columns_of(table, database.relation(table.schema, table.relation))
            made = compiled(watched.entries, columns, now, codes_of, known_conditions(table))
            judged = _judged(database, table, columns, made.rules)
    except REFUSED:
        if not made.rules:
            raise
        made, judged = _one_by_one(watched, table, columns, made)
    return _Found(*with_sealed(watched.entries, table, made, judged, now), items_of(table, columns))


def _judged(
    database: Database, table: exchange.MountedTable, columns: dict[str, Column], rules: tuple[r.Rule, ...]
) -> Judgement:
    def fetch(statement: str) -> list[tuple[object, ...]]:
        return database.read(statement.replace("%", "%%"))

    return judge(
        fetch, "postgres", table_sql(table.schema, table.relation, columns), rules, key_of(table, columns)
    )


def _one_by_one(
    watched: models.Watched, table: exchange.MountedTable, columns: dict[str, Column], made: Compiled
) -> tuple[Compiled, Judgement]:
    """Each rule alone, when the source cannot evaluate them together: those it refuses are told by name."""
    ran: list[r.Rule] = []
    left = list(made.left_out)
    total = Judgement(0, {}, {})
    until = time.monotonic() + LONGEST.total_seconds() / 2
    for rule in made.rules:
        if time.monotonic() > until:
            left.append(NotRun(rule, "engine"))
            continue
        try:
            with looked_into(watched.resource, watched.timeout_s * 1000) as opened:
                if opened is None:
                    break
                found = _judged(opened[1], table, columns, (rule,))
        except REFUSED:
            left.append(NotRun(rule, "engine"))
            continue
        ran.append(rule)
        total = Judgement(found.rows, total.outcomes | found.outcomes, total.examples | found.examples)
    return Compiled(tuple(ran), tuple(left)), total


def _keep(
    row: models.Watched, revision: int, found: _Found | None, problem: str, took: int, now: datetime,
    cause: Trigger, by: str,
) -> int:  # fmt: skip
    run = models.Run(
        resource=row.resource, agency=row.agency, at=now, cause=cause, by=by, problem=problem, took_ms=took,
        revision=revision,
    )  # fmt: skip
    if found is None:
        run.save()
        row.save()
        return run.pk
    score = outcomes.scored(found.compiled, found.judgement, found.items, _reached(row.resource, now))
    results = outcomes.results(found.compiled, found.judgement, _marks(row.resource, found.judgement))
    run.rows, run.score, run.level = found.judgement.rows, score.value, score.level
    run.coverage, run.dimensions, run.blocked = (
        score.fields_covered,
        dict(score.dimensions),
        list(score.blocked),
    )
    run.results = msgspec.to_builtins(results)
    run.save()
    _stand(row, run, score)
    settle(row, results, now)
    catalogue.note_quality(row.resource, score.level or 0)
    return run.pk


def _stand(row: models.Watched, run: models.Run, score: Score) -> None:
    row.run, row.measured_at, row.rows = run.pk, run.at, run.rows
    row.score, row.level, row.coverage = score.value, score.level, score.fields_covered
    row.dimensions = dict(score.dimensions)
    row.save()


def _reached(resource: str, now: datetime) -> r.Outcome:
    """Of the last month's runs and this one, how many did not reach the source."""
    past = models.Run.objects.filter(resource=resource, at__gt=now - LOOKED_BACK, at__lt=now)
    missed = past.filter(problem__startswith="connector").count()
    return r.Outcome("reachable", past.count() + 1, missed)


def _marks(resource: str, found: Judgement) -> dict[str, list[str]]:
    if not found.examples:
        return {}
    key = mark_key()
    return {
        rule: [outcomes.mark(key, resource, values) for values in rows[: outcomes.MOST_MARKS]]
        for rule, rows in found.examples.items()
    }
