"""Errors of supply and demand, one tree."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.forms import Mistaken


class DemandError(YwError):
    """Something about a need is not as it must be."""

    code = "demand"
    message_zh = "操作没有完成。"
    message_en = "That could not be done."
    mend_zh = "请按提示修改后再试。"
    mend_en = "Change what is named and try again."


class NeedInvalid(Mistaken, DemandError):
    """A need or an answer has mistakes; `problems` says where each stands."""

    code = "need-invalid"


class NeedNotAllowed(DemandError):
    """The person has not the role, or not the agency, for this."""

    code = "demand-not-allowed"
    message_zh = "您不能执行这一操作：需要{needs_zh}。"
    message_en = "You may not do this: it needs {needs_en}."
    mend_zh = "请由有权的人办理。"
    mend_en = "Ask someone who may."


class OwnNeed(DemandError):
    """Somebody arbitrates a need that they stated themselves."""

    code = "need-own"
    message_zh = "提出人不能裁定自己提出的需求 {need}。"
    message_en = "Whoever stated the need {need} may not arbitrate it."
    mend_zh = "请由另一人办理。"
    mend_en = "Another person has to do it."


class NeedUnknown(DemandError):
    """There is no such need, or the person may not see it: the two look the same."""

    code = "need-unknown"
    message_zh = "没有编号为 {need} 的需求。"
    message_en = "There is no need {need}."
    mend_zh = "核对编号，或从“供需对接”中找到它。"
    mend_en = "Check the number, or find it in the list of needs."


class NeedChanged(DemandError):
    """Somebody took a step since the page was opened."""

    code = "need-changed"
    message_zh = "需求 {need} 已有新的进展（{person}），您的操作没有生效。"
    message_en = "The need {need} has moved on ({person}); what you did was not applied."
    mend_zh = "刷新页面，看过新进展再决定。"
    mend_en = "Reload the page and decide again."


class NeedStateWrong(DemandError):
    """The step does not fit the need's state."""

    code = "need-state-wrong"
    message_zh = "需求 {need} 现在是“{state_zh}”，不能{step_zh}。"
    message_en = "The need {need} is {state_en} now: {step_en} is not possible."
    mend_zh = "刷新页面，查看现在能做什么。"
    mend_en = "Reload the page to see what can be done now."


class AnsweredAlready(DemandError):
    """The agency's answer was given before."""

    code = "need-answered-already"
    message_zh = "贵部门已答复过需求 {need}。"
    message_en = "Your agency has answered the need {need} already."
    mend_zh = "需要更正时，请与数据局联系，由其重新转交。"
    mend_en = "To correct it, ask the data bureau to route the need to you again."


class JoinedAlready(DemandError):
    """The agency is among those who ask already."""

    code = "need-joined-already"
    message_zh = "贵部门已在需求 {need} 的需求方之中。"
    message_en = "Your agency is among those who ask for {need} already."
    mend_zh = "不用再做什么：有进展时会通知贵部门。"
    mend_en = "Nothing is left to do: your agency is told of every step."


class ResourceNotYours(DemandError):
    """The entry that should meet the need is not published by the agency that answers."""

    code = "need-resource-not-yours"
    message_zh = "目录 {resource} 不是贵部门已发布的目录。"
    message_en = "The entry {resource} is not a published one of your agency."
    mend_zh = "填写本部门已发布目录的编码。"
    mend_en = "Give the code of an entry that your agency has published."
