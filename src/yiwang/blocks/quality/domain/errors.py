"""Errors of watching the quality of resources, one tree."""

from __future__ import annotations

from dataclasses import dataclass

from yiwang.vocabulary.errors import YwError


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a form. `where` is the name of its field, such as `within` or `rules.3`."""

    where: str
    zh: str
    en: str


class DataQualityError(YwError):
    """Something about rules, runs or tickets of quality is not as it must be."""

    code = "data-quality"
    message_zh = "操作没有完成。"
    message_en = "That could not be done."
    mend_zh = "请按提示修改后再试。"
    mend_en = "Change what is named and try again."


class RulesInvalid(DataQualityError):
    """Rules have mistakes; `problems` says where each stands."""

    code = "quality-rules-invalid"
    message_zh = "有 {count} 处需要修改：{where}。"
    message_en = "There are {count} mistakes to correct: {where}."
    mend_zh = "逐处修改后再保存。"
    mend_en = "Correct each of them and save again."

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(count=len(problems), where=[f"{one.where} {one.zh}" for one in problems])
        self.problems = problems


class ContractUnreadable(DataQualityError):
    """A file is no Open Data Contract."""

    code = "quality-contract-unreadable"
    message_zh = "这不是一份开放数据合同（Open Data Contract）：{problem}。"
    message_en = "This is no Open Data Contract: {problem}."
    mend_zh = "选择 kind 为 DataContract、含 schema 的 YAML 或 JSON 文件。"
    mend_en = "Choose a YAML or JSON file of the kind DataContract that has a schema."


class WatchUnknown(DataQualityError):
    """There is no such mounted resource, or the person may not see its rules: the two look the same."""

    code = "quality-resource-unknown"
    message_zh = "没有检查质量的资源 {resource}，或您无权查看。"
    message_en = "There is no resource {resource} whose quality is watched and that you may see."
    mend_zh = "先挂接资源；规则和结果由提供方和数据局查看。"
    mend_en = "Connect the resource first; rules and results are for its provider and the data bureau."


class QualityNotAllowed(DataQualityError):
    """The person has not the role, or not the agency, for this."""

    code = "quality-not-allowed"
    message_zh = "您不能执行这一操作：需要{needs_zh}。"
    message_en = "You may not do this: it needs {needs_en}."
    mend_zh = "请由有权的人办理。"
    mend_en = "Ask someone who may."


class RulesChanged(DataQualityError):
    """Somebody changed the rules since the page was opened."""

    code = "quality-rules-changed"
    message_zh = "{person} 刚改过这些规则，您的修改没有保存。"
    message_en = "{person} has just changed these rules; what you did was not saved."
    mend_zh = "刷新页面，在新的规则上修改。"
    mend_en = "Reload the page and make your change on the new rules."


class RunTooSoon(DataQualityError):
    """The last run was a moment ago, or one is on its way."""

    code = "quality-run-too-soon"
    permanent = False
    message_zh = "这个资源正在检查，或者 {minutes} 分钟内刚检查过。"
    message_en = "This resource is being judged, or was within the last {minutes} minutes."
    mend_zh = "稍后再试：频繁的全表检查会拖慢来源库。"
    mend_en = "Try again later: many full passes would slow the source down."


class TicketUnknown(DataQualityError):
    """There is no such ticket, or the person may not see it: the two look the same."""

    code = "quality-ticket-unknown"
    message_zh = "没有编号为 {ticket} 的整改单。"
    message_en = "There is no ticket {ticket}."
    mend_zh = "核对编号，或从“整改单”中找到它。"
    mend_en = "Check the number, or find it among the tickets."


class TicketChanged(DataQualityError):
    """Somebody took a step since the page was opened."""

    code = "quality-ticket-changed"
    message_zh = "整改单 {ticket} 已有新的进展，您的操作没有生效。"
    message_en = "The ticket {ticket} has moved on; what you did was not applied."
    mend_zh = "看过新进展再决定。"
    mend_en = "See how it stands now and decide again."


class TicketStateWrong(DataQualityError):
    """The step does not fit the ticket's state."""

    code = "quality-ticket-state-wrong"
    message_zh = "整改单 {ticket} 现在是“{state_zh}”，不能{step_zh}。"
    message_en = "The ticket {ticket} is {state_en} now: {step_en} is not possible."
    mend_zh = "刷新页面，查看现在能做什么。"
    mend_en = "Reload the page to see what can be done now."


class TicketInvalid(DataQualityError):
    """What was said with a step is not enough; `problems` says where."""

    code = "quality-ticket-invalid"
    message_zh = "有 {count} 处需要修改：{where}。"
    message_en = "There are {count} mistakes to correct: {where}."
    mend_zh = "补全后再提交。"
    mend_en = "Complete it and submit again."

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(count=len(problems), where=[one.where for one in problems])
        self.problems = problems
