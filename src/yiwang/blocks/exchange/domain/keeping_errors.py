"""Errors of keeping what stands in a form while it is written, in exchange's tree."""

from __future__ import annotations

from yiwang.blocks.exchange.domain.errors import ExchangeError


class KeptElsewhere(ExchangeError):
    """Another window of the same person has kept a newer text, or has handed the form in, since this page was opened."""

    code = "form-kept-elsewhere"
    message_zh = "您在另一个窗口写了同一份表，{at} 有变动，这里的没有保存。"
    message_en = "You wrote the same form in another window, changed at {at}; this one was not saved."
    mend_zh = "选择用这里的内容，或重新打开页面看那边的。"
    mend_en = "Choose to keep this one, or open the page again to see the other."


class KeptTooMuch(ExchangeError):
    """The form is longer than any real one, or the person has begun too many."""

    code = "form-kept-too-much"
    message_zh = "没有保存：最多同时保留 {most} 份没写完的表，每份不超过 {size} 字节。"
    message_en = "Not saved: at most {most} unfinished forms are kept, each of {size} bytes at most."
    mend_zh = "在“我的申请”里删掉不要的。"
    mend_en = "Discard those you no longer need under “My requests”."
