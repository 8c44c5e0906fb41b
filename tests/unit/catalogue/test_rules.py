"""A draft with a mistake is told where it stands; two editions are compared in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.blocks.catalogue.domain.difference import changes
from yiwang.blocks.catalogue.domain.resource import MASKS, ItemDraft, ResourceDraft
from yiwang.blocks.catalogue.domain.rules import highest_grade, problems
from yiwang.dataplane.masking import MASKS as KNOWN_MASKS

CODE = ItemDraft("代码", "统一社会信用代码", subject="organisation", check="uscc", length=18)
NAME = ItemDraft("名称", "企业名称")
DRAFT = ResourceDraft(
    title="企业登记信息", classification="306001003", summary="全市企业登记信息。", items=(CODE, NAME),
    share_type="conditional", share_condition="作为行政依据",
)  # fmt: skip


def where(draft: ResourceDraft, *, warnings: bool = False) -> list[str]:
    return [problem.where for problem in problems(draft) if problem.warning is warnings]


def test_a_complete_draft_has_no_problem() -> None:
    assert problems(DRAFT) == ()


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"classification": "406001003"}, "classification"),
        ({"classification": "30600"}, "classification"),
        ({"classification": "306001003/12"}, "classification"),
        ({"summary": ""}, "summary"),
        ({"share_condition": ""}, "share_condition"),
        ({"share_type": "none"}, "share_basis"),
        ({"share_type": "maybe"}, "share_type"),
        ({"open": True}, "open_condition"),
        ({"update_cycle": "sometimes"}, "update_cycle"),
        ({"items": ()}, "items"),
        ({"items": (CODE, CODE)}, "items.1.wire"),
        ({"items": (replace(NAME, wire=" x"),)}, "items.0.wire"),
        ({"items": (replace(NAME, wire="a\nb"),)}, "items.0.wire"),
        ({"items": (replace(NAME, title=""),)}, "items.0.title"),
        ({"items": (replace(NAME, check="uscc"),)}, "items.0.check"),
        ({"items": (replace(CODE, check="resident_id"),)}, "items.0.check"),
        ({"items": (replace(CODE, type="integer"),)}, "items.0.check"),
        ({"items": (replace(NAME, mask="blur"),)}, "items.0.mask"),
        ({"items": (replace(NAME, length=-1),)}, "items.0.length"),
    ],
)
def test_each_mistake_is_told_where_it_stands(change: dict[str, object], place: str) -> None:
    assert place in where(replace(DRAFT, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"title": "企业登记系统"}, "title"),
        ({"classification": "102001"}, "share_type"),
        ({"items": (replace(NAME, grade="sensitive"),)}, "items.0.mask"),
        (
            {
                "open": True,
                "open_condition": "脱敏后",
                "items": (replace(NAME, grade="sensitive", mask="name"),),
            },
            "open",
        ),
    ],
)
def test_doubtful_things_are_warned_of_and_do_not_stop(change: dict[str, object], place: str) -> None:
    draft = replace(DRAFT, **change)  # type: ignore[arg-type]
    assert place in where(draft, warnings=True)
    assert where(draft) == []


def test_the_whole_is_as_sensitive_as_its_most_sensitive_item() -> None:
    assert highest_grade(replace(DRAFT, items=(NAME, replace(CODE, grade="sensitive")))) == "sensitive"
    assert highest_grade(replace(DRAFT, grade="personal")) == "personal"


def test_the_catalogue_knows_exactly_the_masks_that_the_gateway_applies() -> None:
    assert set(MASKS) == set(KNOWN_MASKS)


def test_differences_say_what_changed_and_what_narrows() -> None:
    new = replace(
        DRAFT, title="企业登记基本信息", share_type="none", share_basis="某法",
        items=(replace(CODE, length=20), replace(NAME, type="integer"), ItemDraft("新", "新增项")),
    )  # fmt: skip
    found = {(c.kind, c.where, c.field): c for c in changes(DRAFT, new)}
    assert found["changed", "share_type", "share_type"].zh == "共享类型由“有条件共享”改为“不予共享”。"
    assert found["changed", "share_type", "share_type"].narrowing
    assert not found["changed", "title", "title"].narrowing
    assert found["item-changed", "名称", "type"].narrowing
    assert not found["item-changed", "代码", "length"].narrowing
    assert not found["item-added", "新", ""].narrowing
    removed = changes(DRAFT, replace(DRAFT, items=(CODE,)))
    assert [(c.kind, c.narrowing) for c in removed] == [("item-removed", True)]


texts = st.text(max_size=30)
items = st.lists(st.builds(ItemDraft, wire=texts, title=texts), max_size=6, unique_by=lambda item: item.wire)


@given(items, items)
def test_applying_no_change_is_no_difference_and_every_difference_is_named(
    one: list[ItemDraft], other: list[ItemDraft]
) -> None:
    old, new = replace(DRAFT, items=tuple(one)), replace(DRAFT, items=tuple(other))
    assert changes(old, old) == ()
    assert bool(changes(old, new)) == ({i.wire: i for i in one} != {i.wire: i for i in other})


@given(texts, texts, st.text(max_size=12), items)
def test_any_text_is_judged_without_a_crash(
    title: str, summary: str, code: str, some: list[ItemDraft]
) -> None:
    draft = replace(DRAFT, title=title, summary=summary, classification=code, items=tuple(some))
    assert isinstance(problems(draft), tuple)
