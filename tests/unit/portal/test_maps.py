"""Divisions in shades: classes without gaps, everything inside the drawing, names and ways only where there is room and right."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.organisation.public import Boundary, BoundaryMap
from yiwang.portal import maps

WEST = Boundary("290102", (((104.0, 35.0), (104.5, 35.0), (104.5, 35.5), (104.0, 35.5), (104.0, 35.0)),))
EAST = Boundary("290103", (((104.5, 35.0), (105.0, 35.0), (105.0, 35.5), (104.5, 35.5), (104.5, 35.0)),))
FOUND = BoundaryMap((WEST, EAST), ("测绘院",), ("甲S(2026)001号",))


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False), max_size=60))
def test_each_number_is_in_exactly_one_class_and_no_class_is_empty(values: list[float]) -> None:
    shades = maps.classes(values)
    for value in values:
        assert sum(one.low <= value <= one.high for one in shades) == 1
    assert all(any(one.low <= value <= one.high for value in values) for one in shades)
    assert [one.step for one in shades] == sorted({one.step for one in shades})
    assert len(shades) == min(5, len(set(values)))


def test_a_division_has_the_shade_of_its_number_and_none_where_nothing_is_told() -> None:
    ground = maps.shaded(FOUND, {"290102": maps.Figure("望江区", 12, "12 条", "/list/")})
    west, east = ground.areas
    assert (west.step, west.url, west.words, west.named) == (3, "/list/", "12 条", True)
    assert (east.step, east.url, east.name) == (-1, "", "")
    assert ground.blank
    assert (ground.sources, ground.reviews) == (("测绘院",), ("甲S(2026)001号",))
    assert west.path.startswith("M")
    assert west.path.endswith("Z")
    assert west.x < east.x


def test_outlines_and_places_fit_one_drawing() -> None:
    ground, frame = maps.plain(FOUND, [(106.0, 36.0)])
    assert len(ground.areas) == 2
    assert ground.shades == ()
    for east, north in ((104.0, 35.0), (106.0, 36.0)):
        assert 0 <= frame.x(east) <= maps.WIDTH
        assert 0 <= frame.y(north) <= maps.HEIGHT
    assert maps.plain(None, [(106.0, 36.0)])[0].sources == ()
