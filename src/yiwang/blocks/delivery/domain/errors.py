"""Errors of table jobs on the server, one tree."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.forms import Mistaken


class DeliveryError(YwError):
    """Something about a table job is not as it must be."""

    code = "delivery"
    message_zh = "库表作业的操作没有完成。"
    message_en = "That could not be done with the table job."
    mend_zh = "请按提示修改后再试。"
    mend_en = "Change what is named and try again."


class DeliveryInvalid(DeliveryError, Mistaken):
    """A form has mistakes; `problems` says where each stands."""

    code = "delivery-form-invalid"
    message_zh = Mistaken.message_zh
    message_en = Mistaken.message_en
    mend_zh = Mistaken.mend_zh
    mend_en = Mistaken.mend_en


class JobUnknown(DeliveryError):
    """There is no such job, or the person may not see it: the two look the same."""

    code = "delivery-job-unknown"
    message_zh = "没有编号为 {job} 的库表作业。"
    message_en = "There is no table job {job}."
    mend_zh = "核对编号，或从“库表作业”中找到它。"
    mend_en = "Check the number, or find it among the table jobs."


class TargetUnknown(DeliveryError):
    """There is no such target database, or it is another agency's."""

    code = "delivery-target-unknown"
    message_zh = "没有编号为 {target} 的目标库。"
    message_en = "There is no target database {target}."
    mend_zh = "从本部门的目标库中选择。"
    mend_en = "Choose one of your agency's."


class TargetNameTaken(DeliveryError):
    """The agency has a target of that name."""

    code = "delivery-target-name-taken"
    message_zh = "已有名为“{name}”的目标库。"
    message_en = "There is a target database called “{name}” already."
    mend_zh = "换一个名称，或直接使用它。"
    mend_en = "Choose another name, or use that one."


class TargetInUse(DeliveryError):
    """Jobs write to it."""

    code = "delivery-target-in-use"
    message_zh = "还有作业写入目标库 {target}：{jobs}。"
    message_en = "Jobs still write to the target {target}: {jobs}."
    mend_zh = "先结束这些作业。"
    mend_en = "End these jobs first."


class DeliveryNotAllowed(DeliveryError):
    """The person has not the role, or not the agency, for this."""

    code = "delivery-not-allowed"
    message_zh = "您不能执行这一操作：需要{needs_zh}。"
    message_en = "You may not do this: it needs {needs_en}."
    mend_zh = "请由有权的人办理。"
    mend_en = "Ask someone who may."


class JobStateWrong(DeliveryError):
    """The step does not fit the job's state."""

    code = "delivery-job-state-wrong"
    message_zh = "作业 {job} 现在是“{state_zh}”，不能{step_zh}。"
    message_en = "The job {job} is {state_en} now: {step_en} is not possible."
    mend_zh = "刷新页面，查看现在能做什么。"
    mend_en = "Reload the page to see what can be done now."


class GrantNotTable(DeliveryError):
    """The grant does not let whole tables out, or the provider no longer offers them."""

    code = "delivery-grant-not-table"
    message_zh = "授权 {grant} 不含库表交换，或提供方已不再提供库表。"
    message_en = "The grant {grant} does not allow whole tables, or its provider no longer offers them."
    mend_zh = "申请时在使用方式中选择“整表交换”。"
    mend_en = "Ask for the way “Whole table” in a request."


class GrantOver(DeliveryError):
    """The grant is not in force: revoked, suspended, expired. No further chunk is read."""

    code = "delivery-grant-over"
    message_zh = "授权 {grant} 现在不在有效状态（{state_zh}），作业已停，没有再读取任何数据。"
    message_en = "The grant {grant} is not in force ({state_en}); the job stopped and reads nothing more."
    mend_zh = "已交付的各段有凭证可查；仍需要数据的，重新申请授权。"
    mend_en = "What was delivered stands in the evidence; ask for a new grant where the data is still needed."


class ResourceStopped(DeliveryError):
    """The resource's service does not run."""

    code = "delivery-resource-stopped"
    permanent = False
    message_zh = "资源 {resource} 的服务已暂停或已撤下，作业已停。"
    message_en = "The service of {resource} is suspended or withdrawn; the job stopped."
    mend_zh = "提供方恢复服务后作业自动继续。"
    mend_en = "The job goes on by itself when the provider has resumed the service."


class TermsMoved(DeliveryError):
    """Grant or mount changed while the job ran: it begins again under what holds now."""

    code = "delivery-terms-moved"
    permanent = False
    message_zh = "授权或挂接在运行中有变动，作业按新的条件继续。"
    message_en = "Grant or mount changed during the run; the job goes on under what holds now."


class OutsideHours(DeliveryError):
    """The grant allows no reading at this hour."""

    code = "delivery-outside-hours"
    permanent = False
    message_zh = "授权只允许在{hours}读取，现在不在时段内。"
    message_en = "The grant allows reading at {hours} only."
    mend_zh = "作业到时自动继续。"
    mend_en = "The job goes on by itself in that time."


class TooOften(DeliveryError):
    """The grant allows fewer deliveries."""

    code = "delivery-too-often"
    message_zh = "授权允许的交换频率是{frequency_zh}，本期已经交换过。"
    message_en = "The grant allows a delivery {frequency_en}; this period has had its own."
    mend_zh = "等到下一期，或申请更高的频率。"
    mend_en = "Wait for the next period, or ask for a higher frequency."


class CaseNeeded(DeliveryError):
    """The grant wants a case with each use, and the job has none."""

    code = "delivery-case-needed"
    message_zh = "授权 {grant} 要求每次使用写明办件编号，这个作业没有填写。"
    message_en = "The grant {grant} asks for a case number with each use, and the job has none."
    mend_zh = "在作业的“修改”里填写办件编号，再执行。"
    mend_en = "Give the job its case number under Change, and run it again."


class OwnerSilent(DeliveryError):
    """The node that owns the table, one on the way, or its source does not answer now."""

    code = "delivery-owner-silent"
    permanent = False
    message_zh = "现在取不到节点 {owner} 的表：{reason_zh}"
    message_en = "The table of the node {owner} cannot be had now: {reason_en}"
    mend_zh = "作业会自动再试，从断点继续；已写入的各段保留。"
    mend_en = "The job tries again by itself and goes on at its checkpoint; what was written stays."


class OwnerRefused(DeliveryError):
    """The table of another node is refused, there or on the way."""

    code = "delivery-owner-refused"
    message_zh = "节点 {owner} 的表没有取到：{reason_zh}"
    message_en = "The table of the node {owner} was refused: {reason_en}"
    mend_zh = "{todo_zh}办妥后再执行一次作业。"
    mend_en = "{todo_en} Then run the job again."


class PageUnproven(DeliveryError):
    """What came is not proven by the evidence of the nodes on the way."""

    code = "delivery-page-unproven"
    permanent = False
    message_zh = "从节点 {owner} 取来的一页没有通过核验，没有写入目标库：{reason_zh}"
    message_en = "A page from the node {owner} is not proven, and nothing of it was written: {reason_en}"
    mend_zh = "作业会再试；仍不行，请平台运维检查通往该节点的线路和密钥。"
    mend_en = (
        "The job tries again; if it persists, have the operator check the line to that node and its keys."
    )


class OwnersRunOver(DeliveryError):
    """The owner takes no more acts of this run: too long ago it began."""

    code = "delivery-owners-run-over"
    permanent = False
    message_zh = "节点 {owner} 不再接受这次取表：开始已超过 48 小时。"
    message_en = "The node {owner} takes no more of this run, which began more than 48 hours ago."
    mend_zh = "作业以新的一次执行继续。"
    mend_en = "The job goes on as a new run."


class KeyNotGranted(DeliveryError):
    """The key is not granted as it is."""

    code = "delivery-key-not-granted"
    message_zh = "主键 {fields} 没有授权或被脱敏，无法断点续传和对账。"
    message_en = (
        "The key {fields} is not granted, or masked: the job could be neither resumed nor reconciled."
    )
    mend_zh = "请提供方不脱敏地授权主键，或换用接口查询。"
    mend_en = "Have the provider grant the key unmasked, or use calls instead."


class RowUnknown(DeliveryError):
    """There is no such row in quarantine."""

    code = "delivery-row-unknown"
    message_zh = "作业 {job} 的隔离区里没有第 {row} 行。"
    message_en = "The job {job} has no row {row} in quarantine."
    mend_zh = "刷新页面：来源可能已自行改正。"
    mend_en = "Reload the page: the source may have mended it."


class RulesUnread(DeliveryError):
    """A text is no file of rules."""

    code = "delivery-rules-unread"
    message_zh = "规则文件读不了：{reason}。"
    message_en = "The rules cannot be read: {reason}."
    mend_zh = "写法见 docs/howto/deliver-a-table.md。"
    mend_en = "How they are written: docs/howto/deliver-a-table.md."
