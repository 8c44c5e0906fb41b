"""Errors of sandboxes and of old clients at the edge."""

from __future__ import annotations

from yiwang.blocks.exchange.domain.errors import ExchangeError


class SandboxRefused(ExchangeError):
    """The entry cannot have a sandbox: it is not published, or not shared."""

    code = "sandbox-refused"
    message_zh = "{resource} 不能开通沙箱：尚未发布，或不予共享。"
    message_en = "{resource} cannot have a sandbox: it is not published, or not shared."
    mend_zh = "换一个可以共享的资源；不予共享的依据见目录条目。"
    mend_en = "Choose an entry that is shared; its page names the legal basis of a refusal."


class SandboxUnknown(ExchangeError):
    """The agency has no sandbox for this entry."""

    code = "no-such-sandbox"
    message_zh = "本部门还没有 {resource} 的沙箱。"
    message_en = "Your agency has no sandbox for {resource} yet."
    mend_zh = "在资源页上点“开通沙箱”。"
    mend_en = "Open one on the page of the entry."


class EdgeUnknown(ExchangeError):
    """No old client with this number, or not for the one who asks."""

    code = "no-such-edge-client"
    message_zh = "没有编号为 {edge} 的旧接口接入，或您无权查看。"
    message_en = "There is no old client {edge} that you may see."
    mend_zh = "请核对编号。"
    mend_en = "Check the number."


class EdgeRequesterTaken(ExchangeError):
    """Another old client in force has this requester id."""

    code = "edge-requester-taken"
    message_zh = "请求者标识 {requester} 已有一个在用的接入。"
    message_en = "The requester id {requester} is in use by another old client."
    mend_zh = "先停用旧的接入，或改用另一个标识。"
    mend_en = "End the other one first, or use another id."


class EdgeEnded(ExchangeError):
    """An old client that has ended cannot be changed."""

    code = "edge-client-ended"
    message_zh = "接入 {edge} 已停用，不能再改。"
    message_en = "The old client {edge} has ended and cannot be changed."
    mend_zh = "需要时另行接入。"
    mend_en = "Let it in anew where needed."
