"""The only door of quality: rules of resources, runs, scores, and tickets to whoever mends.

Scores are for everybody who sees an entry; rules, runs and counts for its provider, the data bureau and auditors; a
ticket for who mends it and for them. No function gives a value that was judged.
"""

from __future__ import annotations

from yiwang.blocks.quality.actions.mending import (
    ask_exemption,
    decline_exemption,
    dispatch_ticket,
    grant_exemption,
    report_mended,
    take_ticket,
)
from yiwang.blocks.quality.actions.planning import (
    ask_run,
    codes_of,
    follow_mounts,
    keep_rules,
    propose_anew,
    take_contract,
)
from yiwang.blocks.quality.actions.running import run_rules
from yiwang.blocks.quality.actions.ticketing import TICKETED
from yiwang.blocks.quality.domain.conforming import Conformance, Told
from yiwang.blocks.quality.domain.errors import (
    ContractUnreadable,
    DataQualityError,
    Problem,
    RulesInvalid,
    TicketInvalid,
)
from yiwang.blocks.quality.domain.outcomes import RuleResult
from yiwang.blocks.quality.domain.planning import CADENCES, LONGEST, SHORTEST, Cadence
from yiwang.blocks.quality.domain.ticket import LONGEST_EXEMPTION, STATES
from yiwang.blocks.quality.queries.conforming import resource_conformance
from yiwang.blocks.quality.queries.seeing import (
    badges,
    by_agency,
    contract_of,
    entries_of,
    levels,
    resource_quality,
    scores_of,
    watched,
)
from yiwang.blocks.quality.queries.ticketing import TABS, late_tickets, ticket, tickets
from yiwang.blocks.quality.queries.views import (
    AgencyQuality,
    Badge,
    ResourceQuality,
    RunView,
    Standing,
    StandingPage,
    TicketPage,
    TicketRow,
    TicketStep,
    TicketView,
)
from yiwang.blocks.quality.store.own_database import use_own_database
from yiwang.blocks.quality.store.run_queue import use_run_queue
from yiwang.blocks.quality.tasks import escalate_late, run_due
from yiwang.dataplane.quality.rules import DIMENSIONS, DIMENSIONS_EN, Dimension, Severity
from yiwang.dataplane.quality.spelling import Spelled

__all__ = [
    "CADENCES", "DIMENSIONS", "DIMENSIONS_EN", "LONGEST", "LONGEST_EXEMPTION", "SHORTEST", "STATES", "TABS", "TICKETED",
    "AgencyQuality", "Badge", "Cadence", "Conformance", "ContractUnreadable", "DataQualityError", "Dimension", "Problem",
    "ResourceQuality", "RuleResult", "RulesInvalid", "RunView", "Severity", "Spelled", "Standing", "StandingPage", "TicketInvalid",
    "TicketPage", "TicketRow", "TicketStep", "TicketView", "Told", "ask_exemption", "ask_run", "badges", "by_agency", "codes_of",
    "contract_of", "decline_exemption", "dispatch_ticket", "entries_of", "escalate_late", "follow_mounts", "grant_exemption",
    "keep_rules", "late_tickets", "levels", "propose_anew", "report_mended",
    "resource_conformance", "resource_quality", "run_due", "run_rules",
    "scores_of", "take_contract", "take_ticket", "ticket", "tickets", "use_own_database",
    "use_run_queue", "watched",
]  # fmt: skip
