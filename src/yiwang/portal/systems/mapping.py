"""Places of records as a drawing: outlines of divisions where an operator loaded some, and circles where the records are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from yiwang.blocks.organisation.public import BoundaryMap
from yiwang.blocks.registry.public import Place
from yiwang.portal import maps
from yiwang.portal.maps import Ground

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
class Drawing:
    """The places of records on their ground."""

    circles: tuple[Circle, ...]
    ground: Ground


def drawn(places: Sequence[Place], record_url: str, found: BoundaryMap | None = None) -> Drawing | None:
    """The drawing; `record_url` is the address of record 0. None where there is no place."""
    if not places:
        return None
    ground, frame = maps.plain(found, [(p.east, p.north) for p in places])
    placed = [(frame.x(p.east), frame.y(p.north), p.record) for p in places]
    circles = _single(placed, record_url) if len(placed) <= MOST_SINGLE else _together(placed)
    return Drawing(tuple(circles), ground)


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
