"""What may be asked for, and how the terms come out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from yiwang.blocks.exchange.domain.asking import ItemFacts, Wish, problems, required_by_default, terms_of
from yiwang.blocks.exchange.domain.compiled import RowCondition
from yiwang.blocks.exchange.domain.terms import Purpose

CODE = ItemFacts("代码", "统一社会信用代码", "text", False, True, True, None)
NAME = ItemFacts("名称", "企业名称", "text", False, False, False, None)
PHONE = ItemFacts("电话", "联系电话", "text", True, False, False, "phone")
FOUNDED = ItemFacts("成立", "成立日期", "date", False, False, False, None)
SCAN = ItemFacts("扫描件", "扫描件", "binary", False, False, False, None)
ITEMS = (CODE, NAME, PHONE, FOUNDED, SCAN)
WISH = Wish(
    modes=("query", "verify"), fields=("代码", "名称", "电话"), lookups=(("代码", ("eq", "in")), ("名称", ("prefix",))),
    purposes=(Purpose("item:1001", "低保审核"),), required=(), claims=("名称",), rows=(), case_required=False,
    rows_per_call=50, calls_per_day=1000, subjects_per_day=500, attempts_per_subject=5, hours=None,
    workdays_only=False, days=365, reason="核对家庭成员是否登记企业",
)  # fmt: skip


def where(wish: Wish, served: tuple[str, ...] = ("query", "verify")) -> list[str]:
    assert set(served) <= {"query", "verify"}
    modes = tuple(mode for mode in WISH.modes if mode in served)
    return [problem.where for problem in problems(wish, ITEMS, modes)]


def test_a_sensible_wish_has_no_problems() -> None:
    assert where(WISH) == []


def test_masks_come_from_the_items_and_not_from_the_consumer() -> None:
    terms = terms_of(WISH, ITEMS)
    assert {field.name: field.mask for field in terms.fields} == {"代码": None, "名称": None, "电话": "phone"}


def test_each_call_has_to_give_a_key_or_subject() -> None:
    assert terms_of(WISH, ITEMS).required == ("代码",)
    assert required_by_default((NAME, FOUNDED), ("名称",)) == ("名称",)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"modes": ()}, "modes"),
        ({"fields": ()}, "fields"),
        ({"fields": ("没有",)}, "fields"),
        ({"fields": ("名称", "名称")}, "fields"),
        ({"claims": ()}, "claims"),
        ({"lookups": ()}, "lookups"),
        ({"lookups": (("名称", ("eq",)),)}, "lookups"),
        ({"lookups": (("代码", ("prefix",)),)}, "lookups"),
        ({"lookups": (("代码", ("eq",)), ("电话", ("prefix",)))}, "lookups"),
        ({"lookups": (("代码", ("eq",)), ("扫描件", ("eq",)))}, "lookups"),
        ({"lookups": (("代码", ()),)}, "lookups"),
        ({"required": ("名称",)}, "lookups"),
        ({"required": ("代码", "名称")}, "required"),
        ({"required": ("成立",)}, "required"),
        ({"purposes": ()}, "purposes"),
        ({"purposes": (Purpose("好用", "x"),)}, "purposes.0.code"),
        ({"purposes": (Purpose("item:a;case=1", "x"),)}, "purposes.0.code"),
        ({"purposes": (Purpose("law:pipl", "x"),)}, "purposes.0.code"),
        ({"purposes": (Purpose("item:1", " "),)}, "purposes.0.title"),
        ({"reason": " "}, "reason"),
        ({"rows": (RowCondition("没有", "eq", "x"),)}, "rows.0.name"),
        ({"rows": (RowCondition("成立", "prefix", "x"),)}, "rows.0.operator"),
        ({"rows": (RowCondition("名称", "in", "x"),)}, "rows.0.value"),
        ({"rows_per_call": 0}, "rows_per_call"),
        ({"days": 366}, "days"),
        ({"hours": (600, 600)}, "hours"),
    ],
)
def test_each_mistake_is_told_where_it_stands(change: dict[str, object], place: str) -> None:
    assert place in where(replace(WISH, **change))  # type: ignore[arg-type]


def test_a_mode_that_is_not_served_cannot_be_asked_for() -> None:
    assert where(WISH, ("query",)) == ["modes"]


def test_terms_hold_only_what_the_modes_use() -> None:
    assert terms_of(replace(WISH, modes=("verify",)), ITEMS).fields == ()
    assert terms_of(replace(WISH, modes=("query",)), ITEMS).claims == ()


def test_what_is_for_checks_alone_is_compared_and_neither_received_nor_looked_up_by() -> None:
    items = (CODE, replace(NAME, readable=False), PHONE)
    modes = WISH.modes
    sound = replace(WISH, fields=("代码",), lookups=(("代码", ("eq",)),))
    assert problems(sound, items, modes) == ()
    for change, place in (
        ({"fields": ("代码", "名称")}, "fields"),
        ({"lookups": (("代码", ("eq",)), ("名称", ("eq",)))}, "lookups"),
        ({"rows": (RowCondition("名称", "eq", "云泽"),)}, "rows.0.name"),
    ):
        assert [one.where for one in problems(replace(sound, **change), items, modes)] == [place]
