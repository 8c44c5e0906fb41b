"""What is wrong with a catalogue entry, and where.

Sources: 编制指南 (发改高技〔2017〕1272号) §§4-5 for codes and mandatory elements; 国发〔2016〕51号 Art. 10 for the
basis of not sharing and for base registries.
"""

from __future__ import annotations

import re
from collections import Counter

from yiwang.blocks.catalogue.domain.guide import guide_problems
from yiwang.blocks.catalogue.domain.resource import (
    GRADES,
    ITEM_TYPES,
    MASKS,
    SHARE_TYPES,
    SUBJECTS,
    UPDATE_CYCLES,
    Check,
    Grade,
    ItemDraft,
    Problem,
    ResourceDraft,
    Subject,
)

CLASSIFICATION = re.compile(r"[123]\d{2}\d{3}\d{0,30}")
LONGEST_TITLE = 200
LONGEST_WIRE = 100
LONGEST_TEXT = 10_000
MOST_ITEMS = 500
CHECKS: dict[Check, Subject] = {"resident_id": "person", "uscc": "organisation"}
_ORDER: tuple[Grade, ...] = ("general", "personal", "sensitive")


def problems(draft: ResourceDraft) -> tuple[Problem, ...]:
    """Everything wrong with a draft in the order of the form; warnings do not stop it from being published."""
    contradictions = [problem for problem in guide_problems(draft) if not problem.warning]
    return (*_about(draft), *_sharing(draft), *_items(draft.items), *contradictions)


def advice(draft: ResourceDraft) -> tuple[Problem, ...]:
    """What the guide asks for and the entry does not say yet; nothing of it stops the entry."""
    return tuple(problem for problem in guide_problems(draft) if problem.warning)


def highest_grade(draft: ResourceDraft) -> Grade:
    """The grade of the whole: its own or that of its most sensitive item, whichever is higher."""
    grades = {draft.grade, *(item.grade for item in draft.items)}
    return max(grades, key=_ORDER.index)


def _about(draft: ResourceDraft) -> list[Problem]:
    found = []
    if not draft.title.strip():
        found.append(Problem("title", "请填写信息资源名称。", "Give the resource a name."))
    elif len(draft.title) > LONGEST_TITLE:
        found.append(Problem("title", "名称不能超过 200 个字。", "The name is longer than 200 characters."))
    elif draft.title.rstrip().endswith(("系统", "平台")):
        found.append(
            Problem(
                "title",
                "名称像是一个系统。应写数据的名称，例如“婚姻登记信息”。",
                "This looks like the name of a system: name the data instead.",
                warning=True,
            )
        )
    if len(draft.title_en) > LONGEST_TITLE:
        found.append(
            Problem("title_en", "英文名称不能超过 200 个字符。", "It is longer than 200 characters.")
        )
    if not CLASSIFICATION.fullmatch(draft.classification):
        found.append(
            Problem(
                "classification",
                "分类码由类 1 位（1–3）、项 2 位、目 3 位和可选的细目数字组成，例如 306001003。",
                "A classification has 1 digit (1–3), 2, 3 and any further digits, such as 306001003.",
            )
        )
    if not draft.summary.strip():
        found.append(Problem("summary", "请填写摘要。", "Describe the resource."))
    for where, text in (
        ("summary", draft.summary),
        ("summary_en", draft.summary_en),
        ("share_condition_en", draft.share_condition_en),
    ):
        if len(text) > LONGEST_TEXT:
            found.append(
                Problem(where, "不能超过 10000 个字。", "It must not be longer than 10,000 characters.")
            )
    if draft.update_cycle not in UPDATE_CYCLES:
        found.append(Problem("update_cycle", "请选择更新周期。", "Choose how often it is updated."))
    if draft.grade not in GRADES:
        found.append(Problem("grade", "请选择分级。", "Choose a grade."))
    return found


def _sharing(draft: ResourceDraft) -> list[Problem]:
    found = []
    if draft.share_type not in SHARE_TYPES:
        found.append(Problem("share_type", "请选择共享类型。", "Choose a share type."))
    if draft.share_type == "conditional" and not draft.share_condition.strip():
        found.append(
            Problem(
                "share_condition",
                "有条件共享须写明共享条件和使用范围。",
                "Conditional sharing has to state its conditions and scope.",
            )
        )
    if draft.share_type == "none" and not draft.share_basis.strip():
        found.append(
            Problem(
                "share_basis",
                "不予共享须写明法律、行政法规或党中央、国务院政策依据。",
                "Not sharing needs its basis in a law, administrative regulation or central policy.",
            )
        )
    if draft.classification.startswith("1") and draft.share_type != "unconditional":
        found.append(
            Problem(
                "share_type",
                "基础信息资源的基础信息项应在部门间无条件共享（国发〔2016〕51号第十条）。",
                "Base items of base registries are shared unconditionally (国发〔2016〕51号 Art. 10).",
                warning=True,
            )
        )
    if draft.open and not draft.open_condition.strip():
        found.append(
            Problem(
                "open_condition", "向社会开放的须写明开放条件。", "Opening to the public needs conditions."
            )
        )
    if draft.open and (draft.share_type == "none" or highest_grade(draft) == "sensitive"):
        found.append(
            Problem(
                "open",
                "不予共享或含敏感个人信息的资源一般不向社会开放，请再确认。",
                "A resource not shared, or with sensitive items, is not usually opened: check again.",
                warning=True,
            )
        )
    return found


def _items(items: tuple[ItemDraft, ...]) -> list[Problem]:
    if not items:
        return [Problem("items", "至少要有一个数据项。", "At least one item is needed.")]
    if len(items) > MOST_ITEMS:
        return [Problem("items", "数据项不能超过 500 个。", "There are more than 500 items.")]
    found = []
    times = Counter(item.wire for item in items)
    for index, item in enumerate(items):
        if times[item.wire] > 1:
            found.append(
                Problem(
                    f"items.{index}.wire",
                    f"标识“{item.wire}”出现了 {times[item.wire]} 次。",
                    f"The wire name “{item.wire}” is used {times[item.wire]} times.",
                )
            )
        found.extend(
            Problem(f"items.{index}.{problem.where}", problem.zh, problem.en, problem.warning)
            for problem in _item(item)
        )
    return found


def _item(item: ItemDraft) -> list[Problem]:
    found = []
    if not item.wire or item.wire != item.wire.strip() or not item.wire.isprintable():
        found.append(
            Problem(
                "wire",
                "标识不能为空，首尾不能有空格，不能有控制字符。",
                "A wire name is not empty, has no spaces at its ends and no control characters.",
            )
        )
    elif len(item.wire) > LONGEST_WIRE:
        found.append(Problem("wire", "标识不能超过 100 个字。", "It is longer than 100 characters."))
    if not item.title.strip():
        found.append(Problem("title", "请填写数据项名称。", "Give the item a name."))
    elif len(item.title) > LONGEST_TITLE:
        found.append(Problem("title", "名称不能超过 200 个字。", "The name is longer than 200 characters."))
    if item.type not in ITEM_TYPES:
        found.append(Problem("type", "请选择数据类型。", "Choose a type."))
    if item.length < 0:
        found.append(Problem("length", "长度不能为负数。", "A length is not negative."))
    if item.grade not in GRADES:
        found.append(Problem("grade", "请选择分级。", "Choose a grade."))
    if item.subject is not None and item.subject not in SUBJECTS:
        found.append(
            Problem("subject", "主体只能是自然人或组织。", "A subject is a person or an organisation.")
        )
    if item.check is not None and (item.type != "text" or CHECKS.get(item.check) != item.subject):
        found.append(
            Problem(
                "check",
                "校验规则须与主体相符：身份号码对应自然人，统一社会信用代码对应组织，且为字符型。",
                "A check goes with its subject: resident ids with persons, 统一社会信用代码 with organisations.",
            )
        )
    if item.mask is not None and item.mask not in MASKS:
        found.append(Problem("mask", "没有这种脱敏方式。", "There is no such mask."))
    if item.grade == "sensitive" and item.mask is None:
        found.append(
            Problem(
                "mask",
                "敏感个人信息没有指定脱敏方式，授权时默认整项遮盖。",
                "A sensitive item without a mask is hidden entirely by default.",
                warning=True,
            )
        )
    return found
