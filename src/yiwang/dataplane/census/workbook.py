"""The census workbook: the template of 编制指南 (5.5) filled in, and beside it what the proposals rest on.

Sheets: 目录 (the template itself: two head rows, one row an item, cells of a resource in its first row), 信息资源,
信息项, 代码表, 敏感项, 一数一源, 说明. Text is written as text: nothing in a workbook of ours is a formula.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from yiwang.dataplane.census.draft import CYCLES, LETTERS, PROTECTIONS, Draft, Item, Resource
from yiwang.dataplane.census.sheets import Sheet, Written, column_letter, write_book

_CONDITIONAL: Final = "有条件共享"

TEMPLATE: Final[tuple[tuple[str, str], ...]] = (
    ("信息资源分类", "类"), ("", "项"), ("", "目"), ("", "细目"), ("信息资源名称", ""), ("信息资源代码", ""),
    ("信息资源提供方", ""), ("信息资源提供方代码", ""), ("信息资源摘要", ""), ("信息资源格式分类", ""),
    ("信息资源格式类型", ""), ("其他类型资源格式描述", ""), ("信息资源大普查", "数据存储总量(G)"),
    ("", "结构化信息记录总数(万)"), ("", "已共享的数据存储量(G)"), ("", "已共享的结构化记录数(万)"),
    ("", "已开放的数据存储量(G)"), ("", "已开放的结构化记录数(万)"), ("信息项信息", "信息项名称"), ("", "数据类型"),
    ("", "数据长度"), ("共享属性", "共享类型"), ("", "共享条件"), ("", "共享方式分类"), ("", "共享方式类型"),
    ("开放属性", "是否向社会开放"), ("", "开放条件"), ("更新周期", ""), ("发布日期", ""), ("关联资源代码", ""),
)  # fmt: skip
"""The head of the template: groups above, fields below (编制指南 5.5)."""
RESOURCES: Final = (
    "来源", "部门", "库表", "种类", "建议名称", "名称把握", "名称依据", "摘要", "记录数", "是否精确", "对象", "主键",
    "信息项数", "更新周期", "周期把握", "周期依据", "最高级别", "保护类别", "提示",
)  # fmt: skip
ITEMS: Final = (
    "来源", "库表", "列名", "建议名称", "名称把握", "名称依据", "数据类型", "数据长度", "小数位", "库中类型", "主键", "唯一",
    "主键依据", "外键指向", "外键依据", "代码表", "可为空", "填充率", "不同取值数", "数据级别", "保护类别", "级别依据",
    "遮盖样例",
)  # fmt: skip
CODES: Final = (
    "来源",
    "库表",
    "列名",
    "代码表",
    "标准",
    "代码",
    "名称",
    "记录数",
    "未列出的取值数",
    "把握",
    "依据",
)
MARKS: Final = ("来源", "库表", "列名", "建议名称", "种类", "保护类别", "数据级别", "把握", "理由", "Reason")
CANDIDATES: Final = (
    "序号", "数据项", "对象按何区分", "部门", "来源", "库表", "列名", "列的建议名称", "记录数", "建议数源", "把握", "理由",
    "Reason",
)  # fmt: skip
_SUBJECTS: Final = {"person": "自然人", "organisation": "法人和其他组织", "": ""}


def write_workbook(draft: Draft, path: Path) -> None:
    """Write the workbook; the file is complete or not there at all.

    Raises: OSError.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        write_book(sheets_of(draft), part)
        part.chmod(0o640)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def sheets_of(draft: Draft) -> tuple[Sheet, ...]:
    """The sheets of the workbook, the template first."""
    widths = [22 if (group or name).endswith(("名称", "摘要")) else 13 for group, name in TEMPLATE]
    merged = [f"{column_letter(first)}1:{column_letter(last)}1" for first, last in _groups() if first != last]
    heads = [[group for group, _ in TEMPLATE], [name for _, name in TEMPLATE]]
    return (
        Sheet("目录", heads, _template(draft), widths, merged),
        Sheet("信息资源", [RESOURCES], _resources(draft), (18, 12, 24, 8, 26, 8, 22, 40)),
        Sheet("信息项", [ITEMS], _items(draft), (18, 22, 20, 24, 8, 22, 12, 8, 6, 16, 6, 6, 18, 22, 18, 18)),
        Sheet("代码表", [CODES], _codes(draft), (18, 22, 20, 20, 16, 14, 22)),
        Sheet("敏感项", [MARKS], _marks(draft), (18, 22, 20, 22, 16, 14, 12, 8, 50, 50)),
        Sheet(
            "一数一源", [CANDIDATES], _candidates(draft), (6, 18, 16, 14, 18, 22, 18, 18, 10, 10, 8, 50, 50)
        ),
        Sheet("说明", [("代码", "位置", "内容", "Content")], _remarks(draft), (18, 26, 70, 70)),
    )


def _template(draft: Draft) -> Iterator[Sequence[Written]]:
    for resource in draft.resources:
        for at, item in enumerate(resource.items):
            first = at == 0
            yield [
                *(_about(resource) if first else [None] * 18), *_item_cells(item), *(_terms(resource) if first else ())
            ]  # fmt: skip


def _groups() -> Iterator[tuple[int, int]]:
    starts = [at for at, (group, _) in enumerate(TEMPLATE, 1) if group]
    for start, following in zip(starts, [*starts[1:], len(TEMPLATE) + 1], strict=True):
        yield start, following - 1


def _about(resource: Resource) -> list[Written]:
    kind = "3 部门信息资源"
    return [
        kind, None, None, None, resource.title, None, resource.department or None, None, resource.summary.zh,
        resource.format_class, resource.format_type, None, round(resource.size / (1 << 30), 3),
        round(max(resource.rows, 0) / 10_000, 4), 0, 0, 0, 0,
    ]  # fmt: skip


def _item_cells(item: Item) -> list[Written]:
    length = f"{item.length},{item.scale}" if item.scale else item.length or None
    return [item.title, LETTERS[item.letter], length]


def _terms(resource: Resource) -> list[Written]:
    way = "共享平台方式", ("数据库" if resource.format_class == "数据库" else "文件")
    return [_CONDITIONAL, None, *way, "否", None, CYCLES[resource.cycle].zh, None, None]


def _resources(draft: Draft) -> Iterator[Sequence[Written]]:
    for r in draft.resources:
        remarks = "；".join(remark.text.zh for remark in r.remarks)
        yield (
            r.source, r.department, r.table, r.kind, r.title, r.title_confidence, r.title_reason.zh, r.summary.zh,
            r.rows if r.rows >= 0 else None, "是" if r.rows_exact else "否", _SUBJECTS[r.subject], "、".join(r.key),
            len(r.items), CYCLES[r.cycle].zh, r.cycle_confidence, r.cycle_reason.zh, f"一般数据{r.level}级",
            PROTECTIONS[r.protection].zh, remarks,
        )  # fmt: skip


def _items(draft: Draft) -> Iterator[Sequence[Written]]:
    for r in draft.resources:
        for i in r.items:
            listed = i.code_list
            yield (
                r.source, r.table, i.column, i.title, i.title_confidence, i.title_reason.zh, LETTERS[i.letter],
                i.length or None, i.scale or None, i.database_type, "是" if i.key else None, "是" if i.unique else None,
                i.key_reason.zh if i.key_reason else None, i.references or None,
                i.references_reason.zh if i.references_reason else None,
                (listed.standard or "自有代码表") if listed else None, "是" if i.nullable else "否", i.filled, i.distinct,
                i.grade, PROTECTIONS[i.protection].zh, i.grade_reason.zh, " ".join(i.samples),
            )  # fmt: skip


def _codes(draft: Draft) -> Iterator[Sequence[Written]]:
    for r in draft.resources:
        for i in r.items:
            held = i.code_list
            if held is None:
                continue
            facts = (held.withheld or None, held.confidence, held.reason.zh)
            if not held.entries:
                yield r.source, r.table, i.column, held.title, held.standard, None, None, None, *facts
            for entry in held.entries:
                yield (
                    r.source,
                    r.table,
                    i.column,
                    held.title,
                    held.standard,
                    entry.code,
                    entry.name,
                    entry.rows or None,
                    *facts,
                )


def _marks(draft: Draft) -> Iterator[Sequence[Written]]:
    for r in draft.resources:
        for i in r.items:
            if i.mark is not None:
                yield (
                    r.source, r.table, i.column, i.title, i.mark.kind_zh, PROTECTIONS[i.protection].zh, i.grade,
                    i.mark.confidence, "；".join(reason.zh for reason in i.mark.reasons),
                    "; ".join(reason.en for reason in i.mark.reasons),
                )  # fmt: skip


def _candidates(draft: Draft) -> Iterator[Sequence[Written]]:
    for number, c in enumerate(draft.candidates, 1):
        for at, h in enumerate(c.holders):
            proposed = c.proposed_reason.zh if at == c.proposed else None
            yield (
                number, c.datum, c.about, h.department, h.source, h.table, h.column, h.title, h.rows if h.rows >= 0 else None,
                f"建议：{proposed}" if proposed else None, c.confidence, c.reason.zh, c.reason.en,
            )  # fmt: skip


def _remarks(draft: Draft) -> Iterator[Sequence[Written]]:
    yield (
        "census",
        "",
        f"由 yw catalogue scan 于 {draft.made_at} 生成；建议均须由数据专员核定。",
        "Drafted by yw catalogue scan.",
    )
    yield (
        "values", "", "除计数、遮盖样例和非个人信息列的代码表外，不含来源中的任何取值。",
        "But for counts, masked samples and code lists of columns that are not personal, it holds no value of a source.",
    )  # fmt: skip
    yield (
        "grade", "", "级别按 GB/T 43697-2024 附录 H 建议；重要数据、核心数据由主管部门目录确定，本工具不作判定。",
        "Levels follow GB/T 43697-2024 Annex H; important and core data are listed by the competent authority.",
    )  # fmt: skip
    for remark in (*draft.remarks, *(remark for r in draft.resources for remark in r.remarks)):
        yield remark.code, remark.where, remark.text.zh, remark.text.en
