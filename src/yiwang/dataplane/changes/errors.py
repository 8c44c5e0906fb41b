"""What keeps changes of a table from being found."""

from __future__ import annotations

from yiwang.dataplane.transfer.errors import TransferError


class WalUnbounded(TransferError):
    """A slot that is not read would fill the source's disk."""

    code = "changes-wal-unbounded"
    message_zh = "{place} 没有设 max_slot_wal_keep_size：平台停机时它的日志会一直增长，因此不从日志捕获变更。"
    message_en = (
        "{place} has no max_slot_wal_keep_size: its log would grow without bound while the platform is down, so changes are"
        " not captured from it."
    )
    mend_zh = "请数据库管理员执行 ALTER SYSTEM SET max_slot_wal_keep_size = '10GB' 并重新加载配置；此前平台定时比对全表。"
    mend_en = (
        "Have its administrator run ALTER SYSTEM SET max_slot_wal_keep_size = '10GB' and reload; until then the platform"
        " compares the whole table from time to time."
    )


class KeyRepeated(TransferError):
    """Two rows have the same key, so changes of one cannot be told from changes of the other."""

    code = "changes-key-repeated"
    message_zh = "表 {table} 有多行的键 {key} 相同或为空，无法逐行订阅变更。"
    message_en = (
        "Several rows of {table} have the same key {key}, or none: changes cannot be followed by row."
    )
    mend_zh = "请提供方在挂接里改选唯一的键。"
    mend_en = "Have the provider choose a unique key in its mount."


class TableGone(TransferError):
    """The table or one of its columns is not there, or may not be read."""

    code = "changes-table-gone"
    permanent = False
    message_zh = "读不到 {place} 的表 {table}，或它缺少挂接的列。"
    message_en = "Table {table} at {place} cannot be read, or lacks a mounted column."
    mend_zh = "请提供方核对挂接；恢复后自动继续。"
    mend_en = "Have the provider check the mount; the feed goes on by itself when it is back."
