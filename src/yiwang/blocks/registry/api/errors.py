"""What is wrong with a call of the interface, before any record is looked at."""

from __future__ import annotations

from yiwang.blocks.registry.domain.errors import RegistryError


class NotSignedIn(RegistryError):
    """Nobody is signed in by the session cookie."""

    code = "registry-not-signed-in"
    message_zh = "没有登录，或登录已失效。"
    message_en = "Nobody is signed in, or the sign-in has run out."
    mend_zh = "先在网页登录，再带上会话 Cookie 调用；应用程序之间的交换请走网关。"
    mend_en = (
        "Sign in on the pages and send the session cookie; applications exchange data through the gateway."
    )


class SignInUnfinished(RegistryError):
    """A step of signing in is still owed."""

    code = "registry-sign-in-unfinished"
    message_zh = "登录还差一步：{step}。"
    message_en = "A step of signing in is still owed: {step}."
    mend_zh = "在网页上完成这一步，再调用。"
    mend_en = "Finish it on the pages, then call again."


class ForeignOrigin(RegistryError):
    """The call was sent by a page of another site."""

    code = "registry-foreign-origin"
    message_zh = "请求来自别的网站，没有执行。"
    message_en = "A page of another site sent this call; nothing was done."
    mend_zh = "从本节点的页面或自己的程序调用。"
    mend_en = "Call from this node's own pages or from your own program."


class AddressUnknown(RegistryError):
    """The interface has no such address."""

    code = "registry-address-unknown"
    message_zh = "接口没有这个地址。"
    message_en = "The interface has no such address."
    mend_zh = "地址见该系统的 openapi.json。"
    mend_en = "The addresses stand in the system's openapi.json."


class MethodRefused(RegistryError):
    """The address takes other methods."""

    code = "registry-method-refused"
    message_zh = "这个地址不接受 {method}，可用：{methods}。"
    message_en = "This address does not take {method}, only {methods}."
    mend_zh = "换用列出的方法。"
    mend_en = "Use one of the methods listed."


class CallMalformed(RegistryError):
    """The body or a parameter is not of the form that is described."""

    code = "registry-call-malformed"
    message_zh = "请求的写法不对：{reason}。"
    message_en = "The call is malformed: {reason}."
    mend_zh = "对照该系统的 openapi.json 改正。"
    mend_en = "Compare it with the system's openapi.json."


class BodyTooLarge(RegistryError):
    """The body is larger than the interface takes."""

    code = "registry-body-too-large"
    message_zh = "请求体超过 {limit}。"
    message_en = "The body is over {limit}."
    mend_zh = "分成几次发送；大批数据用导入。"
    mend_en = "Send it in parts; use the import for many records."


class MediaTypeRefused(RegistryError):
    """The body is of a type that the address does not read."""

    code = "registry-media-type-refused"
    message_zh = "不接受这种内容类型，请用 {wanted}。"
    message_en = "The body's type is not read here; use {wanted}."
    mend_zh = "设置正确的 Content-Type。"
    mend_en = "Set the Content-Type accordingly."


class IdempotencyKeyMissing(RegistryError):
    """A record is created only under an idempotency key."""

    code = "registry-idempotency-key-missing"
    message_zh = "新建须带 Idempotency-Key 请求头（8 至 64 个可见字符）。"
    message_en = "Creating needs the header Idempotency-Key (8 to 64 visible characters)."
    mend_zh = "每次新建生成一个随机值，重发时不变。"
    mend_en = "Draw a random value for each creation and keep it when you repeat the call."


class FilterInAddress(RegistryError):
    """A value that tells of a person would stand in an address, and so in logs."""

    code = "registry-filter-in-address"
    message_zh = "“{field}”的值不能写在网址里。"
    message_en = "Values of {field} may not stand in an address."
    mend_zh = "改用 POST …/query 或 …/find，把条件写在请求体里。"
    mend_en = "Use POST …/query or …/find with the condition in the body."


class Unexpected(RegistryError):
    """Something failed that has no name; the log has it under the request's number."""

    code = "registry-unexpected"
    permanent = False
    message_zh = "服务出错，没有完成。"
    message_en = "The service failed; nothing was done."
    mend_zh = "稍后重试；仍不行，把 request_id 告诉运维。"
    mend_en = "Try again later; if it persists, give the request_id to the operator."
