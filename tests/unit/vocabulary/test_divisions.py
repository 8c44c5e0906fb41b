"""Divisions: form, tree, and what an old code is called on a day."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.vocabulary.divisions import codes, records, tree
from yiwang.vocabulary.identifiers import IdentifierEmpty
from yiwang.vocabulary.tables import TableError, parse_table

TODAY = dt.date(2026, 11, 21)
DIVISIONS = tree.standard_divisions()
known_codes = st.sampled_from(sorted(DIVISIONS.history))


def now(code: str, on: dt.date = TODAY) -> list[str]:
    return [f"{division.code} {division.name}" for division in DIVISIONS.resolve(code, on).now]


def test_codes_of_six_nine_and_twelve_digits_are_read() -> None:
    assert codes.parse_division_code("370000").level is codes.Level.PROVINCE
    assert codes.parse_division_code("370100").level is codes.Level.CITY
    assert codes.parse_division_code("370102").level is codes.Level.COUNTY
    assert codes.parse_division_code("370102001").level is codes.Level.TOWNSHIP
    village = codes.parse_division_code("370102001002")
    assert (village.level, village.county, village.township) == (codes.Level.VILLAGE, "370102", "370102001")


def test_zeros_at_the_end_do_not_make_a_lower_level() -> None:
    for text in ("370100000000", "370100000", "370100"):
        assert codes.parse_division_code(text).code == "370100"
    assert codes.parse_division_code("370102001000").code == "370102001"
    assert codes.parse_division_code("370100").written_12 == "370100000000"


def test_faults_of_form_are_named() -> None:
    with pytest.raises(codes.DivisionLength) as length:
        codes.parse_division_code("3701")
    assert length.value.facts == {"length": 4}
    with pytest.raises(codes.DivisionCharacter) as character:
        codes.parse_division_code("37O102")
    assert character.value.facts == {"position": 3, "found": "O"}
    with pytest.raises(IdentifierEmpty):
        codes.parse_division_code(" ")


def test_the_kind_of_a_township_or_village_is_in_its_digits() -> None:
    kinds = {
        "370102001": "街道",
        "370124101": "镇",
        "370124200": "乡",
        "370102001200": "村民委员会",
        "370102": "",
    }
    assert {code: codes.unit_kind(codes.parse_division_code(code)) for code in kinds} == kinds


def test_the_tree_has_thirty_four_provinces_and_leads_down_to_townships() -> None:
    assert len(DIVISIONS.children("", TODAY)) == 34
    assert "济南市" in [division.name for division in DIVISIONS.children("370000", TODAY)]
    assert "历下区" in [division.name for division in DIVISIONS.children("370100", TODAY)]
    assert DIVISIONS.children("110101", TODAY)[0].level is codes.Level.TOWNSHIP


def test_full_names_leave_statistical_headings_out() -> None:
    assert DIVISIONS.full_name("110101001", TODAY) == "北京市东城区东华门街道"
    assert DIVISIONS.full_name("370102", TODAY) == "山东省济南市历下区"
    assert DIVISIONS.full_name("429004", TODAY) == "湖北省仙桃市"


def test_a_county_without_a_city_hangs_below_its_province() -> None:
    parent = DIVISIONS.parent("429004", TODAY)
    assert parent is not None
    assert parent.code in ("420000", "429000")
    assert DIVISIONS.parent("370000", TODAY) is None


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("110103", ["110101 东城区"]),
        ("110104", ["110102 西城区"]),
        ("310103", ["310101 黄浦区"]),
        ("320503", ["320508 姑苏区"]),
        ("371200", ["370100 济南市"]),
        ("371202", ["370116 莱芜区"]),
        ("510223", ["500110 綦江区"]),
        ("542421", ["540602 色尼区"]),
        ("130185", ["130110 鹿泉区"]),
        ("362301", ["361102 信州区"]),
        ("132601", ["130800 承德市"]),
        ("522101", ["520302 红花岗区"]),
        ("330103", ["330105 拱墅区"]),
        ("330104", ["330102 上城区", "330114 钱塘区"]),
        ("420621", ["420602 襄城区", "420606 樊城区", "420607 襄州区"]),
    ],
)
def test_an_old_code_is_called_today(code: str, expected: list[str]) -> None:
    assert now(code) == expected


def test_what_a_code_is_called_depends_on_the_day() -> None:
    assert now("110221", dt.date(1990, 1, 1)) == ["110221 昌平县"]
    assert now("110221", dt.date(2005, 1, 1)) == ["110114 昌平区"]
    assert now("510223", dt.date(2000, 1, 1)) == ["500222 綦江县"]
    assert DIVISIONS.resolve("500110", dt.date(2005, 1, 1)).now[0].name == "万盛区"


def test_in_the_year_of_a_change_the_old_code_still_holds_and_says_so() -> None:
    found = DIVISIONS.resolve("110103", dt.date(2010, 3, 1))
    assert found.status is tree.Status.CURRENT
    assert tree.YEAR_ONLY in found.notices
    assert DIVISIONS.resolve("110103", dt.date(2010, 12, 31)).status is tree.Status.REPLACED


def test_a_code_newer_than_the_day_is_not_yet_in_use() -> None:
    with pytest.raises(codes.DivisionNotYet):
        DIVISIONS.require("659012", dt.date(2020, 1, 1))
    assert DIVISIONS.resolve("659012", TODAY).status is tree.Status.CURRENT


def test_a_code_on_no_list_is_unknown() -> None:
    with pytest.raises(codes.DivisionUnknown):
        DIVISIONS.require("999999", TODAY)


def test_what_does_not_resolve_is_flagged() -> None:
    found = DIVISIONS.resolve("542134", TODAY)
    assert (found.status, found.now) == (tree.Status.ABOLISHED, ())
    assert tree.SUCCESSOR_UNKNOWN in found.notices
    assert found.was is not None
    assert found.was.name == "盐井县"


def test_a_code_that_two_places_had_in_turn_says_so() -> None:
    assert tree.REUSED in DIVISIONS.resolve("512322", TODAY).notices
    renamed = DIVISIONS.resolve("130503", TODAY)
    assert tree.FORMER_NAME in renamed.notices
    assert tree.REUSED not in renamed.notices


def test_a_township_follows_its_county_as_far_as_the_list_goes() -> None:
    assert now("110101001") == ["110101001 东华门街道"]
    village = DIVISIONS.resolve("110101001001", TODAY)
    assert tree.VILLAGE_UNLISTED in village.notices
    unlisted = DIVISIONS.resolve("110101099", TODAY)
    assert tree.TOWNSHIP_UNKNOWN in unlisted.notices
    moved = DIVISIONS.resolve("371202001", TODAY)
    assert (moved.status, moved.now[0].code) == (tree.Status.REPLACED, "370116")
    assert tree.TOWNSHIP_MOVED in moved.notices


def test_the_fictional_province_is_not_in_the_standard_list_and_can_be_added() -> None:
    assert not any(code.startswith("29") for code in DIVISIONS.history)
    local = DIVISIONS.with_local(
        [
            records.Division("290000", "云泽省"),
            records.Division("290100", "澜州市"),
            records.Division("290102", "云中区", first_year=2020),
            records.Division("290102001", "湖滨街道"),
        ]
    )
    assert local.full_name("290102001", TODAY) == "云泽省澜州市云中区湖滨街道"
    assert local.resolve("290102", dt.date(2019, 1, 1)).status is tree.Status.NOT_YET
    assert [division.name for division in local.children("290000", TODAY)] == ["澜州市"]
    assert len(local.children("", TODAY)) == 35
    assert not DIVISIONS.ever_existed("290000"), "the standard list stays as it was"


def test_a_row_with_a_date_makes_the_day_exact() -> None:
    head = b"# title: t\n# source: s\n# edition: 2024-12-31\n# verified: true\n"
    divisions = parse_table(
        "d.csv", head + "code,name,first_year,last_year\n290101,旧区,,2019\n290102,新区,2020,\n".encode(), ()
    )
    successors = parse_table(
        "s.csv",
        head
        + "code,effective,successors,how,document,verified\n290101,2020-07-01,290102,notice,云府〔2020〕1号,true\n".encode(),
        (),
    )
    townships = parse_table("t.csv", head + b"code,name\n", ())
    found = tree.read_all(divisions, successors, townships)
    before, after = dt.date(2020, 6, 30), dt.date(2020, 7, 1)
    assert found.resolve("290101", before).status is tree.Status.CURRENT
    assert found.resolve("290101", after).status is tree.Status.REPLACED
    assert found.resolve("290101", after).changes[0].document == "云府〔2020〕1号"
    assert found.resolve("290102", before).status is tree.Status.NOT_YET
    assert found.resolve("290102", after).notices == ()


def test_a_broken_row_is_named_with_its_line() -> None:
    head = b"# title: t\n# source: s\n# edition: 2024-12-31\n# verified: true\n"
    table = parse_table("d.csv", head + b"code,name,first_year,last_year\n290101,X,2020,2010\n", ())
    with pytest.raises(TableError) as raised:
        records.read_divisions(table)
    assert raised.value.facts["line"] == 6


@given(known_codes, st.dates(dt.date(1982, 1, 1), TODAY))
def test_every_known_code_resolves_to_divisions_of_the_day_or_is_flagged(code: str, on: dt.date) -> None:
    found = DIVISIONS.resolve(code, on)
    assert found.status is not tree.Status.UNKNOWN
    assert all(division.in_force(on) for division in found.now)
    if found.status in (tree.Status.REPLACED, tree.Status.DIVIDED):
        assert found.changes
        assert all(
            DIVISIONS.resolve(division.code, on).status is tree.Status.CURRENT for division in found.now
        )
    if found.status is tree.Status.ABOLISHED:
        assert tree.SUCCESSOR_UNKNOWN in found.notices


@given(known_codes)
def test_every_present_division_is_below_its_parent(code: str) -> None:
    if DIVISIONS.find(code, TODAY) is None:
        return
    path = DIVISIONS.path(code, TODAY)
    assert path[-1].code == code
    assert path[0].code == code[:2] + "0000"
    for above, below in pairwise(path):
        assert below.code in [division.code for division in DIVISIONS.children(above.code, TODAY)]


def test_most_of_what_left_since_1984_resolves() -> None:
    past = [code for code in DIVISIONS.history if DIVISIONS.find(code, TODAY) is None]
    lost = [code for code in past if not DIVISIONS.resolve(code, TODAY).now]
    assert len(lost) / len(past) < 0.1


def test_only_succession_years_that_match_a_record_are_in_the_table() -> None:
    for (code, year), change in DIVISIONS.successions.items():
        assert any(division.last_year == year - 1 for division in DIVISIONS.history[code]), (code, year)
        for successor in change.successors:
            assert any(
                (division.first_year or 0) <= year <= (division.last_year or 9999)
                for division in DIVISIONS.history[successor]
            ), (code, year, successor)
