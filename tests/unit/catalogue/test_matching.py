"""Entries of which no table is known are held against the table that has their items."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from tests.unit.catalogue.test_survey import TERMS, column, few, held, table, tables
from yiwang.blocks.catalogue.domain.survey.matching import Stated, compare, stated_of
from yiwang.blocks.catalogue.domain.survey.proposal import TableChoice, entry_of
from yiwang.dataplane.census.draft import Resource

SEEN = table(column("xm"), column("zjhm", length=18), column("zz"))
OTHER = replace(table(column("qymc"), column("zz")), table="s.qy", title="企业")


def stated(seen: Resource, code: str = "306001003/1", **facts: object) -> Stated:
    entry = stated_of([(code, entry_of(seen, TableChoice(), TERMS))])[0]
    return replace(entry, **facts)  # type: ignore[arg-type]


@few
@given(tables)
def test_an_entry_that_says_what_its_table_is_has_no_drift(seen: Resource) -> None:
    secret = [item for item in seen.items if item.protection == "secret"]
    found = compare([stated(seen)], [seen])
    assert [one.found for one in found.compared] == [()]
    assert not secret


def test_an_exported_entry_finds_the_table_that_has_its_items() -> None:
    found = compare([stated(SEEN)], [OTHER, SEEN])
    assert [(one.entry.code, one.table, one.found) for one in found.compared] == [("306001003/1", "s.t", ())]
    assert found.without_entry == ("s.qy",)


def test_columns_that_came_went_and_changed_are_told() -> None:
    now = table(column("XM", letter="I"), column("zjhm", length=10), column("dh"))
    found = compare([stated(SEEN)], [now], named={"306001003/1": "s.t"}).compared[0].found
    assert [(one.kind, one.column) for one in found] == [
        ("type", "XM"), ("length", "zjhm"), ("column-gone", "zz"), ("column-new", "dh"),
    ]  # fmt: skip


def test_a_milder_grade_than_the_census_would_give_is_told_and_a_stricter_one_is_not() -> None:
    now = table(column("xm", protection="personal", level=2), column("zjhm", length=18), column("zz"))
    strict = replace(stated(now), code="2")
    strict = replace(strict, items=tuple(replace(item, grade="sensitive") for item in strict.items))
    by_code = {one.entry.code: one.found for one in compare([stated(SEEN), strict], [now]).compared}
    assert [one.kind for one in by_code["306001003/1"]] == ["grade"]
    assert by_code["2"] == ()


def test_of_two_tables_alike_the_title_decides_and_without_it_none_is_taken() -> None:
    twin = replace(SEEN, table="s.old", title="旧表")
    assert compare([stated(SEEN)], [twin, SEEN]).compared[0].table == "s.t"
    nameless = [replace(SEEN, title="一"), replace(twin, title="二")]
    found = compare([stated(SEEN)], nameless)
    assert found.compared == ()
    assert [one.code for one in found.apart] == ["306001003/1"]


def test_a_table_known_to_be_here_is_gone_only_when_everything_was_scanned() -> None:
    entry = stated(SEEN, table="s.t", place="库", held=held(SEEN))
    found = compare([entry], [OTHER])
    assert [one.kind for one in found.compared[0].found] == ["table-gone"]
    assert compare([entry], [OTHER], whole=False).compared == ()


def test_a_table_of_the_same_path_elsewhere_is_not_taken_for_the_one_that_is_known() -> None:
    entry = stated(SEEN, table="s.t", place="库", held=held(SEEN))
    elsewhere = replace(table(column("xm")), source="另库")
    found = compare([entry], [elsewhere, SEEN])
    assert [(one.table, one.found) for one in found.compared] == [("s.t", ())]


def test_what_the_officer_agreed_to_before_is_the_basis_where_it_was_kept() -> None:
    kept = stated(SEEN, table="s.t", place="库", held=held(SEEN))
    now = table(column("xm", nullable=True), column("zjhm", length=18), column("zz"))
    assert [one.kind for one in compare([kept], [now]).compared[0].found] == ["nulls"]
