"""A first guess at catalogue items from a table's columns: names, comments and a sample of values.

Identity numbers are recognised by their check digits, so that a badly named column is found and a well named one
that holds something else is not believed. The officer corrects the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from yiwang.dataplane.connectors.facts import ColumnFacts, ColumnType
from yiwang.vocabulary.identifiers import IdentifierError
from yiwang.vocabulary.resident_id import parse_resident_id
from yiwang.vocabulary.uscc import parse_uscc

SAMPLE_ROWS = 200
_FEWEST = 3
_SHARE = 0.8
_RESIDENT = re.compile(r"身份证|身份号码|gmsfhm|sfzh|sfhm|id_?card|resident_?id", re.IGNORECASE)
_USCC = re.compile(r"统一社会信用代码|tyshxydm|shxydm|uscc", re.IGNORECASE)
_HINTS: tuple[tuple[re.Pattern[str], Literal["personal", "sensitive"], str | None], ...] = (
    (re.compile(r"民族|婚姻|宗教|健康|疾病|病史|诊断|指纹|人脸|犯罪|hyzk"), "sensitive", "hidden"),
    (re.compile(r"银行账号|银行卡|bank", re.IGNORECASE), "sensitive", "bank_account"),
    (re.compile(r"姓名|^xm$|法定代表人|法人代表|联系人"), "personal", None),
    (re.compile(r"电话|手机|联系方式|lxdh|sjhm|phone|mobile", re.IGNORECASE), "personal", "phone"),
    (re.compile(r"邮箱|e_?mail", re.IGNORECASE), "personal", "email"),
    (re.compile(r"出生|户号|户籍|csrq"), "personal", None),
)
_HOME = re.compile(r"地址|住址|address", re.IGNORECASE)


@dataclass(frozen=True)
class ProposedItem:
    """An item as it may be catalogued. `column` is also its wire name."""

    column: str
    title: str
    type: ColumnType
    length: int
    grade: Literal["general", "personal", "sensitive"]
    subject: Literal["person", "organisation"] | None
    check: Literal["resident_id", "uscc"] | None
    mask: str | None


def propose(
    columns: Sequence[ColumnFacts], samples: Mapping[str, Sequence[str]], today: date
) -> tuple[ProposedItem, ...]:
    """Items for the columns that can be exchanged, in their order; `samples` holds non-null values by column."""
    usable = [(column, column.type) for column in columns if column.type is not None]
    found = [_item(column, kind, samples.get(column.name, ()), today) for column, kind in usable]
    if not any(item.subject == "person" for item in found):
        return tuple(found)
    # beside a resident id an address is somebody's home
    return tuple(_home(item) if _HOME.search(item.title + item.column) else item for item in found)


def _item(column: ColumnFacts, kind: ColumnType, values: Sequence[str], today: date) -> ProposedItem:
    title = " ".join(column.comment.split())[:200] or column.name
    name = f"{title} {column.name}"
    if kind == "text" and _is_resident_id(name, values, today):
        return ProposedItem(
            column.name, title, kind, column.length, "sensitive", "person", "resident_id", "id_number"
        )
    if kind == "text" and _is_uscc(name, values):
        return ProposedItem(column.name, title, kind, column.length, "general", "organisation", "uscc", None)
    for pattern, grade, mask in _HINTS:
        if pattern.search(title) or pattern.search(column.name):
            fits = mask if kind == "text" or mask == "hidden" else None
            return ProposedItem(column.name, title, kind, column.length, grade, None, None, fits)
    return ProposedItem(column.name, title, kind, column.length, "general", None, None, None)


def _home(item: ProposedItem) -> ProposedItem:
    return ProposedItem(
        item.column, item.title, item.type, item.length, "personal", item.subject, item.check, "address"
    )


def _is_resident_id(name: str, values: Sequence[str], today: date) -> bool:
    passed = sum(_passes_resident_id(value, today) for value in values)
    return _believed(bool(_RESIDENT.search(name)), passed, len(values))


def _is_uscc(name: str, values: Sequence[str]) -> bool:
    passed = sum(_passes_uscc(value) for value in values)
    return _believed(bool(_USCC.search(name)), passed, len(values))


def _believed(named: bool, passed: int, seen: int) -> bool:
    """By its name a column needs half of its values to pass, without it nearly all of at least a few."""
    if named:
        return passed * 2 >= seen
    return seen >= _FEWEST and passed >= _SHARE * seen


def _passes_resident_id(value: str, today: date) -> bool:
    if len(value.strip()) != 18:
        return False
    try:
        parse_resident_id(value, today=today)
    except IdentifierError:
        return False
    return True


def _passes_uscc(value: str) -> bool:
    try:
        parse_uscc(value)
    except IdentifierError:
        return False
    return True
