"""Finding published entries by words, pinyin, synonyms, codes and facets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.store.catalogue.test_catalogue import DRAFT, NOW, WANG_MIN, ZHOU_HANG
from yiwang.blocks.catalogue import public as catalogue
from yiwang.blocks.identity.public import Actor

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def entry(actor: Actor, title: str, **other: str) -> str:
    code = catalogue.create_resource(actor, replace(DRAFT, title=title, **other), NOW)  # type: ignore[arg-type]
    catalogue.publish_resource(actor, code, NOW)
    return code


@pytest.fixture
def many() -> dict[str, str]:
    return {
        "company": entry(WANG_MIN, "企业登记信息", title_en="Enterprise register"),
        "trader": entry(WANG_MIN, "个体户登记信息", share_type="unconditional", update_cycle="monthly"),
        "marriage": entry(ZHOU_HANG, "婚姻登记信息", classification="101001", summary="结婚与离婚登记。"),
    }


def titles(text: str, **narrowed: str) -> list[str]:
    return [row.title for row in catalogue.find(ZHOU_HANG, text, narrowed).rows]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("婚姻", "婚姻登记信息"), ("离婚", "婚姻登记信息"), ("企业", "企业登记信息"), ("法人", "企业登记信息"),
        ("单位登记", "企业登记信息"), ("hunyin", "婚姻登记信息"), ("hydj", "婚姻登记信息"), ("hun yin", "婚姻登记信息"),
        ("ENTERPRISE", "企业登记信息"), ("民政局", "婚姻登记信息"), ("“姻登”", "婚姻登记信息"), ("101001", "婚姻登记信息"),
        ("101001/1", "婚姻登记信息"), ("企业登记信息", "企业登记信息"), ("姻", "婚姻登记信息"), ("hunyinde", "婚姻登记信息"),
        ("体户", "个体户登记信息"), ("没有这个", ""), ("';--", ""), ("%", ""), ("\x00", "婚姻登记信息"),
        ("hunyindengj", "婚姻登记信息"),
    ],
)  # fmt: skip
def test_the_best_comes_first(many: dict[str, str], text: str, first: str) -> None:
    found = titles(text)
    assert (found[0] if found else "") == first or (text == "\x00" and len(found) == 3)


def test_items_are_found_and_the_title_weighs_more(many: dict[str, str]) -> None:
    entry(ZHOU_HANG, "登记机关名录", summary="与企业名称有关。")
    assert set(titles("企业名称")) == {"企业登记信息", "个体户登记信息", "婚姻登记信息", "登记机关名录"}
    assert titles("企业名称 婚姻") == ["婚姻登记信息"]
    assert titles("企业")[0] == "企业登记信息"


def test_facets_count_what_choosing_them_would_show_and_none_is_empty(many: dict[str, str]) -> None:
    found = catalogue.find(ZHOU_HANG, "登记", {"provider": WANG_MIN.agency})
    assert found.total == 2
    counted = {name: {f.value: f.count for f in facets} for name, facets in found.facets.items()}
    assert counted["provider"] == {WANG_MIN.agency: 2, ZHOU_HANG.agency: 1}
    assert counted["share_type"] == {"conditional": 1, "unconditional": 1}
    assert counted["theme"] == {"3": 2}
    assert counted["mode"] == {"none": 2}
    for name, values in counted.items():
        for value, count in values.items():
            narrowed = {"provider": WANG_MIN.agency, name: value}
            assert catalogue.find(ZHOU_HANG, "登记", narrowed).total == count


def test_a_strange_facet_finds_nothing_and_harms_nothing(many: dict[str, str]) -> None:
    for value in ("'", "x' | '=登记", "\x00", "a" * 100):
        assert catalogue.find(ZHOU_HANG, "登记", {"grade": value}).total == 0
    assert catalogue.find(ZHOU_HANG, "登记", {"unknown": "x"}).total == 3


def test_the_index_follows_the_entry_from_publishing_to_withdrawal(many: dict[str, str]) -> None:
    code = many["marriage"]
    catalogue.edit_resource(ZHOU_HANG, code, replace(DRAFT, title="婚姻状况信息"), LATER)
    assert titles("状况") == []
    catalogue.publish_resource(ZHOU_HANG, code, LATER)
    assert titles("状况") == ["婚姻状况信息"]
    catalogue.withdraw_resource(ZHOU_HANG, code, "职能调整", LATER)
    assert titles("婚姻") == []


def test_ways_an_entry_is_served_are_a_facet_and_outlive_its_next_edition(many: dict[str, str]) -> None:
    catalogue.note_modes(many["company"], ("verify", "query"))
    catalogue.note_modes("999999/9", ("query",))
    assert titles("", mode="verify") == ["企业登记信息"]
    catalogue.edit_resource(WANG_MIN, many["company"], replace(DRAFT, title="企业基本信息"), LATER)
    catalogue.publish_resource(WANG_MIN, many["company"], LATER)
    assert titles("", mode="query") == ["企业基本信息"]
    catalogue.note_modes(many["company"], ())
    assert titles("", mode="query") == []


def test_nothing_found_names_words_that_would_find_something(many: dict[str, str]) -> None:
    assert catalogue.find(ZHOU_HANG, "婚因登记信息").did_you_mean == ("婚姻登记信息",)
    assert catalogue.find(ZHOU_HANG, "婚因登记").did_you_mean == ("婚姻登记信息",)
    assert catalogue.find(ZHOU_HANG, "没有这个").did_you_mean == ()


def test_titles_are_suggested_as_one_types(many: dict[str, str]) -> None:
    assert catalogue.suggest(ZHOU_HANG, "企")[0] == "企业登记信息"
    assert catalogue.suggest(ZHOU_HANG, "个体户登")[0] == "个体户登记信息"
    assert catalogue.suggest(ZHOU_HANG, "hunyind") == ("婚姻登记信息",)
    assert catalogue.suggest(ZHOU_HANG, "") == ()
    assert len(catalogue.suggest(ZHOU_HANG, "登记")) == 3


def test_a_page_too_far_is_the_last(many: dict[str, str]) -> None:
    found = catalogue.find(ZHOU_HANG, "登记", page=9, per_page=2)
    assert (found.page, found.pages, len(found.rows), found.total) == (2, 2, 1, 3)
    assert not found.at_least


@pytest.mark.django_db(transaction=True)
def test_a_rebuilt_index_finds_the_same_and_keeps_counts_of_the_whole(many: dict[str, str]) -> None:
    before = {text: titles(text) for text in ("登记", "hunyin", "法人", "")}
    told: list[tuple[int, int]] = []
    done = catalogue.rebuild_search({many["company"]: ("query",)}, LATER, lambda *at: told.append(at))
    assert (done, told) == (3, [(3, 3)])
    assert {text: sorted(titles(text)) for text in before} == {text: sorted(t) for text, t in before.items()}
    assert titles("", mode="query") == ["企业登记信息"]
    found = catalogue.find(ZHOU_HANG)
    assert found.total == 3
    assert {f.value: f.count for f in found.facets["share_type"]} == {"conditional": 2, "unconditional": 1}
    entry(WANG_MIN, "食品经营许可")
    assert titles("审批") == ["食品经营许可"]
    catalogue.rebuild_search({}, LATER, lambda *_: None)
    assert titles("审批") == ["食品经营许可"]
