"""Every state that the blocks know has its tag, and drawings keep to their frame."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.unit.portal.test_templates import FOLDER
from yiwang.blocks.catalogue.public import GRADES, SHARE_TYPES, STATES
from yiwang.blocks.exchange.public import GRANT_STATES, REQUEST_STATES
from yiwang.blocks.organisation.public import LINES
from yiwang.portal import drawings
from yiwang.portal.assets import base_rules
from yiwang.portal.security import POLICY
from yiwang.portal.statuses import STATUSES, call_tone


@pytest.mark.parametrize(
    ("kind", "states"),
    [
        ("resource", set(STATES)),
        ("share_type", set(SHARE_TYPES)),
        ("grade", set(GRADES)),
        ("request", set(REQUEST_STATES)),
        ("grant", set(GRANT_STATES)),
    ],
)
def test_the_closed_list_covers_the_states_of_the_blocks(kind: str, states: set[str]) -> None:
    assert set(STATUSES[kind]) == states


def test_each_line_of_business_has_its_colour_on_the_chip() -> None:
    sheet = (FOLDER.parent / "static" / "portal" / "css" / "marks.css").read_text(encoding="utf-8")
    assert [line.key for line in LINES.values() if f".chip-{line.colour} " not in sheet] == []


def test_a_refused_call_is_red_and_a_failing_source_amber() -> None:
    assert [call_tone(code) for code in (200, 403, 503, None)] == ["malachite", "cinnabar", "gamboge", "grey"]


def test_a_sparkline_stays_inside_its_box() -> None:
    drawn = drawings.sparkline([3, 9, 1, 7])
    assert drawn is not None
    numbers = [float(n) for n in drawn.line.replace("M", " ").replace("L", " ").split()]
    assert all(0 <= x <= drawings.SPARK_WIDTH for x in numbers[::2])
    assert all(0 <= y <= drawings.SPARK_HEIGHT for y in numbers[1::2])
    assert drawings.sparkline([5]) is None


def test_a_bar_is_empty_for_nothing_and_never_wider_than_its_frame() -> None:
    assert drawings.share(0, 10) == 0
    assert drawings.share(1, 100_000) > 0
    assert drawings.share(20, 10) == 100


def test_heat_steps_follow_ranks_and_empty_days_stay_pale() -> None:
    today = date(2026, 11, 20)
    table = drawings.heat_table(
        [("a", {today: 1_000_000}), ("b", {today: 3, today - timedelta(days=1): 1})], today, 3, "calls"
    )
    steps = [[cell.step for cell in row.cells] for row in table.rows]
    assert steps[0][:2] == [0, 0]
    assert steps[0][2] > steps[1][2] > steps[1][1] > 0


def test_only_element_rules_are_taken_from_the_framework() -> None:
    kept = base_rules(
        "/* x */:root{--a:1}.btn{color:red}a,.btn{top:0}@media print{p{left:0}}h1>.x,h1{margin:0}"
    )
    assert kept == "@layer tabler{\n:root{--a:1}\na{top:0}\nh1{margin:0}\n}\n"


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
