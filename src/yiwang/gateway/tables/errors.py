"""Errors of tables that are read by other nodes."""

from __future__ import annotations

from yiwang.gateway.errors import BadCall
from yiwang.gateway.refusals import Refusal


class WayNotGranted(Refusal):
    """The grant does not deliver whole tables in this way."""

    code = "way-not-granted"
    message_zh = "授权 {grant} 不允许以 {way} 方式取整表。允许：{allowed}。"
    message_en = "The grant {grant} does not deliver the table as {way}. It allows: {allowed}."
    mend_zh = "改用授权允许的方式，或申请变更授权。"
    mend_en = "Use a way that the grant allows, or ask for another grant."


class RunTooSoon(Refusal):
    """The grant's frequency allows no other run yet."""

    code = "table-run-too-soon"
    message_zh = "授权 {grant} 的整表每期（{frequency}）只能取一次，本期已由另一次作业取过。"
    message_en = (
        "The grant {grant} delivers the table once each period ({frequency}); another run has had this one."
    )
    mend_zh = "等到下一期；中断的作业用原来的作业名继续。"
    mend_en = "Wait for the next period; go on with a run that was cut off under its own job."


class RunOver(Refusal):
    """The run was confirmed, has run out of time, or was never begun."""

    code = "table-run-over"
    message_zh = "这次取表（{run}）没有开始、已经确认或已超过 {hours} 小时。"
    message_en = "The run {run} was not begun, is confirmed already, or is older than {hours} hours."
    mend_zh = "开始新的一次作业。"
    mend_en = "Begin a new run."


class TableWithoutKey(Refusal):
    """Rows cannot be told apart by what the grant lets out."""

    code = "table-without-key"
    message_zh = "资源 {resource} 的主键不全在授权内，或被脱敏，不能按主键取整表。"
    message_en = "The key of the resource {resource} is not wholly granted, or masked; its table cannot be read by key."
    mend_zh = "申请包含主键字段且不脱敏的授权。"
    mend_en = "Ask for a grant that contains the fields of the key without a mask."


class TableActWrong(BadCall):
    """A bound, a window or a column is not one of this table."""

    code = "table-act-wrong"
    message_zh = "取表请求不合格：{reason}。"
    message_en = "The request for the table is not acceptable: {reason}."
    mend_zh = "对照 docs/specs/cascade.md §9 改正。"
    mend_en = "Correct it by docs/specs/cascade.md §9."
