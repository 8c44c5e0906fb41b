"""What can go wrong with client applications, their keys and the hand-over of a key."""

from __future__ import annotations

from yiwang.blocks.identity.domain.errors import IdentityError


class ClientError(IdentityError):
    """Base of the errors about client applications."""

    code = "client"


class UnknownClient(ClientError):
    """No such client application, or not one that the asker may know of."""

    code = "client-application-unknown"
    message_zh = "没有这个调用程序。"
    message_en = "There is no such client application."
    mend_zh = "请核对调用程序编号；只能看到本机构的调用程序。"
    mend_en = "Check the id; only the applications of your own agency are shown."


class BadClientName(ClientError):
    """A client application has a name that people recognise."""

    code = "client-application-name-bad"
    message_zh = "调用程序名称要有 2–100 个字符。"
    message_en = "The name of an application has 2–100 characters."
    mend_zh = "请写明是哪个业务系统，例如“社保经办系统”。"
    mend_en = "Name the business system, for example “social security desk”."


class ClientNotActive(ClientError):
    """A suspended client cannot do this."""

    code = "client-application-not-active"
    message_zh = "调用程序已暂停。"
    message_en = "The application is suspended."
    mend_zh = "请先恢复调用程序。"
    mend_en = "Resume the application first."


class ClientNotSuspended(ClientError):
    """There is nothing to resume."""

    code = "client-application-not-suspended"
    message_zh = "调用程序没有暂停。"
    message_en = "The application is not suspended."
    mend_zh = "请刷新页面核对。"
    mend_en = "Reload the page and check."


class ConsoleClient(ClientError):
    """The node keeps the keys of its test consoles, of its table jobs and of its edge; nobody else handles them."""

    code = "client-application-is-console"
    message_zh = "这是平台自带的测试台、库表作业或旧接口接入，密钥由节点保管。"
    message_en = (
        "This is a test console, the table jobs or an old client at the edge; the node keeps its keys."
    )
    mend_zh = "请为业务系统另行登记调用程序。"
    mend_en = "Register an application of its own for the business system."


class ReasonMissing(ClientError):
    """Whoever stops or resumes something says why."""

    code = "reason-missing"
    message_zh = "请写明原因。"
    message_en = "A reason is needed."
    mend_zh = "一句话即可，会记入日志并显示给对方。"
    mend_en = "One sentence will do; it is logged and shown to the people concerned."


class UnknownKey(ClientError):
    """The client has no such key."""

    code = "client-key-unknown"
    message_zh = "调用程序没有这把密钥。"
    message_en = "The application has no such key."
    mend_zh = "请刷新页面核对。"
    mend_en = "Reload the page and check."


class KeyTaken(ClientError):
    """A key belongs to one client, for ever."""

    code = "client-key-taken"
    message_zh = "密钥 {kid} 已登记过，不能再用。"
    message_en = "The key {kid} was registered before and cannot be used again."
    mend_zh = "请生成新的密钥对。"
    mend_en = "Make a new key pair."


class KeyNotActive(ClientError):
    """A key that has expired or was revoked cannot be revoked."""

    code = "client-key-not-active"
    message_zh = "密钥 {kid} 已失效。"
    message_en = "The key {kid} is not in force any more."
    mend_zh = "无需再吊销。"
    mend_en = "There is nothing to revoke."


class KeyValidityBad(ClientError):
    """A key is valid between one day and two years."""

    code = "client-key-validity-bad"
    message_zh = "密钥有效期要在 1 到 {days} 天之间。"
    message_en = "A key is valid for 1 to {days} days."
    mend_zh = "请改正天数。"
    mend_en = "Correct the number of days."


class OverlapBad(ClientError):
    """After a rotation the old key stays valid for thirty days at most."""

    code = "client-key-overlap-bad"
    message_zh = "新旧密钥的重叠期要在 0 到 {days} 天之间。"
    message_en = "The overlap of the old and the new key lasts 0 to {days} days."
    mend_zh = "请改正天数。"
    mend_en = "Correct the number of days."


class TooManyKeys(ClientError):
    """A client has a handful of keys at a time."""

    code = "client-key-too-many"
    message_zh = "一个调用程序最多同时有 {most} 把有效密钥。"
    message_en = "An application has at most {most} keys in force."
    mend_zh = "请先吊销不再使用的密钥。"
    mend_en = "Revoke the keys that are no longer used."


class HandoverGone(ClientError):
    """A one-time link works once and for a day; whether it ever existed is not told."""

    code = "key-handover-gone"
    message_zh = "这个链接无效：已被使用、已过期，或不完整。"
    message_en = "This link does not work: it was used, has expired, or is not complete."
    mend_zh = "私钥已销毁。请本机构的数据专员轮换密钥，取得新链接；若不是您下载的，请立即吊销该密钥。"
    mend_en = "The private key is destroyed. Ask your data officer for a new one; if it was not you who took it, revoke the key at once."
