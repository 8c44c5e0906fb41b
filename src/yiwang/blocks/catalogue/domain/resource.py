"""What a catalogue entry says: a resource with its items, as 政务信息资源目录编制指南 (发改高技〔2017〕1272号) asks.

Pure data: the provider's draft, and what is wrong with it. `yiwang.blocks.catalogue.domain.rules` checks a draft,
`yiwang.blocks.catalogue.domain.difference` compares two.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from yiwang.vocabulary import forms

ShareType = Literal["unconditional", "conditional", "none"]
UpdateCycle = Literal[
    "realtime", "daily", "weekly", "monthly", "quarterly", "half_yearly", "yearly", "irregular"
]
Grade = Literal["general", "personal", "sensitive"]
Subject = Literal["person", "organisation"]
Check = Literal["resident_id", "uscc"]
ItemType = Literal["text", "integer", "decimal", "boolean", "date", "datetime", "json", "binary"]
ResourceState = Literal["draft", "published", "withdrawn"]
FormatClass = Literal[
    "", "document", "spreadsheet", "database", "image", "stream", "self_described", "service"
]
ShareChannel = Literal["", "platform", "other"]
ShareWay = Literal["database", "file", "api", "mail", "disk", "media"]
Level = Literal["", "1", "2", "3", "4", "important", "core"]


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
FORMAT_CLASSES: dict[FormatClass, Label] = {
    "document": Label("电子文件", "Electronic document"),
    "spreadsheet": Label("电子表格", "Spreadsheet"),
    "database": Label("数据库", "Database"),
    "image": Label("图形图像", "Image"),
    "stream": Label("流媒体", "Streaming media"),
    "self_described": Label("自描述格式", "Self-described format"),
    "service": Label("服务接口", "Service interface"),
}
"""编制指南 信息资源格式分类; `service` is the extension that regions use for interfaces."""
SHARE_CHANNELS: dict[ShareChannel, Label] = {
    "platform": Label("共享平台方式", "Over the sharing platform"),
    "other": Label("其他方式", "Otherwise"),
}
SHARE_WAYS: dict[ShareWay, Label] = {
    "database": Label("数据库", "Database"),
    "file": Label("文件", "File"),
    "api": Label("接口", "Interface"),
    "mail": Label("邮件", "Mail"),
    "disk": Label("拷盘", "Copied disk"),
    "media": Label("介质交换", "Exchanged media"),
}
LEVELS: dict[Level, Label] = {
    "1": Label("一般数据1级", "General data, level 1"),
    "2": Label("一般数据2级", "General data, level 2"),
    "3": Label("一般数据3级", "General data, level 3"),
    "4": Label("一般数据4级", "General data, level 4"),
    "important": Label("重要数据", "Important data"),
    "core": Label("核心数据", "Core data"),
}
"""Grades of GB/T 43697-2024, general data in its four reference levels; "" is not graded yet."""
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
    level: Level = ""
    element: str = ""
    """The data element it follows, such as `DE00123` or `GB 11643`."""


@dataclass(frozen=True)
class Volumes:
    """How much there is, as the census 信息资源大普查 asks: storage in G, structured records in 万 (ten thousands)."""

    stored: Decimal = Decimal(0)
    records: Decimal = Decimal(0)
    shared: Decimal = Decimal(0)
    shared_records: Decimal = Decimal(0)
    opened: Decimal = Decimal(0)
    opened_records: Decimal = Decimal(0)


NO_VOLUMES = Volumes()


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
    share_condition_en: str = ""
    """The same in English, where the provider gives it."""
    share_basis: str = ""
    """Law, administrative regulation or central policy; mandatory when the resource is not shared."""
    open: bool = False
    open_condition: str = ""
    update_cycle: UpdateCycle = "daily"
    grade: Grade = "general"
    format_class: FormatClass = ""
    format_type: str = ""
    """Type within the class, such as `xlsx` or `KingbaseES`; free text."""
    share_channel: ShareChannel = ""
    share_ways: tuple[ShareWay, ...] = ()
    lead_department: str = ""
    """牵头部门 of a theme resource that several departments fill."""
    related: tuple[str, ...] = ()
    """Codes of the same data listed under another class."""
    released_on: str = ""
    """发布日期 as YYYY-MM-DD, where it was released before it came here."""
    duty: str = ""
    """The statutory duty by which the provider holds the data: the reason it stands in the responsibility list."""
    office: str = ""
    """Inner office that answers for it; never a person."""
    volumes: Volumes = NO_VOLUMES


@dataclass(frozen=True)
class Problem(forms.Problem):
    """One thing wrong with a draft. `where` is a field name, or `items.3.wire` (0-based) for an item."""

    warning: bool = False
