"""Rules of the pages of declared systems that need no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.identity.public import Actor
from yiwang.blocks.registry.domain.standing import standing
from yiwang.blocks.registry.public import Entity, Field, Label, Place, Rule, masked_value
from yiwang.portal.sealed import opened, sealed
from yiwang.portal.systems import columns, mapping
from yiwang.portal.systems.inputs import kept_text, typed_text

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
WANG_MIN = Actor(1, "user1", "王敏", "11290100MB0000001A", "市城管局", "290102", frozenset())
LI_QIANG = Actor(2, "user2", "李强", "11290100MB0000001A", "市城管局", "290102", frozenset())


def field(name: str, kind: str, **more: object) -> Field:
    return msgspec.convert(
        {"id": name, "title": {"zh": name}, "kind": kind, "columns": [name], **more}, Field
    )


@given(st.integers(-(10**14), 10**14))
def test_money_comes_back_from_its_input_as_it_was(fen: int) -> None:
    assert kept_text(field("m", "money"), typed_text(field("m", "money"), fen)) == str(fen)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)))
def test_a_moment_comes_back_to_the_minute(when: datetime) -> None:
    moment = when.replace(tzinfo=UTC, second=0, microsecond=0)
    kept = kept_text(field("d", "datetime"), typed_text(field("d", "datetime"), moment.isoformat()))
    assert datetime.fromisoformat(kept) == moment


@pytest.mark.parametrize(
    ("typed", "kept"), [("12", "1200"), ("1,234.5", "123450"), ("1.234", "123.400"), ("多", "多")]
)
def test_yuan_become_fen_and_what_is_no_money_is_left_to_be_refused(typed: str, kept: str) -> None:
    found = kept_text(field("m", "money"), typed)
    assert found == kept or Decimal(found) == Decimal(kept)


def test_a_sealed_text_opens_for_its_person_its_use_and_its_time_alone() -> None:
    token = sealed(WANG_MIN, "find", "陈晨 13812345678", NOW)
    assert "138" not in token
    assert opened(WANG_MIN, "find", token, NOW + HOUR, HOUR) == "陈晨 13812345678"
    for me, use, text, when in (
        (LI_QIANG, "find", token, NOW), (WANG_MIN, "mark", token, NOW), (WANG_MIN, "find", token, NOW + 2 * HOUR),
        (WANG_MIN, "find", token[:-3] + "abc", NOW), (WANG_MIN, "find", "陈", NOW), (WANG_MIN, "find", "", NOW),
    ):  # fmt: skip
        assert opened(me, use, text, when, HOUR) == ""


@given(st.lists(st.tuples(st.floats(-179, 179), st.floats(-80, 80)), min_size=1, max_size=400))
def test_every_place_is_inside_its_drawing_and_counted_once(points: list[tuple[float, float]]) -> None:
    drawing = mapping.drawn([Place(at, east, north) for at, (east, north) in enumerate(points)], "/r/0/")
    assert drawing is not None
    assert sum(circle.count for circle in drawing.circles) == len(points)
    assert all(
        0 <= one.x <= drawing.ground.width and 0 <= one.y <= drawing.ground.height for one in drawing.circles
    )
    assert 1 <= len(drawing.ground.across) <= 12


def test_nothing_is_drawn_of_no_place_and_one_place_is_a_link() -> None:
    assert mapping.drawn([], "/r/0/") is None
    drawing = mapping.drawn([Place(7, 119.3, 26.08)], "/r/0/")
    assert drawing is not None
    assert [one.url for one in drawing.circles] == ["/r/7/"]


ENTITY = Entity(
    id="e", title=Label("表"), key=("k",), history="none",
    fields=(field("k", "text"), field("name", "text", search=True), field("note", "text", argument="500"),
            field("state", "code"), field("secret", "text", encrypted=True)),
    rules=(
        Rule(roles=("s.clerk",), purposes=("work",), verbs=("read", "write")),
        Rule(roles=("s.viewer", "s.clerk"), verbs=("read",), fields=("k", "name")),
        Rule(roles=("s.viewer",), verbs=("export",), open_case=True),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "purpose", "case", "reads", "writes", "exports", "shown"),
    [
        ({"s.clerk"}, "work", False, True, True, False, 5),
        ({"s.clerk"}, "", False, True, False, False, 2),
        ({"s.viewer"}, "work", False, True, False, False, 2),
        ({"s.viewer"}, "work", True, True, False, True, 2),
        ({"s.other"}, "work", True, False, False, False, 0),
        (set(), "work", True, False, False, False, 0),
    ],
)
def test_standing_counts_only_rules_of_role_purpose_and_case(
    roles: set[str], purpose: str, case: bool, reads: bool, writes: bool, exports: bool, shown: int
) -> None:
    found = standing(ENTITY, frozenset(roles), purpose, case)
    assert (found.reads, found.writes, found.exports, len(found.shown)) == (reads, writes, exports, shown)
    assert found.known is bool(roles & {"s.clerk", "s.viewer"})


def test_a_list_without_a_view_shows_key_name_and_state_and_no_long_or_secret_text() -> None:
    mine = standing(ENTITY, frozenset({"s.clerk"}), "work", False)
    assert [one.id for one in columns.columns(ENTITY, mine, None)] == ["k", "name", "state"]


def test_a_field_without_a_mask_of_its_own_is_hidden_whole() -> None:
    assert masked_value(field("x", "text"), None) is None
    assert "13812345678" not in str(masked_value(field("x", "text"), "13812345678"))
    assert masked_value(field("x", "text", mask="id"), "11010519491231002X") == "110105********002X"
