"""Errors of the standards registry, one tree."""

from __future__ import annotations

from dataclasses import dataclass

from yiwang.vocabulary.errors import YwError


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a form or a file. `where` is a field, or `line N` of a file."""

    where: str
    zh: str
    en: str


class StandardsError(YwError):
    """Something about a data element or a code list is not as it must be."""

    code = "standards"
    message_zh = "操作没有完成。"
    message_en = "That could not be done."
    mend_zh = "请按提示修改后再试。"
    mend_en = "Change what is named and try again."


class StandardInvalid(StandardsError):
    """An element or a list has mistakes; `problems` says where each stands."""

    code = "standard-invalid"
    message_zh = "有 {count} 处需要修改：{where}。"
    message_en = "There are {count} mistakes to correct: {where}."
    mend_zh = "逐处修改后再保存。"
    mend_en = "Correct each of them and save again."

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(count=len(problems), where=[problem.where for problem in problems])
        self.problems = problems


class StandardUnknown(StandardsError):
    """There is no such element or list, or it is a draft that the person may not see."""

    code = "standard-unknown"
    message_zh = "没有编号为 {number} 的数据元或代码表。"
    message_en = "There is no data element or code list {number}."
    mend_zh = "核对编号，或从“数据标准”中查找。"
    mend_en = "Check the number, or find it among the standards."


class StandardNotAllowed(StandardsError):
    """Only the data bureau registers standards."""

    code = "standard-not-allowed"
    message_zh = "您不能执行这一操作：需要数据局审核员。"
    message_en = "You may not do this: it needs a reviewer of the data bureau."
    mend_zh = "请数据局办理。"
    mend_en = "Ask the data bureau."


class StandardStateWrong(StandardsError):
    """There is no draft to put in force, or nothing in force to retire."""

    code = "standard-state-wrong"
    message_zh = "{number} 没有可以{step_zh}的版本。"
    message_en = "{number} has no version for {step_en}."
    mend_zh = "刷新页面，查看现在的版本。"
    mend_en = "Reload the page to see its versions."


class StandardFileUnreadable(StandardsError):
    """A file of elements or codes cannot be read."""

    code = "standard-file-unreadable"
    message_zh = "文件读不了：{problem}。"
    message_en = "The file cannot be read: {problem}."
    mend_zh = "用 UTF-8 编码的 CSV，首行是列名，可先下载现有的作样子。"
    mend_en = "Use a CSV in UTF-8 with names in the first row; download the present ones as a pattern."
