"""What can be wrong in a census sheet, each kind with its words; a defect names sheet and cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from yiwang.dataplane.spreadsheets.cells import address

KINDS: dict[str, tuple[str, str, str, str]] = {
    "sheet-missing": (
        "没有名为“信息资源目录”的工作表。",
        "There is no sheet named 信息资源目录.",
        "使用本平台导出的模板。",
        "Use the template that this platform exports.",
    ),
    "sheet-hidden": (
        "这个工作表是隐藏的，其中内容没有读取。",
        "This sheet is hidden; its content was not read.",
        "取消隐藏或删除它。",
        "Show it or delete it.",
    ),
    "head-missing": (
        "缺少列“{name}”。",
        "The column {name} is missing.",
        "在表头补上这一列，名称与模板一致。",
        "Add the column with the name of the template.",
    ),
    "head-unknown": (
        "不认识列“{name}”。",
        "The column {name} is not known.",
        "删除这一列，或改成模板中的列名。",
        "Delete it, or name it as the template does.",
    ),
    "head-twice": (
        "列“{name}”出现了两次。",
        "The column {name} is there twice.",
        "只保留一列。",
        "Keep one of them.",
    ),
    "merged": (
        "合并单元格 {area} 跨了不能合并的列或条目。",
        "The merged cells {area} span columns or entries that must stay apart.",
        "取消合并，逐格填写。",
        "Unmerge them and fill in each cell.",
    ),
    "formula": (
        "单元格是公式，导入不计算公式。",
        "The cell is a formula; an import does not calculate.",
        "复制后“选择性粘贴—数值”。",
        "Copy it and paste the value.",
    ),
    "cell-error": (
        "单元格是错误值 {value}。",
        "The cell holds the error {value}.",
        "改成正确的内容。",
        "Replace it by its content.",
    ),
    "too-long": (
        "内容过长，最多 {most} 个字。",
        "The text is too long: at most {most} characters.",
        "缩短内容。",
        "Shorten it.",
    ),
    "control": (
        "内容含有不可见的控制字符。",
        "The text has control characters that cannot be seen.",
        "删去后重新输入。",
        "Delete the text and type it again.",
    ),
    "wrong-type": (
        "应填{wanted}，现在是“{value}”。",
        "This should be {wanted_en}, not “{value}”.",
        "改成所要求的类型。",
        "Give a value of that type.",
    ),
    "not-a-choice": (
        "“{value}”不在可选值中：{choices}。",
        "“{value}” is none of: {choices_en}.",
        "从下拉列表中选择。",
        "Choose from the list.",
    ),
    "missing": ("“{name}”必须填写。", "{name} must be filled in.", "补上内容。", "Fill it in."),
    "orphan": (
        "这一行的信息项不属于任何资源。",
        "The item of this row belongs to no resource.",
        "在上方补上资源名称。",
        "Name its resource in a row above.",
    ),
    "differs": (
        "与同一资源第一行的“{name}”不一致。",
        "This differs from {name} in the first row of the resource.",
        "留空，或改成一致。",
        "Leave it empty, or make it the same.",
    ),
    "class-unknown": (
        "分类“{value}”不在分类表中。",
        "The class {value} is not on the list.",
        "填分类表中的类、项代码或名称。",
        "Give a code or name of the list.",
    ),
    "class-differs": (
        "分类与资源代码 {code} 的前段不一致。",
        "The classification differs from the code {code}.",
        "资源代码的前段就是分类，不能改动。",
        "A code begins with its classification, which stays.",
    ),
    "code-twice": (
        "资源代码 {code} 在第 {line} 行已经出现。",
        "The code {code} stands in row {line} already.",
        "每个资源代码只用一次。",
        "Use each code once.",
    ),
    "code-unknown": (
        "本部门没有资源代码 {code}。",
        "Your agency has no resource with the code {code}.",
        "新资源请留空，由平台编码。",
        "Leave it empty for a new resource; it is given a code.",
    ),
    "title-twice": (
        "资源名称“{title}”在第 {line} 行已经出现。",
        "The name {title} stands in row {line} already.",
        "同一部门内名称不能重复。",
        "A name is unique in an agency.",
    ),
    "title-taken": (
        "目录中已有名为“{title}”的资源 {code}。",
        "The catalogue has {title} already, as {code}.",
        "要修改它，请填上资源代码；否则换一个名称。",
        "Give its code to change it, or choose another name.",
    ),
    "other-agency": (
        "提供方代码不是本部门的 {wanted}。",
        "The provider is not your agency ({wanted}).",
        "只能导入本部门的资源。",
        "Import resources of your own agency.",
    ),
    "item-twice": (
        "信息项标识“{value}”在这个资源中出现两次。",
        "The item {value} is there twice in this resource.",
        "改名或删除其中一个。",
        "Rename or delete one of them.",
    ),
    "under-review": (
        "资源 {code} 正在审核，不能修改。",
        "The resource {code} is under review and cannot be changed.",
        "等审核结束，或先撤回。",
        "Wait for the review to end, or recall it.",
    ),
    "rule": ("{zh}", "{en}", "修改这一格。", "Change this cell."),
}


@dataclass(frozen=True, order=True)
class Defect:
    """One thing wrong, at one cell: `row` and `column` count from 1; 0: the sheet as a whole."""

    sheet: str
    row: int
    column: int
    kind: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str

    @property
    def cell(self) -> str:
        """Address such as `B3`; "" for the sheet."""
        return address(self.row, self.column) if self.row and self.column else ""


def defect(kind: str, sheet: str, row: int, column: int, **facts: object) -> Defect:
    """A defect with its words."""
    return defect_of(kind, sheet, row, column, facts)


def defect_of(kind: str, sheet: str, row: int, column: int, facts: Mapping[str, object]) -> Defect:
    """A defect with its words over `facts`."""
    zh, en, mend_zh, mend_en = (text.format_map(facts) for text in KINDS[kind])
    return Defect(sheet, row, column, kind, zh, en, mend_zh, mend_en)
