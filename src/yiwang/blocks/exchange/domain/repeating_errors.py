"""Errors of asking again, in exchange's tree."""

from __future__ import annotations

from yiwang.blocks.exchange.domain.errors import ExchangeError


class RenewalUnderWay(ExchangeError):
    """A renewal of the grant is a draft or waits for its answer already."""

    code = "renewal-under-way"
    message_zh = "授权 {grant} 的续期申请 {request} 还没有结束。"
    message_en = "Renewal {request} of grant {grant} is not finished yet."
    mend_zh = "继续办理 {request}，或先撤回它。"
    mend_en = "Go on with {request}, or withdraw it first."


class NoDraft(ExchangeError):
    """What is to be withdrawn with others is no draft, but lies with somebody already."""

    code = "request-no-draft"
    message_zh = "申请 {request} 不是草稿。"
    message_en = "Request {request} is not a draft."
    mend_zh = "已提交的申请在它的页面上单独撤回。"
    mend_en = "Withdraw a request that was handed in on its own page."
