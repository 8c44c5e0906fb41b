"""Errors of the folder in which files lie."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class FileStoreError(YwError):
    """The folder of files could not do what was asked."""

    code = "files-store"


class StoreFull(FileStoreError):
    """The disk of the node has no room; nothing was written."""

    code = "files-disk-full"
    permanent = False
    message_zh = "节点的存储空间不足，这次没有写入任何内容。"
    message_en = "The node has no room on its disk; nothing was written."
    mend_zh = "请平台运维扩容或清理；之后从原进度续传。"
    mend_en = "Ask the platform's operator for room; then go on from the same offset."


class StoreTrouble(FileStoreError):
    """The disk of the node does not read or write."""

    code = "files-disk"
    permanent = False
    message_zh = "节点的存储出错。"
    message_en = "The disk of the node failed."
    mend_zh = "稍后重试；运维请看网关日志。"
    mend_en = "Try again later; operators look at the gateway's log."
