"""Figures over the journal, counted: each call once.

A step reads some leaves of one log and keeps their sums and how far it read in one transaction: a run that is killed
goes on from there. Figures that stand at the same place are counted in one pass; one that is new catches up with them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

import msgspec
from django.db import DatabaseError, transaction

from yiwang.blocks.journal import public as journal
from yiwang.blocks.registry.actions.listing import listed
from yiwang.blocks.registry.domain.figures.calls import Dims, Judge, Sum, cells
from yiwang.blocks.registry.domain.figures.declared import Figure
from yiwang.blocks.registry.store import models
from yiwang.blocks.registry.store.calls import facts
from yiwang.systems.cel.evaluating import Evaluator

LEAVES: Final = 10_000
"""Leaves of a step at most."""
_log = logging.getLogger(__name__)
Cell = tuple[datetime, Dims]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a run did for a figure: how many periods it counted, in how many milliseconds, or what stopped it."""

    system: str
    figure: str
    periods: int
    took_ms: int
    problem: str = ""


def told_of(failed: Exception) -> str:
    """What stopped a run, in one line."""
    return str(failed).partition("\n")[0][:300]


def count_calls(
    now: datetime, figures: Mapping[int, Figure], *, rebuild: bool = False, within: float | None = None
) -> tuple[Counted, ...]:
    """Count what the logs hold by now, of figures over the journal by their keys. They are shown when all is counted.

    `within`: seconds after which the rest is left to the next run; None: no bound.
    """
    if not figures:
        return ()
    begun, problem = time.monotonic(), ""
    run = _Run(figures)
    try:
        run.begin(rebuild=rebuild)
        while run.step():
            if within is not None and time.monotonic() - begun > within:
                break
        run.end(now, round((time.monotonic() - begun) * 1000))
    except (DatabaseError, msgspec.MsgspecError) as failed:
        problem = told_of(failed)
        _log.warning("figures over the journal: %s", problem)
        models.Figure.objects.filter(pk__in=figures).update(problem=problem)
    took = round((time.monotonic() - begun) * 1000)
    return tuple(
        Counted(one.system, one.id, len(run.periods[key]), took, problem) for key, one in figures.items()
    )


class _Run:
    """One run over the logs as they are when it begins."""

    def __init__(self, figures: Mapping[int, Figure]) -> None:
        evaluator = Evaluator()
        self._figures = figures
        self._judges = {key: Judge(one, evaluator) for key, one in figures.items()}
        self._sizes: dict[str, int] = {}
        self.periods: dict[int, set[datetime]] = {key: set() for key in figures}

    def begin(self, *, rebuild: bool) -> None:
        """Note how long the logs are; figures that count other resources than before begin anew."""
        self._sizes = journal.log_sizes()
        with transaction.atomic():
            for row in self._rows():
                reach = {one.resource: entity for entity, one in listed(row.system).items()}
                if rebuild or row.reach != reach:
                    row.values.all().delete()
                    row.reach, row.cursor, row.counted_at, row.known_until = reach, {}, None, None
                    row.save()

    def step(self) -> bool:
        """Count the next leaves; False when there are none."""
        with transaction.atomic():
            rows = self._rows()
            for log, size in sorted(self._sizes.items()):
                places = sorted({row.cursor.get(log, 0) for row in rows})
                if not places or places[0] >= size:
                    continue
                start = places[0]
                here = [row for row in rows if row.cursor.get(log, 0) == start]
                stop = min(size, start + LEAVES, *(one for one in places if one > start))
                # whoever counts no resource has nothing to read
                self._count(here, log, start, stop if any(row.reach for row in here) else size)
                return True
        return False

    def end(self, now: datetime, took_ms: int) -> None:
        """Figures that have caught up with every log are shown."""
        with transaction.atomic():
            for row in self._rows():
                if any(row.cursor.get(log, 0) < size for log, size in self._sizes.items()):
                    continue  # the time was up, or another run has begun it anew and will end it
                row.known_until, row.counted_at, row.problem = now, now, ""
                row.periods, row.took_ms = len(self.periods[row.pk]), took_ms
                row.save()

    def _rows(self) -> list[models.Figure]:
        """The figures, held by this transaction alone; those declared otherwise meanwhile wait for the next run."""
        rows = models.Figure.objects.select_for_update().filter(pk__in=self._figures).order_by("pk")
        return [row for row in rows if msgspec.convert(row.definition, Figure) == self._figures[row.pk]]

    def _count(self, rows: Sequence[models.Figure], log: str, start: int, stop: int) -> None:
        found: dict[int, dict[Cell, Sum]] = {row.pk: {} for row in rows}
        resources = frozenset(code for row in rows for code in row.reach)
        for call in journal.calls_of(log, start, stop, resources) if resources else ():
            for row in rows:
                if call.resource not in row.reach:
                    continue
                one = self._figures[row.pk]
                counts = self._judges[row.pk].of(facts(call, row.reach[call.resource]), call.at)
                for cell in cells(one, counts) if counts is not None else ():
                    found[row.pk].setdefault(cell, Sum()).add(one.counting, counts.value if counts else None)
        for row in rows:
            _keep(row, self._figures[row.pk], found[row.pk])
            self.periods[row.pk] |= {start for start, _ in found[row.pk]}
            row.cursor[log] = stop
            row.save(update_fields=["cursor"])


def _keep(row: models.Figure, figure: Figure, found: Mapping[Cell, Sum]) -> None:
    """Add sums to those that are kept."""
    known = {_cell(one): one for one in _kept(row, found)}
    changed, new = [], []
    for (start, dims), more in found.items():
        value = known.get((start, dims))
        if value is None:
            value = models.FigureValue(figure=row, start=start, dims=dict(dims))
            new.append(value)
        else:
            more.grow(Sum(**value.sums or {}))
            changed.append(value)
        value.sums, value.counted, value.value = asdict(more), more.calls, more.value(figure.counting)
    models.FigureValue.objects.bulk_create(new, batch_size=1000)
    models.FigureValue.objects.bulk_update(changed, ["sums", "counted", "value"], batch_size=1000)


def _kept(row: models.Figure, found: Mapping[Cell, Sum]) -> Iterator[models.FigureValue]:
    starts = {start for start, _ in found}
    yield from row.values.filter(start__in=starts) if starts else ()


def _cell(value: models.FigureValue) -> Cell:
    return value.start, tuple(sorted(value.dims.items()))
