"""Files of boundaries: what is taken, what is refused and where, and how rings are thinned."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.organisation.domain.boundaries import MOST_POINTS, read_boundaries, thinned
from yiwang.blocks.organisation.domain.errors import BoundaryFileBroken
from yiwang.bootstrap.demo import boundaries as invented

SQUARE = [[104.0, 35.0], [105.0, 35.0], [105.0, 36.0], [104.0, 36.0], [104.0, 35.0]]


def feature(
    code: object = "290102", kind: str = "Polygon", coordinates: object = None, **more: object
) -> dict[str, object]:
    shape = {"type": kind, "coordinates": [SQUARE] if coordinates is None else coordinates}
    return {"type": "Feature", "properties": {"code": code}, "geometry": shape, **more}


def content(*features: object, **more: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


def test_areas_are_taken_by_the_code_in_their_properties() -> None:
    (one,) = read_boundaries(content(feature(370102)))
    assert (one.code, len(one.rings), one.rings[0][0]) == ("370102", 1, (104.0, 35.0))
    (town,) = read_boundaries(content(feature("290102001000", "MultiPolygon", [[SQUARE], [SQUARE]])))
    assert (town.code, len(town.rings)) == ("290102001", 2)
    named = feature(properties={"dm": "290103"})
    assert read_boundaries(content(named), "dm")[0].code == "290103"


@pytest.mark.parametrize(
    ("broken", "at"),
    [
        (b"", 0),
        (b"\xff\xfe", 0),
        (b"[" * 100_000, 0),
        (content(), 0),
        (content(feature(), type="Feature"), 0),
        (content(feature(), crs={"properties": {"name": "EPSG:3857"}}), 0),
        (content(feature(), feature("29")), 2),
        (content(feature(), feature("290102")), 2),
        (content(feature(properties={"name": "区"})), 1),
        (content(feature(geometry=None)), 1),
        (content(feature(kind="Point", coordinates=[104, 35])), 1),
        (content(feature(coordinates=[SQUARE[:-1]])), 1),
        (content(feature(coordinates=[[["a", "b"]] * 4])), 1),
        (content(feature(coordinates=[[[11576543.0, 4163881.0]] * 4])), 1),
        (content(feature(coordinates=[])), 1),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_its_place(broken: bytes, at: int) -> None:
    with pytest.raises(BoundaryFileBroken) as refused:
        read_boundaries(broken)
    assert refused.value.facts["feature"] == at


@given(st.integers(4, 3000), st.floats(0.01, 3), st.floats(0, 0.2))
def test_thinned_rings_are_closed_few_and_made_of_their_own_points(
    count: int, size: float, rough: float
) -> None:
    points = []
    for at in range(count):
        angle, far = 2 * math.pi * at / count, size * (1 + rough * math.sin(at * 7))
        points.append((104 + far * math.cos(angle), 35 + far * math.sin(angle)))
    ring = (*points, points[0])
    (made,) = thinned((ring,))
    assert made[0] == made[-1]
    assert 4 <= len(made) <= MOST_POINTS
    assert set(made) <= set(ring)


def test_the_invented_city_is_whole_and_its_neighbours_share_their_lines() -> None:
    made = {one.code: set(one.rings[0]) for one in invented.boundaries()}
    assert len(made["290102001"] & made["290102002"]) >= 8
    assert len(made["290102"] & made["290121"]) >= 16
    file = content(*(feature(code, coordinates=[invented_ring(code)]) for code in made))
    assert {one.code for one in read_boundaries(file)} == set(made)


def invented_ring(code: str) -> list[list[float]]:
    return [list(point) for one in invented.boundaries() if one.code == code for point in one.rings[0]]


@pytest.mark.needs_shared_data
def test_boundaries_of_a_real_province_are_taken(shared_data: Path) -> None:
    found = read_boundaries((shared_data / "geo" / "province_370000.json").read_bytes())
    assert len(found) == 16
    assert all(sum(map(len, one.rings)) <= MOST_POINTS for one in found)
