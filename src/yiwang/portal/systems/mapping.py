"""Places of records as a drawing: no tiles from elsewhere, a net of degrees, and circles where the records are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from yiwang.blocks.registry.public import Place

WIDTH: Final = 960
HEIGHT: Final = 520
EDGE: Final = 44
MOST_SINGLE: Final = 300
"""Up to here each record is a link of its own; beyond, near ones are drawn together."""
CELL: Final = 24


@dataclass(frozen=True)
class Circle:
    """One record, or several near each other; in pixels of the drawing."""

    x: float
    y: float
    radius: float
    count: int
    url: str


@dataclass(frozen=True)
class NetLine:
    """A line of the net with its degrees."""

    at: float
    label: str


@dataclass(frozen=True)
class Drawing:
    """The places of records, north up, equal distances in both directions in the middle of the drawing."""

    circles: tuple[Circle, ...]
    across: tuple[NetLine, ...]
    down: tuple[NetLine, ...]
    width: int = WIDTH
    height: int = HEIGHT


def drawn(places: Sequence[Place], record_url: str) -> Drawing | None:
    """The drawing; `record_url` is the address of record 0. None where there is no place."""
    if not places:
        return None
    west, east = min(p.east for p in places), max(p.east for p in places)
    south, north = min(p.north for p in places), max(p.north for p in places)
    middle_east, middle_north = (west + east) / 2, (south + north) / 2
    narrowing = max(0.1, math.cos(math.radians(middle_north)))
    # a single place still gets a neighbourhood of about a kilometre
    span_x, span_y = max((east - west) * narrowing, 0.01), max(north - south, 0.01)
    scale = min((WIDTH - 2 * EDGE) / span_x, (HEIGHT - 2 * EDGE) / span_y)

    def x_of(degrees: float) -> float:
        return round(WIDTH / 2 + (degrees - middle_east) * narrowing * scale, 1)

    def y_of(degrees: float) -> float:
        return round(HEIGHT / 2 - (degrees - middle_north) * scale, 1)

    half_x, half_y = WIDTH / 2 / scale / narrowing, HEIGHT / 2 / scale
    across = [NetLine(x_of(d), _degrees(d)) for d in _ticks(middle_east - half_x, middle_east + half_x)]
    down = [NetLine(y_of(d), _degrees(d)) for d in _ticks(middle_north - half_y, middle_north + half_y)]
    placed = [(x_of(p.east), y_of(p.north), p.record) for p in places]
    circles = _single(placed, record_url) if len(placed) <= MOST_SINGLE else _together(placed)
    return Drawing(tuple(circles), tuple(across), tuple(down))


def _single(placed: Sequence[tuple[float, float, int]], record_url: str) -> list[Circle]:
    stem = record_url.removesuffix("0/")
    return [Circle(x, y, 6, 1, f"{stem}{record}/") for x, y, record in placed]


def _together(placed: Sequence[tuple[float, float, int]]) -> list[Circle]:
    cells: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for x, y, _record in placed:
        cells.setdefault((int(x // CELL), int(y // CELL)), []).append((x, y))
    most = max(len(one) for one in cells.values())
    return [
        Circle(
            round(sum(x for x, _ in one) / len(one), 1), round(sum(y for _, y in one) / len(one), 1),
            round(4 + 14 * math.sqrt(len(one) / most), 1), len(one), "",
        )
        for one in cells.values()
    ]  # fmt: skip


def _ticks(low: float, high: float) -> list[float]:
    """Three to eight round numbers between two."""
    raw = (high - low) / 6
    step = 10 ** math.floor(math.log10(raw))
    step = next(step * factor for factor in (1, 2, 5, 10) if step * factor >= raw)
    first = math.ceil(low / step)
    return [round(n * step, 6) for n in range(first, math.floor(high / step) + 1)]


def _degrees(value: float) -> str:
    return f"{value:g}°"
