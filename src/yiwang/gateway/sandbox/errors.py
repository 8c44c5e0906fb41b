"""What only a sandbox refuses."""

from __future__ import annotations

from yiwang.gateway.refusals import Refusal


class SandboxNotOpen(Refusal):
    """The caller's agency has opened no sandbox for this entry."""

    code = "sandbox-not-open"
    message_zh = "贵机构还没有开通资源 {resource} 的沙箱。"
    message_en = "Your agency has opened no sandbox for the resource {resource}."
    mend_zh = "在平台的资源页上点“开通沙箱”，不需要审批。"
    mend_en = "Open one on the page of the entry; it needs no approval."


class SandboxPace(Refusal):
    """One application calls the sandbox faster than it allows."""

    code = "sandbox-pace"
    permanent = False
    message_zh = "沙箱每秒最多 {limit} 次调用。"
    message_en = "The sandbox takes {limit} calls a second."
    mend_zh = "放慢后重试；压力测试请用自己的替身服务。"
    mend_en = "Slow down and try again; for load tests use a stand-in of your own."


class SimulationUnknown(Refusal):
    """The case number asks for an error that the sandbox cannot play."""

    code = "sandbox-simulation-unknown"
    message_zh = "沙箱不会模拟 {name}。"
    message_en = "The sandbox cannot simulate {name}."
    mend_zh = "可以模拟：{known}。"
    mend_en = "It can simulate: {known}."
