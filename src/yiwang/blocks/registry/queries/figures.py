"""Numbers as somebody may see them, and the rows behind a number under that person's own rights.

Those who watch the region and the approvers of the agency that owns a system see its numbers; holders of its roles
see those about tables that they may read. Whoever may not read all the rows sees no number made of few of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
from django.db.models import QuerySet

from yiwang.blocks.identity.public import APPROVER, AUDIT_ADMIN, AUDITOR, REVIEWER, Actor
from yiwang.blocks.journal.public import counts_all
from yiwang.blocks.registry.domain.compiled import System, View
from yiwang.blocks.registry.domain.errors import FigureUnknown, RowsUnlisted
from yiwang.blocks.registry.domain.figures.declared import Figure
from yiwang.blocks.registry.domain.figures.judging import SMALLEST, Verdict, gap, hidden, verdict
from yiwang.blocks.registry.domain.figures.periods import CHINA, moved, start_of
from yiwang.blocks.registry.domain.labels import Label
from yiwang.blocks.registry.domain.layout import CREATED
from yiwang.blocks.registry.domain.quoting import name, text
from yiwang.blocks.registry.queries.listing import Page, Wanted
from yiwang.blocks.registry.queries.records import records
from yiwang.blocks.registry.store import models
from yiwang.blocks.registry.store.entering import Errand, system_roles
from yiwang.blocks.registry.store.systems import system_of

OVERSEERS = (REVIEWER, AUDITOR, AUDIT_ADMIN)
SHOWN = 12
"""Periods of a trend."""
Sight = Literal["all", "guarded", "none"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a period. `value` None: there is none, or (`few`) it is made of too few rows to be shown.

    Attributes:
        id: of the stored number, by which its rows are asked for; 0 where nothing was counted.
        dims: what it is split by; empty for the total.
    """

    id: int
    start: datetime
    dims: Mapping[str, str | None]
    value: float | None
    counted: int | None
    few: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure with its latest number.

    Attributes:
        latest: None where it was never counted or nothing was ever there.
        short: what is missing to the target; zero or less where it is reached.
        trend: the last periods, the latest last.
        counted_at: when it was counted last; None: not yet.
        problem: why the last run failed.
        unfinished: the period of the latest number is not over.
    """

    figure: Figure
    latest: Number | None
    verdict: Verdict
    short: float | None
    trend: tuple[Number, ...]
    counted_at: datetime | None
    problem: str
    unfinished: bool = False

    @property
    def why(self) -> Label | None:
        """Why there is no number to show; None where there is one."""
        if self.figure.kind == "waiting":
            return self.figure.why
        if self.counted_at is None:
            return Label("等第一次计算", "waits for the first run")
        return Label("还没有可算的记录", "no rows to count yet") if self.latest is None else None


@dataclass(frozen=True, slots=True)
class Board:
    """The figures of a system that somebody may see."""

    system: str
    title: Label
    owner: str
    readings: tuple[Reading, ...]


def boards(actor: Actor, now: datetime) -> tuple[Board, ...]:
    """Every system whose numbers the actor may see, with the figures that they may see."""
    found = []
    for row in models.System.objects.filter(state="active").order_by("id"):
        mine = _readings(actor, row, now)
        if mine:
            found.append(Board(row.pk, system_of(row.pk).title, row.owner, mine))
    return tuple(found)


def sees_figures(actor: Actor, now: datetime) -> bool:
    """Whether there is any figure for the actor."""
    if actor.has(*OVERSEERS):
        return models.Figure.objects.exists()
    roles = {role.partition(".")[0] for role in system_roles(actor, now)}
    owned = models.System.objects.filter(owner=actor.agency) if actor.has(APPROVER) else None
    names = roles | (set(owned.values_list("id", flat=True)) if owned is not None else set())
    return models.Figure.objects.filter(system__in=names).exists()


def reading(actor: Actor, system: str, figure: str, now: datetime) -> Reading:
    """One figure. Raises: FigureUnknown, also where the actor may not see it."""
    row, found, sight = _find(actor, system, figure, now)
    return _reading(row, found, sight, now)


def split(
    actor: Actor, system: str, figure: str, path: str, start: datetime, now: datetime
) -> tuple[Number, ...]:
    """The numbers of a period by one dimension, the most rows first. Raises: FigureUnknown."""
    row, found, sight = _find(actor, system, figure, now)
    if path not in {one.path for one in found.dimensions}:
        raise FigureUnknown(figure=figure)
    cells = [one for one in row.values.filter(start=start, dims__has_key=path) if set(one.dims) == {path}]
    cells.sort(key=lambda one: (-one.counted, str(one.dims[path] or "")))
    few = hidden([one.counted for one in cells]) if sight == "guarded" else frozenset()
    return tuple(_number(one, few=at in few) for at, one in enumerate(cells))


def number(actor: Actor, system: str, figure: str, cell: int, now: datetime) -> tuple[Figure, Number]:
    """A stored number. Raises: FigureUnknown, also for one that is not shown to the actor."""
    row, found, sight = _find(actor, system, figure, now)
    stored = row.values.filter(pk=cell).first() if row.counted_at is not None else None
    if stored is None:
        raise FigureUnknown(figure=figure)
    guarded = sight == "guarded" and (len(stored.dims) > 1 or stored.counted < SMALLEST)
    if guarded or (sight == "guarded" and _hidden(row, stored)):
        raise FigureUnknown(figure=figure)
    return found, _number(stored)


def rows_behind(
    errand: Errand, system: str, figure: str, cell: int, now: datetime, *, mark: str | None = None, size: int = 50
) -> Page:  # fmt: skip
    """The rows that a number was counted from, as far as the actor may read them under the errand's purpose.

    Raises: FigureUnknown, RowsUnlisted, and what `records` raises.
    """
    found, shown = number(errand.actor, system, figure, cell, now)
    if found.kind not in ("flow", "stock"):
        raise RowsUnlisted(figure=found.title.zh)
    current = start_of(now, found.per)
    if found.kind == "stock" and found.history == "versions" and shown.start != current:
        raise RowsUnlisted(figure=found.title.zh)
    last = min(moved(shown.start, found.per, 1) - timedelta(microseconds=1), now)
    on = (last if found.kind == "stock" else now).astimezone(CHINA).date()
    told = min(moved(shown.start, found.per, 1), now) if found.kind == "stock" else now
    period = f"(SELECT DATE {text(on.isoformat())} AS last, TIMESTAMPTZ {text(told.isoformat())} AS told)"
    inner = [found.seen]
    for path, value in shown.dims.items():
        wanted = "NULL" if value is None else text(value)
        inner.append(f"CAST(({found.dimension(path).seen}) AS text) IS NOT DISTINCT FROM {wanted}")
    if found.kind == "flow":
        instant = found.seen_at or f"{name('row')}.{name(CREATED)}"
        following = moved(shown.start, found.per, 1)
        inner += [
            f"{instant} >= TIMESTAMPTZ {text(shown.start.isoformat())}",
            f"{instant} < TIMESTAMPTZ {text(following.isoformat())}",
        ]
    where = f"EXISTS (SELECT FROM {period} AS {name('period')} WHERE {' AND '.join(inner)})"
    view = View(id="rows", title=found.title, kind="list", where=where.replace("%", "%%"))
    return records(errand, system, found.entity, Wanted({}, on=on, mark=mark, size=size), now, view=view)


def purposes_for(actor: Actor, system: str, figure: str, now: datetime) -> tuple[str, ...]:
    """Purposes under which the actor's roles may read the rows of a figure. Raises: FigureUnknown."""
    _, found, _ = _find(actor, system, figure, now)
    held = system_roles(actor, now)
    declared = system_of(system)
    rules = declared.entity(found.entity).rules if found.entity else ()
    named = [
        p for rule in rules if "read" in rule.verbs and held & set(rule.roles) for p in rule.purposes or ("",)
    ]
    return tuple(dict.fromkeys(named))


def _find(actor: Actor, system: str, figure: str, now: datetime) -> tuple[models.Figure, Figure, Sight]:
    row = models.Figure.objects.filter(system=system, name=figure).first()
    owner = models.System.objects.filter(pk=system, state="active").first()
    if row is None or owner is None:
        raise FigureUnknown(figure=figure)
    found = msgspec.convert(row.definition, Figure)
    sight = _sight(actor, owner, found, _figures_of(system), now)
    if sight == "none":
        raise FigureUnknown(figure=figure)
    return row, found, sight


def _figures_of(system: str) -> dict[str, Figure]:
    rows = models.Figure.objects.filter(system=system)
    return {row.name: msgspec.convert(row.definition, Figure) for row in rows}


def _readings(actor: Actor, system: models.System, now: datetime) -> tuple[Reading, ...]:
    figures = _figures_of(system.pk)
    found = []
    for row in models.Figure.objects.filter(system=system.pk):
        sight = _sight(actor, system, figures[row.name], figures, now)
        if sight != "none":
            found.append(_reading(row, figures[row.name], sight, now))
    return tuple(found)


def _sight(
    actor: Actor, system: models.System, one: Figure, figures: Mapping[str, Figure], now: datetime
) -> Sight:
    """How much of a figure the actor sees: the least of what its operands show."""
    overseeing = actor.has(*OVERSEERS) or (actor.has(APPROVER) and actor.agency == system.owner)
    if one.operands:
        sights = [_sight(actor, system, figures[other], figures, now) for other in one.operands]
        return "none" if "none" in sights else "guarded" if "guarded" in sights else "all"
    held = {role for role in system_roles(actor, now) if role.startswith(f"{system.pk}.")}
    if one.kind == "journal" and (overseeing or held):
        return "all" if counts_all(actor) or actor.agency == system.owner else "guarded"
    if not one.entity:
        return "guarded" if overseeing or held else "none"
    declared: System = system_of(system.pk)
    rules = [
        rule for rule in declared.entity(one.entity).rules if "read" in rule.verbs and held & set(rule.roles)
    ]
    if any(rule.rows is None and rule.fields is None and not rule.open_case for rule in rules):
        return "all"
    return "guarded" if rules or overseeing else "none"


def _reading(row: models.Figure, one: Figure, sight: Sight, now: datetime) -> Reading:
    current = start_of(now, one.per)
    first = moved(current, one.per, 1 - SHOWN)
    # a figure over the journal that is still catching up has numbers, but not yet whole ones
    values = row.values.filter(dims={}) if row.counted_at is not None else row.values.none()
    totals = {cell.start.astimezone(UTC): cell for cell in values.filter(start__gte=first)}
    trend: list[Number] = []
    for by in range(SHOWN):
        start = moved(first, one.per, by)
        cell = totals.get(start.astimezone(UTC))
        if cell is not None:
            trend.append(_number(cell, few=sight == "guarded" and cell.counted < SMALLEST))
        elif one.additive and row.counted_at is not None and trend:
            trend.append(Number(0, start, {}, 0.0, 0))
    latest = trend[-1] if trend else _latest(values, sight)
    value = latest.value if latest is not None else None
    return Reading(
        one, latest, verdict(value, one.target, one.direction),
        gap(value, one.target, one.direction) if value is not None and one.target is not None else None,
        tuple(trend), row.counted_at, row.problem, latest is not None and latest.start == current,
    )  # fmt: skip


def _latest(totals: QuerySet[models.FigureValue], sight: Sight) -> Number | None:
    """The last total of a figure that had no rows for a year."""
    cell = totals.order_by("-start").first()
    return None if cell is None else _number(cell, few=sight == "guarded" and cell.counted < SMALLEST)


def _number(cell: models.FigureValue, *, few: bool = False) -> Number:
    return Number(
        0 if few else cell.pk, cell.start, cell.dims, None if few else cell.value, None if few else cell.counted, few
    )  # fmt: skip


def _hidden(row: models.Figure, cell: models.FigureValue) -> bool:
    """Whether a number by one dimension is among those not shown, itself small or hiding a small one."""
    if not cell.dims:
        return False
    paths = set(cell.dims)
    beside: Sequence[models.FigureValue] = [
        one for one in row.values.filter(start=cell.start) if set(one.dims) == paths
    ]
    ordered = sorted(beside, key=lambda one: (-one.counted, str(next(iter(one.dims.values())) or "")))
    few = hidden([one.counted for one in ordered])
    return any(at in few and one.pk == cell.pk for at, one in enumerate(ordered))
