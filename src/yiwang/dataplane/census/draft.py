"""The result of a census: plain data that may be written anywhere, since no value of a source is in it.

`format` is `yiwang-census/1`; the JSON form is these classes as they stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from yiwang.dataplane.census.source import Letter, Text
from yiwang.dataplane.census.terms import Protection

FORMAT = "yiwang-census/1"
Cycle = Literal["realtime", "daily", "weekly", "monthly", "quarterly", "half_yearly", "yearly", "irregular"]
Subject = Literal["person", "organisation", ""]

LETTERS: dict[Letter, str] = {
    "C": "字符型C", "N": "数值型N", "Y": "货币型Y", "D": "日期型D", "T": "日期时间型T", "L": "逻辑型L", "M": "备注型M",
    "G": "通用型G", "B": "双精度型B", "I": "整型I", "F": "浮点型F",
}  # fmt: skip
PROTECTIONS: dict[Protection, Text] = {
    "general": Text("一般", "general"),
    "internal": Text("内部", "internal"),
    "personal": Text("个人信息", "personal"),
    "sensitive": Text("敏感个人信息", "sensitive personal"),
    "secret": Text("口令密钥", "secret"),
}
CYCLES: dict[Cycle, Text] = {
    "realtime": Text("实时", "real time"),
    "daily": Text("每日", "daily"),
    "weekly": Text("每周", "weekly"),
    "monthly": Text("每月", "monthly"),
    "quarterly": Text("每季度", "quarterly"),
    "half_yearly": Text("每半年", "half-yearly"),
    "yearly": Text("每年", "yearly"),
    "irregular": Text("其他（不定期）", "other (irregular)"),
}


@dataclass(frozen=True)
class Mark:
    """A column marked as personal or sensitive: the kind of datum, how sure, and why."""

    kind: str
    kind_zh: str
    confidence: float
    reasons: tuple[Text, ...]


@dataclass(frozen=True)
class Entry:
    """An entry of a code list; `rows` is 0 for entries of a standard list that the source was not asked about."""

    code: str
    name: str
    rows: int


@dataclass(frozen=True)
class CodeList:
    """The code list of a column.

    Attributes:
        list: id of a list of the vocabulary, `division`, or `own`.
        entries: of the column; of a personal column only such as stand in the standard's list anyway.
        withheld: entries that are not shown because the column is personal, or that are unknown to the standard.
    """

    list: str
    title: str
    standard: str
    entries: tuple[Entry, ...]
    withheld: int
    names_from: str
    confidence: float
    reason: Text


@dataclass(frozen=True)
class Item:
    """One 信息项, proposed from a column."""

    column: str
    database_type: str
    title: str
    title_confidence: float
    title_reason: Text
    letter: Letter
    length: int
    scale: int
    nullable: bool
    key: bool
    unique: bool
    key_reason: Text | None
    references: str
    references_reason: Text | None
    code_list: CodeList | None
    filled: float
    distinct: int | None
    concept: str
    protection: Protection
    level: int
    grade_reason: Text
    mark: Mark | None
    samples: tuple[str, ...]

    @property
    def grade(self) -> str:
        """As GB/T 43697 and its Annex H name it."""
        return f"一般数据{self.level}级"


@dataclass(frozen=True)
class Remark:
    """Something the officer should know about a table or source."""

    code: str
    where: str
    text: Text


@dataclass(frozen=True)
class Resource:
    """One 信息资源, proposed from a table."""

    source: str
    department: str
    format_class: str
    format_type: str
    table: str
    kind: str
    title: str
    title_confidence: float
    title_reason: Text
    summary: Text
    rows: int
    rows_exact: bool
    size: int
    subject: Subject
    items: tuple[Item, ...]
    cycle: Cycle
    cycle_confidence: float
    cycle_reason: Text
    level: int
    protection: Protection
    remarks: tuple[Remark, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Columns of the key."""
        return tuple(item.column for item in self.items if item.key)


@dataclass(frozen=True)
class Holder:
    """A place that holds a datum."""

    department: str
    source: str
    table: str
    column: str
    title: str
    rows: int


@dataclass(frozen=True)
class Candidate:
    """A datum that several tables hold: one of them should become its single source (一数一源)."""

    datum: str
    about: str
    holders: tuple[Holder, ...]
    proposed: int
    proposed_reason: Text
    confidence: float
    reason: Text


@dataclass(frozen=True)
class Draft:
    """Everything one run of the census proposes."""

    made_at: str
    sources: tuple[str, ...]
    resources: tuple[Resource, ...]
    candidates: tuple[Candidate, ...]
    remarks: tuple[Remark, ...] = ()
    format: str = field(default=FORMAT)
