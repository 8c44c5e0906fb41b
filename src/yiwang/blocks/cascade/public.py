"""The only door of the cascade: whole nodes that work as one.

Peers are joined, suspended, re-keyed and left; news travels in a signed event journal; officers ask for resources of
other nodes, and dispute what they receive. Every action takes the actor first, is one transaction, and raises a
`YwError` that says what is wrong.
"""

from __future__ import annotations

from yiwang.blocks.cascade.actions.announcing import entry_published, entry_withdrawn, step_taken
from yiwang.blocks.cascade.actions.asking import amend, ask, withdraw
from yiwang.blocks.cascade.actions.disputes import answer_dispute, raise_dispute
from yiwang.blocks.cascade.actions.joining import (
    admit,
    invite,
    join_by_card,
    join_by_invitation,
    leave_peer,
    look_at_card,
    rekey,
    resume_peer,
    suspend_peer,
)
from yiwang.blocks.cascade.actions.needing import pass_up, supply
from yiwang.blocks.cascade.actions.pulling import kept_by, pull
from yiwang.blocks.cascade.actions.reaching import transport, use_transport
from yiwang.blocks.cascade.actions.returning import end_return, offer_return
from yiwang.blocks.cascade.actions.serving import serve_kept, serve_pull
from yiwang.blocks.cascade.domain.asking import STATES as ASKING_STATES
from yiwang.blocks.cascade.domain.bodies import EntryBody, ItemBody
from yiwang.blocks.cascade.domain.card import LEVELS, Card, SignedCard, read_signed
from yiwang.blocks.cascade.domain.dispute import STATES as DISPUTE_STATES
from yiwang.blocks.cascade.domain.dispute import DisputeForm
from yiwang.blocks.cascade.domain.errors import (
    AskingInvalid,
    AskingUnknown,
    CascadeError,
    CascadeNotAllowed,
    DisputeUnknown,
    EntryUnknown,
    InvitationUnusable,
    NeedUnknown,
    PeerExists,
    PeerRefused,
    PeerUnreachable,
)
from yiwang.blocks.cascade.domain.invitation import Invited, read_invitation
from yiwang.blocks.cascade.domain.needing import STATES as NEED_STATES
from yiwang.blocks.cascade.domain.needing import Posted
from yiwang.blocks.cascade.domain.pages import KeptHeads
from yiwang.blocks.cascade.domain.reasons import STATES, unreachable
from yiwang.blocks.cascade.domain.refusing import refused, refused_by
from yiwang.blocks.cascade.domain.transport import Transport
from yiwang.blocks.cascade.queries.disputes import corrections, dispute, disputes
from yiwang.blocks.cascade.queries.entries import (
    agency_names,
    asking,
    askings,
    entries,
    entry,
    entry_count,
    entry_title,
)
from yiwang.blocks.cascade.queries.holding import held_here, holding, holdings
from yiwang.blocks.cascade.queries.peers import (
    active_peers,
    alarms,
    figures,
    has_parent,
    here,
    joined,
    nodes,
    peer,
    peers,
)
from yiwang.blocks.cascade.queries.refusals import NodeRefusal, in_both_languages
from yiwang.blocks.cascade.queries.returning import division_fields, given_back, nodes_below, returns
from yiwang.blocks.cascade.queries.rolling import (
    need_from_below,
    needs_from_below,
    passed_up,
    receipts,
    rolled_up,
)
from yiwang.blocks.cascade.queries.views import (
    AlarmView,
    AskingView,
    CorrectionView,
    DisputeView,
    EntryPage,
    EntryRow,
    FigureView,
    HereView,
    HoldingView,
    NeedAbove,
    NodeFigures,
    NodeView,
    PeerView,
    ReceiptView,
    ReturnView,
)
from yiwang.blocks.cascade.store.here import signed_card
from yiwang.blocks.cascade.tasks import follow, tick

__all__ = [
    "ASKING_STATES",
    "DISPUTE_STATES",
    "LEVELS",
    "NEED_STATES",
    "STATES",
    "AlarmView",
    "AskingInvalid",
    "AskingUnknown",
    "AskingView",
    "Card",
    "CascadeError",
    "CascadeNotAllowed",
    "CorrectionView",
    "DisputeForm",
    "DisputeUnknown",
    "DisputeView",
    "EntryBody",
    "EntryPage",
    "EntryRow",
    "EntryUnknown",
    "FigureView",
    "HereView",
    "HoldingView",
    "InvitationUnusable",
    "Invited",
    "ItemBody",
    "KeptHeads",
    "NeedAbove",
    "NeedUnknown",
    "NodeFigures",
    "NodeRefusal",
    "NodeView",
    "PeerExists",
    "PeerRefused",
    "PeerUnreachable",
    "PeerView",
    "Posted",
    "ReceiptView",
    "ReturnView",
    "SignedCard",
    "Transport",
    "active_peers",
    "admit",
    "agency_names",
    "alarms",
    "amend",
    "answer_dispute",
    "ask",
    "asking",
    "askings",
    "corrections",
    "dispute",
    "disputes",
    "division_fields",
    "end_return",
    "entries",
    "entry",
    "entry_count",
    "entry_published",
    "entry_title",
    "entry_withdrawn",
    "figures",
    "follow",
    "given_back",
    "has_parent",
    "held_here",
    "here",
    "holding",
    "holdings",
    "in_both_languages",
    "invite",
    "join_by_card",
    "join_by_invitation",
    "joined",
    "kept_by",
    "leave_peer",
    "look_at_card",
    "need_from_below",
    "needs_from_below",
    "nodes",
    "nodes_below",
    "offer_return",
    "pass_up",
    "passed_up",
    "peer",
    "peers",
    "pull",
    "raise_dispute",
    "read_invitation",
    "read_signed",
    "receipts",
    "refused",
    "refused_by",
    "rekey",
    "resume_peer",
    "returns",
    "rolled_up",
    "serve_kept",
    "serve_pull",
    "signed_card",
    "step_taken",
    "supply",
    "suspend_peer",
    "tick",
    "transport",
    "unreachable",
    "use_transport",
    "withdraw",
]
