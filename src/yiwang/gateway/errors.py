"""Errors of the gateway: the families by which an answer's status is chosen, and refusals of unsigned or bad calls.

What a grant does not allow stands in `refusals`, trouble with a department's database in `source_errors`.
"""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class GatewayError(YwError):
    """The gateway could not answer a call as asked."""

    code = "gateway"


class Unauthenticated(GatewayError):
    """Who calls is not proven, so nothing is decided and no evidence is kept."""

    code = "unauthenticated"
    message_zh = "调用者身份没有得到证明。"
    message_en = "It is not proven who calls."
    mend_zh = "按 docs/specs/envelope.md 签名后再调用。"
    mend_en = "Sign the call as docs/specs/envelope.md describes."


class KeyUnknown(Unauthenticated):
    """No client application in force has this key."""

    code = "key-unknown"
    message_zh = "没有登记编号为 {kid} 的公钥。"
    message_en = "No public key with the id {kid} is registered."
    mend_zh = "请本机构的数据专员在应用管理中登记公钥，或改用已登记的私钥。"
    mend_en = "Ask your data officer to register the public key, or use a registered private key."


class KeyNotInForce(Unauthenticated):
    """The key is registered, but its time has not begun or is over."""

    code = "key-not-in-force"
    message_zh = "公钥 {kid} 不在有效期内。"
    message_en = "The key {kid} is outside its period of validity."
    mend_zh = "换用有效的密钥；过期的请在应用管理中更换。"
    mend_en = "Use a key in force; rotate an expired one in the application's settings."


class BadCall(GatewayError):
    """The call itself cannot be read."""

    code = "bad-call"
    message_zh = "请求无法读懂。"
    message_en = "The request cannot be read."


class RouteUnknown(BadCall):
    """No such address."""

    code = "route-unknown"
    message_zh = "网关没有这个地址。"
    message_en = "The gateway has no such address."
    mend_zh = "地址见 docs/reference/gateway.md；资源编码中的斜杠要写成 %2F。"
    mend_en = "See docs/reference/gateway.md for addresses; write a slash in a resource code as %2F."


class MethodNotAllowed(BadCall):
    """The address exists, but not for this method."""

    code = "method-not-allowed"
    message_zh = "这个地址只接受 {allowed}。"
    message_en = "This address takes {allowed} only."
    mend_zh = "改用 {allowed}。"
    mend_en = "Use {allowed}."


class BodyTooLarge(BadCall):
    """The body is larger than the gateway reads."""

    code = "body-too-large"
    message_zh = "正文超过上限 {limit} 字节。"
    message_en = "The body is larger than the limit of {limit} bytes."
    mend_zh = "把条件分成几次调用；大批量请用库表或文件交换。"
    mend_en = "Split the call; for bulk data use a table or file exchange."


class BodyTooSlow(BadCall):
    """The body did not arrive in time."""

    code = "body-too-slow"
    permanent = False
    message_zh = "正文没有在 {seconds} 秒内到齐。"
    message_en = "The body did not arrive within {seconds} s."
    mend_zh = "检查网络后重试。"
    mend_en = "Check the network and try again."


class BodyMalformed(BadCall):
    """The body is not the JSON object that the address takes."""

    code = "body-malformed"
    message_zh = "正文不是合格的 JSON：{reason}。"
    message_en = "The body is not acceptable JSON: {reason}."
    mend_zh = "正文须为 UTF-8 的 JSON 对象，成员见 docs/reference/gateway.md。"
    mend_en = "Send a UTF-8 JSON object with the members given in docs/reference/gateway.md."


class BodyTooDeep(BadCall):
    """The JSON is nested too deeply."""

    code = "body-too-deep"
    message_zh = "JSON 嵌套超过 {limit} 层。"
    message_en = "The JSON is nested more than {limit} levels deep."
    mend_zh = "查询只需要三层：where、字段、运算。"
    mend_en = "A query needs three levels: where, field, operator."


class Unavailable(GatewayError):
    """The gateway cannot serve at this moment; nothing was answered."""

    code = "gateway-unavailable"
    permanent = False
    message_zh = "网关暂时不能服务。"
    message_en = "The gateway cannot serve at this moment."
    mend_zh = "稍后用同一个 Idempotency-Key 重试。"
    mend_en = "Try again later with the same Idempotency-Key."


class Busy(Unavailable):
    """Too much is under way from here or in all; this call was not looked at."""

    code = "gateway-busy"
    message_zh = "等待处理的请求过多，这一次没有受理。"
    message_en = "Too many requests are waiting; this one was not taken."
    mend_zh = "降低并发，等 {retry_after} 秒后重试。"
    mend_en = "Lower your concurrency and try again after {retry_after} s."


class NotReady(Unavailable):
    """The gateway has not yet loaded what it decides by."""

    code = "gateway-not-ready"
    message_zh = "网关还没有准备好：{reason}。"
    message_en = "The gateway is not ready: {reason}."
    mend_zh = "稍后重试；运维请看 /healthz。"
    mend_en = "Try again later; operators look at /healthz."


class Unexpected(GatewayError):
    """A fault of the gateway itself; its log has the request id."""

    code = "gateway-fault"
    permanent = False
    message_zh = "网关内部故障。"
    message_en = "The gateway failed inside."
    mend_zh = "请把请求编号告诉平台运维。"
    mend_en = "Give the request id to the platform's operator."


class Missing(GatewayError):
    """What is asked for is not there, or not for the one who asks."""

    code = "missing"
    message_zh = "没有找到，或您无权查看。"
    message_en = "Not found, or not yours to see."
    mend_zh = "核对编号。"
    mend_en = "Check the identifier."


class ErrorUnknown(Missing):
    """No refusal with this request id was given to this caller."""

    code = "request-unknown"
    message_zh = "没有编号为 {asked} 的、给过您的出错应答。"
    message_en = "No error with the request id {asked} was given to you."
    mend_zh = "核对 YW-Request-Id；未通过签名验证的请求只在内存中保留很短时间。"
    mend_en = "Check YW-Request-Id; errors of unauthenticated calls are kept in memory for a short time only."


class EvidenceUnknown(Missing):
    """No such leaf, or the caller is no party to it."""

    code = "evidence-unknown"
    message_zh = "日志 {log} 中没有序号 {index} 的、您作为当事方的存证。"
    message_en = "Log {log} has no leaf {index} to which you are a party."
    mend_zh = "核对日志名和序号；存证只给提供方、使用方查看。"
    mend_en = "Check the log's name and the index; only provider and consumer may read it."


class LogUnknown(Missing):
    """No such log, or no head of this size."""

    code = "log-unknown"
    message_zh = "没有日志 {log}，或没有所问大小的树头。"
    message_en = "There is no log {log}, or no head of the size asked for."
    mend_zh = "先看 /v1/heads。"
    mend_en = "See /v1/heads first."


class KeysRefused(GatewayError):
    """Production does not take keys that lie in plain files."""

    code = "gateway-file-keys"
    message_zh = "生产模式不接受文件形式的密钥。"
    message_en = "The production mode does not accept keys kept in plain files."
    mend_zh = "接入密码设备；演示和测试可设 YW_MODE=demo 或 test。"
    mend_en = "Connect a cryptographic device; for demonstration and tests set YW_MODE=demo or test."


class DatabaseUnavailable(Unavailable):
    """The node's own database does not answer."""

    code = "gateway-database"
    message_zh = "平台自己的数据库暂时没有答复。"
    message_en = "The platform's own database does not answer at this moment."
    mend_zh = "稍后重试；运维请看 /healthz。"
    mend_en = "Try again later; operators look at /healthz."
