"""What the edge refuses. None of it leaves evidence: a shared secret proves nobody; the refusals are counted."""

from __future__ import annotations

from yiwang.gateway.errors import GatewayError


class EdgeRefused(GatewayError):
    """An old client's call is not let in."""

    code = "edge-refused"
    message_zh = "旧接口调用没有放行。"
    message_en = "The old client's call is not let in."
    mend_zh = "联系平台运维员；新系统请按 docs/reference/gateway.md 接入。"
    mend_en = "Ask the platform's operator; new systems call as docs/reference/gateway.md describes."


class EdgeHeaderWrong(EdgeRefused):
    """A header of the dialect is missing, repeated or malformed."""

    code = "edge-header-wrong"
    message_zh = "报文头 {header} 缺失、重复或格式不对。"
    message_en = "The header {header} is missing, repeated or malformed."
    mend_zh = "每个报文头恰好给出一次；时间为毫秒时间戳。"
    mend_en = "Send each header exactly once; the time is in milliseconds since 1970."


class EdgeNotEnabled(EdgeRefused):
    """No old client with this id is let in."""

    code = "edge-not-enabled"
    message_zh = "这个请求者标识没有开通旧接口，或已停用。"
    message_en = "No old client with this id is let in, or it has ended."
    mend_zh = "旧接口默认关闭，由平台运维员逐个开通；请改用签名调用。"
    mend_en = "Old interfaces are off by default; an operator lets them in one by one. Call with signatures instead."


class EdgeAddressWrong(EdgeRefused):
    """The call comes from an address that is not pinned for this client."""

    code = "edge-address-wrong"
    message_zh = "调用来自未登记的地址。"
    message_en = "The call comes from an address that is not registered."
    mend_zh = "从登记的地址调用；地址有变，请平台运维员修改。"
    mend_en = "Call from a registered address, or ask the operator to change it."


class EdgeTimeStale(EdgeRefused):
    """The call's time is too far from the server's."""

    code = "edge-time-stale"
    message_zh = "请求时间与服务器相差超过 {window} 秒；服务器时间为 {server_time}。"
    message_en = "The call's time differs by more than {window} s from the server's, which is {server_time}."
    mend_zh = "校准时钟后重新计算签名。"
    mend_en = "Set the clock and sign anew."


class EdgeSignatureWrong(EdgeRefused):
    """The HMAC does not fit."""

    code = "edge-signature-wrong"
    message_zh = "签名不符。"
    message_en = "The signature does not fit."
    mend_zh = "核对共享密钥和拼接次序：{order}，HMAC-SHA256，base64。"
    mend_en = "Check the shared secret and the order of what is signed: {order}, HMAC-SHA256, base64."


class EdgeSunset(EdgeRefused):
    """The last day of this old client is over."""

    code = "edge-sunset"
    message_zh = "旧接口已于 {ended} 停止服务。"
    message_en = "The old interface was served until {ended}."
    mend_zh = "改用签名调用：授权页上有现成代码。"
    mend_en = "Call with signatures: the page of the grant has ready code."


class EdgeServiceUnknown(EdgeRefused):
    """The service id means nothing for this client."""

    code = "edge-service-unknown"
    message_zh = "没有为这个请求者开通服务 {service}。"
    message_en = "The service {service} is not open for this client."
    mend_zh = "核对服务编码；需要新的资源请用签名调用，旧接口不再扩展。"
    mend_en = "Check the service id; for further resources call with signatures."


class EdgeNotByKey(EdgeRefused):
    """The call is no look-up by the whole key."""

    code = "edge-not-by-key"
    message_zh = "旧接口只能按完整主键查询，须恰好给出参数：{parameters}。"
    message_en = "Old clients may only look up by the whole key, with exactly the parameters: {parameters}."
    mend_zh = "去掉其余参数，补齐主键；其他查询请用签名调用。"
    mend_en = "Leave out all others and give the whole key; call with signatures for other questions."
