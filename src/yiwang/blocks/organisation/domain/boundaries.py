"""Boundaries of divisions: a GeoJSON file (RFC 7946) read as rings of degrees, made fit for drawing.

A boundary is for drawing figures on, not for deciding where a place lies: it is thinned to what a page shows. The
file is the operator's, with the review number 审图号 that a published map needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from yiwang.blocks.organisation.domain.errors import BadRegionCode, BoundaryFileBroken
from yiwang.blocks.organisation.domain.regions import normal_code

CODE_NAMES: Final = ("code", "adcode", "XZQDM", "gb", "区划代码", "行政区划代码")
"""Names of the member that holds the division's code, in the order they are tried."""
LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a file."""
MOST_FEATURES: Final = 20_000
MOST_POINTS: Final = 400
"""Points of one division that are kept."""
TOLERANCE: Final = 0.0002
"""Degrees, about 20 m: what is drawn nearer than that is one line. Doubled until the points are few enough."""
_SYSTEMS: Final = ("4326", "4490", "CRS84")
"""Names of reference systems in degrees that agree within what a page can show."""

Point = tuple[float, float]
Ring = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Boundary:
    """A division's rings, closed, in degrees east and north; holes are rings like the others (even-odd)."""

    code: str
    rings: tuple[Ring, ...]


@dataclass(frozen=True, slots=True)
class BoundaryMap:
    """Boundaries that are drawn together, where they come from and under which review numbers."""

    boundaries: tuple[Boundary, ...]
    sources: tuple[str, ...]
    reviews: tuple[str, ...]


class _Geometry(msgspec.Struct):
    type: str
    coordinates: object = ()


class _Feature(msgspec.Struct):
    type: str
    geometry: _Geometry | None = None
    properties: dict[str, object] | None = None


class _Collection(msgspec.Struct):
    type: str
    features: list[_Feature]
    crs: dict[str, object] | None = None


def read_boundaries(content: bytes, member: str = "") -> tuple[Boundary, ...]:
    """The boundaries of a file; `member` is the member of the properties that holds the code.

    Raises: BoundaryFileBroken, which names the feature, counted from 1.
    """
    if len(content) > LARGEST:
        raise BoundaryFileBroken(feature=0, reason=f"> {LARGEST // 1024**2} MB")
    try:
        found = msgspec.json.decode(content, type=_Collection)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BoundaryFileBroken(feature=0, reason="no FeatureCollection in UTF-8") from None
    if found.type != "FeatureCollection" or not 0 < len(found.features) <= MOST_FEATURES:
        raise BoundaryFileBroken(feature=0, reason=f"FeatureCollection, 1–{MOST_FEATURES} features")
    if found.crs is not None and not any(name in str(found.crs) for name in _SYSTEMS):
        raise BoundaryFileBroken(feature=0, reason="crs: EPSG:4490, EPSG:4326")
    made: dict[str, Boundary] = {}
    for number, feature in enumerate(found.features, 1):
        code = _code(feature, member, number)
        if code in made:
            raise BoundaryFileBroken(feature=number, reason=f"{code} twice")
        made[code] = Boundary(code, thinned(tuple(_rings(feature, number))))
    return tuple(made.values())


def thinned(rings: Sequence[Ring]) -> tuple[Ring, ...]:
    """The rings with at most `MOST_POINTS` points in all.

    The tolerance grows until they are few enough; rings that shrink to less than an area are left out, the largest
    stays. Two neighbours may thin their common line apart by the tolerance.
    """
    tolerance, found = TOLERANCE, tuple(rings)
    while True:
        made = [_thin(ring, tolerance) for ring in rings]
        kept = [ring for ring in made if len(ring) >= 4]
        found = tuple(kept) or (max(rings, key=len)[:MOST_POINTS],)
        if sum(map(len, found)) <= MOST_POINTS or tolerance > 1:
            return found
        tolerance *= 2


def _thin(ring: Ring, tolerance: float) -> Ring:
    """Douglas and Peucker's thinning of a closed ring, from its first point and the one farthest from it."""
    if len(ring) < 5:
        return ring
    far = max(range(len(ring)), key=lambda at: _apart(ring[0], ring[at]))
    keep = {0, far, len(ring) - 1}
    spans = [(0, far), (far, len(ring) - 1)]
    while spans:
        first, last = spans.pop()
        at = max(range(first + 1, last), key=lambda n: _off(ring[n], ring[first], ring[last]), default=None)
        if at is not None and _off(ring[at], ring[first], ring[last]) > tolerance:
            keep.add(at)
            spans += [(first, at), (at, last)]
    return tuple(ring[at] for at in sorted(keep))


def _apart(one: Point, other: Point) -> float:
    return math.hypot(one[0] - other[0], one[1] - other[1])


def _off(point: Point, start: Point, end: Point) -> float:
    """How far a point lies from a line between two, in degrees."""
    length = _apart(start, end)
    if length == 0:
        return _apart(point, start)
    across, along = end[0] - start[0], end[1] - start[1]
    share = ((point[0] - start[0]) * across + (point[1] - start[1]) * along) / length**2
    share = min(1.0, max(0.0, share))
    return _apart(point, (start[0] + share * across, start[1] + share * along))


def _code(feature: _Feature, member: str, number: int) -> str:
    held = feature.properties or {}
    wanted = (member,) if member else CODE_NAMES
    value = next((held[name] for name in wanted if name in held), None)
    if not isinstance(value, str | int):
        raise BoundaryFileBroken(feature=number, reason=f"properties: {', '.join(wanted)}")
    try:
        return normal_code(str(value).strip())
    except BadRegionCode:
        raise BoundaryFileBroken(feature=number, reason=f"{str(value)[:20]}: 6, 9, 12 digits") from None


def _rings(feature: _Feature, number: int) -> Iterator[Ring]:
    shape = feature.geometry
    if shape is None or shape.type not in ("Polygon", "MultiPolygon"):
        raise BoundaryFileBroken(feature=number, reason="Polygon, MultiPolygon")
    try:
        if shape.type == "Polygon":
            polygons = [msgspec.convert(shape.coordinates, list[list[list[float]]])]
        else:
            polygons = msgspec.convert(shape.coordinates, list[list[list[list[float]]]])
    except msgspec.ValidationError:
        raise BoundaryFileBroken(feature=number, reason="coordinates") from None
    count = 0
    for ring in (ring for polygon in polygons for ring in polygon):
        count += 1
        yield _ring(ring, number)
    if not count:
        raise BoundaryFileBroken(feature=number, reason="coordinates")


def _ring(ring: list[list[float]], number: int) -> Ring:
    if len(ring) < 4 or ring[0] != ring[-1] or any(len(point) < 2 for point in ring):
        raise BoundaryFileBroken(feature=number, reason="a ring is closed and has four points or more")
    made = tuple((round(point[0], 5), round(point[1], 5)) for point in ring)
    if not all(abs(east) <= 180 and abs(north) <= 90 for east, north in made):
        raise BoundaryFileBroken(feature=number, reason="longitude, latitude in degrees")
    return made
