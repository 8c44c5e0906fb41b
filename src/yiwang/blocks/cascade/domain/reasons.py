"""Why what another node sent cannot be used, or why it is not heard of: each cause in both languages."""

from __future__ import annotations

from typing import Final, NamedTuple

from yiwang.blocks.cascade.domain.errors import CascadeError, PeerUnreachable

STATES: Final[dict[str, tuple[str, str]]] = {
    "active": ("已接入", "joined"),
    "suspended": ("已暂停", "suspended"),
    "forked": ("日志不一致，已停收", "stopped, since its journal contradicts itself"),
    "left": ("已退出", "gone"),
}
"""How a peer stands."""


class Reason(NamedTuple):
    """One cause, without its last stop."""

    zh: str
    en: str

    @property
    def facts(self) -> dict[str, str]:
        """As an error takes it."""
        return {"why_zh": self.zh, "why_en": self.en}


SIGNATURE: Final = Reason("签名不对", "the signature fails")
DIGEST: Final = Reason("内容与摘要不符", "the digest does not fit what it holds")
INCOMPLETE: Final = Reason("内容不完整", "it is malformed")
OTHER_REQUEST: Final = Reason("租约答复的是另一个请求", "the lease answers another request")
NOT_CANONICAL: Final = Reason("文本不是规范形式", "the text is not the canonical one")
FIXED: Final = Reason(
    "名称、层级和网络区域在安装后不能改变", "name, level and zone are fixed when a node is installed"
)
UNKNOWN_KIND: Final = Reason("本节点不认识这类事件", "its kind is unknown here")
NO_NEED_BELOW: Final = Reason("它不是下级节点的需求", "it is not a need of a node below")
NO_SUCH_DAY: Final = Reason("没有这个日期", "there is no such day")
NO_ENTRY_OF_ANOTHER: Final = Reason("它不是其他节点的资源", "it is not an entry of another node")
NOT_ON_THIS_WAY: Final = Reason("授权的节点不经过本节点", "it is not a grant for a node on this way")


REQUEST: Final = ("申请", "request")
GRANT: Final = ("授权", "grant")
NEED: Final = ("需求", "need")
DISPUTE: Final = ("校核", "dispute")
"""What an event can be about."""


def form(problem: Exception) -> Reason:
    """What came is not of the form agreed; the reader's own words say where."""
    told = str(problem)[:100].rstrip("。. ")
    return Reason(f"格式不对（{told}）", f"its form is wrong ({told})")


def stands(state: str) -> Reason:
    """Nothing is taken from a peer in this state."""
    zh, en = STATES.get(state, (state, state))
    return Reason(f"该节点{zh}", f"the peer is {en}")


def addressed(source: str, target: str) -> Reason:
    """It is between two other nodes."""
    return Reason(f"它是 {source} 发给 {target} 的", f"it is from {source} to {target}")


def not_pinned(kid: str) -> Reason:
    """Signed by a key that nobody has told of."""
    return Reason(f"签名的密钥 {kid} 没有登记过", f"key {kid} is not pinned")


def not_in_force(kid: str) -> Reason:
    """Signed by a key before or after its days."""
    return Reason(f"签名的密钥 {kid} 不在有效期内", f"key {kid} is not in force")


def out_of_sequence(due: int) -> Reason:
    """Something before it is missing."""
    return Reason(f"次序不对，应从第 {due} 条起", f"it is out of sequence: {due} is next")


def bad_key(kid: str) -> Reason:
    """A key of a card that is none, or not the one it is called."""
    return Reason(f"密钥 {kid} 不能用", f"key {kid} cannot be used")


def not_in_card(kid: str) -> Reason:
    """The card does not hold the key that signed it."""
    return Reason(f"名片里没有签名的密钥 {kid}", f"key {kid} is not in the card")


def not_later(sequence: int, known: int) -> Reason:
    """A card that was sent before, or is older."""
    return Reason(f"名片的序号 {sequence} 不大于已有的 {known}", f"card {sequence} is not later than {known}")


def bad_address(address: str) -> Reason:
    """An address of a card that cannot be reached by HTTP(S)."""
    return Reason(f"地址 {address[:100]} 不能用", f"address {address[:100]} cannot be used")


def not_for(peer: str, origin: str) -> Reason:
    """A peer speaks for itself and the nodes behind it."""
    return Reason(f"{peer} 不能代表 {origin}", f"{peer} does not speak for {origin}")


def not_above(node: str) -> Reason:
    """Only a node above may tell this."""
    return Reason(f"{node} 不是上级节点", f"{node} is not above")


def another_way(node: str) -> Reason:
    """The node is known through somebody else."""
    return Reason(f"{node} 经另一条线路到达", f"{node} is reached another way")


def no_agency(uscc: str, node: str) -> Reason:
    """Who asks is not of the node that passes it on."""
    return Reason(f"{uscc} 不是 {node} 的机构", f"{uscc} is no agency of {node}")


def nothing_of(what: tuple[str, str], number: str, node: str) -> Reason:
    """The request, grant, need or dispute that it is about is not between these two nodes."""
    zh, en = what
    return Reason(f"与 {node} 之间没有编号为 {number} 的{zh}", f"there is no {en} {number} with {node}")


def told_by(problem: CascadeError) -> Reason:
    """The cause that an error was given."""
    return Reason(str(problem.facts.get("why_zh", "")), str(problem.facts.get("why_en", "")))


_SILENCE: Final[dict[str, Reason]] = {
    "ConnectError": Reason("连接不上", "no connection can be made"),
    "ConnectTimeout": Reason("连接超时", "connecting takes too long"),
    "ReadTimeout": Reason("等答复超时", "its answer takes too long"),
    "WriteTimeout": Reason("发送超时", "sending takes too long"),
    "PoolTimeout": Reason("本节点到它的连接都在忙", "every connection of this node is busy"),
    "": Reason("本进程没有接通到其他节点的线路", "this process has no way to other nodes"),
}
_CUT: Final = Reason("连接中断", "the connection is cut")


def unreachable(node: str, reason: str) -> PeerUnreachable:
    """A node that does not answer; `reason` is the kind of fault that the transport met, kept for those who look closer."""
    return PeerUnreachable(node=node, reason=reason, **_SILENCE.get(reason, _CUT).facts)
