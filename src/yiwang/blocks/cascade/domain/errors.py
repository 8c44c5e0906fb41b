"""Errors of the cascade, one tree."""

from __future__ import annotations

from yiwang.vocabulary.errors import YwError
from yiwang.vocabulary.forms import Mistaken


class CascadeError(YwError):
    """Something between two nodes is not as it must be."""

    code = "cascade"
    message_zh = "操作没有完成。"
    message_en = "That could not be done."
    mend_zh = "请按提示修改后再试。"
    mend_en = "Change what is named and try again."


class CascadeNotAllowed(CascadeError):
    """The person has not the role for this."""

    code = "cascade-not-allowed"
    message_zh = "您不能执行这一操作：需要{needs_zh}。"
    message_en = "You may not do this: it needs {needs_en}."
    mend_zh = "请由有权的人办理。"
    mend_en = "Ask someone who may."


class CardMalformed(CascadeError):
    """A node's card cannot be read, or its signature fails."""

    code = "node-card-malformed"
    message_zh = "节点名片不能用：{why_zh}。"
    message_en = "The node's card cannot be used: {why_en}."
    mend_zh = "请对方重新导出名片（./yw cascade card），原样传送。"
    mend_en = "Ask the other side to export the card again (./yw cascade card) and send it unchanged."


class FingerprintDiffers(CascadeError):
    """The card is signed by another key than the one that was told."""

    code = "node-fingerprint-differs"
    message_zh = "名片的密钥指纹是 {found}，不是约定的 {expected}。"
    message_en = "The card is signed by the key {found}, not by {expected} as agreed."
    mend_zh = "先用电话等另一途径与对方核对指纹；不一致就不要接入。"
    mend_en = "Compare the fingerprint with the other side by another way, such as the telephone; if it differs, do not join."


class ZoneDiffers(CascadeError):
    """Nodes of two network zones may not be joined."""

    code = "cascade-zone-differs"
    message_zh = "{node} 在 {theirs} 网，本节点在 {ours} 网：不同网络区域的节点不能级联。"
    message_en = (
        "{node} is in the zone {theirs}, this node in {ours}: nodes of different zones cannot be joined."
    )
    mend_zh = "在同一网络区域内找上级节点；跨网交换须另走跨网设施。"
    mend_en = "Join a node of the same zone; data crosses zones by the facilities made for it only."


class LevelWrong(CascadeError):
    """A parent has to stand above its child."""

    code = "cascade-level-wrong"
    message_zh = "{parent}（{parent_level}）不能是 {child}（{child_level}）的上级。"
    message_en = "{parent} ({parent_level}) cannot be the parent of {child} ({child_level})."
    mend_zh = "检查节点的 YW_LEVEL；国家在省之上，省在市之上。"
    mend_en = "Check YW_LEVEL of the nodes: nation above province, province above city."


class PeerUnknown(CascadeError):
    """There is no such peer."""

    code = "cascade-peer-unknown"
    message_zh = "没有名为 {node} 的级联节点。"
    message_en = "There is no peer {node}."
    mend_zh = "用 ./yw cascade peers 查看已接入的节点。"
    mend_en = "See ./yw cascade peers for the nodes that are joined."


class PeerExists(CascadeError):
    """A node of that name is joined already, or is this node itself."""

    code = "cascade-peer-exists"
    message_zh = "{node} 已经接入，或就是本节点。"
    message_en = "{node} is joined already, or is this node itself."
    mend_zh = "每个节点的 YW_NODE 必须不同；已接入的先退出再接入。"
    mend_en = "Every node needs a YW_NODE of its own; one that is joined leaves first."


class ParentExists(CascadeError):
    """A node has one parent."""

    code = "cascade-parent-exists"
    message_zh = "本节点已有上级 {node}。"
    message_en = "This node already has the parent {node}."
    mend_zh = "先退出现有的上级（./yw cascade leave {node}）。"
    mend_en = "Leave the present parent first (./yw cascade leave {node})."


class PeerStateWrong(CascadeError):
    """The step does not fit the peer's state."""

    code = "cascade-peer-state"
    message_zh = "{node} 现在{state_zh}，不能{step_zh}。"
    message_en = "{node} is {state_en} and cannot be {step_en}."
    mend_zh = "刷新后查看最新状态。"
    mend_en = "Reload to see the present state."


class InvitationUnusable(CascadeError):
    """An invitation is unknown, used or out of date: the three look the same."""

    code = "cascade-invitation-unusable"
    message_zh = "邀请码不能用：已用过、已过期或不是本节点发出的。"
    message_en = "The invitation cannot be used: it was used, has expired, or is not this node's."
    mend_zh = "请上级节点重新发邀请码（./yw cascade invite），24 小时内用一次。"
    mend_en = "Ask the parent for a new one (./yw cascade invite); it works once within 24 hours."


class PeerUnreachable(CascadeError):
    """The other node does not answer. Made by `reasons.unreachable`; `reason` is what the transport met."""

    code = "cascade-peer-unreachable"
    permanent = False
    message_zh = "{node} 没有应答：{why_zh}。"
    message_en = "{node} does not answer: {why_en}."
    mend_zh = "检查网络和对方节点是否在运行；恢复后自动续传，不会丢。"
    mend_en = "Check the network and whether the other node runs; what waits is sent when it is back, nothing is lost."


class PeerRefused(CascadeError):
    """The other node refuses. Made by `refusing.refused`, which names the cause and what to do; `reason` is its key."""

    code = "cascade-peer-refused"
    message_zh = "{node} 拒绝了：{why_zh}。"
    message_en = "{node} refuses: {why_en}."
    mend_zh = "办法：{todo_zh}。"
    mend_en = "{todo_en}."


class PageRefused(CascadeError):
    """What a peer sent is damaged, out of sequence or not signed by it; nothing of it was applied."""

    code = "cascade-page-refused"
    permanent = False
    message_zh = "{node} 发来的事件第 {first} 条起不能用：{why_zh}。没有应用任何一条。"
    message_en = "The events of {node} from {first} on cannot be used: {why_en}. None was applied."
    mend_zh = "会自动再取；一再出现时，请与对方核对事件日志。"
    mend_en = "They are fetched again; if this persists, compare the event journals of the two nodes."


class JournalForked(CascadeError):
    """A peer signed two histories: its event journal does not continue the one that was applied."""

    code = "cascade-journal-forked"
    message_zh = "{node} 的事件日志在第 {first} 条与已收到的不接：被改写或分叉。"
    message_en = "The event journal of {node} does not continue what was received at {first}: it was rewritten or forked."
    mend_zh = "已停收并报警。查明原因后，由双方重新接入。"
    mend_en = "Nothing is taken in any more and an alarm was raised. When the cause is found, the two nodes join anew."


class EventMalformed(CascadeError):
    """An event is not of its kind's form."""

    code = "cascade-event-malformed"
    message_zh = "事件 {event} 的内容不符合“{kind}”的格式：{why_zh}。"
    message_en = "The event {event} is no {kind}: {why_en}."
    mend_zh = "这条事件被跳过并报警；请对方升级到相同版本。"
    mend_en = "The event is passed over with an alarm; the two nodes should run the same version."


class NodeUnknown(CascadeError):
    """No way leads to that node."""

    code = "cascade-node-unknown"
    message_zh = "不知道怎样到达节点 {node}。"
    message_en = "No way leads to the node {node}."
    mend_zh = "检查级联关系；上级节点要先接入。"
    mend_en = "Check how the nodes are joined; the parent has to be joined first."


class EntryUnknown(CascadeError):
    """There is no such entry of another node."""

    code = "cascade-entry-unknown"
    message_zh = "其他节点没有编号为 {resource} 的资源，或已撤下。"
    message_en = "No other node has a resource {resource}, or it was withdrawn."
    mend_zh = "从“其他节点的资源”中重新查找。"
    mend_en = "Find it anew among the resources of other nodes."


class AskingInvalid(Mistaken, CascadeError):
    """A request to another node, or a dispute, has mistakes; `problems` says where each stands."""

    code = "cascade-asking-invalid"


class FormNotTaken(CascadeError):
    """The owner's node does not take a request of another node: what is wrong in its form stands in `why`."""

    code = "cascade-form-not-taken"
    message_zh = "{node} 没有收下这份申请：{why_zh}。"
    message_en = "{node} did not take the request: {why_en}."
    mend_zh = "按所述修改后重新申请。"
    mend_en = "Correct what is named and ask again."


class RefusedElsewhere(CascadeError):
    """Another node refuses a step for a cause that this release does not know; its own words are shown."""

    code = "cascade-refused-elsewhere"
    message_zh = "{node} 拒绝了这一步：{said_zh}。"
    message_en = "{node} refuses this step: {said_en}."
    mend_zh = "按对方所说办理；原因代码 {reason} 是本节点的版本还不认识的，看不懂时请与对方联系。"
    mend_en = "Do as the other side says; its code {reason} is unknown to the release of this node, so ask them where it is not clear."


class AskingUnknown(CascadeError):
    """There is no such request, or the person may not see it: the two look the same."""

    code = "cascade-request-unknown"
    message_zh = "没有编号为 {request} 的跨节点申请。"
    message_en = "There is no request {request} to another node."
    mend_zh = "核对编号，或从“跨节点申请”中找到它。"
    mend_en = "Check the number, or find it in the list."


class AskingStateWrong(CascadeError):
    """The step does not fit the state of the request or dispute."""

    code = "cascade-state-wrong"
    message_zh = "{number} 现在{state_zh}，不能再{step_zh}。"
    message_en = "{number} is {state_en}; it cannot be {step_en} any more."
    mend_zh = "刷新后查看最新进展。"
    mend_en = "Reload to see how far it is."


class DisputeUnknown(CascadeError):
    """There is no such dispute, or the person may not see it: the two look the same."""

    code = "dispute-unknown"
    message_zh = "没有编号为 {dispute} 的校核。"
    message_en = "There is no dispute {dispute}."
    mend_zh = "核对编号，或从“数据校核”中找到它。"
    mend_en = "Check the number, or find it in the list of disputes."


class NotARecipient(CascadeError):
    """Only who receives data may dispute it."""

    code = "dispute-not-a-recipient"
    message_zh = "贵单位没有在用资源 {resource} 的授权，不能对它提出校核。"
    message_en = "Your agency holds no grant on {resource} and cannot dispute it."
    mend_zh = "先取得授权；发现别处的错误可告知提供方。"
    mend_en = "Obtain a grant first, or tell the provider directly."


class NeedUnknown(CascadeError):
    """There is no such need of a node below."""

    code = "cascade-need-unknown"
    message_zh = "没有编号为 {need} 的下级需求。"
    message_en = "There is no need {need} of a node below."
    mend_zh = "从“下级的需求”中找到它。"
    mend_en = "Find it in the list of needs of nodes below."


class NotDivided(CascadeError):
    """The resource is given back by division; a file holds the rows of all of them."""

    code = "cascade-not-divided"
    message_zh = "资源 {resource} 按行政区划回流，文件不能按区划拆分。"
    message_en = "The resource {resource} is given back by division; its files cannot be divided."
    mend_zh = "改用查询方式申请。"
    mend_en = "Ask to look up records instead."


class NotGivenBack(CascadeError):
    """The resource is given back by division, and nothing of it to the asking node."""

    code = "cascade-not-given-back"
    message_zh = "资源 {resource} 按行政区划回流，没有向节点 {node} 提供。"
    message_en = "The resource {resource} is given back by division, and not to the node {node}."
    mend_zh = "请提供方在“数据回流”中添加本节点。"
    mend_en = "Ask its provider to give it back to this node too."
