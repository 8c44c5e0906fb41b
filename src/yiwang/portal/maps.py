"""Divisions as a drawing: no tiles from elsewhere, a net of degrees, boundaries that an operator loaded, shades by number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from yiwang.blocks.organisation import public as organisation
from yiwang.blocks.organisation.public import Boundary, BoundaryMap, Ring

WIDTH: Final = 960
HEIGHT: Final = 520
EDGE: Final = 44
SHADES: Final = ((3,), (1, 5), (1, 3, 5), (1, 2, 4, 6), (1, 2, 3, 5, 6))
"""Steps of the heat scale by how many classes there are."""
DARK: Final = 4
"""From this step on words on a shade are light."""
_LEAST: Final = 2
"""Digits that codes have in common at least: a province."""
_LETTER: Final = 7.5
"""Pixels of a Latin letter of a name; a Chinese one has twice as many. A name that its division has no room for stands in the
list alone."""
_LEVELS: Final = (9, 6, 4)


@dataclass(frozen=True)
class NetLine:
    """A line of the net with its degrees."""

    at: float
    label: str


@dataclass(frozen=True)
class Figure:
    """What is told of a division: its name, a number (None: none is shown), that number in words, and where it leads."""

    name: str
    value: float | None
    words: str
    url: str = ""


@dataclass(frozen=True)
class Area:
    """A division in pixels of the drawing; `step` of the heat scale, -1 where there is no number."""

    name: str
    path: str
    step: int
    words: str
    url: str
    x: float
    y: float
    named: bool

    @property
    def dark(self) -> bool:
        """Whether words on it are light."""
        return self.step >= DARK


@dataclass(frozen=True)
class Shade:
    """A class of the legend: its step, and the least and the greatest number in it."""

    step: int
    low: float
    high: float


@dataclass(frozen=True)
class Ground:
    """The net and the divisions; from where the boundaries come and their review numbers."""

    areas: tuple[Area, ...]
    across: tuple[NetLine, ...]
    down: tuple[NetLine, ...]
    shades: tuple[Shade, ...] = ()
    blank: bool = False
    sources: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()
    width: int = WIDTH
    height: int = HEIGHT


class Frame:
    """From degrees to pixels: north up, equal distances in both directions in the middle of the drawing."""

    def __init__(self, points: Iterable[tuple[float, float]]) -> None:
        """`points` are degrees east and north; there is one at least."""
        found = list(points)
        west, east = min(x for x, _ in found), max(x for x, _ in found)
        south, north = min(y for _, y in found), max(y for _, y in found)
        self._east, self._north = (west + east) / 2, (south + north) / 2
        self._narrowing = max(0.1, math.cos(math.radians(self._north)))
        # a single place still gets a neighbourhood of about a kilometre
        span_x, span_y = max((east - west) * self._narrowing, 0.01), max(north - south, 0.01)
        self._scale = min((WIDTH - 2 * EDGE) / span_x, (HEIGHT - 2 * EDGE) / span_y)

    def x(self, east: float) -> float:
        """Pixels from the left."""
        return round(WIDTH / 2 + (east - self._east) * self._narrowing * self._scale, 1)

    def y(self, north: float) -> float:
        """Pixels from the top."""
        return round(HEIGHT / 2 - (north - self._north) * self._scale, 1)

    def net(self) -> tuple[tuple[NetLine, ...], tuple[NetLine, ...]]:
        """Lines of longitude from left to right, and of latitude."""
        half_x, half_y = WIDTH / 2 / self._scale / self._narrowing, HEIGHT / 2 / self._scale
        across = [NetLine(self.x(d), f"{d:g}°") for d in ticks(self._east - half_x, self._east + half_x)]
        down = [NetLine(self.y(d), f"{d:g}°") for d in ticks(self._north - half_y, self._north + half_y)]
        return tuple(across), tuple(down)

    def path(self, rings: Iterable[Ring]) -> str:
        """Rings as the data of an SVG path."""
        return " ".join(
            "M" + "L".join(f"{self.x(east)} {self.y(north)}" for east, north in ring[:-1]) + "Z"
            for ring in rings
        )


def ticks(low: float, high: float) -> list[float]:
    """Three to eight round numbers between two."""
    raw = (high - low) / 6
    step = 10 ** math.floor(math.log10(raw))
    step = next(step * factor for factor in (1, 2, 5, 10) if step * factor >= raw)
    first = math.ceil(low / step)
    return [round(n * step, 6) for n in range(first, math.floor(high / step) + 1)]


def boundaries_around(codes: Sequence[str]) -> BoundaryMap | None:
    """Boundaries of all divisions of the codes' level in the region that they have in common; None where none are kept.

    Codes have 6 or 9 digits; counties stand for towns whose boundaries nobody loaded.
    """
    within = _common(codes)[:6]
    within = within[: len(within) - len(within) % 2] if codes and len(set(codes)) > 1 else within[:4]
    if len(within) < _LEAST:
        return None
    longest = max(len(code) for code in codes)
    for digits in _LEVELS:
        if digits <= longest and (found := organisation.boundaries(within, digits)).boundaries:
            return found
    return None


def _common(codes: Sequence[str]) -> str:
    """The digits that all codes begin with."""
    least, most = min(codes, default=""), max(codes, default="")
    same = next((at for at, (a, b) in enumerate(zip(least, most, strict=False)) if a != b), len(least))
    return least[:same]


def classes(values: Iterable[float]) -> tuple[Shade, ...]:
    """At most five classes of numbers, each with as many different ones as the others, none empty."""
    distinct = sorted(set(values))
    if not distinct:
        return ()
    count = min(len(SHADES), len(distinct))
    cuts = [round(at * len(distinct) / count) for at in range(count + 1)]
    return tuple(
        Shade(step, distinct[low], distinct[high - 1])
        for step, low, high in zip(SHADES[count - 1], cuts, cuts[1:], strict=False)
    )


def shaded(found: BoundaryMap, figures: Mapping[str, Figure]) -> Ground:
    """The divisions, each in the shade of its number; `figures` by the code that its boundary has."""
    frame = Frame(point for one in found.boundaries for ring in one.rings for point in ring)
    shades = classes(one.value for one in figures.values() if one.value is not None)
    areas = tuple(_area(frame, one, figures.get(one.code), shades) for one in found.boundaries)
    across, down = frame.net()
    blank = any(area.step < 0 for area in areas)
    return Ground(areas, across, down, shades, blank, found.sources, found.reviews)


def plain(found: BoundaryMap | None, points: Sequence[tuple[float, float]]) -> tuple[Ground, Frame]:
    """The divisions as outlines under places, which decide what is shown."""
    shapes = found.boundaries if found is not None else ()
    edges = [point for one in shapes for ring in one.rings for point in ring]
    frame = Frame([*points, *edges])
    across, down = frame.net()
    areas = tuple(_area(frame, one, None, ()) for one in shapes)
    sources, reviews = (found.sources, found.reviews) if found is not None and shapes else ((), ())
    return Ground(areas, across, down, (), False, sources, reviews), frame


def _area(frame: Frame, shape: Boundary, figure: Figure | None, shades: Sequence[Shade]) -> Area:
    largest = max(shape.rings, key=len)
    xs, ys = [frame.x(east) for east, _ in largest], [frame.y(north) for _, north in largest]
    value = figure.value if figure is not None else None
    step = next((one.step for one in shades if value is not None and one.low <= value <= one.high), -1)
    return Area(
        figure.name if figure else "", frame.path(shape.rings), step, figure.words if figure else "",
        figure.url if figure else "", round((min(xs) + max(xs)) / 2, 1), round((min(ys) + max(ys)) / 2, 1),
        figure is not None and max(xs) - min(xs) >= _long(figure.name) and max(ys) - min(ys) >= 3 * _LETTER,
    )  # fmt: skip


def _long(name: str) -> float:
    return sum(_LETTER if one.isascii() else 2 * _LETTER for one in name)
