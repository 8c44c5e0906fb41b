"""What a grant lets be seen of changes, against a plain model; what cannot be compared is not shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.exchange.domain.compiled import (
    CompiledField,
    CompiledGrant,
    CompiledResource,
    GrantedField,
    RowCondition,
)
from yiwang.blocks.exchange.domain.sandbox import NO_SOURCE
from yiwang.blocks.subscriptions.domain.errors import GrantUnfit
from yiwang.blocks.subscriptions.domain.events import Event, RowChange, events_of
from yiwang.blocks.subscriptions.domain.paging import Reader, Stored
from yiwang.blocks.subscriptions.domain.projecting import View
from yiwang.blocks.subscriptions.domain.wire import Row, Wire, key_text, wire

AT = datetime(2026, 11, 20, tzinfo=UTC)
FIELDS = (
    CompiledField("k", "k", "integer", "integer"), CompiledField("区", "q", "text", "text"),
    CompiledField("名", "m", "text", "text", subject="person"), CompiledField("额", "e", "decimal", "numeric"),
    CompiledField("日", "r", "date", "date"), CompiledField("时", "s", "datetime", "timestamptz"),
    CompiledField("真", "z", "boolean", "boolean"), CompiledField("体", "t", "json", "jsonb"),
)  # fmt: skip


def view(
    fields: tuple[GrantedField, ...] = (GrantedField("k"), GrantedField("名", "name")), **changed: Any
) -> View:
    grant = CompiledGrant(
        id="G1", version=1, resource="r", consumer="c", modes=changed.pop("modes", ("table", "changes")), fields=fields,
        predicates=(), required=(), purposes=("item:1",), not_before=0, not_after=1, **changed,
    )  # fmt: skip
    return View(grant, CompiledResource("r", "", "", 1, "p", FIELDS, ("k",), "s", "t", NO_SOURCE))


ROWS = st.dictionaries(
    st.integers(1, 4), st.tuples(st.sampled_from("甲乙"), st.sampled_from(["王一", "王二", "李"]))
)
CHANGES = st.lists(
    st.tuples(st.integers(1, 4), st.one_of(st.none(), st.tuples(st.sampled_from("甲乙"), st.sampled_from(["王一", "王二", "李"])))),
    max_size=20,
)  # fmt: skip


def row(number: int, held: tuple[str, str]) -> dict[str, Wire]:
    return {"k": number, "区": held[0], "名": held[1]}


@given(ROWS, CHANGES)
def test_whoever_applies_the_events_they_see_holds_what_their_grant_shows(
    start: dict[int, tuple[str, str]], changes: list[tuple[int, tuple[str, str] | None]]
) -> None:
    seen = view(rows=(RowCondition("区", "eq", "甲"),))
    held: dict[str, Row] = {key_text([number]): row(number, one) for number, one in start.items()}

    def shown() -> dict[int, str]:
        return {
            int(str(one["k"])): str(one["名"])[0] + "*"
            for one in held.values()
            if one["区"] == "甲"
        }  # fmt: skip

    mine = shown()
    told = [
        RowChange(key_text([number]), None, {}) if to is None else RowChange(key_text([number]), key_text([number]), row(number, to))
        for number, to in changes
    ]  # fmt: skip
    for event in events_of(held, told):
        out = seen.shown(event)
        if out is None:
            continue
        assert out.key is not None
        number = int(str(out.key["k"]))
        if out.op == "delete":
            assert number in mine, "nobody is told of a row that they never saw"
            del mine[number]
            continue
        assert (out.op == "insert") == (number not in mine)
        assert out.values is not None
        assert set(out.values) == {"k", "名"}
        before, mine[number] = mine.get(number), str(out.values["名"])
        assert before != mine[number], "what looks the same is no event"
    assert mine == shown()


@given(CHANGES, st.integers(0, 20))
def test_a_repeated_change_is_no_event(changes: list[tuple[int, tuple[str, str] | None]], again: int) -> None:
    told = [
        RowChange(key_text([n]), None, {})
        if to is None
        else RowChange(key_text([n]), key_text([n]), row(n, to))
        for n, to in changes
    ]
    held: dict[str, Any] = {}
    events_of(held, told)
    last = {change.former: change for change in told}
    assert events_of(held, list(last.values())[:again]) == []


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        (RowCondition("额", "gte", "10"), "9.5", False), (RowCondition("额", "gte", "10"), "10.0", True),
        (RowCondition("额", "eq", "10"), "10.00", True), (RowCondition("额", "lte", "10"), "垃圾", False),
        (RowCondition("额", "lte", "10"), "NaN", False), (RowCondition("k", "in", ("1", "2")), 2, True),
        (RowCondition("k", "gte", 3), 2, False), (RowCondition("日", "gte", "2026-01-01"), "2025-12-31", False),
        (RowCondition("日", "lte", "2026-01-01"), "2026-01-01", True), (RowCondition("真", "eq", True), True, True),
        (RowCondition("真", "eq", True), False, False), (RowCondition("真", "eq", True), None, False),
        (RowCondition("时", "gte", "2026-01-01T08:00:00+08:00"), "2026-01-01T00:00:00Z", True),
        (RowCondition("时", "gte", "2026-01-01T08:00:01+08:00"), "2026-01-01T00:00:00Z", False),
        (RowCondition("区", "prefix", "62"), "6201", True), (RowCondition("区", "prefix", "62"), "1162", False),
        (RowCondition("区", "eq", ""), None, False),
    ],
)  # fmt: skip
def test_rows_are_judged_by_the_type_of_their_field(
    condition: RowCondition, value: Wire, holds: bool
) -> None:
    held: Row = {"k": 1, "名": "王", condition.name: value}
    assert (view(rows=(condition,)).shown(Event("insert", "[1]", None, held)) is not None) is holds


@pytest.mark.parametrize(
    "changed",
    [
        {"modes": ("table",)}, {"fields": (GrantedField("名"),)}, {"fields": (GrantedField("k", "hidden"),)},
        {"fields": (GrantedField("k"), GrantedField("没了"))}, {"fields": (GrantedField("k", "mask-of-nobody"),)},
        {"rows": (RowCondition("没了", "eq", "1"),)}, {"rows": (RowCondition("额", "gte", "很多"),)},
    ],
)  # fmt: skip
def test_a_grant_that_does_not_fit_shows_nothing_at_all(changed: dict[str, Any]) -> None:
    with pytest.raises(GrantUnfit):
        view(**changed)


def test_json_leaves_unfolded_and_persons_are_counted_unmasked() -> None:
    seen = view((GrantedField("k"), GrantedField("名", "name"), GrantedField("体")))
    event = Event("insert", "[1]", None, {"k": 1, "名": "王敏", "体": '{"a": 1.50}'})
    page = Reader(b"k" * 32, "s", "tag", seen).page([Stored(3, event, 1, AT)], 2, 10, lost=False)
    assert msgspec.json.encode(page.events[0]["values"]).decode() == '{"k":1,"名":"王*","体":{"a": 1.50}}'
    assert [value for _, value in page.persons] == ["王敏"]


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        (FIELDS[0], "-12", -12), (FIELDS[0], "1.5", "1.5"), (FIELDS[3], "1.50", "1.50"), (FIELDS[6], "t", True),
        (FIELDS[6], "false", False), (FIELDS[4], "2026-11-20 00:00:00", "2026-11-20"), (FIELDS[4], "infinity", "infinity"),
        (FIELDS[5], "2026-11-20 08:00:00.5+00", "2026-11-20T08:00:00.5Z"), (FIELDS[5], "2026-11-20 08:00:00", "2026-11-20T08:00:00"),
        (CompiledField("b", "b", "binary", "bytea"), "\\x0aff", "Cv8="), (CompiledField("b", "b", "binary", "bytea"), "\\xg", "\\xg"),
        (CompiledField("c", "c", "text", "character(6)"), "62  ", "62"), (FIELDS[1], "62  ", "62  "), (FIELDS[1], None, None),
    ],
)  # fmt: skip
def test_values_are_those_of_the_gateways_answers(
    field: CompiledField, text: str | None, expected: Wire
) -> None:
    assert wire(field, text) == expected
