"""Errors of exchange, one tree. Errors of external databases are in `yiwang.dataplane.connectors`."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.forms import Mistaken


class ExchangeError(YwError):
    """Something about asking for or giving data is not as it must be."""

    code = "exchange"
    message_zh = "操作没有完成。"
    message_en = "That could not be done."
    mend_zh = "请按提示修改后再试。"
    mend_en = "Change what is named and try again."


class FormInvalid(Mistaken, ExchangeError):
    """A form has mistakes; `problems` says where each stands."""

    code = "exchange-form-invalid"


class NotAllowed(ExchangeError):
    """The person has not the role, or not the agency, for this."""

    code = "exchange-not-allowed"
    message_zh = "您不能执行这一操作：需要{needs_zh}。"
    message_en = "You may not do this: it needs {needs_en}."
    mend_zh = "请由有权的人办理，或请本部门管理员调整角色。"
    mend_en = "Ask someone who may, or have your agency's administrator change your roles."


class OwnRequest(ExchangeError):
    """A person reviews or decides a request of their own, of the one they stand in for, or of their deputy."""

    code = "request-own"
    message_zh = "申请人以及与其有代办关系的人，不能审核或决定申请 {request}。"
    message_en = "Neither the applicant nor a deputy of theirs, nor whom they stand in for, reviews or decides request {request}."
    mend_zh = "请由另一人办理。"
    mend_en = "Another person has to do it."


class BatchTooLong(ExchangeError):
    """More requests than one sitting decides."""

    code = "batch-too-long"
    message_zh = "一次最多办理 {most} 项，这里有 {count} 项。"
    message_en = "At most {most} requests are decided at once; here are {count}."
    mend_zh = "分几次办理。"
    mend_en = "Decide them in several sittings."


class OwnResource(ExchangeError):
    """An agency asks for its own data."""

    code = "resource-own"
    message_zh = "{resource} 由本部门提供，不需要申请。"
    message_en = "{resource} is provided by your own agency; there is nothing to ask for."
    mend_zh = "直接使用本部门的数据库。"
    mend_en = "Use your agency's own database."


class RequestUnknown(ExchangeError):
    """No request with this number is visible to the one who asks."""

    code = "no-such-request"
    message_zh = "没有编号为 {request} 的申请，或您无权查看。"
    message_en = "There is no request {request} that you may see."
    mend_zh = "请核对编号。"
    mend_en = "Check the number."


class RequestStateWrong(ExchangeError):
    """The step does not fit the state of the request; perhaps somebody was faster."""

    code = "request-state-wrong"
    message_zh = "申请 {request} 现在是“{state_zh}”，不能{step_zh}。{last}"
    message_en = "Request {request} is {state_en} now and cannot be {step_en}. {last}"
    mend_zh = "刷新页面，看最新的办理记录。"
    mend_en = "Reload the page and look at the latest steps."


class RequestChanged(ExchangeError):
    """The request was changed by another person while the page was open."""

    code = "request-changed"
    message_zh = "您打开页面后，申请 {request} 已由 {person} 更新，您的操作没有执行。"
    message_en = "{person} changed request {request} after you opened the page; nothing was done."
    mend_zh = "刷新页面后再办理。"
    mend_en = "Reload the page and decide again."


class RefusalWithoutBasis(ExchangeError):
    """A refusal must name the law or rule it stands on (政务数据共享条例)."""

    code = "refusal-without-basis"
    message_zh = "拒绝共享必须写明法律、行政法规或国家规定的依据。"
    message_en = "A refusal has to name the law, administrative regulation or state rule it stands on."
    mend_zh = "写明依据的名称和条款。"
    mend_en = "Give its name and article."


class ReasonMissing(ExchangeError):
    """This step needs a reason."""

    code = "step-reason-missing"
    message_zh = "请写明理由。"
    message_en = "A reason is required."
    mend_zh = "对方会看到这段文字，请写清楚要改什么或为什么。"
    mend_en = "The other side reads it: say what to change, or why."


class ConsentMissing(ExchangeError):
    """An extension needs the consent of the agency's head."""

    code = "consent-missing"
    message_zh = "延长答复期限须经本部门负责人同意，请写明负责人。"
    message_en = "Extending the deadline needs the consent of the head of your agency: name them."
    mend_zh = "填写同意延期的负责人姓名和职务。"
    mend_en = "Give the name and office of the head who consented."


class ExtendedAlready(ExchangeError):
    """The deadline may be extended once."""

    code = "extended-already"
    message_zh = "申请 {request} 的答复期限已延长过一次，不能再延长。"
    message_en = "The deadline of request {request} was extended once already."
    mend_zh = "请在期限内答复。"
    mend_en = "Answer within the deadline."


class GrantWider(ExchangeError):
    """The decision would give more than was asked for."""

    code = "grant-wider"
    message_zh = "授权不能超出申请的范围：{what}。"
    message_en = "A grant cannot go beyond the request: {what}."
    mend_zh = "只能缩小范围；需要扩大时请申请方修改申请。"
    mend_en = "Narrow it only; for more, the consumer has to change the request."


class MaskReasonMissing(ExchangeError):
    """Lifting a mask from a sensitive item needs a reason."""

    code = "mask-reason-missing"
    message_zh = "对 {fields} 取消脱敏须写明理由。"
    message_en = "Lifting the mask of {fields} needs a reason."
    mend_zh = "写明为什么该用途必须看到完整内容，或保留脱敏。"
    mend_en = "Say why the purpose needs the whole value, or keep the mask."


class GrantUnknown(ExchangeError):
    """No grant with this number is visible to the one who asks."""

    code = "no-such-grant"
    message_zh = "没有编号为 {grant} 的授权，或您无权查看。"
    message_en = "There is no grant {grant} that you may see."
    mend_zh = "请核对编号。"
    mend_en = "Check the number."


class GrantStateWrong(ExchangeError):
    """The step does not fit the state of the grant."""

    code = "grant-state-wrong"
    message_zh = "授权 {grant} 现在是“{state_zh}”，不能{step_zh}。"
    message_en = "Grant {grant} is {state_en} now and cannot be {step_en}."
    mend_zh = "刷新页面，看最新的状态。"
    mend_en = "Reload the page and look at its present state."


class NotMounted(ExchangeError):
    """The resource is not mounted, so there is nothing to grant."""

    code = "resource-not-mounted"
    message_zh = "{resource} 还没有挂接服务。"
    message_en = "{resource} is not mounted on a database yet."
    mend_zh = "请提供方先挂接。"
    mend_en = "Its provider has to mount it first."


class NotShared(ExchangeError):
    """The resource is published as not shared."""

    code = "resource-not-shared"
    message_zh = "{resource} 属于不予共享，依据：{basis}。"
    message_en = "{resource} is not shared, on the basis of: {basis}."
    mend_zh = "确有需要的，与提供方协商，协商不成由数据主管部门决定。"
    mend_en = "If it is needed, negotiate with the provider; the data bureau decides where that fails."


class SourceUnknown(ExchangeError):
    """No source with this number is visible to the one who asks."""

    code = "no-such-source"
    message_zh = "没有编号为 {source} 的数据源，或您无权查看。"
    message_en = "There is no source {source} that you may see."
    mend_zh = "请核对编号。"
    mend_en = "Check the number."


class SourceInUse(ExchangeError):
    """The source still carries mounts."""

    code = "source-in-use"
    message_zh = "数据源 {source} 上还有挂接：{resources}。"
    message_en = "Source {source} still carries mounts: {resources}."
    mend_zh = "先取消这些挂接。"
    mend_en = "Withdraw them first."


class SourceNameTaken(ExchangeError):
    """The agency already has a source of this name."""

    code = "source-name-taken"
    message_zh = "本部门已有名为“{name}”的数据源。"
    message_en = "Your agency already has a source named “{name}”."
    mend_zh = "换一个名称。"
    mend_en = "Choose another name."


class MountUnknown(ExchangeError):
    """No mount with this number is visible to the one who asks."""

    code = "no-such-mount"
    message_zh = "没有编号为 {mount} 的挂接，或您无权查看。"
    message_en = "There is no mount {mount} that you may see."
    mend_zh = "请核对编号。"
    mend_en = "Check the number."


class MountedAlready(ExchangeError):
    """The resource is mounted already."""

    code = "resource-mounted-already"
    message_zh = "{resource} 已挂接（{mount}）。"
    message_en = "{resource} is mounted already ({mount})."
    mend_zh = "先取消原挂接，或修改原挂接。"
    mend_en = "Withdraw that mount first, or change it."


class WritableRole(ExchangeError):
    """The role of a source can change data."""

    code = "source-role-writable"
    message_zh = "数据源用户“{user}”能修改数据（{tables}），不应交给平台使用。"
    message_en = (
        "User “{user}” of the source can change data ({tables}) and should not be given to the platform."
    )
    mend_zh = "请数据库管理员另建只读用户；确有困难的，勾选“我已知晓并接受”。"
    mend_en = "Have a read-only user made; where that is impossible, tick that you know and accept it."


class NoticeUnknown(ExchangeError):
    """No such notice is addressed to the one who asks."""

    code = "no-such-notice"
    message_zh = "没有这条通知。"
    message_en = "There is no such notice."
    mend_zh = "刷新通知列表。"
    mend_en = "Reload the list of notices."


class ScanUnknown(ExchangeError):
    """No such scan, or not of the actor's agency."""

    code = "no-such-scan"
    message_zh = "没有普查 {scan}，或您无权查看。"
    message_en = "There is no scan {scan} that you may see."
    mend_zh = "在普查页面的列表中查找。"
    mend_en = "Look for it in the list of scans."


class ScanFileWrong(ExchangeError):
    """An uploaded file is of no kind that can be looked into, empty, or too large."""

    code = "scan-file-wrong"
    message_zh = "不能普查文件“{name}”。"
    message_en = "The file “{name}” cannot be looked into."
    mend_zh = "请上传 CSV、XLSX、Parquet 或 SQLite 文件，不超过 {limit} MB。"
    mend_en = "Upload a CSV, XLSX, Parquet or SQLite file of at most {limit} MB."


class ScanRunning(ExchangeError):
    """A scan of the same source runs already, or the agency has too many at once."""

    code = "scan-running"
    message_zh = "“{place}”正在普查中（{scan}）。"
    message_en = "“{place}” is being scanned already ({scan})."
    mend_zh = "等它完成，或先停止它。"
    mend_en = "Wait until it is done, or stop it first."


class ScanNotDone(ExchangeError):
    """The step needs a finished scan."""

    code = "scan-not-done"
    message_zh = "普查 {scan} 没有完成。"
    message_en = "Scan {scan} is not done."
    mend_zh = "等它完成；失败的，重新普查。"
    mend_en = "Wait until it is done; scan again where it failed."


class ScanInterrupted(ExchangeError):
    """The worker stopped several times while the scan ran."""

    code = "scan-interrupted"
    permanent = False
    message_zh = "普查中断了 {times} 次，没有完成。"
    message_en = "The scan was interrupted {times} times and did not finish."
    mend_zh = "缩小范围（按表名筛选）后重新普查；仍中断的，请联系运维。"
    mend_en = "Scan fewer tables (filter by name); ask the operator if it stops again."


class ScanBroke(ExchangeError):
    """A source does something that the census does not expect."""

    code = "scan-broke"
    message_zh = "普查时出现意外错误（{kind}）。"
    message_en = "The scan met an error that it does not know ({kind})."
    mend_zh = "请把普查编号告诉运维人员，日志中有详情。"
    mend_en = "Give the number of the scan to the operator; the log has the details."


class NothingChosen(ExchangeError):
    """No table was chosen, or every chosen one is an entry already."""

    code = "scan-nothing-chosen"
    message_zh = "没有选中可以起草的表。"
    message_en = "No table was chosen that could become an entry."
    mend_zh = "勾选还没有目录条目的表。"
    mend_en = "Tick tables that have no entry yet."


class EntriesInvalid(ExchangeError):
    """Entries made from chosen tables have mistakes; nothing was made."""

    code = "scan-entries-invalid"
    message_zh = "起草没有进行：{where_zh}"
    message_en = "Nothing was drafted: {where_en}"
    mend_zh = "按所述修改后再起草。"
    mend_en = "Correct what is named and draft again."


class DriftUnknown(ExchangeError):
    """The entry has no drift that waits for an answer."""

    code = "no-such-drift"
    message_zh = "{resource} 没有待处理的变化。"
    message_en = "No change of {resource} waits for an answer."
    mend_zh = "刷新页面；可能已有人处理。"
    mend_en = "Reload the page: someone may have dealt with it."
