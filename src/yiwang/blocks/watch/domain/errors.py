"""Errors of watching, one tree."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class WatchError(YwError):
    """Something about alerts, rules or mail is not as it must be."""

    code = "watch"
    message_zh = "操作没有完成。"
    message_en = "That could not be done."
    mend_zh = "请按提示修改后再试。"
    mend_en = "Change what is named and try again."


class AlertUnknown(WatchError):
    """No alert with this number is visible to the one who asks."""

    code = "no-such-alert"
    message_zh = "没有编号为 {alert} 的告警，或您无权查看。"
    message_en = "There is no alert {alert} that you may see."
    mend_zh = "回到告警列表再选。"
    mend_en = "Go back to the list of alerts and choose again."


class LimitOutOfRange(WatchError):
    """The limit of a rule is no number that makes sense for it."""

    code = "alert-limit-out-of-range"
    message_zh = "界限应在 {least} 到 {most} 之间。"
    message_en = "The limit lies between {least} and {most}."
    mend_zh = "改成范围内的整数。"
    mend_en = "Give a whole number within it."


class AddressMalformed(WatchError):
    """An e-mail address is none."""

    code = "mail-address-malformed"
    message_zh = "这不是电子邮箱地址。"
    message_en = "This is not an e-mail address."
    mend_zh = "按 name@example.cn 的样子填写；不要邮件就留空。"
    mend_en = "Write it like name@example.cn, or leave it empty for no mail."


class LinkStale(WatchError):
    """A link to unsubscribe was changed or is of another node."""

    code = "mail-link-stale"
    message_zh = "退订链接无效。"
    message_en = "This link to unsubscribe does not fit."
    mend_zh = "登录后在“通知设置”里关闭邮件。"
    mend_en = "Sign in and turn mail off under “How I am told”."
