"""Code lists and the form of all reference data."""

from __future__ import annotations

import datetime as dt
import gzip

import pytest

from yiwang.vocabulary import code_lists
from yiwang.vocabulary.tables import TableError, parse_table

HEAD = "# title: 试用表\n# id: trial\n# source: a test\n# edition: 2020\n# verified: false\n"
COLUMNS = "code,name,name_en,parent,short,valid_from,valid_to,successor\n"
TODAY = dt.date(2026, 11, 21)


def trial(rows: str) -> code_lists.CodeList:
    return code_lists.read_code_list(
        parse_table("trial.csv", (HEAD + COLUMNS + rows).encode(), code_lists.COLUMNS)
    )


@pytest.mark.parametrize("list_id", code_lists.code_list_ids())
def test_every_list_says_where_it_comes_from_and_hangs_together(list_id: str) -> None:
    found = code_lists.code_list(list_id)
    assert found.id == list_id
    assert found.standard
    assert found.table.source
    assert found.codes
    for code in found:
        assert found.path(code.code)[-1] is code


def test_the_codes_of_the_standards_are_there() -> None:
    name = {
        ("sex", "1"): "男性",
        ("marital-status", "23"): "复婚",
        ("ethnic-group", "01"): "汉族",
        ("ethnic-group", "56"): "基诺族",
        ("ethnic-group", "98"): "外国血统中国籍人士",
        ("education", "28"): "大学普通班毕业",
        ("political-status", "13"): "群众",
        ("family-relation", "52"): "母亲",
        ("industry", "A"): "农、林、牧、渔业",
        ("currency", "156"): "人民币元",
        ("country", "156"): "中国",
        ("certificate-type", "553"): "外国人永久居留身份证",
        ("urban-rural", "220"): "村庄",
    }
    for (list_id, code), expected in name.items():
        assert code_lists.code_list(list_id).find(code, TODAY).name == expected


def test_the_lists_of_persons_are_complete_in_english() -> None:
    for list_id in ("sex", "marital-status", "ethnic-group", "education", "family-relation", "urban-rural"):
        assert [code.code for code in code_lists.code_list(list_id) if not code.name_en] == []


def test_there_are_fifty_six_ethnic_groups_each_with_its_letters() -> None:
    groups = [code for code in code_lists.code_list("ethnic-group") if code.code <= "56"]
    assert len(groups) == 56
    assert len({group.short for group in groups}) == 56


def test_industry_has_twenty_sections_over_ninety_seven_divisions() -> None:
    industry = code_lists.code_list("industry")
    assert [section.code for section in industry.roots()] == list("ABCDEFGHIJKLMNOPQRST")
    below = [code.code for section in industry.roots() for code in industry.children(section.code)]
    assert below == [f"{number:02d}" for number in range(1, 98)]
    assert [step.code for step in industry.path("39")] == ["C", "39"]
    assert len(industry.children("C")) == 31


def test_unknown_lists_and_codes_are_named() -> None:
    with pytest.raises(code_lists.CodeListUnknown) as unknown:
        code_lists.code_list("shoe-size")
    assert "sex" in str(unknown.value.facts["known"])
    with pytest.raises(code_lists.CodeUnknown) as missing:
        code_lists.code_list("sex").find("7")
    assert missing.value.text("zh") == "人的性别代码中没有代码 7。"


def test_a_dated_code_leads_to_its_successor() -> None:
    found = trial("01,旧,,,,,2020-01-01,02\n02,新,,,,2020-01-01,,\n03,无后继,,,,,2020-01-01,\n")
    assert found.find("01", dt.date(2019, 12, 31)).name == "旧"
    with pytest.raises(code_lists.CodeNotInForce) as raised:
        found.find("01", TODAY)
    assert raised.value.facts["successor"] == "02"
    present = found.present("01", TODAY)
    assert present is not None
    assert present.name == "新"
    assert found.present("03", TODAY) is None


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("01,a,,,,,,\n01,b,,,,,,\n", 8),
        ("01,a,,09,,,,\n", 7),
        ("01,a,,01,,,,\n", 7),
        ("01,a,,,,2020-13-01,,\n", 7),
        ("01,a,,,\n", 7),
    ],
)
def test_a_broken_row_is_named_with_its_line(rows: str, line: int) -> None:
    with pytest.raises(TableError) as raised:
        trial(rows)
    assert raised.value.facts["line"] == line


def test_a_table_must_say_where_it_comes_from() -> None:
    with pytest.raises(TableError, match="verified"):
        parse_table("t.csv", b"# title: t\n# source: s\n# edition: e\ncode\n1\n", ())
    with pytest.raises(TableError, match="no column name"):
        parse_table("t.csv", (HEAD + "code\n1\n").encode(), ("code", "name"))
    with pytest.raises(TableError, match="no header row"):
        parse_table("t.csv", HEAD.encode(), ())
    with pytest.raises(TableError) as encoding:
        parse_table("t.csv", (HEAD + "code\n").encode() + b"\xff\n", ())
    assert encoding.value.facts["line"] == 7


def test_a_table_may_be_gzipped_and_have_comments() -> None:
    table = parse_table("t.csv.gz", gzip.compress((HEAD + "code\n# a comment\n1\n\n2\n").encode()), ("code",))
    assert [row["code"] for row in table.rows] == ["1", "2"]
    assert (table.title, table.edition, table.verified) == ("试用表", "2020", False)
