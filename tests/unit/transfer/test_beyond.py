"""A table of another node as a source: what is asked of it, and that no page is believed that is not what it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.dataplane.transfer import beyond_wire as w
from yiwang.dataplane.transfer.beyond import NodeSource
from yiwang.dataplane.transfer.database import Window
from yiwang.dataplane.transfer.errors import TransferPageBroken
from yiwang.dataplane.transfer.shape import Column, Row, Span
from yiwang.dataplane.transfer.values import restored, stored

COLUMNS = (Column("id", "text", nullable=False), Column("n", "decimal"), Column("at", "datetime"))
KEY = COLUMNS[:1]
RUN = "0" * 32
VALUES = st.tuples(
    st.text(min_size=1, max_size=5),
    st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.none() | st.datetimes(),
)


class Owner:
    """Answers from rows in memory, `size` a page; `change` is what a node on the way does to a page."""

    def __init__(self, rows: list[Row], size: int, change: Callable[[w.Page], w.Page] | None = None) -> None:
        self.rows = sorted(rows, key=lambda row: str(row[0]).encode("utf-8", "surrogatepass"))
        self.size, self.change = size, change
        self.asked: list[w.Act] = []

    def ask(self, act: w.Act) -> bytes:
        self.asked.append(act)
        if isinstance(act, w.OpenTable):
            return msgspec.json.encode(w.Opened(COLUMNS, ("id",), len(self.rows)))
        assert isinstance(act, w.ReadRows)
        low = None if act.low is None else str(restored(act.low)[0]).encode()
        high = None if act.high is None else str(restored(act.high)[0]).encode()
        fits = [
            row
            for row in self.rows
            if (low is None or str(row[0]).encode() > low) and (high is None or str(row[0]).encode() <= high)
        ]
        given = tuple(stored(row) for row in fits[: self.size])
        last = stored(fits[len(given) - 1][:1]) if given else None
        page = w.Page(len(given), w.digest_of(given), len(fits) > len(given), last, given)
        return msgspec.json.encode(self.change(page) if self.change else page)

    def source(self) -> NodeSource:
        return NodeSource("node:x@y", self.ask, RUN, "full")


def read(source: NodeSource, span: Span = Span()) -> list[Row]:  # noqa: B008 - a span of everything is a value
    return list(source.rows("t", COLUMNS, KEY, source.within(KEY, span)))


@given(st.lists(VALUES, unique_by=lambda row: row[0], max_size=30), st.integers(1, 7))
def test_whatever_the_pages_every_row_comes_once_and_in_order(rows: list[Row], size: int) -> None:
    owner = Owner(rows, size)
    assert read(owner.source()) == owner.rows
    half = owner.rows[len(rows) // 2][:1] if rows else None
    source = owner.source()
    assert read(source, Span(None, half)) + read(source, Span(half, None)) == (
        owner.rows if half is not None else 2 * owner.rows
    )


def test_columns_come_in_the_order_asked_for() -> None:
    source = Owner([("a", Decimal(1), None)], 5).source()
    assert list(source.rows("t", COLUMNS[::-1], KEY, source.within(KEY, Span()))) == [(None, Decimal(1), "a")]


@pytest.mark.parametrize(
    "change",
    [
        {"count": 3},
        {"digest": "0" * 64},
        {"rows": ('["a", null, null]',)},
        {"rows": ()},
        {"last": '["zz"]'},
        {"last": None, "more": True},
    ],
)
def test_a_page_that_is_not_what_it_says_is_refused(change: dict[str, object]) -> None:
    rows: list[Row] = [("a", None, None), ("b", None, None)]
    owner = Owner(rows, 5, lambda page: msgspec.structs.replace(page, **change))
    with pytest.raises(TransferPageBroken):
        read(owner.source())


@pytest.mark.parametrize(
    "row", ['["a"]', "[[1], null, null]", "no", '["a", {"int": "x"}, null]', '["a", {"eval": "1"}, null]']
)
def test_a_row_that_cannot_be_read_is_refused(row: str) -> None:
    page = w.Page(1, w.digest_of((row,)), False, '["a"]', (row,))
    owner = Owner([], 5, lambda _: page)
    with pytest.raises(TransferPageBroken):
        read(owner.source())


def test_a_page_that_leads_nowhere_is_not_read_for_ever() -> None:
    row = '["a", null, null]'
    page = w.Page(1, w.digest_of((row,)), True, '["a"]', (row,))
    with pytest.raises(TransferPageBroken):
        read(Owner([], 5, lambda _: page).source())


def test_an_answer_that_is_none_is_refused() -> None:
    for text in (b"", b"[]", b'{"count": -1}', b"\xff"):
        with pytest.raises(TransferPageBroken):
            read(NodeSource("x", lambda _, text=text: text, RUN, "full"))  # type: ignore[misc]


def test_bounds_and_windows_travel_as_stored_values() -> None:
    owner = Owner([], 5)
    source = owner.source()
    window = Window(COLUMNS[2], None, dt.datetime(2026, 1, 2))
    both = source.within(KEY, Span(("a",), ("b",))) & source.moved(window)
    list(source.rows("t", COLUMNS, KEY, both))
    moved = w.Moved("at", None, stored((dt.datetime(2026, 1, 2),)))
    assert owner.asked[-1] == w.ReadRows(RUN, '["a"]', '["b"]', moved)
    with pytest.raises(RuntimeError):
        source.execute("DELETE FROM t")
