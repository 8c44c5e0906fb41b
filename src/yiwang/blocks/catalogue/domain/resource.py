"""What a catalogue entry says: a resource with its items, as 政务信息资源目录编制指南 (发改高技〔2017〕1272号) asks.

Pure data: the provider's draft, and what is wrong with it. `yiwang.blocks.catalogue.domain.rules` checks a draft,
`yiwang.blocks.catalogue.domain.difference` compares two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ShareType = Literal["unconditional", "conditional", "none"]
UpdateCycle = Literal[
    "realtime", "daily", "weekly", "monthly", "quarterly", "half_yearly", "yearly", "irregular"
]
Grade = Literal["general", "personal", "sensitive"]
Subject = Literal["person", "organisation"]
Check = Literal["resident_id", "uscc"]
ItemType = Literal["text", "integer", "decimal", "boolean", "date", "datetime", "json", "binary"]
ResourceState = Literal["draft", "published", "withdrawn"]


@dataclass(frozen=True)
class Label:
    """A term of the field in both languages."""

    zh: str
    en: str


SHARE_TYPES: dict[ShareType, Label] = {
    "unconditional": Label("无条件共享", "Unconditional"),
    "conditional": Label("有条件共享", "Conditional"),
    "none": Label("不予共享", "Not shared"),
}
UPDATE_CYCLES: dict[UpdateCycle, Label] = {
    "realtime": Label("实时", "Real time"),
    "daily": Label("每日", "Daily"),
    "weekly": Label("每周", "Weekly"),
    "monthly": Label("每月", "Monthly"),
    "quarterly": Label("每季度", "Quarterly"),
    "half_yearly": Label("每半年", "Half-yearly"),
    "yearly": Label("每年", "Yearly"),
    "irregular": Label("不定期", "Irregular"),
}
GRADES: dict[Grade, Label] = {
    "general": Label("一般", "General"),
    "personal": Label("个人信息", "Personal"),
    "sensitive": Label("敏感个人信息", "Sensitive personal"),
}
SUBJECTS: dict[Subject, Label] = {
    "person": Label("自然人", "Natural person"),
    "organisation": Label("法人和其他组织", "Legal person or other organisation"),
}
ITEM_TYPES: dict[ItemType, Label] = {
    "text": Label("字符型", "Text"),
    "integer": Label("整型", "Integer"),
    "decimal": Label("数值型", "Decimal"),
    "boolean": Label("逻辑型", "Yes/no"),
    "date": Label("日期型", "Date"),
    "datetime": Label("日期时间型", "Date and time"),
    "json": Label("通用型", "Structured"),
    "binary": Label("二进制", "Binary"),
}
STATES: dict[ResourceState, Label] = {
    "draft": Label("草稿", "Draft"),
    "published": Label("已发布", "Published"),
    "withdrawn": Label("已撤回", "Withdrawn"),
}
MASKS: dict[str, Label] = {
    "id_number": Label("证件号码遮盖中间", "Middle of the number hidden"),
    "name": Label("姓名只留姓", "Family name only"),
    "phone": Label("电话遮盖中间", "Middle of the phone number hidden"),
    "address": Label("地址只到区县", "Address down to the county only"),
    "email": Label("邮箱遮盖用户名", "Name part of the e-mail hidden"),
    "bank_account": Label("账号只留后四位", "Last four digits of the account only"),
    "last_four": Label("只留后四位", "Last four characters only"),
    "year_only": Label("日期只留年份", "Year of the date only"),
    "hidden": Label("整项遮盖", "Hidden entirely"),
}
"""The masks of `yiwang.dataplane.masking`."""


@dataclass(frozen=True)
class ItemDraft:
    """One data item 信息项. `wire` is its name in answers; `length` counts characters, 0 when not limited."""

    wire: str
    title: str
    title_en: str = ""
    type: ItemType = "text"
    length: int = 0
    grade: Grade = "general"
    subject: Subject | None = None
    check: Check | None = None
    mask: str | None = None
    """Mask that a grant starts with; a sensitive item without one is hidden."""
    description: str = ""


@dataclass(frozen=True)
class ResourceDraft:
    """A catalogue entry as its provider writes it. `classification` is the part of the code before the slash."""

    title: str
    classification: str
    summary: str
    items: tuple[ItemDraft, ...]
    title_en: str = ""
    summary_en: str = ""
    share_type: ShareType = "conditional"
    share_condition: str = ""
    """Use and scope (行政依据, 工作参考, 数据校核, 业务协同 …); mandatory when sharing is conditional."""
    share_basis: str = ""
    """Law, administrative regulation or central policy; mandatory when the resource is not shared."""
    open: bool = False
    open_condition: str = ""
    update_cycle: UpdateCycle = "daily"
    grade: Grade = "general"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a draft. `where` is a field name, or `items.3.wire` (0-based) for an item."""

    where: str
    zh: str
    en: str
    warning: bool = False
