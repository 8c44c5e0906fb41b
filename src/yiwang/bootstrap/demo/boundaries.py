"""Boundaries of the invented city: districts on a grid with crooked lines, two of them with their towns."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Final

from yiwang.blocks.organisation.public import Boundary

SOURCE: Final = "虚构城市示意图 · Map of an invented city"
_CROOKED: Final = 0.004
"""How far a line strays from straight, in degrees."""
_PIECES: Final = 9
_SOUTH: Final = (104.70, 104.88, 104.945, 104.99, 105.03, 105.08, 105.20)
"""Degrees east where lines meet in the south, where the towns are, and in the north."""
_NORTH: Final = (104.70, 104.88, 105.03, 105.20)
_ROWS: Final = (35.49, 35.66, 35.78)
_TOWNS: Final = ("290102001", "290102002", "290102003", "290103001", "290103002")
"""From west to east, in the two districts that have towns."""
_UPPER: Final = ("290105", "290121", "290181")

Point = tuple[float, float]


def boundaries() -> tuple[Boundary, ...]:
    """The same in every demo."""
    found = []
    low, middle, high = _ROWS
    for code, (west, east) in zip(_TOWNS, pairwise(_SOUTH[1:]), strict=True):
        found.append(_between(code, [west, east], low, middle))
    for code, west, east in (
        ("290104", 104.70, 104.88),
        ("290102", 104.88, 105.03),
        ("290103", 105.03, 105.20),
    ):
        found.append(_between(code, [x for x in _SOUTH if west <= x <= east], low, middle))
    for code, (west, east) in zip(_UPPER, pairwise(_NORTH), strict=True):
        found.append(_between(code, [x for x in _SOUTH if west <= x <= east], middle, high))
    return tuple(found)


def _between(code: str, meets: list[float], low: float, high: float) -> Boundary:
    """An area between two rows; neighbours have the same crooked line between them."""
    corners = [(x, low) for x in meets] + [(x, high) for x in reversed(meets)]
    ring: list[Point] = []
    for start, end in pairwise([*corners, corners[0]]):
        ring += _line(start, end)
    return Boundary(code, ((*ring, corners[0]),))


def _line(start: Point, end: Point) -> list[Point]:
    """From a corner to the next, without the next, the same there and back."""
    first, last = sorted((start, end))
    draw = random.Random(f"{first}{last}")  # noqa: S311 - a drawing, not a secret
    points = [first]
    for piece in range(1, _PIECES):
        share = piece / _PIECES
        points.append(
            (
                round(first[0] + share * (last[0] - first[0]) + draw.uniform(-_CROOKED, _CROOKED), 5),
                round(first[1] + share * (last[1] - first[1]) + draw.uniform(-_CROOKED, _CROOKED), 5),
            )
        )
    points.append(last)
    return points[:-1] if start == first else points[:0:-1]
