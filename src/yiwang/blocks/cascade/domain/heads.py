"""Whether a peer's log continues the head that was kept of it."""

from __future__ import annotations

from yiwang.blocks.cascade.domain.card import Card
from yiwang.blocks.cascade.domain.pages import Damage, LogPart
from yiwang.vocabulary.evidence import Head, SignedHead, compare_heads, parse_head, verify_head
from yiwang.vocabulary.evidence.errors import EvidenceError


def judge(card: Card, part: LogPart, known: SignedHead | None) -> tuple[Head | None, tuple[Damage, ...]]:
    """The latest head, where it is signed by the peer, and what is wrong with it."""
    try:
        head = parse_head(part.latest.head)
    except EvidenceError:
        return None, (_damage("head-malformed", "树头无法读取。", "The tree head cannot be read."),)
    wrong = verify_head(head, part.latest.signature, card.trust)
    if wrong or head.log != part.log:
        text = "、".join(one.code for one in wrong) or "log"
        zh, en = (
            f"大小为 {head.size} 的树头签名不成立（{text}）。",
            f"The signature of the head of size {head.size} fails ({text}).",
        )
        return None, (_damage("head-forged", zh, en, head.size),)
    if known is None:
        return head, ()
    return head, _continues(part, head, parse_head(known.head), known)


def _continues(part: LogPart, head: Head, old: Head, known: SignedHead) -> tuple[Damage, ...]:
    size = old.size
    if head.epoch > old.epoch:
        zh = f"日志从备份恢复（纪元 {old.epoch} → {head.epoch}），大小 {size} 之后的记录可能丢失。"
        en = f"The log was restored from a backup (epoch {old.epoch} to {head.epoch}); leaves past {size} may be lost."
        return (_damage("log-restored", zh, en, min(size, head.size), size),) if head.size < size else ()
    if head.size < size:
        zh = f"日志被截短：现有 {head.size} 条，这里保留的树头表明曾有 {size} 条。"
        en = f"The log was shortened: it has {head.size} leaves, but a head kept here shows {size}."
        return (_damage("log-shortened", zh, en, head.size, size),)
    if part.first is None or part.proof is None:
        zh = f"证明不了与大小为 {size} 的树头相接：第 0 至 {size} 条（不含）之间有记录或树头被删除。"
        en = f"It cannot be shown to continue the head of size {size}: leaves or heads up to {size} were deleted."
        return (_damage("history-deleted", zh, en, 0, size),)
    if part.first.head != known.head:
        zh = f"大小为 {size} 的树头与这里保留的不同：节点签出过两个版本，或日志被改写。"
        en = f"The head of size {size} is not the one kept here: two versions were signed, or the log was rewritten."
        return (_damage("head-differs", zh, en, 0, size),)
    proof = tuple(bytes.fromhex(one) for one in part.proof)
    if compare_heads(old, head, proof):
        zh = f"日志分叉：现在的树不包含这里保留的大小为 {size} 的树，第 0 至 {size} 条（不含）之间被改写。"
        en = f"The log forked: its tree does not contain the one of size {size} kept here; leaves up to {size} were rewritten."
        return (_damage("log-forked", zh, en, 0, size),)
    return ()


def _damage(kind: str, zh: str, en: str, start: int | None = None, stop: int | None = None) -> Damage:
    return Damage(kind, zh, en, start, stop)
