"""What an audit finds, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DAMAGES: Mapping[str, tuple[str, str]] = {
    "leaf-changed": ("第 {index} 条被改动。", "Leaf {index} was changed."),
    "leaf-hash-changed": (
        "第 {index} 条的存储哈希被改动，正文完好。",
        "The stored hash of leaf {index} was changed; its text is intact.",
    ),
    "leaf-deleted": ("第 {index} 条被删除。", "Leaf {index} was deleted."),
    "leaf-inserted": (
        "第 {index} 条是事后插入的。",
        "Leaf {index} was inserted afterwards.",
    ),
    "leaves-swapped": (
        "第 {index} 条和第 {other} 条被调换或移动。",
        "Leaves {index} and {other} were swapped or moved.",
    ),
    "leaf-moved": (
        "第 {index} 条不在原来的位置，时间顺序不对。",
        "Leaf {index} is not where it was: its time is out of order.",
    ),
    "leaf-foreign": (
        "第 {index} 条不属于本日志或本纪元。",
        "Leaf {index} does not belong to this log, node or epoch.",
    ),
    "interval-changed": (
        "第 {start} 至 {stop} 条（不含）之间有记录被改动、删除、插入或调换：与大小为 {stop} 的树头不符。",
        "Between leaves {start} and {stop} (exclusive) something was changed, deleted, inserted or swapped: it does "
        "not give the head of size {stop}.",
    ),
    "head-forged": (
        "大小为 {size} 的树头签名不成立（{reason}）。",
        "The signature of the head of size {size} fails ({reason}).",
    ),
    "head-malformed": ("大小为 {size} 的树头无法读取。", "The head of size {size} cannot be read."),
    "head-deleted": (
        "大小为 {start} 与 {stop} 的树头之间缺少树头，或其一被换过。",
        "Between the heads of size {start} and {stop} one is missing, or one of the two was replaced.",
    ),
    "head-differs": (
        "保留的大小为 {size} 的树头与日志中的不同：节点签出过两个版本，或日志被改写。",
        "The retained head of size {size} is not the log's: two versions were signed, or the log was rewritten.",
    ),
    "history-rewritten": (
        "保留的大小为 {size} 的树头与日志不符：第 {start} 至 {size} 条（不含）之间被改写。",
        "The log does not give the retained head of size {size}: leaves from {start} to {size} were rewritten.",
    ),
    "leaves-beyond-head": (
        "第 {index} 条起没有树头覆盖：树头被删除，或记录是插入的。",
        "No head covers the leaves from {index} on: heads were deleted, or leaves inserted.",
    ),
    "log-shortened": (
        "日志被截短：现有 {size} 条，{source}表明曾有 {known} 条。",
        "The log was shortened: it has {size} leaves, but {source} shows {known}.",
    ),
    "log-missing": (
        "日志整个不见了，{source}表明曾有 {known} 条。",
        "The log is gone; {source} shows {known} leaves.",
    ),
    "recovery-missing": (
        "纪元从 {old} 变为 {new}，却没有与之相符的恢复声明。",
        "The epoch went from {old} to {new} without a fitting recovery statement.",
    ),
    "node-changed": (
        "节点表 {level}/{index} 被改动、删除或插入。",
        "The node table's entry {level}/{index} was changed, deleted or inserted.",
    ),
    "held-leaf-differs": (
        "第 {index} 条与{source}持有的不同：它被改动、移动或删除。",
        "Leaf {index} is not the one that {source} holds: it was changed, moved or deleted.",
    ),
    "ack-differs": (
        "调用方确认的第 {index} 条与现存的不同。",
        "The leaf {index} that the caller acknowledged is not the one that is stored.",
    ),
}
"""By kind: the sentence in Chinese and in English."""

NOTES: Mapping[str, tuple[str, str]] = {
    "recovery": (
        "纪元 {epoch}：从备份恢复，恢复声明在第 {index} 条，承认第 {index} 至 {known} 条（不含）丢失。",
        "Epoch {epoch}: restored from a backup; the statement at leaf {index} says that leaves up to {known} were lost.",
    ),
    "lost-in-restore": (
        "保留的大小为 {size} 的树头属于恢复时声明丢失的部分。",
        "The retained head of size {size} belongs to what the recovery statement says was lost.",
    ),
    "not-singly-checked": (
        "第 {start} 至 {stop} 条（不含）只能整体核对，不能逐个树头核对。",
        "Leaves {start} to {stop} (exclusive) could be checked as a whole only, not head by head.",
    ),
    "head-not-signed-yet": (
        "第 {start} 至 {stop} 条（不含）还没有签名的树头，暂由本节点的校验码担保：节点正在写入，或上次没有正常停止。",
        "No signed head covers leaves {start} to {stop} (exclusive) yet; a code of the node stands for it: it is writing, or was "
        "not stopped as it should.",
    ),
    "retained-head-unusable": (
        "保留的大小为 {size} 的树头签名不成立，未使用。",
        "The retained head of size {size} has no valid signature and was not used.",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: `kind` is one of `DAMAGES` or `NOTES`."""

    log: str
    kind: str
    facts: Mapping[str, int | str] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """The sentence, in `zh` or `en`."""
        zh, en = DAMAGES.get(self.kind) or NOTES[self.kind]
        return (zh if language.startswith("zh") else en).format_map(self.facts)


@dataclass(slots=True)
class Report:
    """Everything found in one log, with its size and the number of heads checked."""

    log: str
    size: int = 0
    heads: int = 0
    epoch: int = 0
    damages: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)

    def damage(self, kind: str, **facts: int | str) -> None:
        """Add a damage, once."""
        found = Finding(self.log, kind, facts)
        if found not in self.damages:
            self.damages.append(found)

    def note(self, kind: str, **facts: int | str) -> None:
        """Add something that is no damage but should be known."""
        self.notes.append(Finding(self.log, kind, facts))
