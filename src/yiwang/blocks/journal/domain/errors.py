"""What can go wrong with evidence: refusals at commit, trouble of a writer, questions nobody may ask."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError


class JournalError(YwError):
    """Something about the evidence went wrong."""

    code = "journal"


class CommitRefused(JournalError):
    """This item was not written, and nothing of it was kept; the rest of its batch was.

    The gateway answers with a refusal and prepares a leaf of kind `refusal` for it (without charge, and without
    the nonce where the nonce itself was refused).
    """

    code = "commit-refused"


class NonceReplayed(CommitRefused):
    """The same key has used this nonce before, at this or another gateway of the node."""

    code = "nonce-replayed"
    message_zh = "这个请求已经收到过：nonce 重复。"
    message_en = "This request was received before: its nonce is not new."
    mend_zh = "每次发送都要用新的 nonce 重新签名；重试时保留 Idempotency-Key。"
    mend_en = "Sign again with a new nonce for every send; keep the Idempotency-Key when you retry."


class RequestBeforeFloor(CommitRefused):
    """The request was signed before the journal was restored from a backup, so its nonce cannot be checked."""

    code = "request-before-restore"
    message_zh = "请求的签名时间早于存证恢复的时间界限 {not_before}，无法判断是否重复。"
    message_en = "The request was signed before {not_before}, the limit set when the journal was restored."
    mend_zh = "用当前时间和新的 nonce 重新签名。"
    mend_en = "Sign again with the present time and a new nonce."


class GrantChanged(CommitRefused):
    """The grant is not the one that was decided by: `state` and `epoch` are what the database holds now.

    State `absent` means that the row is gone. With state `active` the gateway refreshes and decides again.
    """

    code = "grant-changed"
    permanent = False
    message_zh = "授权 {grant} 在处理期间发生了变化（现为 {state}）。"
    message_en = "The grant {grant} changed while the call was under way (it is {state} now)."
    mend_zh = "在平台上查看授权的现状，再重试。"
    mend_en = "See the grant's present state on the platform, then try again."


class ClientChanged(CommitRefused):
    """The client application is not the one that was authenticated: `state` and `epoch` as the database holds."""

    code = "client-changed"
    permanent = False
    message_zh = "应用 {client} 在处理期间发生了变化（现为 {state}）。"
    message_en = "The application {client} changed while the call was under way (it is {state} now)."
    mend_zh = "在应用管理中查看现状，再重试。"
    mend_en = "See the application's present state in its settings, then try again."


class QuotaExhausted(CommitRefused):
    """The calls of the day are used up."""

    code = "quota-exhausted"
    permanent = False
    message_zh = "授权 {grant} 今天的 {limit} 次调用已用完。"
    message_en = "Today's {limit} calls of the grant {grant} are used up."
    mend_zh = "明天再调用，或申请更高的限额。"
    mend_en = "Call again tomorrow, or apply for a higher quota."


class SubjectsExhausted(CommitRefused):
    """As many distinct subjects as the grant allows in a day were asked about already."""

    code = "subjects-exhausted"
    permanent = False
    message_zh = "授权 {grant} 今天已查询 {limit} 个不同的对象，达到上限。"
    message_en = "The grant {grant} has reached today's limit of {limit} distinct subjects."
    mend_zh = "明天再调用；批量需求请申请库表交换。"
    mend_en = "Call again tomorrow; for bulk needs apply for a table exchange."


class AttemptsExhausted(CommitRefused):
    """The same subject was verified as often as the grant allows in a day."""

    code = "attempts-exhausted"
    permanent = False
    message_zh = "授权 {grant} 今天对同一对象的核验已达 {limit} 次。"
    message_en = "The grant {grant} allows {limit} verifications of one subject a day; they are used up."
    mend_zh = "核验不是猜测：请向对象本人或提供方核实。"
    mend_en = "Verification is no guessing: ask the subject or the provider."


class LeaseLost(CommitRefused):
    """Another writer has taken this log over; this one must stop. Nothing was written."""

    code = "lease-lost"
    permanent = False
    message_zh = "日志 {log} 已由另一个写入进程接管，本进程不再写入。"
    message_en = "Another writer has taken over the log {log}; this one writes no more."
    mend_zh = "确认每个日志分片只有一个网关进程。"
    mend_en = "Make sure that each log shard has one gateway process."


class JournalUnavailable(JournalError):
    """The evidence could not be stored now; whether the leaf exists is unknown, but no answer may leave."""

    code = "journal-unavailable"
    permanent = False
    message_zh = "存证暂时不能写入：{reason}。"
    message_en = "Evidence cannot be stored at this moment: {reason}."
    mend_zh = "稍后用同一个 Idempotency-Key 重试；运维请查看数据库。"
    mend_en = "Try again later with the same Idempotency-Key; operators look at the database."


class LogTaken(JournalError):
    """A second writer was started on a log that has one."""

    code = "log-taken"
    permanent = False
    message_zh = "日志 {log} 已有写入进程，不能再启动一个。"
    message_en = "The log {log} already has a writer; a second one is refused."
    mend_zh = "先停掉正在写这个日志的进程，或给这个进程另一个编号。"
    mend_en = "Stop the process that writes this log, or give this process another number."


class JournalDamaged(JournalError):
    """A log does not fit its own last head, so nothing is added to it."""

    code = "journal-damaged"
    message_zh = "日志 {log} 已损坏，不再写入：{reason}。"
    message_en = "The log {log} is damaged and nothing is added to it: {reason}."
    mend_zh = "运行 ./yw evidence audit 找出损坏之处，见 docs/howto/audit-the-evidence.md。"
    mend_en = "Run ./yw evidence audit to find the damage, see docs/howto/audit-the-evidence.md."


class SessionOver(JournalError):
    """There is no such session of the client application, or it has ended already."""

    code = "session-over"
    message_zh = "会话 {session} 已经结束，或不属于这个应用。"
    message_en = "The session {session} has ended already, or is none of this application."
    mend_zh = "刷新会话列表，核对它的状态。"
    mend_en = "Reload the list of sessions and look at its state."


class TooManySubjects(JournalError):
    """One answer is about more persons than a leaf can name."""

    code = "too-many-subjects"
    message_zh = "一次应答涉及的自然人超过 {limit} 名，无法存证。"
    message_en = "One answer is about more than {limit} persons, more than its evidence can name."
    mend_zh = "用 limit 减少每次的行数，分页查询；批量需求请申请库表交换。"
    mend_en = "Ask for fewer rows with limit and page; for bulk needs apply for a table exchange."
