"""What can be wrong with a call itself, before a block hears of it."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class ApiError(YwError):
    """A call is not as the interface asks."""

    code = "api"
    message_zh = "调用不符合接口要求。"
    message_en = "The call is not as the interface asks."
    mend_zh = "对照 /api/v1/openapi.json 修改。"
    mend_en = "Compare it with /api/v1/openapi.json."


class SignInNeeded(ApiError):
    """Nobody is signed in, or a step of signing in is still owed."""

    code = "api-sign-in-needed"
    message_zh = "请先登录，并完成登录的每一步。"
    message_en = "Sign in first, with every step that it asks for."
    mend_zh = "随调用带上登录后的会话 Cookie。"
    mend_en = "Send the cookie of a signed-in session with the call."


class PathUnknown(ApiError):
    """There is no such address."""

    code = "api-path-unknown"
    message_zh = "接口没有这个地址。"
    message_en = "The interface has no such address."


class MethodWrong(ApiError):
    """The address takes other methods."""

    code = "api-method-wrong"
    message_zh = "这个地址只接受 {allowed}。"
    message_en = "This address takes {allowed} only."

    def __init__(self, allowed: list[str]) -> None:
        super().__init__(allowed=allowed)
        self.allowed = allowed


class MediaTypeWrong(ApiError):
    """A body is no JSON by its own account, so that a page of another site could have sent it."""

    code = "api-media-type-wrong"
    message_zh = "正文须以 Content-Type: application/json 发送。"
    message_en = "A body is sent with Content-Type: application/json."


class OriginStrange(ApiError):
    """A browser says that another site makes the call."""

    code = "api-origin-strange"
    message_zh = "其他网站的页面不能调用本接口。"
    message_en = "Pages of other sites may not call this interface."
    mend_zh = "从本平台的页面或程序中调用。"
    mend_en = "Call it from this platform's pages or from a programme."


class BodyWrong(ApiError):
    """The body is not what the operation takes."""

    code = "api-body-wrong"
    message_zh = "正文有误：{reason}。"
    message_en = "The body is wrong: {reason}."


class BodyLarge(ApiError):
    """The body is too large."""

    code = "api-body-large"
    message_zh = "正文超过 {most} 字节。"
    message_en = "The body is larger than {most} bytes."
    mend_zh = "缩短后再发。"
    mend_en = "Shorten it."


class QueryWrong(ApiError):
    """A parameter of the address is out of range."""

    code = "api-query-wrong"
    message_zh = "参数 {name} 有误：{expected}。"
    message_en = "The parameter {name} is wrong: {expected}."
