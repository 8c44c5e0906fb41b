"""Errors of calls that cross nodes."""

from __future__ import annotations

from yiwang.gateway.errors import GatewayError, Unavailable
from yiwang.gateway.refusals import Refusal


class NotAPeer(GatewayError):
    """The signing key is that of no node that is joined with this one."""

    code = "not-a-peer"
    message_zh = "密钥 {kid} 不属于已接入的节点。"
    message_en = "The key {kid} belongs to no node that is joined."
    mend_zh = "请两边的运维人员核对 ./yw cascade peers。"
    mend_en = "The operators of both nodes compare ./yw cascade peers."


class PeerSuspended(Refusal):
    """The node that forwards is joined, but suspended here."""

    code = "peer-suspended"
    permanent = False
    message_zh = "节点 {peer} 在这里已暂停，不接受它的转发。"
    message_en = "The node {peer} is suspended here; it may not forward."
    mend_zh = "请两边的运维人员联系；恢复后自动可用。"
    mend_en = "The operators of both nodes talk to each other; it works again when the node is resumed."


class LeaseOver(Refusal):
    """The owner of the resource was not heard of for a minute: what it granted may have ended."""

    code = "lease-over"
    permanent = False
    message_zh = "与节点 {owner} 失去联系超过一分钟，它的授权在这里暂不可用。"
    message_en = "The node {owner} was not heard of for a minute; its grants cannot be used here for now."
    mend_zh = "恢复联系后自动可用；持续不通请告知运维。"
    mend_en = "They work again as soon as it is heard of; if this persists, tell the operator."


class ForwardedWrong(Refusal):
    """A node forwarded a call that it may not forward."""

    code = "forwarded-wrong"
    message_zh = "节点 {peer} 不能转来这个调用：{reason}。"
    message_en = "The node {peer} may not forward this call: {reason}."
    mend_zh = "请两边的运维人员核对授权与级联关系。"
    mend_en = "The operators of both nodes compare the grant and how the nodes are joined."


class RouteLoop(ForwardedWrong):
    """The call has been here before, or was not sent by the node that the way names last."""

    code = "route-loop"
    message_zh = "节点 {peer} 转来的调用走了回路：{way}。"
    message_en = "The call forwarded by the node {peer} went in a circle: {way}."
    mend_zh = "请运维人员核对级联关系：每个节点只有一个上级。"
    mend_en = "The operators compare how the nodes are joined: every node has one parent."


class RouteTooLong(ForwardedWrong):
    """The call passed too many nodes."""

    code = "route-too-long"
    message_zh = "节点 {peer} 转来的调用已经过 {nodes} 个节点，最多 {most} 个。"
    message_en = "The call forwarded by the node {peer} passed {nodes} nodes; {most} are allowed."
    mend_zh = "请运维人员核对级联的层数。"
    mend_en = "The operators check how many levels the nodes have."


class PeerSilent(Unavailable):
    """The next node on the way does not answer."""

    code = "peer-silent"
    message_zh = "上一级或下一级节点 {peer} 没有应答。"
    message_en = "The next node on the way, {peer}, does not answer."
    mend_zh = "稍后重试。"
    mend_en = "Try again later."


class PeerUnproven(Unavailable):
    """The next node's answer is not proven by its evidence: it is thrown away."""

    code = "peer-unproven"
    message_zh = "节点 {peer} 的答复没有可信的存证：{reason}。答复已丢弃。"
    message_en = "The answer of the node {peer} is not proven by its evidence ({reason}) and was thrown away."
    mend_zh = "请告知运维人员核对该节点的密钥和日志。"
    mend_en = "Tell the operator to compare that node's keys and log."


class PeerTurnedAway(Unavailable):
    """The next node does not let this one forward; its word is not proven, so it says no more."""

    code = "peer-turned-away"
    message_zh = "节点 {peer} 不接受本节点的转发：{reason}。"
    message_en = "The node {peer} does not let this node forward: {reason}."
    mend_zh = "请两边的运维人员核对名片、密钥和时钟（./yw cascade peers）。"
    mend_en = "The operators of both nodes compare cards, keys and clocks (./yw cascade peers)."
