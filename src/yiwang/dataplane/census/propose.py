"""From a table that was looked at to a resource of the catalogue."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from yiwang.dataplane.census.codes import Coded, code_list_of, commented_names, neighbour_names
from yiwang.dataplane.census.cycle import cycle_of
from yiwang.dataplane.census.draft import CodeList, Item, Remark, Resource
from yiwang.dataplane.census.identify import Identity
from yiwang.dataplane.census.look import Seen
from yiwang.dataplane.census.naming import readings
from yiwang.dataplane.census.profile import Profile
from yiwang.dataplane.census.source import Letter, Text
from yiwang.dataplane.census.terms import Protection, concepts
from yiwang.dataplane.census.titles import clean_title

WRITTEN: Final = 0.94
"""Confidence of a title that somebody wrote: in a comment, or as the Chinese name of the column."""
_STEPS: Final = (1, 2, 4, 6, 8, 10, 12, 16, 18, 20, 30, 50, 64, 100, 128, 200, 255, 500, 1000, 2000, 4000)
_LONG_TEXT: Final = 1000
_LENGTHS: Final[Mapping[Letter, int]] = {"D": 10, "T": 19, "L": 1}
_LARGE: Final = 1_000_000
_ORDER: Final[tuple[Protection, ...]] = ("general", "internal", "personal", "sensitive", "secret")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_PREFIX: Final = re.compile(r"^(?:t|tb|tbl|v|vw|view|dim|dwd|dws|ods|dw|fact|sys|biz|base)_", re.IGNORECASE)

Reference = tuple[str, Text]


def resource_of(seen: Seen, today: dt.date) -> Resource:
    """The proposal for one table by itself; `pointed` adds what only shows beside the others."""
    lists = _code_lists(seen, today)
    items = tuple(_item(seen, at, lists) for at in range(len(seen.profiles)))
    cycle, sure, why = cycle_of(seen.profiles, seen.identities, today)
    title, title_sure, title_why = _title(seen)
    protections: list[Protection] = ["general", *(item.protection for item in items)]
    protection = max(protections, key=_ORDER.index)
    remarks = list(seen.remarks)
    if protection == "sensitive" and seen.rows >= _LARGE:
        remarks.append(
            Remark("many-people", seen.table.path, Text(
                "含百万人以上的敏感个人信息：请按 GB/T 43697 附录 G 核定是否属于重要数据",
                "Sensitive data on a million people or more: see GB/T 43697 Annex G whether these are important data",
            ))
        )  # fmt: skip
    format_class, format_type = seen.source.format
    return Resource(
        seen.source.address, seen.department, format_class, format_type, seen.table.path, seen.table.kind, title,
        title_sure, title_why, _summary(title, items), seen.rows, seen.rows_exact, seen.table.size, seen.subject, items,
        cycle, sure, why, max((item.level for item in items), default=1), protection, tuple(remarks),
    )  # fmt: skip


def pointed(resource: Resource, references: Mapping[str, Reference]) -> Resource:
    """With the columns that point elsewhere, and the reason."""
    if not references:
        return resource
    items = []
    for item in resource.items:
        target = references.get(item.column)
        items.append(replace(item, references=target[0], references_reason=target[1]) if target else item)
    return replace(resource, items=tuple(items))


def _code_lists(seen: Seen, today: dt.date) -> list[CodeList | None]:
    coded = [
        Coded(held, identity, seen.entries.get(held.column.name), grade.mark is not None)
        for held, identity, grade in zip(seen.profiles, seen.identities, seen.grades, strict=True)
    ]
    found: list[CodeList | None] = []
    for at, one in enumerate(coded):
        names: Mapping[str, str] = commented_names(one.profile.column.comment, one.counts)
        names_from = "comment" if names else ""
        if not names:
            names, names_from = neighbour_names(at, coded, seen.sample.rows)
        found.append(code_list_of(one, names, names_from, today))
    return found


def _item(seen: Seen, at: int, lists: list[CodeList | None]) -> Item:
    held, identity, grade = seen.profiles[at], seen.identities[at], seen.grades[at]
    column = held.column
    letter, length, scale = _type(held, identity.concept, lists[at] is not None)
    key = column.name in seen.keys.columns
    return Item(
        column.name, column.database_type, _item_title(identity, held, lists[at]), identity.title_confidence, identity.title_reason, letter,
        length, scale, column.nullable and not key, key, column.name in seen.keys.unique,
        seen.keys.reason if key else None, "", None, lists[at],
        round(held.complete, 4), held.known_distinct, identity.concept, grade.protection, grade.level, grade.reason,
        grade.mark, held.samples(),
    )  # fmt: skip


def _item_title(identity: Identity, held: Profile, listed: CodeList | None) -> str:
    """`xb` that holds 1 and 2 is 性别代码; a title that a person wrote stays as it is."""
    title = identity.title
    if listed is None or title.endswith(("代码", "编码", "码", "号")) or identity.title_confidence >= WRITTEN:
        return title
    if identity.concept not in concepts() or concepts()[identity.concept].sort != "category":
        return title
    named = listed.list not in {"own", "division"} or (listed.names_from not in {"", "standard", "comment"})
    coded = all(value.isascii() and value.isalnum() and len(value) <= 6 for value in held.looked)
    digits = any(value.isdigit() for value in held.looked)
    return f"{title}代码" if named and coded and digits else title


def _type(held: Profile, concept: str, coded: bool) -> tuple[Letter, int, int]:
    """Type, length and scale as 编制指南 5.3 #8.2 and #8.3 ask: declared, or an upper estimate in bytes."""
    column = held.column
    if column.letter in {"C", "M"} and not column.length:
        if column.letter == "M" or held.longest_bytes > _LONG_TEXT or held.longest > _LONG_TEXT // 3:
            return "M", 0, 0
        return "C", _rounded(held), 0
    if column.letter is not None:
        length = column.length or _LENGTHS.get(column.letter, 0)
        if column.letter == "N" and not column.length:
            length = max((len(value.replace("-", "").replace(".", "")) for value in held.looked), default=0)
        return column.letter, length, column.scale
    letter = held.letter
    sort = concepts()[concept].sort if concept else ""
    if letter == "I" and (coded or sort in {"code", "category"} or (sort == "key" and _fixed(held))):
        letter = "C"
    if letter == "I":
        return "I", 4 if held.longest <= 9 else 8, 0
    if letter == "N":
        return "N", max(held.longest, held.scale + 2), held.scale
    if letter in _LENGTHS:
        return letter, _LENGTHS[letter], 0
    if held.longest_bytes > _LONG_TEXT or held.longest > _LONG_TEXT // 3:
        return "M", 0, 0
    return "C", _rounded(held), 0


def _fixed(held: Profile) -> bool:
    return len({len(value) for value in held.looked}) == 1 and held.longest >= 4


def _rounded(held: Profile) -> int:
    """A length that leaves room: exact for codes of one length, else the next customary one."""
    longest = max(held.longest_bytes, held.longest)
    if longest and len({len(value) for value in held.looked}) == 1 and held.longest_bytes == held.longest:
        return longest
    return next((step for step in _STEPS if step >= longest), longest)


def _title(seen: Seen) -> tuple[str, float, Text]:
    comment = clean_title(seen.table.comment)
    name = seen.table.name
    if comment and _HAN.search(comment):
        return comment, 0.95, Text("取自表注释", "from the comment of the table")
    if _HAN.search(name):
        return name, 0.8, Text("表名（文件名、工作表名）即中文", "the name is Chinese")
    best = readings(_PREFIX.sub("", name))[0]
    if best.known:
        title = (
            best.title
            if best.title.endswith(("信息", "记录", "名单", "目录", "明细"))
            else best.title + "信息"
        )
        return title, best.confidence * 0.8, best.reason
    whose = {"person": "人员信息", "organisation": "单位信息", "": ""}[seen.subject]
    if whose:
        return f"{whose}（{name}）", 0.3, Text("按内容推断", "by its content")
    return name, 0.1, Text("词典中没有这个表名", "the dictionary does not know the name")


def _summary(title: str, items: tuple[Item, ...]) -> Text:
    shown = [item.title for item in items if item.mark is None or item.mark.kind != "password"][:8]
    rest = f"等 {len(items)} 项" if len(items) > len(shown) else ""
    names = "、".join(shown)
    return Text(
        f"{title}，包括{names}{rest}。",
        f"{title}: {names}" + (f" and others, {len(items)} in all." if rest else "."),
    )
