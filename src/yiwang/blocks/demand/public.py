"""The only door of demand: needs that no resource meets, from the first word to a resource or a reasoned no.

Every action takes the actor first, is one transaction, and raises a `YwError` that says what is wrong. What was
submitted is seen by every department, so that it can join; contact, answers and ledger by the parties and the bureau.
"""

from __future__ import annotations

from yiwang.blocks.demand.actions.needs import (
    answer_need,
    assign_need,
    decline_need,
    dispute_need,
    edit_need,
    entry_published,
    join_need,
    meet_need,
    route_need,
    start_entry,
    state_need,
    submit_need,
    withdraw_need,
)
from yiwang.blocks.demand.actions.passing import pass_up, passable
from yiwang.blocks.demand.domain.errors import DemandError, NeedInvalid
from yiwang.blocks.demand.domain.matching import Match
from yiwang.blocks.demand.domain.need import STATES, Answer
from yiwang.blocks.demand.domain.stating import FRESHNESS, MODES, Statement, WantedItem
from yiwang.blocks.demand.queries.matching import matches
from yiwang.blocks.demand.queries.needs import TABS, need, needs, similar, standing
from yiwang.blocks.demand.queries.views import (
    AgencyDemand,
    CandidateView,
    NeedPage,
    NeedRow,
    NeedStep,
    NeedView,
)
from yiwang.blocks.demand.store.clock import cataloguing_day
from yiwang.blocks.demand.tasks import tick

__all__ = [
    "FRESHNESS",
    "MODES",
    "STATES",
    "TABS",
    "AgencyDemand",
    "Answer",
    "CandidateView",
    "DemandError",
    "Match",
    "NeedInvalid",
    "NeedPage",
    "NeedRow",
    "NeedStep",
    "NeedView",
    "Statement",
    "WantedItem",
    "answer_need",
    "assign_need",
    "cataloguing_day",
    "decline_need",
    "dispute_need",
    "edit_need",
    "entry_published",
    "join_need",
    "matches",
    "meet_need",
    "need",
    "needs",
    "pass_up",
    "passable",
    "route_need",
    "similar",
    "standing",
    "start_entry",
    "state_need",
    "submit_need",
    "tick",
    "withdraw_need",
]
