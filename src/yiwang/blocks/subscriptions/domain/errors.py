"""Errors of subscriptions, met over the gateway's interface, in webhooks and on pages."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class SubscriptionError(YwError):
    """A subscription could not be made or used."""

    code = "subscription"


class SubscriptionUnknown(SubscriptionError):
    """No such subscription, or it is somebody else's: strangers get the same answer."""

    code = "subscription-unknown"
    message_zh = "没有编号为 {subscription} 的订阅，或它不属于贵机构的这个应用。"
    message_en = "There is no subscription {subscription}, or it is not this application's."
    mend_zh = "列出自己的订阅核对编号；没有就先订阅。"
    mend_en = "List your subscriptions and check the id; subscribe first if there is none."


class SubscriptionBeyond(SubscriptionError):
    """Changes are followed at the node that keeps the resource, not over nodes."""

    code = "subscription-beyond-nodes"
    message_zh = "不能订阅他节点的资源 {resource} 的变更。"
    message_en = "Changes of {resource}, a resource of another node, cannot be subscribed to."
    mend_zh = (
        "用库表作业：有只增不减的数据项时“只取新增和变化”（incremental）；要发现删除，用“逐行比对”（diff）。"
    )
    mend_en = (
        "Use a table job: incremental, where an item only grows, or diff, which also finds what was deleted."
    )


class SubscriptionEnded(SubscriptionError):
    """It was ended, or its grant was."""

    code = "subscription-ended"
    message_zh = "订阅 {subscription} 已结束。"
    message_en = "The subscription {subscription} has ended."
    mend_zh = "授权仍有效时重新订阅。"
    mend_en = "Subscribe again while the grant is in force."


class SubscriptionPaused(SubscriptionError):
    """A person paused it, or nothing was acknowledged for too long."""

    code = "subscription-paused"
    permanent = False
    message_zh = "订阅 {subscription} 已暂停。"
    message_en = "The subscription {subscription} is paused."
    mend_zh = "在“变更订阅”页恢复，或请平台运维执行 yw subscriptions resume。"
    mend_en = "Resume it on the page of subscriptions, or have the operator run yw subscriptions resume."


class SubscriptionStateWrong(SubscriptionError):
    """What was asked does not fit its state."""

    code = "subscription-state-wrong"
    message_zh = "订阅 {subscription} 现在是“{state}”，不能这样做。"
    message_en = "The subscription {subscription} is {state}; this cannot be done."
    mend_zh = "刷新页面看它现在的状态。"
    mend_en = "Reload the page to see its state."


class GrantUnfit(SubscriptionError):
    """The grant does not let changes be followed."""

    code = "subscription-grant-unfit"
    message_zh = "授权 {grant} 不能用来订阅变更：{reason_zh}。"
    message_en = "The grant {grant} does not let changes be followed: {reason_en}."
    mend_zh = "申请库表方式并勾选“变更随变随送”，字段里包含不脱敏的键。"
    mend_en = "Apply for the table with “each change as it happens”, the key among the fields and not masked."


class CursorForeign(SubscriptionError):
    """A cursor that was not given out for this subscription, or is not whole."""

    code = "subscription-cursor-foreign"
    message_zh = "这个游标不是订阅 {subscription} 的，或已残缺。"
    message_en = "This cursor is not one of the subscription {subscription}, or is not whole."
    mend_zh = "原样使用该订阅返回的 cursor。"
    mend_en = "Use a cursor exactly as this subscription returned it."


class EventsGone(SubscriptionError):
    """The events asked for are kept no longer."""

    code = "subscription-events-gone"
    message_zh = "订阅 {subscription} 的这些事件已不再保存，最早只到游标 {earliest}。"
    message_en = "These events of the subscription {subscription} are kept no longer; the earliest cursor is {earliest}."
    mend_zh = "从最早的游标回放；更早的变化请重新取全表。"
    mend_en = "Replay from the earliest cursor; copy the whole table for what was before."


class BadAsk(SubscriptionError):
    """A parameter of the call is wrong."""

    code = "subscription-ask"
    message_zh = "参数 {field} 不对：应为 {expected}。"
    message_en = "The parameter {field} is wrong: {expected} is expected."
    mend_zh = "对照 docs/specs/subscriptions.md 修改。"
    mend_en = "Correct it by docs/specs/subscriptions.md."


class HookAddressWrong(SubscriptionError):
    """The address of a webhook cannot be one."""

    code = "subscription-hook-address"
    message_zh = "不能向这个地址推送：{reason_zh}。"
    message_en = "Nothing can be sent to this address: {reason_en}."
    mend_zh = "填写 https 开头、不带账号和 # 的完整地址。"
    mend_en = "Give a whole https address without an account and without #."


class HookFailed(SubscriptionError):
    """A receiver did not take what was sent."""

    code = "subscription-hook-failed"
    permanent = False
    message_zh = "接收端没有收下：{reason_zh}。"
    message_en = "The receiver did not take it: {reason_en}."
    mend_zh = "看接收端是否在运行、证书是否有效、是否在 10 秒内以 2xx 应答；平台会自动重试。"
    mend_en = "See that it runs, has a valid certificate and answers 2xx within 10 s; the platform tries again by itself."


class ClientUnfit(SubscriptionError):
    """The application is not the agency's, or is not in use."""

    code = "subscription-client-unfit"
    message_zh = "应用 {client} 不是贵机构的，或已停用。"
    message_en = "The application {client} is not your agency's, or is not in use."
    mend_zh = "选择贵机构在用的应用。"
    mend_en = "Choose an application of your agency that is in use."
