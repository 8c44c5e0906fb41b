"""The metadata that 编制指南 (发改高技〔2017〕1272号) and GB/T 43697-2024 ask for beyond name, items and terms.

What is missing is a warning: an entry may be published while its description grows, and `completeness` counts it.
What contradicts is a mistake.
"""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date
from decimal import Decimal

from yiwang.blocks.catalogue.domain.resource import (
    FORMAT_CLASSES,
    LEVELS,
    SHARE_CHANNELS,
    SHARE_WAYS,
    ItemDraft,
    Level,
    Problem,
    ResourceDraft,
    ShareChannel,
    ShareWay,
)

CODE = re.compile(r"[123]\d{2}\d{3}\d{0,30}/\d{1,12}")
MOST_RELATED = 50
LARGEST_VOLUME = Decimal(10) ** 9
WAYS: dict[ShareChannel, tuple[ShareWay, ...]] = {
    "platform": ("database", "file", "api"), "other": ("mail", "disk", "media"),
}  # fmt: skip
_LEVEL_ORDER: tuple[Level, ...] = ("", "1", "2", "3", "4", "important", "core")
_LIMITS = {"format_type": 100, "lead_department": 200, "office": 200, "duty": 2000}


def guide_problems(draft: ResourceDraft) -> list[Problem]:
    """What the guide's metadata lack or contradict, in the order of the form."""
    return [*_format(draft), *_ways(draft), *_rest(draft), *_levels(draft)]


def highest_level(items: tuple[ItemDraft, ...]) -> Level:
    """The grade of the whole: that of its highest item (就高原则)."""
    return max((item.level for item in items), key=_LEVEL_ORDER.index, default="")


def completeness(draft: ResourceDraft) -> tuple[int, int]:
    """(filled, asked): how many of the elements that the guide asks of this entry are there."""
    shared = draft.share_type != "none"
    asked = [
        bool(draft.title.strip()), bool(draft.classification), bool(draft.summary.strip()),
        bool(draft.items), bool(draft.format_class), bool(draft.format_type), bool(draft.update_cycle),
        bool(draft.duty.strip()), bool(draft.office.strip()), all(item.level for item in draft.items),
        all(item.length or item.type != "text" for item in draft.items),
    ]  # fmt: skip
    if shared:
        asked += [bool(draft.share_channel), bool(draft.share_ways)]
    if draft.share_type == "conditional":
        asked.append(bool(draft.share_condition.strip()))
    if not shared:
        asked.append(bool(draft.share_basis.strip()))
    if draft.open:
        asked.append(bool(draft.open_condition.strip()))
    if draft.classification.startswith("2"):
        asked.append(bool(draft.lead_department.strip()))
    return sum(asked), len(asked)


def _format(draft: ResourceDraft) -> list[Problem]:
    if not draft.format_class:
        return [_missing("format_class", "请选择信息资源格式。", "Choose the format of the resource.")]
    if draft.format_class not in FORMAT_CLASSES:
        return [Problem("format_class", "没有这种信息资源格式。", "There is no such format.")]
    if not draft.format_type.strip():
        return [_missing("format_type", "请写明格式类型，例如 xlsx。", "Name the type, such as xlsx.")]
    return []


def _ways(draft: ResourceDraft) -> list[Problem]:
    found = []
    if draft.share_type == "none":
        if draft.share_channel or draft.share_ways:
            found.append(
                Problem(
                    "share_ways",
                    "不予共享的资源不填共享方式。",
                    "A resource not shared has no way of sharing.",
                )
            )
        return found
    if not draft.share_channel or not draft.share_ways:
        text = ("共享的资源须写明共享方式分类和类型。", "A shared resource states how it is shared.")
        return [_missing("share_ways", *text)]
    if draft.share_channel not in SHARE_CHANNELS or any(way not in SHARE_WAYS for way in draft.share_ways):
        return [Problem("share_ways", "没有这种共享方式。", "There is no such way of sharing.")]
    if len(set(draft.share_ways)) != len(draft.share_ways):
        found.append(Problem("share_ways", "共享方式重复。", "A way of sharing is named twice."))
    if any(way not in WAYS[draft.share_channel] for way in draft.share_ways):
        found.append(
            Problem(
                "share_ways",
                "共享方式类型与分类不符：平台方式为数据库、文件、接口，其他方式为邮件、拷盘、介质交换。",
                "The way does not belong to its class: database, file, interface; or mail, disk, media.",
            )
        )
    if draft.format_class in {"document", "image", "stream"} and "database" in draft.share_ways:
        found.append(
            Problem("share_ways", "文件类资源应以文件方式共享。", "Files are shared as files.", warning=True)
        )
    return found


def _rest(draft: ResourceDraft) -> list[Problem]:
    found = [
        Problem(name, f"不能超过 {most} 个字。", f"It is longer than {most} characters.")
        for name, most in _LIMITS.items()
        if len(getattr(draft, name)) > most
    ]
    if draft.classification.startswith("2") and not draft.lead_department.strip():
        found.append(_missing("lead_department", "主题信息资源应写明牵头部门。", "Name the lead department."))
    if len(draft.related) > MOST_RELATED or any(not CODE.fullmatch(code) for code in draft.related):
        found.append(
            Problem(
                "related",
                "关联资源代码形如 306001003/12，最多 50 个。",
                "Related codes look like 306001003/12; at most 50.",
            )
        )
    if draft.released_on and not _is_date(draft.released_on):
        found.append(Problem("released_on", "发布日期应为 YYYY-MM-DD。", "The date is YYYY-MM-DD."))
    for one in fields(draft.volumes):
        value = getattr(draft.volumes, one.name)
        if not value.is_finite() or not 0 <= value <= LARGEST_VOLUME:
            found.append(
                Problem(f"volumes.{one.name}", "数量应为非负的数。", "A quantity is a number, not negative.")
            )
    return found


def _levels(draft: ResourceDraft) -> list[Problem]:
    found = []
    for index, item in enumerate(draft.items):
        where = f"items.{index}.level"
        if item.level and item.level not in LEVELS:
            found.append(Problem(where, "没有这个数据级别。", "There is no such level."))
            continue
        if len(item.element) > 100:
            found.append(
                Problem(f"items.{index}.element", "不能超过 100 个字。", "It is longer than 100 characters.")
            )
        least: Level = {"general": "1", "personal": "2", "sensitive": "4"}.get(item.grade, "1")  # type: ignore[assignment]
        if item.level and _LEVEL_ORDER.index(item.level) < _LEVEL_ORDER.index(least):
            found.append(
                _missing(
                    where,
                    f"按个人信息分级参考，此项不应低于一般数据{least}级。",
                    f"With the reference rules for personal data this item is at least level {least}.",
                )
            )
        if item.level == "core" and (draft.open or draft.share_type == "unconditional"):
            found.append(
                Problem(
                    where,
                    "核心数据不得无条件共享或向社会开放。",
                    "Core data are neither shared unconditionally nor opened to the public.",
                )
            )
    return found


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _missing(where: str, zh: str, en: str) -> Problem:
    return Problem(where, zh, en, warning=True)
