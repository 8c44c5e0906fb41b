"""What can stop a table job. No text holds a value of the data or a password."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class TransferError(YwError):
    """A table job cannot go on."""

    code = "transfer"
    message_zh = "表 {table} 的作业不能继续。"
    message_en = "The job of table {table} cannot go on."
    mend_zh = "看作业报告，改正后用同一个作业名再执行，会从断点继续。"
    mend_en = "See the job's report; run it again under the same name and it resumes."


class TransferTableMissing(TransferError):
    """The source has no such table."""

    code = "transfer-table-missing"
    message_zh = "{place} 中没有可以读取的表 {table}。"
    message_en = "{place} has no table {table} that may be read."
    mend_zh = "核对表名（模式名.表名）和读取权限。"
    mend_en = "Check its name (SCHEMA.TABLE) and the right to read it."


class TransferKeyMissing(TransferError):
    """Rows cannot be told apart."""

    code = "transfer-key-missing"
    message_zh = "表 {table} 没有非空的唯一键，无法断点续传和对账。"
    message_en = "Table {table} has no unique key without NULLs; it can be neither resumed nor reconciled."
    mend_zh = "用 --key 指定能唯一确定一行的列，可以多次给出。"
    mend_en = "Give columns that tell every row apart with --key, once for each."


class TransferKeyUnfit(TransferError):
    """The chosen key does not tell rows apart, or its type has no order that both sides share."""

    code = "transfer-key-unfit"
    message_zh = "列 {key} 不能作表 {table} 的键：{reason_zh}。"
    message_en = "{key} cannot be the key of table {table}: {reason_en}."
    mend_zh = "换一组非空、唯一的列。"
    mend_en = "Choose columns that are never NULL and unique together."


class TransferColumnUnknown(TransferError):
    """A named column is not in the table."""

    code = "transfer-column-unknown"
    message_zh = "表 {table} 没有列 {column}。"
    message_en = "Table {table} has no column {column}."
    mend_zh = "核对列名，注意大小写。"
    mend_en = "Check its name; upper and lower case differ."


class TransferTargetNotEmpty(TransferError):
    """The target holds rows that no run of this job put there."""

    code = "transfer-target-not-empty"
    message_zh = "目标表 {table} 里已有不是本作业写入的数据。"
    message_en = "The target {table} holds rows that this job did not write."
    mend_zh = "换一个目标；确认可以覆盖的，加 --replace，目标将与来源完全一致。"
    mend_en = (
        "Choose another target; if it may be overwritten add --replace: the target will equal the source."
    )


class TransferTargetLacks(TransferError):
    """The target table lacks columns of the source and they cannot be added."""

    code = "transfer-target-lacks"
    message_zh = "目标表 {table} 缺少列 {columns}。"
    message_en = "The target {table} lacks the columns {columns}."
    mend_zh = "在目标表中加上这些列，或在 --mask 文件里把它们设为 drop。"
    mend_en = "Add the columns to the target, or drop them in the --mask file."


class TransferSchemaNarrowed(TransferError):
    """The source lost columns or narrowed their types since the last run: the job is paused."""

    code = "transfer-schema-narrowed"
    message_zh = "来源表 {table} 的结构变窄了，作业已暂停（结构第 {version} 版）：{changes}。"
    message_en = "The source {table} has narrowed; the job is paused (schema version {version}): {changes}."
    mend_zh = "与提供方核实；接受新结构的，加 --accept-schema 再执行。"
    mend_en = "Ask the provider; to accept the new form run again with --accept-schema."


class TransferJobDiffers(TransferError):
    """The name belongs to a job with another table, mode or key."""

    code = "transfer-job-differs"
    message_zh = "作业 {job} 原来的{what}是“{was}”，这次是“{now}”。"
    message_en = "Job {job} had {what} “{was}”; now it is “{now}”."
    mend_zh = "换一个作业名，或用原来的参数继续。"
    mend_en = "Choose another name, or go on with the former words."


class TransferJobUnknown(TransferError):
    """There is no job of this name here."""

    code = "transfer-job-unknown"
    message_zh = "这里没有名为 {job} 的作业。"
    message_en = "There is no job {job} here."
    mend_zh = "核对作业名和 --jobs 文件夹。"
    mend_en = "Check its name and the --jobs folder."


class TransferJobBusy(TransferError):
    """Another process runs this job."""

    code = "transfer-job-busy"
    permanent = False
    message_zh = "作业 {job} 正在另一个进程中运行。"
    message_en = "Another process runs job {job}."
    mend_zh = "等它结束，或先用 yw exchange job pause 暂停它。"
    mend_en = "Wait for it, or pause it first with yw exchange job pause."


class TransferCursorMissing(TransferError):
    """Incremental copying needs a cursor."""

    code = "transfer-cursor-missing"
    message_zh = "增量复制需要 --cursor：只增不减的列，如更新时间或自增编号。"
    message_en = (
        "Incremental copying needs --cursor: a column that only grows, such as a time of change or a number."
    )
    mend_zh = "没有这样的列时用 --mode diff。"
    mend_en = "Where there is none, use --mode diff."


class TransferUnlike(TransferError):
    """Source and target still differ after writing."""

    code = "transfer-unlike"
    permanent = False
    message_zh = "表 {table} 第 {number} 段写入后与来源不一致，已撤回。"
    message_en = "Chunk {number} of table {table} differs from its source after writing; it was taken back."
    mend_zh = "看目标表上有没有改写数据的触发器或规则，去掉后再执行。"
    mend_en = "Look for triggers or rules on the target that change data; remove them and run again."


class TransferSourceMoved(TransferError):
    """The source file changed while it was read."""

    code = "transfer-source-moved"
    permanent = False
    message_zh = "读取期间文件 {file} 被改动了，什么也没有写入。"
    message_en = "The file {file} was changed while it was read; nothing was written."
    mend_zh = "等提供方写完文件再执行。"
    mend_en = "Run again when its provider has finished writing it."


class TransferFileBroken(TransferError):
    """A file is not what its name says, or is cut off."""

    code = "transfer-file-broken"
    message_zh = "文件 {file} 第 {line} 行附近读不下去：{reason_zh}。"
    message_en = "The file {file} cannot be read near line {line}: {reason_en}."
    mend_zh = "请提供方重新导出完整的文件；什么也没有写入。"
    mend_en = "Have the whole file exported again; nothing was written."


class TransferFileUnfit(TransferError):
    """The kind of file cannot hold what the table holds."""

    code = "transfer-file-unfit"
    message_zh = "{file} 装不下这张表：{reason_zh}。"
    message_en = "{file} cannot hold this table: {reason_en}."
    mend_zh = "改用 .parquet、.csv 或 sqlite 文件。"
    mend_en = "Use a .parquet, .csv or sqlite file."


class TransferRuleUnfit(TransferError):
    """A rule cannot be judged row by row."""

    code = "transfer-rule-unfit"
    message_zh = "规则 {rule} 要看整张表，复制途中逐行检查不了。"
    message_en = "Rule {rule} needs the whole table and cannot be judged row by row on the way."
    mend_zh = "复制后用 yw quality check 检查；复制时从规则文件中去掉它。"
    mend_en = "Judge it after copying with yw quality check; leave it out of the rules of the copy."


class TransferMaskUnfit(TransferError):
    """A mask does not exist, or stands on a column that cannot be masked."""

    code = "transfer-mask-unfit"
    message_zh = "列 {column} 不能用脱敏方式“{mask}”：{reason_zh}。"
    message_en = "Column {column} cannot be masked with “{mask}”: {reason_en}."
    mend_zh = "脱敏文件每行一列，如 xm: name；可用的方式见 docs/howto/copy-a-table.md。"
    mend_en = (
        "A mask file has one line a column, such as xm: name; docs/howto/copy-a-table.md lists the masks."
    )


class TransferRefused(TransferError):
    """The target refuses to take rows, for a reason that is not about one row."""

    code = "transfer-target-refused"
    permanent = False
    message_zh = "目标 {place} 不能写入（{reason}），本段已撤回，此前各段完好。"
    message_en = (
        "The target {place} cannot be written ({reason}); this chunk was taken back, all before it stand."
    )
    mend_zh = "看目标的磁盘空间、权限和锁，改正后用同一个作业名再执行。"
    mend_en = "See its disk space, rights and locks; then run again under the same job name."


class TransferPageBroken(TransferError):
    """A page of another node's table is not what it says of itself."""

    code = "transfer-page-broken"
    permanent = False
    message_zh = "节点 {place} 发来的一页行数、摘要或次序不符，已丢弃。"
    message_en = (
        "A page from {place} does not have the rows, digest or order that it says; it was thrown away."
    )
    mend_zh = "再次运行同一作业；仍不对，请两边运维核对节点版本。"
    mend_en = "Run the same job again; if it persists, the operators of both nodes compare their versions."
