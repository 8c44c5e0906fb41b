"""Texts of the evidence that cannot even be read. What can be read but is not true is a `Finding`, not an error."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class EvidenceError(YwError):
    """A piece of evidence is not of the prescribed form."""

    code = "evidence-malformed"
    message_zh = "存证内容格式不正确({where}):{reason}"
    message_en = "The evidence is malformed ({where}): {reason}"
    mend_zh = "请使用原始的存证文件;如确为原始文件,则它已被改动或损坏。"
    mend_en = "Use the original evidence file; if this is the original, it was changed or damaged."


class LeafMalformed(EvidenceError):
    """A leaf is not the canonical text of a leaf."""

    code = "evidence-leaf-malformed"
    message_zh = "存证记录不是规范文本:{reason}"
    message_en = "The leaf is not a canonical leaf: {reason}"


class HeadMalformed(EvidenceError):
    """A tree head is not the canonical text of a head."""

    code = "evidence-head-malformed"
    message_zh = "日志树头不是规范文本:{reason}"
    message_en = "The tree head is not a canonical head: {reason}"


class ReceiptMalformed(EvidenceError):
    """A `YW-Evidence` header cannot be read."""

    code = "evidence-receipt-malformed"
    message_zh = "响应头 YW-Evidence 无法读取:{reason}"
    message_en = "The header YW-Evidence cannot be read: {reason}"


class BundleMalformed(EvidenceError):
    """An evidence file is not of the format `yiwang-evidence/1`."""

    code = "evidence-bundle-malformed"
    message_zh = "存证文件不是 yiwang-evidence/1 格式:{reason}"
    message_en = "The evidence file is not of the format yiwang-evidence/1: {reason}"


class TrustMalformed(EvidenceError):
    """A trust file is not of the format `yiwang-trust/1`."""

    code = "evidence-trust-malformed"
    message_zh = "信任文件不是 yiwang-trust/1 格式:{reason}"
    message_en = "The trust file is not of the format yiwang-trust/1: {reason}"
    mend_zh = "请在节点上用 ./yw evidence trust 重新导出,并通过可信渠道取得。"
    mend_en = "Export it again on the node with ./yw evidence trust, and get it by a channel you trust."
