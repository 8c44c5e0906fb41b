"""Why one node refuses another, in words for both sides: said where it is refused, and said again where it is heard."""

from __future__ import annotations

import json
from typing import Final, NamedTuple

from yiwang.blocks.cascade.domain.errors import PeerRefused


class Cause(NamedTuple):
    """What is wrong and what to do, each without its last stop."""

    why_zh: str
    why_en: str
    todo_zh: str
    todo_en: str


_STATES_ZH = "请对方运维人员说明原因；处理完后由对方恢复"
_STATES_EN = "Ask the operator of the other side why; they let this node go on once it is settled"
_UPGRADE_ZH = "请与对方运维人员核对两边的平台版本，以及中间的代理有没有改动请求"
_UPGRADE_EN = "Compare the versions of both nodes, and see that no proxy on the way changes requests"
CAUSES: Final[dict[str, Cause]] = {
    "key": Cause(
        "不认识请求签名所用的密钥，或它已过期",
        "the key that signed the request is unknown there, or out of date",
        "请确认本节点仍是对方的级联节点；换过密钥的，把新名片（./yw cascade card）交给对方",
        "See that the other side still has this node as a peer; after a change of keys, give it the new card (./yw cascade card)",
    ),
    "suspended": Cause("本节点在那里已被暂停", "this node is suspended there", _STATES_ZH, _STATES_EN),
    "forked": Cause(
        "那里收到过本节点两份互相矛盾的历史",
        "two histories of this node that contradict each other were received there",
        "请核对本节点有没有从旧备份恢复过，再与对方运维人员商定重新接入",
        "See whether this node was restored from an old backup, then agree with the other side's operator to join again",
    ),
    "nonce": Cause(
        "这个请求以前收到过，可能是重放",
        "this request was received before, so it may be a replay",
        "一般会自动重发；一再出现时，检查有没有两个进程或副本用着同一把密钥",
        "It is sent anew by itself; if this persists, see whether two processes or copies of the node use one key",
    ),
    "clock": Cause(
        "请求的签名时间与那里的时钟相差太多",
        "the time of the request is too far from the clock there",
        "请校准本节点的时钟（NTP）；本节点无误时，请对方校准",
        "Set this node's clock (NTP); where it is right, ask the other side to set theirs",
    ),
    "signature": Cause(
        "请求的签名不对",
        "the signature of the request is wrong",
        "请与对方核对名片中的公钥指纹，并检查中间的代理有没有改动请求",
        "Compare the fingerprint on the card with the other side, and see that no proxy on the way changes requests",
    ),
    "node": Cause(
        "请求写给了另一个节点",
        "the request is addressed to another node",
        "请核对为这个节点登记的地址",
        "Check the address that is kept for this node",
    ),
    "purpose": Cause("请求的用途不对", "the request names another purpose", _UPGRADE_ZH, _UPGRADE_EN),
    "question": Cause("看不懂请求的内容", "the request cannot be read there", _UPGRADE_ZH, _UPGRADE_EN),
    "size": Cause("请求太大", "the request is too large", _UPGRADE_ZH, _UPGRADE_EN),
    "answer": Cause(
        "答复太大，没有全部收下", "its answer is too large and was not taken", _UPGRADE_ZH, _UPGRADE_EN
    ),
}
_BY_CODE: Final = {
    "signature-stale": "clock",
    "signature-wrong": "signature",
    "content-digest-mismatch": "signature",
    "node-mismatch": "node",
}
"""Causes by the codes of a request that is not even taken for a peer's."""


def refused(node: str, cause: str) -> PeerRefused:
    """The refusal of a node for one of `CAUSES`."""
    return _made(node, cause, CAUSES[cause])


def refused_by(node: str, status: int, answer: bytes) -> PeerRefused:
    """The refusal that the answer of a node tells, in this side's words where its cause is a known one.

    Of another problem document the other side's own words stand in each language, without its last stop.
    """
    try:
        told = json.loads(answer)
    except ValueError:
        told = None
    code = told.get("code") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(code, str):
        return _made(node, f"status {status}", _plain(f"HTTP {status}"))
    reason = told.get("reason") if code == PeerRefused.code else _BY_CODE.get(code)
    if isinstance(reason, str) and reason in CAUSES:
        return refused(node, reason)
    plain = _plain(f"{status} {code[:60]}")
    if code == PeerRefused.code:
        return _made(node, code, plain)
    words = [_sentence(told.get(name)) for name in ("detail", "detail_en", "mend", "mend_en")]
    return _made(node, code[:60], Cause(*(one or other for one, other in zip(words, plain, strict=True))))


def _made(node: str, reason: str, cause: Cause) -> PeerRefused:
    return PeerRefused(node=node, reason=reason, **cause._asdict())


def _plain(code: str) -> Cause:
    return Cause(
        f"没有说明原因（{code}）", f"it does not say why ({code})",
        "请与对方运维人员核对名片、状态和时钟", "Compare cards, state and clocks with the other side's operator",
    )  # fmt: skip


def _sentence(text: object) -> str:
    return text[:300].rstrip("。. ") if isinstance(text, str) else ""
