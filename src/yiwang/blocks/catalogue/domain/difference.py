"""What changed between two editions of a resource, in words a person reads."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from yiwang.blocks.catalogue.domain.resource import (
    FORMAT_CLASSES,
    GRADES,
    ITEM_TYPES,
    LEVELS,
    MASKS,
    SHARE_CHANNELS,
    SHARE_TYPES,
    SHARE_WAYS,
    SUBJECTS,
    UPDATE_CYCLES,
    ItemDraft,
    Label,
    ResourceDraft,
    Volumes,
)

_NAMES: dict[str, Label] = {
    "title": Label("名称", "Name"),
    "title_en": Label("英文名称", "English name"),
    "classification": Label("分类", "Classification"),
    "summary": Label("摘要", "Summary"),
    "summary_en": Label("英文摘要", "English summary"),
    "share_type": Label("共享类型", "Share type"),
    "share_condition": Label("共享条件", "Conditions of sharing"),
    "share_condition_en": Label("英文共享条件", "Conditions in English"),
    "share_basis": Label("不予共享依据", "Basis of not sharing"),
    "open": Label("是否开放", "Open to the public"),
    "open_condition": Label("开放条件", "Conditions of opening"),
    "update_cycle": Label("更新周期", "Update cycle"),
    "grade": Label("分级", "Grade"),
    "type": Label("类型", "Type"),
    "length": Label("长度", "Length"),
    "subject": Label("主体", "Subject"),
    "check": Label("校验", "Check"),
    "mask": Label("默认脱敏", "Default mask"),
    "description": Label("说明", "Description"),
    "format_class": Label("格式分类", "Format"),
    "format_type": Label("格式类型", "Type of format"),
    "share_channel": Label("共享方式分类", "Channel of sharing"),
    "share_ways": Label("共享方式类型", "Ways of sharing"),
    "lead_department": Label("牵头部门", "Lead department"),
    "related": Label("关联资源", "Related resources"),
    "released_on": Label("发布日期", "Release date"),
    "duty": Label("职责依据", "Duty"),
    "office": Label("责任处室", "Responsible office"),
    "volumes": Label("数据量", "Volumes"),
    "level": Label("数据级别", "Level"),
    "element": Label("数据元", "Data element"),
}
_VALUES: dict[str, Label] = {
    **{str(k): v for k, v in SHARE_TYPES.items()},
    **{str(k): v for k, v in UPDATE_CYCLES.items()},
    **{str(k): v for k, v in GRADES.items()},
    **{str(k): v for k, v in ITEM_TYPES.items()},
    **{str(k): v for k, v in SUBJECTS.items()},
    **MASKS,
    **{f"format_class:{k}": v for k, v in FORMAT_CLASSES.items()},
    **{f"share_channel:{k}": v for k, v in SHARE_CHANNELS.items()},
    **{f"share_ways:{k}": v for k, v in SHARE_WAYS.items()},
    **{f"level:{k}": v for k, v in LEVELS.items()},
    "True": Label("是", "Yes"),
    "False": Label("否", "No"),
    "None": Label("无", "None"),
    "": Label("无", "None"),
}
_WORDS = {"share_type", "update_cycle", "grade", "type", "subject", "mask", "open", "check"}
_SHARING = ("unconditional", "conditional", "none")


@dataclass(frozen=True)
class Change:
    """One change. `where` is a field name or an item's wire name; `narrowing` when it may break a consumer."""

    kind: Literal["changed", "item-added", "item-removed", "item-changed"]
    where: str
    field: str
    was: str
    now: str
    zh: str
    en: str
    narrowing: bool


def changes(old: ResourceDraft, new: ResourceDraft) -> tuple[Change, ...]:
    """Changes from `old` to `new`: first of the entry, then removed, changed and added items."""
    found = [
        _changed("changed", name, name, was, now, narrowing=_stricter(name, was, now))
        for name, was, now in _differing(old, new)
    ]
    before = {item.wire: item for item in old.items}
    after = {item.wire: item for item in new.items}
    for wire, item in before.items():
        if wire not in after:
            found.append(
                Change("item-removed", wire, "", item.title, "", f"取消数据项“{item.title}”。",
                       f"Item “{item.title_en or item.title}” is removed.", True)
            )  # fmt: skip
    for wire, item in after.items():
        if wire not in before:
            found.append(
                Change("item-added", wire, "", "", item.title, f"增加数据项“{item.title}”。",
                       f"Item “{item.title_en or item.title}” is added.", False)
            )  # fmt: skip
        else:
            found.extend(
                _changed("item-changed", wire, name, was, now,
                         narrowing=name in {"type", "subject", "check"} or (name == "mask" and now != "None"))
                for name, was, now in _differing(before[wire], item)
            )  # fmt: skip
    return tuple(found)


def _differing(old: ResourceDraft | ItemDraft, new: ResourceDraft | ItemDraft) -> list[tuple[str, str, str]]:
    names = [field.name for field in fields(old) if field.name in _NAMES]
    pairs = [(name, _text(getattr(old, name)), _text(getattr(new, name))) for name in names]
    return [pair for pair in pairs if pair[1] != pair[2]]


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return "、".join(str(one) for one in value)
    if isinstance(value, Volumes):
        return " / ".join(f"{getattr(value, one.name):f}" for one in fields(value))
    return str(value)


def _stricter(name: str, was: str, now: str) -> bool:
    if name != "share_type":
        return False
    return _SHARING.index(now) > _SHARING.index(was)


def _changed(
    kind: Literal["changed", "item-changed"], where: str, name: str, was: str, now: str, *, narrowing: bool
) -> Change:
    label = _NAMES[name]
    zh, en = (
        (_shown(name, was, "zh"), _shown(name, now, "zh")),
        (_shown(name, was, "en"), _shown(name, now, "en")),
    )
    subject_zh = f"“{where}”的{label.zh}" if kind == "item-changed" else label.zh
    subject_en = f"{label.en} of “{where}”" if kind == "item-changed" else label.en
    return Change(
        kind, where, name, was, now,
        f"{subject_zh}由“{zh[0]}”改为“{zh[1]}”。", f"{subject_en} changes from “{en[0]}” to “{en[1]}”.",
        narrowing,
    )  # fmt: skip


def _shown(name: str, value: str, language: Literal["zh", "en"]) -> str:
    parts = [_VALUES.get(f"{name}:{part}") for part in value.split("、")]
    if all(parts):
        return "、".join((part.zh if language == "zh" else part.en) for part in parts if part)
    if name in _WORDS and value in _VALUES:
        return _VALUES[value].zh if language == "zh" else _VALUES[value].en
    if not value:
        return "无" if language == "zh" else "None"
    return value if len(value) <= 60 else value[:59] + "…"
