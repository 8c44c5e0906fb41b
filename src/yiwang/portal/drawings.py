"""Geometry of the small charts, computed on the server so that they are in the page without a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

SPARK_WIDTH, SPARK_HEIGHT = 96, 28


@dataclass(frozen=True)
class Sparkline:
    """A line through the values, the area under it, and its last point."""

    line: str
    area: str
    last_x: float
    last_y: float


def sparkline(values: Sequence[float]) -> Sparkline | None:
    """The drawing of a series, or None when there is nothing to draw. Between its least and its greatest value."""
    if len(values) < 2:
        return None
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = (SPARK_WIDTH - 4) / (len(values) - 1)
    points = [
        (round(2 + i * step, 1), round(SPARK_HEIGHT - 4 - (value - low) / span * (SPARK_HEIGHT - 8), 1))
        for i, value in enumerate(values)
    ]
    line = "M" + "L".join(f"{x} {y}" for x, y in points)
    area = f"{line}L{points[-1][0]} {SPARK_HEIGHT}L{points[0][0]} {SPARK_HEIGHT}Z"
    return Sparkline(line, area, *points[-1])


def share(part: float, whole: float, width: int = 100) -> float:
    """How much of `width` a bar fills; anything above nothing shows at least a sliver."""
    if whole <= 0 or part <= 0:
        return 0.0
    return round(max(width * 0.015, min(width, width * part / whole)), 2)


@dataclass(frozen=True)
class HeatCell:
    """One day of one row. `step` is 0 to 7; `flag` marks a day with an outage."""

    day: date
    value: int
    step: int
    flag: bool


@dataclass(frozen=True)
class HeatRow:
    """One line of a heat table: a department, say."""

    label: str
    cells: tuple[HeatCell, ...]
    total: int
    url: str = ""


@dataclass(frozen=True)
class HeatTable:
    """Departments × days, with the days that carry a label above them."""

    days: tuple[date, ...]
    rows: tuple[HeatRow, ...]
    unit: str

    @property
    def labelled(self) -> frozenset[date]:
        """Mondays and the last day."""
        return frozenset(d for d in self.days if d.weekday() == 0) | frozenset(self.days[-1:])


def heat_table(
    values: Sequence[tuple[str, dict[date, int]]],
    last: date,
    days: int,
    unit: str,
    flagged: frozenset[tuple[str, date]] = frozenset(),
) -> HeatTable:
    """Rows of day counts as heat steps. Steps follow ranks of the values, so that one giant does not pale the rest."""
    window = tuple(last - timedelta(days=days - 1 - i) for i in range(days))
    known = sorted({counts[d] for _, counts in values for d in window if counts.get(d, 0) > 0})
    rows = []
    for label, counts in values:
        cells = tuple(
            HeatCell(d, counts.get(d, 0), _step(counts.get(d, 0), known), (label, d) in flagged)
            for d in window
        )
        rows.append(HeatRow(label, cells, sum(cell.value for cell in cells)))
    return HeatTable(window, tuple(rows), unit)


def _step(value: int, known: list[int]) -> int:
    if value <= 0 or not known:
        return 0
    return 1 + min(6, known.index(value) * 7 // len(known))
