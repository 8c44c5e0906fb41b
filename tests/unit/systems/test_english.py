"""Packages carry English beside Chinese: what has none is told, and new words are a change of the release."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.systems.checking.packages import check_package
from yiwang.systems.errors import EnglishMissing
from yiwang.systems.loading import Loaded, load_package, load_texts
from yiwang.systems.model.lists import CodeList
from yiwang.systems.planning.compare import compatibility, plan
from yiwang.systems.starting import new_package
from yiwang.vocabulary.code_lists import code_list

SYSTEMS = Path(__file__).resolve().parents[3] / "systems"


@pytest.fixture
def texts(tmp_path: Path) -> dict[str, str]:
    written = new_package("office", tmp_path)
    root = tmp_path / "office"
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in written}


def loaded(texts: dict[str, str]) -> Loaded:
    return load_texts("office", {name: text.encode() for name, text in texts.items()}, {})


def lacking(texts: dict[str, str]) -> list[EnglishMissing]:
    return [one for one in check_package(loaded(texts)) if isinstance(one, EnglishMissing)]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("entities.yaml", "title: {zh: 电话, en: Phone}", "title: 电话"),
        ("entities.yaml", "{zh: 预约, en: Appointment}", "{zh: 预约}"),
        ("entities.yaml", "{zh: 用于窗口排班, en: to plan the counters}", "用于窗口排班"),
        ("entities.yaml", "{zh: 未到日期不能办结, en: Done before its day}", "未到日期不能办结"),
        ("codes.yaml", "[done, 已办结, Done]", "[done, 已办结]"),
        ("access.yaml", "{zh: 窗口, en: Clerk}", "窗口"),
        ("views.yaml", "{zh: 预约, en: Appointments}", "预约"),
        ("system.yaml", "{zh: 我的系统, en: My system}", "我的系统"),
    ],
)
def test_what_has_no_english_is_told_with_its_line(
    texts: dict[str, str], file: str, old: str, new: str
) -> None:
    assert old in texts[file]
    (fault,) = lacking({**texts, file: texts[file].replace(old, new)})
    assert fault.warning
    assert fault.place.file == file
    line = texts[file][: texts[file].index(old)].count("\n") + 1
    assert f"line {line})" in fault.text("en")
    assert fault.place.line == line


def test_many_names_of_a_file_are_one_warning(texts: dict[str, str]) -> None:
    bare = (
        texts["entities.yaml"]
        .replace(", en: Number}", "}")
        .replace(", en: Phone}", "}")
        .replace(", en: Day}", "}")
    )
    (fault,) = lacking({**texts, "entities.yaml": bare.replace(", en: State}", "}")})
    assert fault.facts["count"] == 4
    assert "编号" in fault.text("en")
    assert "…" in fault.text("en")


def test_words_that_are_no_chinese_need_no_english(texts: dict[str, str]) -> None:
    assert (
        lacking({**texts, "codes.yaml": texts["codes.yaml"].replace("[done, 已办结, Done]", "[done, OK]")})
        == []
    )


@pytest.mark.parametrize("name", ["divisions", "hotline", "population", "social_assistance"])
def test_the_packages_are_complete_in_english(name: str) -> None:
    assert [
        one.text("en")
        for one in check_package(load_package(SYSTEMS / name))
        if isinstance(one, EnglishMissing)
    ] == []


def test_codes_of_a_national_list_have_the_english_of_the_vocabulary() -> None:
    package = load_package(SYSTEMS / "population").require()
    sex = package.code_list("gbt2261_1")
    assert sex is not None
    assert [one.en for one in sex.codes] == [one.name_en for one in code_list("sex")]
    assert sex.codes[1].en == "Male"


def of_tree(branch: str) -> CodeList:
    files = {
        "system.yaml": HEAD,
        "codes.yaml": f"- id: kinds\n  title: 类\n  tree:\n    {branch}:\n      - 0101 低\n",
    }
    found = loaded(files)
    assert found.package is not None, found.faults
    return found.package.codes[0]


HEAD = """\
id: office
scope: [SY-00]
title: 所
version: 0.1.0
owner: {kind: 政务服务}
zone: extranet
grade: 1
basis: []
calendar: {place: "370100"}
"""
_word = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)


@given(english=st.lists(_word, min_size=1, max_size=4).map(" ".join))
def test_a_branch_of_a_tree_has_both_names(english: str) -> None:
    branch, leaf = of_tree(f"01 高 | {english}").codes
    assert (branch.code, branch.zh, branch.en) == ("01", "高", english)
    assert (leaf.code, leaf.zh, leaf.en, leaf.parent) == ("0101", "低", "", "01")


@pytest.mark.parametrize("branch", ["01 高 |", "01 高 | ", "01 高 || x", "01 高 | a | b", "高"])
def test_a_branch_of_another_form_is_refused(branch: str) -> None:
    found = loaded(
        {"system.yaml": HEAD, "codes.yaml": f'- id: kinds\n  title: 类\n  tree: {{"{branch}": []}}\n'}
    )
    assert found.package is None
    assert any(one.place.file == "codes.yaml" for one in found.faults)


@pytest.mark.parametrize(
    ("file", "old", "new", "path"),
    [
        ("entities.yaml", "en: Phone", "en: Telephone", "visit"),
        ("codes.yaml", "已办结, Done", "已办结, Finished", "visit_state"),
        ("system.yaml", "en: My system", "en: Our system", "office"),
        ("access.yaml", "en: Reception", "en: Counter", "office"),
    ],
)
def test_new_words_are_a_change_that_breaks_nobody(
    texts: dict[str, str], file: str, old: str, new: str, path: str
) -> None:
    assert old in texts[file]
    before, after = loaded(texts).require(), loaded({**texts, file: texts[file].replace(old, new)}).require()
    (change,) = [one for one in plan(before, after).changes if one.thing == "wording"]
    assert (change.path, change.effect, change.breaking) == (path, "additive", False)
    assert compatibility(before, after).least == "0.1.1"


def test_new_fields_are_no_change_of_words(texts: dict[str, str]) -> None:
    added = texts["entities.yaml"].replace(
        "    - {id: phone,", "    - {id: desk, type: text(5), title: {zh: 窗口, en: Desk}}\n    - {id: phone,"
    )
    made = plan(loaded(texts).require(), loaded({**texts, "entities.yaml": added}).require())
    assert [one.kind for one in made.changes if one.thing in ("wording", "column")] == ["create_column"]
