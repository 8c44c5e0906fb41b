"""From a scanned table to an entry, and its drift afterwards."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yiwang.blocks.catalogue.domain.rules import problems
from yiwang.blocks.catalogue.domain.survey.drifting import Held, basis_of, drifts, held_now, revised
from yiwang.blocks.catalogue.domain.survey.proposal import (
    ColumnChoice,
    EntryTerms,
    TableChoice,
    entry_of,
    item_of,
    skipped,
)
from yiwang.dataplane.census.draft import CodeList, Entry, Item, Resource
from yiwang.dataplane.census.source import Text

SAID = Text("因为", "because")
TERMS = EntryTerms("306001003", share_condition="作为行政依据")


def column(name: str, **facts: object) -> Item:
    known: dict[str, object] = {
        "column": name, "database_type": "varchar(50)", "title": name.upper(), "title_confidence": 0.9,
        "title_reason": SAID, "letter": "C", "length": 50, "scale": 0, "nullable": False, "key": False,
        "unique": False, "key_reason": None, "references": "", "references_reason": None, "code_list": None,
        "filled": 1.0, "distinct": None, "concept": "text", "protection": "general", "level": 1,
        "grade_reason": SAID, "mark": None, "samples": (),
    }  # fmt: skip
    return Item(**(known | facts))  # type: ignore[arg-type]


def table(*items: Item) -> Resource:
    return Resource(
        "库", "部门", "数据库", "PostgreSQL", "s.t", "table", "表", 0.9, SAID, SAID, 10, True, 1 << 30, "", items,
        "daily", 0.5, SAID, 1, "general",
    )  # fmt: skip


def held(seen: Resource) -> Held:
    return Held({item_of(item).wire: basis_of(item) for item in seen.items})


def codes(*names: str) -> CodeList:
    return CodeList("own", "状态", "", tuple(Entry(name, "", 1) for name in names), 0, "", 0.9, SAID)


few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""The machine of the tests is shared: how long a draw takes says nothing here."""
names = st.sampled_from("abcdefgh")
items = st.builds(
    column, names, letter=st.sampled_from("CNYDTLMGBIF"), length=st.integers(0, 300), nullable=st.booleans(),
    protection=st.sampled_from(["general", "internal", "personal", "sensitive"]), level=st.integers(1, 4),
    concept=st.sampled_from(["text", "resident_id", "uscc", "mobile", "address"]),
)  # fmt: skip
tables = st.lists(items, min_size=1, max_size=6, unique_by=lambda item: item.column).map(
    lambda got: table(*got)
)


@few
@given(tables)
def test_every_table_makes_an_entry_that_may_be_published(seen: Resource) -> None:
    draft = entry_of(seen, TableChoice(), TERMS)
    assert [problem for problem in problems(draft) if not problem.warning] == []
    assert len(draft.items) == len(seen.items)


@few
@given(tables)
def test_a_table_that_did_not_change_has_no_drift(seen: Resource) -> None:
    assert drifts(entry_of(seen, TableChoice(), TERMS).items, held(seen), seen) == ()


@few
@given(tables, tables)
def test_an_entry_that_followed_its_drift_has_none_left(was: Resource, now: Resource) -> None:
    draft = entry_of(was, TableChoice(), TERMS)
    found = drifts(draft.items, held(was), now)
    after = revised(draft, found)
    assert drifts(after.items, held_now(held(was), now, after.items), now) == ()


@few
@given(tables, tables)
def test_drift_that_was_accepted_is_not_told_again_but_for_what_the_entry_contradicts(
    was: Resource, now: Resource
) -> None:
    draft = entry_of(was, TableChoice(), TERMS)
    kinds = {one.kind for one in drifts(draft.items, held_now(held(was), now, draft.items), now)}
    assert kinds <= {"length"}


def test_each_kind_of_change_is_told() -> None:
    was = table(column("a"), column("b"), column("c"), column("d", code_list=codes("1", "2")), column("e"))
    now = table(
        column("a", letter="I", length=0), column("b", database_type="varchar(80)", length=80),
        column("c", nullable=True, protection="personal", level=2), column("d", code_list=codes("1", "3")), column("f"),
    )  # fmt: skip
    found = drifts(entry_of(was, TableChoice(), TERMS).items, held(was), now)
    assert {(one.kind, one.column) for one in found} == {
        ("type", "a"), ("length", "b"), ("nulls", "c"), ("grade", "c"), ("codes", "d"), ("column-gone", "e"),
        ("column-new", "f"),
    }  # fmt: skip
    assert {one.column for one in found if one.breaking} == {"a", "c", "d", "e"}


def test_a_table_that_is_gone_is_told_once() -> None:
    seen = table(column("a"))
    (found,) = drifts(entry_of(seen, TableChoice(), TERMS).items, held(seen), None)
    assert (found.kind, found.breaking) == ("table-gone", True)


def test_a_grade_that_the_officer_lowered_is_no_drift() -> None:
    seen = table(column("a", protection="personal", level=2))
    lowered = TableChoice(columns={"a": ColumnChoice(grade="general", level="1")})
    assert drifts(entry_of(seen, lowered, TERMS).items, held(seen), seen) == ()


def test_a_measured_length_is_drift_only_when_values_no_longer_fit() -> None:
    was = table(column("a", database_type="text", length=20))
    draft = entry_of(was, TableChoice(), TERMS)
    shorter, longer = (table(column("a", database_type="text", length=size)) for size in (10, 30))
    assert drifts(draft.items, held(was), shorter) == ()
    assert [one.kind for one in drifts(draft.items, held(was), longer)] == ["length"]


def test_columns_left_out_on_purpose_are_not_new() -> None:
    seen = table(column("a"), column("b"))
    kept = Held({"a": basis_of(seen.items[0])}, ("b",))
    assert drifts(entry_of(table(column("a")), TableChoice(), TERMS).items, kept, seen) == ()


def test_a_column_of_passwords_stays_out_unless_it_is_asked_for() -> None:
    secret = column("mm", protection="secret")
    assert skipped(secret)
    assert not skipped(secret, ColumnChoice(skip=False))
    assert entry_of(table(column("a"), secret), TableChoice(), TERMS).items[0].wire == "a"


def test_words_that_the_officer_wrote_survive_a_followed_drift() -> None:
    was = table(column("a"))
    draft = entry_of(was, TableChoice(), TERMS)
    written = replace(draft, items=(replace(draft.items[0], title="全称", description="登记的全称"),))
    now = table(column("a", database_type="varchar(80)", length=80))
    (item,) = revised(written, drifts(written.items, held(was), now)).items
    assert (item.title, item.description, item.length) == ("全称", "登记的全称", 80)
