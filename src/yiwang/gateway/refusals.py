"""What the policy refuses: each reason its own error, so that a caller knows what to change.

All of them are decided after the caller is authenticated, and leave evidence.
"""

from __future__ import annotations

from yiwang.gateway.errors import GatewayError


class Refusal(GatewayError):
    """The grant does not allow this call."""

    code = "refused"
    message_zh = "授权不允许这次调用。"
    message_en = "The grant does not allow this call."
    mend_zh = "核对授权的内容。"
    mend_en = "Check what the grant allows."


class ResourceNotFound(Refusal):
    """Unknown, withdrawn or not granted: strangers get the same answer."""

    code = "resource-not-found"
    message_zh = "没有资源 {resource}，或贵机构没有它的授权。"
    message_en = "There is no resource {resource}, or your agency has no grant for it."
    mend_zh = "核对资源编码；需要时在平台上提出申请。"
    mend_en = "Check the resource code; apply for it on the platform where needed."


class ResourceWithdrawn(Refusal):
    """The provider has taken the resource down."""

    code = "resource-withdrawn"
    message_zh = "资源 {resource} 已由提供方下架。"
    message_en = "The provider has withdrawn the resource {resource}."
    mend_zh = "联系提供方的数据专员。"
    mend_en = "Ask a data officer of the provider."


class ResourceSuspended(Refusal):
    """The provider has suspended the resource, or its database is no longer what was mounted."""

    code = "resource-suspended"
    permanent = False
    message_zh = "资源 {resource} 已暂停服务：提供方暂停了它，或它的数据源结构有变。"
    message_en = "The resource {resource} is suspended: by its provider, or because its source changed."
    mend_zh = "联系提供方的数据专员。"
    mend_en = "Ask a data officer of the provider."


class ClientSuspended(Refusal):
    """The client application is suspended."""

    code = "client-suspended"
    message_zh = "应用 {client} 已停用。"
    message_en = "The application {client} is suspended."
    mend_zh = "请本机构的数据专员在应用管理中恢复。"
    mend_en = "Ask your data officer to reactivate it in the application's settings."


class ClientBusy(Refusal):
    """The application has too many calls under way."""

    code = "client-busy"
    permanent = False
    message_zh = "应用 {client} 同时进行的调用超过 {limit} 个。"
    message_en = "The application {client} has more than {limit} calls under way."
    mend_zh = "降低并发后重试。"
    mend_en = "Lower your concurrency and try again."


class GrantNotYours(Refusal):
    """No such grant for the caller's agency and this resource."""

    code = "grant-not-yours"
    message_zh = "贵机构对这个资源没有编号为 {grant} 的授权。"
    message_en = "Your agency has no grant {grant} for this resource."
    mend_zh = "核对 YW-Grant 和所用应用的密钥；一个机构不能使用另一机构的授权。"
    mend_en = "Check YW-Grant and the application's key; an agency cannot use another agency's grant."


class GrantAmbiguous(Refusal):
    """More than one grant of the agency allows this purpose."""

    code = "grant-ambiguous"
    message_zh = "有多个授权允许这一用途：{grants}。"
    message_en = "More than one grant allows this purpose: {grants}."
    mend_zh = "用 YW-Grant 写明使用哪一个。"
    mend_en = "Name the one you use in YW-Grant."


class GrantRevoked(Refusal):
    """The provider has revoked the grant."""

    code = "grant-revoked"
    message_zh = "授权 {grant} 已被撤销。"
    message_en = "The grant {grant} was revoked."
    mend_zh = "在平台上查看撤销理由；需要时重新申请。"
    mend_en = "See the reason on the platform; apply again where needed."


class GrantSuspended(Refusal):
    """The grant is suspended."""

    code = "grant-suspended"
    permanent = False
    message_zh = "授权 {grant} 已暂停。"
    message_en = "The grant {grant} is suspended."
    mend_zh = "在平台上查看理由，恢复后再调用。"
    mend_en = "See the reason on the platform; call again when it is resumed."


class GrantNotYet(Refusal):
    """The grant begins later."""

    code = "grant-not-yet"
    permanent = False
    message_zh = "授权 {grant} 从 {begins} 起生效。"
    message_en = "The grant {grant} begins at {begins}."
    mend_zh = "到时再调用。"
    mend_en = "Call again then."


class GrantExpired(Refusal):
    """The grant's time is over."""

    code = "grant-expired"
    message_zh = "授权 {grant} 已于 {ended} 到期。"
    message_en = "The grant {grant} ended at {ended}."
    mend_zh = "在平台上申请续期。"
    mend_en = "Apply for its renewal on the platform."


class OutsideHours(Refusal):
    """The grant allows other hours of the day."""

    code = "outside-hours"
    permanent = False
    message_zh = "授权 {grant} 只允许在 {begins}–{ends} 调用。"
    message_en = "The grant {grant} allows calls between {begins} and {ends} only."
    mend_zh = "在允许的时段内调用。"
    mend_en = "Call within these hours."


class NotAWorkday(Refusal):
    """The grant allows working days only."""

    code = "not-a-workday"
    permanent = False
    message_zh = "授权 {grant} 只允许在工作日调用，{day} 不是工作日。"
    message_en = "The grant {grant} allows working days only; {day} is none."
    mend_zh = "工作日再调用。"
    mend_en = "Call on a working day."


class WrongZone(Refusal):
    """The grant is for another network zone."""

    code = "wrong-zone"
    message_zh = "授权 {grant} 用于网络区域 {zone}，这里是 {here}。"
    message_en = "The grant {grant} is for the zone {zone}; this is {here}."
    mend_zh = "到该区域的网关调用。"
    mend_en = "Call the gateway of that zone."


class ModeNotGranted(Refusal):
    """The grant allows the other way of asking only."""

    code = "mode-not-granted"
    message_zh = "授权 {grant} 不含 {mode}，只允许 {allowed}。"
    message_en = "The grant {grant} does not include {mode}; it allows {allowed}."
    mend_zh = "改用允许的方式，或申请变更授权。"
    mend_en = "Use a mode that is allowed, or apply for a change of the grant."


class PurposeNotAllowed(Refusal):
    """The grant does not name this purpose."""

    code = "purpose-not-allowed"
    message_zh = "授权不允许用途 {purpose}。"
    message_en = "The grant does not allow the purpose {purpose}."
    mend_zh = "使用授权列明的用途：{allowed}；新的用途须另行申请。"
    mend_en = "Use a purpose that the grant names: {allowed}; a new one needs an application."


class CaseRequired(Refusal):
    """The grant wants the case number of each call."""

    code = "case-required"
    message_zh = "授权 {grant} 要求每次调用写明办件号。"
    message_en = "The grant {grant} wants the case number of every call."
    mend_zh = "在用途后面加 ;case=办件号。"
    mend_en = "Add ;case=<case number> to the purpose."


class FieldNotGranted(Refusal):
    """A field was asked for that the grant does not let out."""

    code = "field-not-granted"
    message_zh = "授权 {grant} 不含字段：{fields}。"
    message_en = "The grant {grant} does not include the fields: {fields}."
    mend_zh = "去掉这些字段，或申请变更授权。可用字段：{allowed}。"
    mend_en = "Leave them out, or apply for a change of the grant. Fields you may ask for: {allowed}."


class PredicateNotAllowed(Refusal):
    """A field stands in `where` that the grant does not allow there."""

    code = "predicate-not-allowed"
    message_zh = "授权 {grant} 不允许用这些字段做条件：{fields}。"
    message_en = "The grant {grant} does not allow conditions on: {fields}."
    mend_zh = "只用允许的条件字段：{allowed}。"
    mend_en = "Use only fields allowed in conditions: {allowed}."


class OperatorNotAllowed(Refusal):
    """A field may stand in `where`, but not with this operator."""

    code = "operator-not-allowed"
    message_zh = "授权 {grant} 不允许对字段 {field} 使用 {operator}。"
    message_en = "The grant {grant} does not allow {operator} on the field {field}."
    mend_zh = "允许的运算：{allowed}。"
    mend_en = "Operators allowed: {allowed}."


class WhereTooWide(Refusal):
    """The condition names no key: it would harvest."""

    code = "where-too-wide"
    message_zh = "条件过宽：必须至少对其中一个字段给出确切的值：{required}。"
    message_en = "The condition is too wide: at least one of these fields must be given exactly: {required}."
    mend_zh = "按办件中的具体对象查询；批量需求请申请库表交换。"
    mend_en = "Ask about the concrete subject of your case; for bulk needs apply for a table exchange."


class ListTooLong(Refusal):
    """An `in` list is longer than a call may carry."""

    code = "list-too-long"
    message_zh = "字段 {field} 的 in 列表有 {given} 个值，上限 {limit} 个。"
    message_en = "The in list of the field {field} has {given} values; the limit is {limit}."
    mend_zh = "分成几次调用。"
    mend_en = "Split the call."


class RowsTooMany(Refusal):
    """More rows were asked for than a call may have."""

    code = "limit-too-high"
    message_zh = "授权 {grant} 每次最多 {limit} 行。"
    message_en = "The grant {grant} allows {limit} rows a call."
    mend_zh = "把 limit 降到 {limit} 以内，用 next 翻页。"
    mend_en = "Lower limit to {limit} and page with next."


class ClaimNotGranted(Refusal):
    """A claim is about a field that the grant does not let the caller compare."""

    code = "claim-not-granted"
    message_zh = "授权 {grant} 不允许核验字段：{fields}。"
    message_en = "The grant {grant} does not allow verifying the fields: {fields}."
    mend_zh = "可核验的字段：{allowed}。"
    mend_en = "Fields you may verify: {allowed}."


class BadValue(Refusal):
    """The authenticated call's content does not fit the resource."""

    code = "bad-value"
    message_zh = "请求内容与资源不符。"
    message_en = "The request does not fit the resource."


class ValueInvalid(BadValue):
    """A value does not fit its field's type."""

    code = "value-invalid"
    message_zh = "字段 {field} 的值不合类型：需要 {expected}。"
    message_en = "The value of the field {field} does not fit its type: {expected} is needed."
    mend_zh = "改正后再调用。"
    mend_en = "Correct it and call again."


class CheckDigitWrong(BadValue):
    """A number asked for has a wrong check digit."""

    code = "check-digit-wrong"
    message_zh = "字段 {field} 的值不是有效的{kind}（校验不通过）。"
    message_en = "The value of the field {field} is not a valid {kind} (its check fails)."
    mend_zh = "核对录入的号码。"
    mend_en = "Check the number for typing errors."


class SubjectMissing(BadValue):
    """A verification names nobody or claims nothing."""

    code = "subject-missing"
    message_zh = "核验请求须有 subject 和 claims，且都不为空。"
    message_en = "A verification needs a subject and claims, neither of them empty."
    mend_zh = "补齐后再调用。"
    mend_en = "Add what is missing."


class CursorInvalid(BadValue):
    """The cursor is not one that this query gave."""

    code = "cursor-invalid"
    message_zh = "cursor 不是本查询给出的，或查询条件、资源版本已变。"
    message_en = "The cursor was not given by this query, or the query or the resource's version changed."
    mend_zh = "去掉 cursor 从头查询。"
    mend_en = "Leave the cursor out and start again."


class PagingUnavailable(BadValue):
    """The resource has no declared key, so it cannot be paged."""

    code = "paging-unavailable"
    message_zh = "资源 {resource} 没有声明主键，结果超过 {limit} 行时不能翻页。"
    message_en = "The resource {resource} declares no key, so more than {limit} rows cannot be paged."
    mend_zh = "收窄条件；或请提供方为资源声明主键。"
    mend_en = "Narrow the condition, or ask the provider to declare a key."
