"""Trouble with a department's database, told without a value from it and without its address."""

from __future__ import annotations

from yiwang.gateway.errors import GatewayError


class SourceTrouble(GatewayError):
    """The provider's database could not answer."""

    code = "source-trouble"
    permanent = False
    message_zh = "资源 {resource} 的数据源没有答复。"
    message_en = "The source of the resource {resource} did not answer."
    mend_zh = "稍后重试；仍不行，请联系提供方。"
    mend_en = "Try again later; if it persists, ask the provider."


class SourceUnreachable(SourceTrouble):
    """No connection to the provider's database."""

    code = "source-unreachable"
    message_zh = "连不上资源 {resource} 的数据源。"
    message_en = "The source of the resource {resource} cannot be reached."


class SourceDenied(SourceTrouble):
    """The provider's database refuses the gateway's account."""

    code = "source-denied"
    message_zh = "资源 {resource} 的数据源拒绝了平台的账号。"
    message_en = "The source of the resource {resource} refuses the platform's account."
    mend_zh = "请提供方检查只读账号的口令和权限，再重新挂接。"
    mend_en = "The provider should check the read-only account's password and rights, and mount it again."


class SourceSlow(SourceTrouble):
    """The provider's database did not answer in time."""

    code = "source-slow"
    message_zh = "资源 {resource} 的数据源在 {timeout_ms} 毫秒内没有答复。"
    message_en = "The source of the resource {resource} did not answer within {timeout_ms} ms."
    mend_zh = "稍后重试；提供方可为条件字段建立索引。"
    mend_en = "Try again later; the provider may index the fields used in conditions."


class SourceBusy(SourceTrouble):
    """All connections to this source are taken; others are not affected."""

    code = "source-busy"
    message_zh = "资源 {resource} 的数据源正忙，等待的调用已满。"
    message_en = "The source of the resource {resource} is busy and its queue is full."
    mend_zh = "降低并发，稍后重试。"
    mend_en = "Lower your concurrency and try again later."


class SourceResting(SourceTrouble):
    """The source failed repeatedly and is left alone for a while."""

    code = "source-resting"
    message_zh = "资源 {resource} 的数据源连续出错，{retry_after} 秒后再试。"
    message_en = (
        "The source of the resource {resource} failed repeatedly; it is tried again in {retry_after} s."
    )
    mend_zh = "{retry_after} 秒后重试。"
    mend_en = "Try again after {retry_after} s."


class SourceChanged(SourceTrouble):
    """The table or a column is not what was mounted."""

    code = "source-changed"
    permanent = True
    message_zh = "资源 {resource} 的数据源结构已变，与挂接时不符。"
    message_en = "The source of the resource {resource} no longer has the structure that was mounted."
    mend_zh = "请提供方核对表和字段，再重新挂接。"
    mend_en = "The provider should compare tables and columns, and mount it again."


class SourceGarbled(SourceTrouble):
    """The source holds text that is not in the encoding it declares."""

    code = "source-garbled"
    permanent = True
    message_zh = "资源 {resource} 的数据源里有编码不对的文字，不能转成 UTF-8。"
    message_en = "The source of the resource {resource} holds text that cannot be turned into UTF-8."
    mend_zh = "请提供方修正该行的编码，或用转换后的视图挂接。"
    mend_en = "The provider should correct the row's encoding, or mount a view that converts it."


class SourceNotAllowed(SourceTrouble):
    """The operator has not allowed this address."""

    code = "source-not-allowed"
    permanent = True
    message_zh = "资源 {resource} 的数据源地址不在运维允许的名单内。"
    message_en = "The address of the source of the resource {resource} is not on the operator's list."
    mend_zh = "请平台运维把该地址加入 YW_SOURCE_HOSTS。"
    mend_en = "Ask the platform's operator to add the address to YW_SOURCE_HOSTS."


class SourceFailed(SourceTrouble):
    """The provider's database reported another fault."""

    code = "source-failed"
    message_zh = "资源 {resource} 的数据源报错（{sqlstate}）。"
    message_en = "The source of the resource {resource} reported a fault ({sqlstate})."
    mend_zh = "稍后重试；仍不行，把错误代码告诉提供方。"
    mend_en = "Try again later; if it persists, give the code to the provider."
