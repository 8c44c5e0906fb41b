"""Indicators put in force with their system, and counted: only the periods that changed since the last run.

Each figure is counted in a transaction of its own: a run that is killed or fails leaves the last numbers.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import DatabaseError, connection, transaction

from yiwang.blocks.registry.actions.calls import Counted, count_calls, told_of
from yiwang.blocks.registry.domain.figures import statements
from yiwang.blocks.registry.domain.figures.declared import Figure
from yiwang.blocks.registry.domain.figures.periods import CHINA, moved, oldest, start_of
from yiwang.blocks.registry.store import models
from yiwang.blocks.registry.store.asking import Sent
from yiwang.systems.cel.evaluating import Evaluator, ExpressionFailed

LATE = timedelta(hours=1)
"""A belief carries the moment at which its transaction began; so long after it, it may still be committed."""
_log = logging.getLogger(__name__)
_ALL = ("-infinity", "infinity")
Cell = tuple[datetime, str]


def declare_figures(system: str, figures: Sequence[Figure]) -> None:
    """Put the figures of a system in force. Numbers of a figure that is declared as before stay."""
    with transaction.atomic():
        models.Figure.objects.filter(system=system).exclude(name__in=[one.id for one in figures]).delete()
        known = {row.name: row for row in models.Figure.objects.select_for_update().filter(system=system)}
        for position, one in enumerate(figures):
            definition = msgspec.json.decode(msgspec.json.encode(one))
            row = known.get(one.id) or models.Figure(system=system, name=one.id)
            if row.definition != definition and row.pk is not None:
                row.values.all().delete()
                row.known_until, row.counted_at, row.problem = None, None, ""
                row.cursor = {}
            row.position, row.definition = position, definition
            row.save()


def count_figures(
    now: datetime, system: str | None = None, *, rebuild: bool = False, within: float | None = None
) -> tuple[Counted, ...]:
    """Count what changed since the last run, or everything; operands come before the formulas over them.

    `within`: seconds for the calls of the journal, after which the rest of them is left to the next run.
    """
    rows = models.Figure.objects.all() if system is None else models.Figure.objects.filter(system=system)
    ordered = _ordered(list(rows))
    calls = {key: figure for key, figure in ordered if figure.kind == "journal"}
    done = list(count_calls(now, calls, rebuild=rebuild, within=within))
    for key, figure in ordered:
        if key in calls:
            continue
        begun = time.monotonic()
        problem, periods = "", 0
        try:
            with transaction.atomic():
                row = models.Figure.objects.select_for_update().get(pk=key)
                again = rebuild or row.known_until is None
                until = min(now, _running_since(now))
                periods = _formula(row, figure) if figure.kind == "formula" else _run(row, figure, now, again)
                row.known_until, row.counted_at, row.problem = until, now, ""
                row.periods, row.took_ms = periods, round((time.monotonic() - begun) * 1000)
                row.save()
        except models.Figure.DoesNotExist:
            continue  # its system was applied anew meanwhile
        except DatabaseError as failed:
            problem = told_of(failed)
            _log.warning("figure %s.%s: %s", figure.system, figure.id, problem)
            models.Figure.objects.filter(pk=key).update(problem=problem)
        took = round((time.monotonic() - begun) * 1000)
        done.append(Counted(figure.system, figure.id, periods, took, problem))
    return tuple(done)


def _ordered(rows: Sequence[models.Figure]) -> list[tuple[int, Figure]]:
    """Figures that can be counted, each after its operands."""
    waiting = [(row.pk, msgspec.convert(row.definition, Figure)) for row in rows]
    waiting = [(key, one) for key, one in waiting if one.kind != "waiting"]
    done: list[tuple[int, Figure]] = []
    while waiting:
        held = {(one.system, one.id) for _, one in done}
        ready = [
            (key, one) for key, one in waiting if all((one.system, name) in held for name in one.operands)
        ]
        if not ready:
            break
        done += ready
        waiting = [pair for pair in waiting if pair not in ready]
    return done


def _running_since(now: datetime) -> datetime:
    """When the oldest transaction that still runs began: what it will commit may be as old."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(xact_start) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        found = cursor.fetchone()[0]
    return found if isinstance(found, datetime) else now


def _run(row: models.Figure, figure: Figure, now: datetime, again: bool) -> int:
    """Count a flow or a stock; returns how many periods."""
    starts = None if again or row.known_until is None else _touched(figure, row.known_until, now)
    if figure.kind == "stock":
        return _stock(row, figure, now, starts)
    values = row.values.all()
    if starts is None:
        values.delete()
        return _insert(row, figure, *_ALL, now)
    if not starts:
        return 0
    values.filter(start__in=starts).delete()
    last = moved(max(starts), figure.per, 1)
    return _insert(row, figure, min(starts).isoformat(), last.isoformat(), now, starts)


def _stock(row: models.Figure, figure: Figure, now: datetime, starts: Sequence[datetime] | None) -> int:
    first, current = oldest(now, figure.per), start_of(now, figure.per)
    if figure.history == "none":
        first = current  # nobody knows any more what there was
    elif starts is not None:
        first = max(first, min(starts, default=current))
    row.values.filter(start__gte=first).delete()
    row.values.filter(start__lt=oldest(now, figure.per) if figure.history != "none" else current).delete()
    return _insert(row, figure, first.isoformat(), moved(current, figure.per, 1).isoformat(), now)


def _touched(figure: Figure, known_until: datetime, now: datetime) -> list[datetime] | None:
    """Starts of periods that changed; None for all."""
    told = known_until - LATE
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM {statements.touched(figure.system, figure.id)}(%s, %s, %s)",
            [told, told.astimezone(CHINA).date(), now],
        )
        starts = [one for (one,) in cursor.fetchall()]
    return None if None in starts else [one.astimezone(CHINA) for one in starts]


def _insert(
    row: models.Figure, figure: Figure, since: str, before: str, now: datetime,
    starts: Sequence[datetime] | None = None,
) -> int:  # fmt: skip
    """Let the database count and keep; returns how many periods had rows."""
    only = "" if starts is None else " WHERE k.start = ANY (%s::timestamptz[])"
    asked: list[Sent] = [row.pk, since, before, now]
    if starts is not None:
        asked.append([one.isoformat() for one in starts])
    called = statements.function(figure.system, figure.id)
    numbers = f"SELECT %s, k.* FROM {called}(%s::timestamptz, %s::timestamptz, %s) AS k{only}"
    kept = "INSERT INTO registry_figure_value (figure_id, start, dims, value, counted)"
    statement = f"WITH made AS ({kept} {numbers} RETURNING start) SELECT count(DISTINCT start) FROM made"
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return int(cursor.fetchone()[0])


def _formula(row: models.Figure, figure: Figure) -> int:
    """Work a formula out wherever all its operands have a number; elsewhere it has none."""
    operands = {name: _cells(figure.system, name) for name in figure.operands}
    groups = {frozenset(group) for group in figure.sets}
    row.values.all().delete()
    evaluator, made = Evaluator(), []
    for cell in sorted(set.intersection(*(set(cells) for cells in operands.values()))):
        dims = json.loads(cell[1])
        if frozenset(dims) not in groups:
            continue
        given = {name: cells[cell] for name, cells in operands.items()}
        value = _worked_out(evaluator, figure.formula, {name: one for name, (one, _) in given.items()})
        if value is not None:
            rows = min(counted for _, counted in given.values())
            made.append(models.FigureValue(figure=row, start=cell[0], dims=dims, value=value, counted=rows))
    models.FigureValue.objects.bulk_create(made, batch_size=1000)
    return len({one.start for one in made})


def _cells(system: str, name: str) -> Mapping[Cell, tuple[float | None, int]]:
    def found() -> Iterator[tuple[Cell, tuple[float | None, int]]]:
        whole = models.FigureValue.objects.filter(figure__counted_at__isnull=False)
        for one in whole.filter(figure__system=system, figure__name=name):
            yield (one.start, json.dumps(one.dims, sort_keys=True)), (one.value, one.counted)

    return dict(found())


def _worked_out(evaluator: Evaluator, text: str, values: Mapping[str, float | None]) -> float | None:
    if any(one is None for one in values.values()):
        return None
    try:
        found = evaluator.value(text, values)
    except ExpressionFailed:
        return None
    return float(found) if isinstance(found, int | float) else None
