"""What can stop change capture. Each mend says what the administrator of the source has to do."""

from __future__ import annotations

from yiwang.dataplane.transfer.errors import TransferError


class CaptureUnfit(TransferError):
    """The source cannot be captured."""

    code = "transfer-capture-unfit"
    message_zh = "{place} 的表 {table} 不能用变更捕获：{reason_zh}。"
    message_en = "Changes of table {table} at {place} cannot be captured: {reason_en}."
    mend_zh = "改用逐行比对（diff，能发现删除）或增量（incremental）。"
    mend_en = "Compare row by row (diff), which finds deletions, or use incremental delivery."


class CaptureOff(TransferError):
    """The source's log does not hold what change capture needs."""

    code = "transfer-capture-off"
    message_zh = "{place} 的 wal_level 是 {level}，不能捕获变更。"
    message_en = "{place} has wal_level {level}; changes cannot be captured."
    mend_zh = (
        "请数据库管理员执行 ALTER SYSTEM SET wal_level = 'logical' 和"
        " ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'，然后重启数据库；在此之前可用 --mode diff。"
    )
    mend_en = (
        "Have its administrator run ALTER SYSTEM SET wal_level = 'logical' and ALTER SYSTEM SET max_slot_wal_keep_size ="
        " '10GB' and restart the database; until then use --mode diff."
    )


class CaptureRightMissing(TransferError):
    """The user may not replicate."""

    code = "transfer-capture-right-missing"
    message_zh = "用户 {user} 在 {place} 没有复制权限。"
    message_en = "User {user} may not replicate from {place}."
    mend_zh = '请数据库管理员执行 ALTER ROLE "{user}" REPLICATION。'
    mend_en = 'Have its administrator run ALTER ROLE "{user}" REPLICATION.'


class CapturePublicationMissing(TransferError):
    """The user may not publish the table, and nobody did it for them."""

    code = "transfer-capture-publication-missing"
    message_zh = "用户 {user} 不能为表 {table} 建立发布。"
    message_en = "User {user} may not publish table {table}."
    mend_zh = "请表的所有者执行：{statement}；然后再执行本作业。"
    mend_en = "Have the owner of the table run: {statement}; then run the job again."


class CaptureIdentityMissing(TransferError):
    """Changed and deleted rows of the table cannot be told apart."""

    code = "transfer-capture-identity-missing"
    message_zh = "表 {table} 的复制标识不含键 {key}，改动和删除无法对应到行。"
    message_en = (
        "The replica identity of table {table} lacks the key {key}: changes and deletions name no row."
    )
    mend_zh = (
        "给表加主键，或执行 ALTER TABLE … REPLICA IDENTITY USING INDEX 唯一索引；也可以用 --key 选主键列。"
    )
    mend_en = (
        "Give it a primary key, or run ALTER TABLE … REPLICA IDENTITY USING INDEX a unique index; or choose the primary"
        " key's columns with --key."
    )


class CaptureSlotsTaken(TransferError):
    """The source has no replication slot left."""

    code = "transfer-capture-slots-taken"
    permanent = False
    message_zh = "{place} 的复制槽已用完。"
    message_en = "{place} has no replication slot left."
    mend_zh = "请数据库管理员调大 max_replication_slots，或用 yw exchange job drop 删去不用的作业的复制槽。"
    mend_en = "Have max_replication_slots raised, or drop the slots of jobs that nobody needs with yw exchange job drop."


class CaptureWaits(TransferError):
    """A slot begins when the transactions of its time have ended; one does not."""

    code = "transfer-capture-waits"
    permanent = False
    message_zh = "{place} 上有长时间不结束的事务，{seconds} 秒内建不成复制槽。"
    message_en = (
        "A transaction at {place} does not end; no replication slot could be made within {seconds} s."
    )
    mend_zh = "等它结束再执行；管理员可以从 pg_stat_activity 和 pg_prepared_xacts 找到它。"
    mend_en = "Run again when it has ended; pg_stat_activity and pg_prepared_xacts show it."


class CaptureSlotBusy(TransferError):
    """Somebody else reads the slot of this job."""

    code = "transfer-capture-slot-busy"
    permanent = False
    message_zh = "作业的复制槽 {slot} 正被另一个会话读取。"
    message_en = "Another session reads the job's replication slot {slot}."
    mend_zh = "同一个作业只在一处运行；刚断开的会话要等几秒才释放。"
    mend_en = "Run a job in one place only; a session that was just cut off lets go after some seconds."


class CaptureSpoolFull(TransferError):
    """The job's folder holds as many changes as it may while the target does not take them."""

    code = "transfer-capture-spool-full"
    permanent = False
    message_zh = "作业 {job} 暂存的变更已达 {size} MB 的上限，目标一直不能写入。"
    message_en = "Job {job} holds {size} MB of changes that the target does not take, which is the limit."
    mend_zh = "恢复目标再执行。来源超出 max_slot_wal_keep_size 后会丢弃日志，那时作业自动重新比对全表。"
    mend_en = (
        "Bring the target back and run again. Past max_slot_wal_keep_size the source drops its log; the job then compares"
        " the whole table by itself."
    )


class CaptureSpoolRefused(TransferError):
    """The file that holds changes until the target takes them cannot be written."""

    code = "transfer-capture-spool-refused"
    permanent = False
    message_zh = "暂存变更的文件 {file} 不能写入（{reason}）；来源仍保留着这些变更，没有丢失。"
    message_en = "The file {file} that holds changes cannot be written ({reason}); the source still holds them, nothing is lost."
    mend_zh = "看这个文件所在磁盘的空间和权限，改正后再执行。"
    mend_en = "See space and rights of the disk it lies on; then run again."


class CaptureSpoolDamaged(TransferError):
    """What lies in the file was not written by this job, or was changed."""

    code = "transfer-capture-spool-damaged"
    message_zh = "暂存变更的文件 {file} 被改动过，打不开；没有写入目标。"
    message_en = (
        "The file {file} that holds changes was altered and does not open; nothing of it was written."
    )
    mend_zh = "查清是谁改动了它，再删除这个文件后重新执行：作业会重新比对全表，不会丢数据。"
    mend_en = "Find out who altered it, delete the file and run again: the job compares the whole table, nothing is lost."


class CaptureGarbled(TransferError):
    """What came from the slot is not the protocol that we know."""

    code = "transfer-capture-garbled"
    message_zh = "{place} 的变更日志读不懂，没有写入，也没有让来源忘记它。"
    message_en = (
        "The changes from {place} cannot be understood; nothing was written and the source still holds them."
    )
    mend_zh = "核对来源是 PostgreSQL 15 至 18；在此期间可用 --mode diff。"
    mend_en = "Check that the source is PostgreSQL 15 to 18; until then use --mode diff."
