"""What a verification can find, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FINDINGS: Mapping[str, tuple[str, str]] = {
    "leaf-malformed": ("存证记录不是规范文本:{reason}", "The leaf is not a canonical leaf: {reason}"),
    "head-malformed": ("日志树头不是规范文本:{reason}", "The tree head is not a canonical head: {reason}"),
    "request-malformed": ("请求的签名信封不符合规范:{reason}", "The request's envelope is wrong: {reason}"),
    "request-header-unknown": (
        "请求中有签名不覆盖的内容:{name}",
        "The request holds what no signature covers: {name}",
    ),
    "request-body-changed": (
        "请求正文与签名覆盖的摘要不符,正文被改动。",
        "The request's body was changed: it does not fit the signed Content-Digest.",
    ),
    "request-digest-differs": (
        "请求与存证记录中的请求摘要不符。",
        "The request is not the one of the leaf: the digest of its signature base differs.",
    ),
    "request-algorithm-differs": (
        "请求的签名算法与存证记录不符。",
        "The request's signature algorithm is not the one in the leaf.",
    ),
    "request-key-differs": (
        "请求的密钥与存证记录不符。",
        "The request's key is not the one in the leaf.",
    ),
    "request-key-malformed": (
        "请求方公钥无法使用,或与其编号不符:{reason}",
        "The caller's public key cannot be used or does not fit its id: {reason}",
    ),
    "request-signature-wrong": (
        "请求方的签名与请求不符。",
        "The caller's signature does not fit the request.",
    ),
    "request-signature-unchecked": (
        "存证文件带有请求签名,却没有可核对它的公钥。",
        "The file holds a request signature but no key to check it by.",
    ),
    "answer-changed": (
        "答复内容与存证记录中的答复摘要不符,答复被改动。",
        "The answer was changed: its digest is not the one in the leaf.",
    ),
    "answer-unproven": (
        "存证记录没有答复摘要,无法证明答复内容。",
        "The leaf holds no digest of an answer, so the answer proves nothing.",
    ),
    "status-differs": (
        "状态码 {given} 与存证记录中的 {recorded} 不符。",
        "The status {given} is not the {recorded} of the leaf.",
    ),
    "node-differs": ("节点名称不一致:{names}", "The node names differ: {names}"),
    "log-differs": (
        "存证记录属于日志 {leaf},树头属于日志 {head}。",
        "The leaf is of the log {leaf}, the head of the log {head}.",
    ),
    "epoch-differs": (
        "存证记录的纪元 {leaf} 晚于树头的纪元 {head}。",
        "The leaf's epoch {leaf} is later than the head's epoch {head}.",
    ),
    "purpose-differs": (
        "存证记录中的用途与请求签名的用途不符。",
        "The purpose in the leaf is not the one that was signed.",
    ),
    "grant-differs": (
        "存证记录中的授权与请求签名的授权不符。",
        "The grant in the leaf is not the one that was signed.",
    ),
    "resource-differs": (
        "存证记录中的资源代码与请求路径不符。",
        "The resource in the leaf is not the one of the request's path.",
    ),
    "kind-differs": (
        "存证记录的类别与请求不符。",
        "The kind of the leaf does not fit the request.",
    ),
    "session-opening-unsigned": (
        "会话的开启请求没有带上请求方的签名与公钥。",
        "The request that opened the session comes without its caller's signature and key.",
    ),
    "session-opening-malformed": (
        "会话的开启答复无法读取:{reason}",
        "The answer that opened the session cannot be read: {reason}",
    ),
    "session-differs": (
        "{what} 与会话不符:请求、存证记录或会签说的不是这次会话。",
        "{what} does not fit the session: request, leaf or countersignature are of another one.",
    ),
    "countersignature-malformed": (
        "会签不是规范文本:{reason}",
        "The countersignature is not of the canonical form: {reason}",
    ),
    "countersignature-wrong": (
        "会签的签名与请求方公钥不符。",
        "The countersignature does not fit the caller's key.",
    ),
    "countersignature-head-differs": (
        "会签覆盖的不是这个树头。",
        "The countersignature is not about this head.",
    ),
    "record-wrong": (
        "会签的清单里没有这次调用。",
        "The countersigned record does not hold this call.",
    ),
    "inclusion-wrong": (
        "包含证明不成立:该记录不在树头所签的日志中的这个位置。",
        "The inclusion proof fails: the leaf is not at this place of the log that the head signs.",
    ),
    "head-key-unknown": (
        "树头的签名密钥 {kid} 不在信任文件中。",
        "The key {kid} that signed the head is not in the trust file.",
    ),
    "head-key-suite": (
        "树头写明的密码套件与信任文件中的密钥不符。",
        "The suite of the head is not the one of the pinned key.",
    ),
    "head-key-period": (
        "树头时间 {time} 不在密钥 {kid} 的有效期内。",
        "The head's time {time} is outside the validity period of the key {kid}.",
    ),
    "head-signature-wrong": (
        "树头的签名不成立:树头被改动,或不是由该密钥签发。",
        "The head's signature fails: the head was changed or not signed by that key.",
    ),
    "head-size-shrinks": (
        "较新的树头只有 {new} 条,较旧的有 {old} 条。",
        "The newer head has {new} leaves, the older {old}.",
    ),
    "head-epoch-shrinks": (
        "较新的树头纪元 {new} 早于较旧树头的纪元 {old}。",
        "The newer head's epoch {new} is before the older head's epoch {old}.",
    ),
    "heads-inconsistent": (
        "两个树头不属于同一部日志:第 0 至 {old} 条之间的记录在两次签发之间被改动、删除或调换。",
        "The heads are not of one log: a leaf below {old} was changed, deleted or swapped between the two.",
    ),
    "leaves-lost": (
        "恢复声明承认第 {start} 至 {end} 条(不含)的记录在恢复时丢失。",
        "By the recovery statement the leaves {start} to {end} (exclusive) were lost in a restore.",
    ),
    "recovery-missing": (
        "纪元从 {old} 变为 {new},与所附的恢复声明不一致:纪元变化必须有恢复声明,不变则不应有。",
        "The epoch went from {old} to {new}, which does not fit the recovery statements: a change needs one.",
    ),
}
"""By code: the sentence in Chinese and in English."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        code: one of `FINDINGS`.
        where: the member of the file, as a path like `request.body`.
        facts: values for the sentence.
    """

    code: str
    where: str
    facts: Mapping[str, str | int] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """The sentence, in `zh` or `en`."""
        zh, en = FINDINGS[self.code]
        return (zh if language.startswith("zh") else en).format_map(self.facts)
