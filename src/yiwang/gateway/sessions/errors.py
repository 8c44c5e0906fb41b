"""What keeps a session from being opened, a call from being served in it, a countersignature from being taken."""

from __future__ import annotations

from yiwang.gateway.errors import BadCall, Unauthenticated
from yiwang.gateway.refusals import Refusal


class SessionUnknown(Unauthenticated):
    """This gateway process has no such session: it ended long ago, or another process has it."""

    code = "session-unknown"
    permanent = False
    message_zh = "这个网关进程没有会话 {session}。"
    message_en = "This gateway process has no session {session}."
    mend_zh = "重新打开会话；会话只由打开它的网关进程服务，重启后失效。"
    mend_en = "Open a new session; only the gateway process that opened one serves it, until it restarts."


class SessionEnded(Unauthenticated):
    """The session is over."""

    code = "session-ended"
    permanent = False
    message_zh = "会话 {session} 已结束（{reason}）。"
    message_en = "The session {session} has ended ({reason})."
    mend_zh = "排除原因后重新打开会话；已完成的调用仍可在一分钟内会签。"
    mend_en = (
        "Open a new session once the reason is gone; calls made may still be countersigned for a minute."
    )


class SessionNotHere(Unauthenticated):
    """Only queries, verifications and the session's own addresses are served by codes."""

    code = "session-not-here"
    message_zh = "这个地址不在会话中服务。"
    message_en = "This address is not served within a session."
    mend_zh = "会话只用于本节点资源的 query、verify 和会话自身的地址；其他请求请用私钥签名。"
    mend_en = "Sessions serve query and verify of this node's resources and their own addresses; sign other requests."


class NumberUsed(Unauthenticated):
    """The number of the request was used, or lies too far behind."""

    code = "session-number-used"
    message_zh = "请求序号 {number} 已经用过，或比最新序号落后 {window} 以上。"
    message_en = "The request number {number} was used, or lies more than {window} behind the newest."
    mend_zh = "每次发送都要用新的、更大的序号重新计算校验码。"
    mend_en = "Make a new code with a new, greater number for every send."


class SessionExposed(Unauthenticated):
    """Too much is without a countersignature: nothing is served until it is made up."""

    code = "session-suspended"
    permanent = False
    message_zh = "会话已暂停：有 {open} 次调用未会签，最早的已 {ms} 毫秒；上限为 {calls} 次、{limit} 毫秒。"
    message_en = (
        "The session is suspended: {open} calls are not countersigned, the oldest for {ms} ms; "
        "the limits are {calls} calls and {limit} ms."
    )
    mend_zh = "先提交会签（POST /v1/sessions/…/countersignatures），再用新序号重发。"
    mend_en = "Countersign first (POST /v1/sessions/…/countersignatures), then send again with a new number."


class SessionsTooMany(Refusal):
    """The application, or all together, have too many sessions."""

    code = "sessions-too-many"
    permanent = False
    message_zh = "应用 {client} 已有 {limit} 个会话。"
    message_en = "The application {client} has {limit} sessions already."
    mend_zh = "关闭不用的会话，或等它们过期；一个会话可供许多并发连接使用。"
    mend_en = (
        "Close sessions that are not used, or let them end; one session serves many connections at a time."
    )


class SessionGrantOutside(Refusal):
    """The session was opened for other grants."""

    code = "session-grant-outside"
    message_zh = "会话不含授权 {grant}。"
    message_en = "The session does not include the grant {grant}."
    mend_zh = "另开一个含此授权的会话，或不列授权以使用全部授权。"
    mend_en = "Open a session that includes it, or one for all grants by naming none."


class ShareWrong(BadCall):
    """The caller's share is of no use for the agreement."""

    code = "session-share-wrong"
    message_zh = "密钥协商的公开份额不能用：{reason}。"
    message_en = "The share for the key agreement cannot be used: {reason}."
    mend_zh = (
        "sm2-sm3 用 SM2 曲线上的非压缩点（65 字节），ed25519 用 X25519 公钥（32 字节），base64url 无填充。"
    )
    mend_en = (
        "Send an uncompressed point of the SM2 curve (65 bytes), or with ed25519 an X25519 key (32 bytes)."
    )


class CountersignatureRefused(BadCall):
    """A countersignature was not taken; the calls stay open."""

    code = "countersignature-refused"
    message_zh = "会签没有被接受。"
    message_en = "The countersignature was not taken."
    mend_zh = "对照 docs/specs/sessions.md 第 6 节。"
    mend_en = "See section 6 of docs/specs/sessions.md."


class CountersignatureWrong(CountersignatureRefused):
    """The signature does not fit the statement under the key that opened the session."""

    code = "countersignature-wrong"
    message_zh = "会签的签名与声明不符。"
    message_en = "The countersignature does not fit its statement."
    mend_zh = "用打开会话的私钥对 statement 原文签名。"
    mend_en = "Sign the text of the statement with the private key that opened the session."


class StatementDiffers(CountersignatureRefused):
    """The statement says something else than the session is."""

    code = "countersignature-differs"
    message_zh = "会签声明与会话不符：{members}。"
    message_en = "The statement does not fit the session: {members}."
    mend_zh = "核对会话、日志、应用、密钥、序号与清单；清单按本端记录的请求摘要和答复摘要计算。"
    mend_en = (
        "Check session, log, application, key, number and record; the record is made of your own digests."
    )


class HeadNotOurs(CountersignatureRefused):
    """The head that the statement names is none of this log."""

    code = "countersignature-head-unknown"
    message_zh = "日志 {log} 没有大小为 {size} 的这个树头。"
    message_en = "The log {log} has no such head of size {size}."
    mend_zh = "使用答复头 YW-Head 或 /v1/heads 给出的树头。"
    mend_en = "Use a head from an answer's YW-Head, or from /v1/heads."


class NotCovered(CountersignatureRefused):
    """A call is named that the head does not cover, or that is not open in this session."""

    code = "countersignature-not-covered"
    message_zh = "序号 {index} 的调用不在树头覆盖之内，或不是本会话待会签的调用。"
    message_en = "The call at {index} is not covered by the head, or is not open in this session."
    mend_zh = "只列本会话收到的、序号小于树头大小的调用，每次一回。"
    mend_en = "Name calls that this session answered, whose index is below the head's size, each once."
