"""What can go wrong for a caller: on the way, at the gateway, in the answer, in the evidence, on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from yiwang.vocabulary.errors import Fact, YwError

if TYPE_CHECKING:
    from yiwang.client.evidence import Evidence


class ClientError(YwError):
    """A call did not bring an answer that can be used."""

    code = "call-failed"


class GatewayUnreachable(ClientError):
    """No connection, or it broke off; the call may have been carried out."""

    code = "gateway-unreachable"
    permanent = False
    message_zh = "连不上网关 {gateway}，或连接中断：{reason}（共试 {attempts} 次）。"
    message_en = (
        "The gateway {gateway} cannot be reached or the connection broke: {reason} ({attempts} attempts)."
    )
    mend_zh = "核对网关地址、网络和防火墙；随后可以原样重试。"
    mend_en = "Check the gateway's address, the network and firewalls; the same call may then be repeated."


class GatewaySlow(GatewayUnreachable):
    """The answer was not complete in time."""

    code = "gateway-slow"
    message_zh = "网关 {gateway} 没有在 {seconds} 秒内答复完（共试 {attempts} 次）。"
    message_en = "The gateway {gateway} did not complete its answer within {seconds} s ({attempts} attempts)."
    mend_zh = "稍后重试，或放宽 timeout。"
    mend_en = "Try again later, or allow more time with timeout."


class AnswerUnusable(ClientError):
    """What came back is not an answer of a gateway."""

    code = "answer-unusable"
    message_zh = "{gateway} 的答复不是网关的答复（HTTP {status}）：{reason}。"
    message_en = "The answer of {gateway} is not that of a gateway (HTTP {status}): {reason}."
    mend_zh = "核对网关地址，不要写成网页平台的地址；中间若有代理，请检查代理。"
    mend_en = (
        "Check that the address is the gateway's, not that of the pages, and check any proxy in between."
    )


class AnswerTooLarge(AnswerUnusable):
    """The answer is larger than this client reads."""

    code = "answer-too-large"
    message_zh = "{gateway} 的答复超过上限 {limit} 字节，没有读完。"
    message_en = (
        "The answer of {gateway} is larger than the limit of {limit} bytes and was not read to its end."
    )
    mend_zh = "把 limit 调小后翻页，或放宽 max_answer。"
    mend_en = "Page with a smaller limit, or raise max_answer."


class PagingBroken(AnswerUnusable):
    """The gateway gave the same cursor twice, so paging would never end."""

    code = "paging-broken"
    message_zh = "{gateway} 两次给出同一个翻页位置，已停止翻页。"
    message_en = "{gateway} gave the same cursor twice, so paging was stopped."
    mend_zh = "已取到的行有效；请把请求编号 {request_id} 告诉平台运维。"
    mend_en = "The rows so far are good; give the request id {request_id} to the platform's operator."


class EvidenceInvalid(ClientError):
    """The answer's evidence does not prove the answer, so the answer is withheld."""

    code = "evidence-invalid"
    message_zh = "答复的存证不成立：{findings}。"
    message_en = "The evidence does not prove the answer: {findings_en}."
    mend_zh = "不要使用这个答复。请把请求编号 {request_id} 告诉平台审计人员；核对信任文件是否属于这个节点。"
    mend_en = (
        "Do not use the answer. Give the request id {request_id} to the platform's auditors; check that the trust"
        " file is that of this node."
    )


class KeyNotTrusted(EvidenceInvalid):
    """The node's evidence key is not among those that are trusted."""

    code = "evidence-key-not-trusted"
    message_zh = "网关用公钥 {kid} 签存证，{trust}里没有它。"
    message_en = "The gateway signs its evidence with key {kid}, which {trust} does not hold."
    mend_zh = "节点若已更换密钥，请向节点运维当面索取新的信任文件；否则不要使用这个网关。"
    mend_en = (
        "If the node changed its key, get the new trust file from its operator in person; else do not use it."
    )


class TrustUnusable(ClientError):
    """The trust file cannot be read."""

    code = "trust-unusable"
    message_zh = "信任文件 {path} 不能用：{reason}。"
    message_en = "The trust file {path} cannot be used: {reason}."
    mend_zh = "用 yw evidence trust 导出的文件，原样使用。"
    mend_en = "Use the file that yw evidence trust exports, unchanged."


class KeyUnreadable(ClientError):
    """The private key file cannot be read."""

    code = "client-key-unreadable"
    message_zh = "读不了私钥文件 {path}：{reason}。"
    message_en = "The private key file {path} cannot be read: {reason}."
    mend_zh = "核对路径和权限；没有密钥时用 yw client key new 生成，并请数据专员登记公钥。"
    mend_en = "Check path and permissions; make a key with yw client key new and have your data officer register it."


class ProfileUnusable(ClientError):
    """A profile is missing or wrong."""

    code = "client-profile-unusable"
    message_zh = "配置 {name}（{path}）不能用：{reason}。"
    message_en = "The profile {name} ({path}) cannot be used: {reason}."
    mend_zh = "在该文件写 [{name}]，其下 gateway、key，可加 trust、node。"
    mend_en = "Write [{name}] into that file with gateway and key, and trust or node where wanted."


class WhereMalformed(ClientError):
    """A condition is not of the form FIELD=VALUE or FIELD:op=VALUE."""

    code = "where-malformed"
    message_zh = "条件 {given} 看不懂：{reason}。"
    message_en = "The condition {given} cannot be read: {reason}."
    mend_zh = "写成 字段=值，或 字段:in=甲,乙、字段:prefix=值、字段:gte=值、字段:lte=值。"
    mend_en = "Write FIELD=VALUE, or FIELD:in=A,B, FIELD:prefix=V, FIELD:gte=V, FIELD:lte=V."


class GatewayRefused(ClientError):
    """The gateway answered with a problem document; `code` is the gateway's code, not this class's.

    Attributes:
        status: HTTP status.
        request_id: by which the operator finds the call; None where the gateway gave none.
        evidence: the verified evidence of an authenticated refusal, else None.
        retry_after: seconds after which the gateway asked to be called again, or None.
    """

    code = "gateway-refused"
    message_zh = "网关拒绝了请求（HTTP {status}）：{detail}"
    message_en = "The gateway refused the call (HTTP {status}): {detail_en}"

    def __init__(
        self,
        problem: Mapping[str, Fact],
        *,
        evidence: Evidence | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Take over what the problem document says."""
        super().__init__(**problem)
        status, request_id, code = problem.get("status"), problem.get("request_id"), problem.get("code")
        self.status = status if isinstance(status, int) else 0
        self.request_id = request_id if isinstance(request_id, str) else None
        self.evidence = evidence
        self.retry_after = retry_after
        if isinstance(code, str):
            # the gateway's own code stands before the family's, for `except … as e: if e.code == "grant-expired"`
            self.__dict__["code"] = code

    def text(self, language: str) -> str:
        """What is wrong, in the gateway's words."""
        said = self.facts.get("detail" if language.startswith("zh") else "detail_en")
        return said if isinstance(said, str) and said else super().text(language)

    def mend(self, language: str) -> str:
        """What to do, in the gateway's words."""
        said = self.facts.get("mend" if language.startswith("zh") else "mend_en")
        return said if isinstance(said, str) and said else super().mend(language)


class NotAuthenticated(GatewayRefused):
    """The gateway does not accept who calls (401)."""

    code = "gateway-not-authenticated"


class NotAllowed(GatewayRefused):
    """The grant does not allow the call (403)."""

    code = "gateway-not-allowed"


class NotFound(GatewayRefused):
    """Unknown, or not visible to the caller (404)."""

    code = "gateway-not-found"


class Repeated(GatewayRefused):
    """The request was seen before (409)."""

    code = "gateway-conflict"


class CallWrong(GatewayRefused):
    """The call itself is wrong (400, 405, 413, 415, 422)."""

    code = "gateway-call-wrong"


class LimitReached(GatewayRefused):
    """A quota or cap is used up, or too many calls are under way (429)."""

    code = "gateway-limit-reached"
    permanent = False


class NotAvailable(GatewayRefused):
    """The gateway or the department's source cannot serve now (5xx)."""

    code = "gateway-not-available"
    permanent = False


FAMILIES: Mapping[int, type[GatewayRefused]] = {
    400: CallWrong, 401: NotAuthenticated, 403: NotAllowed, 404: NotFound, 405: CallWrong, 408: NotAvailable,
    409: Repeated, 413: CallWrong, 415: CallWrong, 422: CallWrong, 429: LimitReached, 500: NotAvailable,
    502: NotAvailable, 503: NotAvailable, 504: NotAvailable,
}  # fmt: skip
"""Which error a status becomes; any other status is a plain `GatewayRefused`."""
