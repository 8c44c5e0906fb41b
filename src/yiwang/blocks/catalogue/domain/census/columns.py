"""Columns of the census sheet: those of 编制指南's template in its order, then ours; heads are found by name."""

from __future__ import annotations

from dataclasses import dataclass
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
    Label,
)

SHEET = "信息资源目录"
GUIDE_SHEET = "填写说明"
Form = Literal["text", "digits", "choice", "choices", "whole", "number", "day", "codes"]
CHECKS: dict[str, Label] = {
    "resident_id": Label("公民身份号码", "Resident id number"),
    "uscc": Label("统一社会信用代码", "Unified social credit code"),
}
YES_NO: dict[str, Label] = {"1": Label("是", "Yes"), "0": Label("否", "No")}
GUIDE_TYPES: dict[str, str] = {
    "C": "text", "M": "text", "N": "decimal", "Y": "decimal", "B": "decimal", "F": "decimal", "I": "integer",
    "D": "date", "T": "datetime", "L": "boolean", "G": "json",
    "备注型": "text", "货币型": "decimal", "双精度型": "decimal", "浮点型": "decimal",
}  # fmt: skip
"""Letters and names of 数据类型 in the guide that have no type of their own here."""


@dataclass(frozen=True)
class Column:
    """A column: `where` is the place in a draft that it fills (`items.` for one of the item)."""

    where: str
    name: str
    group: str = ""
    form: Form = "text"
    choices: str = ""
    width: int = 14
    needed: bool = False

    @property
    def of_item(self) -> bool:
        """Whether it is filled once an item, not once a resource."""
        return self.where.startswith("items.")


_VOLUME, _ITEM, _SHARE, _OPEN = "信息资源大普查", "信息项信息", "共享属性", "开放属性"
COLUMNS = (
    Column("class.1", "类", "信息资源分类", "digits", "class", 6, True),
    Column("class.2", "项", "信息资源分类", "digits", "class", 6, True),
    Column("class.3", "目", "信息资源分类", "digits", "", 6, True),
    Column("class.4", "细目", "信息资源分类", "digits", "", 8),
    Column("title", "信息资源名称", "", "text", "", 28, True),
    Column("code", "信息资源代码", "", "text", "", 16),
    Column("provider_name", "信息资源提供方", "", "text", "", 20),
    Column("provider", "信息资源提供方代码", "", "text", "", 22),
    Column("summary", "信息资源摘要", "", "text", "", 40, True),
    Column("format_class", "信息资源格式分类", "", "choice", "format_class"),
    Column("format_type", "信息资源格式类型"),
    Column("other_format", "其他类型资源格式描述"),
    Column("volumes.stored", "数据存储总量(G)", _VOLUME, "number"),
    Column("volumes.records", "结构化信息记录总数(万)", _VOLUME, "number"),
    Column("volumes.shared", "已共享的数据存储量(G)", _VOLUME, "number"),
    Column("volumes.shared_records", "已共享的结构化记录数(万)", _VOLUME, "number"),
    Column("volumes.opened", "已开放的数据存储量(G)", _VOLUME, "number"),
    Column("volumes.opened_records", "已开放的结构化记录数(万)", _VOLUME, "number"),
    Column("items.title", "信息项名称", _ITEM, "text", "", 24, True),
    Column("items.type", "数据类型", _ITEM, "choice", "type", 12, True),
    Column("items.length", "数据长度", _ITEM, "whole", "", 10),
    Column("share_type", "共享类型", _SHARE, "choice", "share_type", 14, True),
    Column("share_condition", "共享条件", _SHARE, "text", "", 28),
    Column("share_channel", "共享方式分类", _SHARE, "choice", "share_channel"),
    Column("share_ways", "共享方式类型", _SHARE, "choices", "share_ways"),
    Column("open", "是否向社会开放", _OPEN, "choice", "open", 10, True),
    Column("open_condition", "开放条件", _OPEN, "text", "", 24),
    Column("update_cycle", "更新周期", "", "choice", "update_cycle", 10, True),
    Column("released_on", "发布日期", "", "day", "", 12),
    Column("related", "关联资源代码", "", "codes", "", 20),
    Column("share_basis", "不予共享依据", "补充信息", "text", "", 28),
    Column("lead_department", "牵头部门", "补充信息", "text", "", 18),
    Column("duty", "职责依据", "补充信息", "text", "", 28),
    Column("office", "责任处室", "补充信息", "text", "", 16),
    Column("title_en", "信息资源英文名称", "补充信息", "text", "", 24),
    Column("summary_en", "信息资源英文摘要", "补充信息", "text", "", 30),
    Column("share_condition_en", "共享条件英文", "补充信息", "text", "", 30),
    Column("grade", "资源个人信息分级", "补充信息", "choice", "grade"),
    Column("items.wire", "信息项标识", "信息项补充信息", "text", "", 20),
    Column("items.title_en", "信息项英文名称", "信息项补充信息", "text", "", 20),
    Column("items.grade", "个人信息分级", "信息项补充信息", "choice", "grade"),
    Column("items.level", "数据级别", "信息项补充信息", "choice", "level"),
    Column("items.subject", "主体", "信息项补充信息", "choice", "subject"),
    Column("items.check", "校验规则", "信息项补充信息", "choice", "check", 18),
    Column("items.mask", "默认脱敏", "信息项补充信息", "choice", "mask", 18),
    Column("items.element", "数据元", "信息项补充信息"),
    Column("items.description", "信息项说明", "信息项补充信息", "text", "", 30),
)
BY_NAME = {column.name: column for column in COLUMNS}
NEEDED = tuple(column.name for column in COLUMNS if column.needed)


def _labels(labels: object) -> dict[str, Label]:
    assert isinstance(labels, dict)
    return {str(key): label for key, label in labels.items()}


CHOICES: dict[str, dict[str, Label]] = {
    "format_class": _labels(FORMAT_CLASSES), "type": _labels(ITEM_TYPES), "share_type": _labels(SHARE_TYPES),
    "share_channel": _labels(SHARE_CHANNELS), "share_ways": _labels(SHARE_WAYS), "open": YES_NO,
    "update_cycle": _labels(UPDATE_CYCLES), "grade": _labels(GRADES), "level": _labels(LEVELS),
    "subject": _labels(SUBJECTS), "check": CHECKS, "mask": _labels(MASKS),
}  # fmt: skip
"""The code list behind each column of choices: key to label."""
DEFAULTS = {"items.grade": "general", "grade": "general"}
NUMBERED = {"share_type": {"1": "unconditional", "2": "conditional", "3": "none"}, "type": GUIDE_TYPES}
"""Codes in common use beside the labels."""


def chosen(choices: str, text: str) -> str | None:
    """The key of a label, an English label, a key or a code in common use; None when it is none of the list."""
    listed = CHOICES[choices]
    wanted = text.strip()
    for key, label in listed.items():
        if wanted in (key, label.zh) or wanted.lower() == label.en.lower():
            return key
    numbered = NUMBERED.get(choices, {})
    if wanted in numbered:
        return numbered[wanted]
    # the guide's template writes 字符型C: the name with its letter
    if choices == "type" and len(wanted) > 1 and wanted[-1] in GUIDE_TYPES:
        return chosen(choices, wanted[:-1])
    return None
