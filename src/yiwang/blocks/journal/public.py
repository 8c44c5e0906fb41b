"""The door of the journal: leave an event, take an epoch, read evidence, audit the logs."""

from __future__ import annotations

from yiwang.blocks.journal.actions import next_epoch, record_event, stop_session
from yiwang.blocks.journal.domain.access import Reader, counts_all
from yiwang.blocks.journal.domain.audit.kept import Witness
from yiwang.blocks.journal.domain.audit.report import Finding, Report
from yiwang.blocks.journal.domain.calls import DELIVERED, WHOLE, Call
from yiwang.blocks.journal.domain.coding import PURPOSE as HEADS
from yiwang.blocks.journal.domain.coding import HeadCoder
from yiwang.blocks.journal.domain.errors import SessionOver
from yiwang.blocks.journal.domain.reading import Consistency
from yiwang.blocks.journal.domain.rollup import ZONE
from yiwang.blocks.journal.domain.standing import SessionRow
from yiwang.blocks.journal.domain.usage import Latency, Scope, Tally, UsageSums
from yiwang.blocks.journal.domain.views import (
    CallView,
    DayView,
    EvidenceView,
    FailureView,
    HeatView,
    OutageView,
    ResourceView,
    ServiceView,
    SessionView,
    UsageView,
)
from yiwang.blocks.journal.queries.calls import CallPage, Sought, calls_behind, calls_of, log_sizes
from yiwang.blocks.journal.queries.counting import busiest_days, items_counted_since, usage_sums
from yiwang.blocks.journal.queries.reading import (
    by_resource,
    consistency,
    daily,
    evidence,
    evidence_by_request,
    failures,
    heads,
    heat,
    outages,
    recent,
    services,
    usage,
)
from yiwang.blocks.journal.queries.sessions import session_of
from yiwang.blocks.journal.queries.standing import SessionPage, session_standing, sessions_of
from yiwang.blocks.journal.queries.upstream import upstream_since
from yiwang.blocks.journal.queries.windows import check_window, compare_held
from yiwang.blocks.journal.store.auditing import audit_database

__all__ = [
    "DELIVERED",
    "HEADS",
    "WHOLE",
    "ZONE",
    "Call",
    "CallPage",
    "CallView",
    "Consistency",
    "DayView",
    "EvidenceView",
    "FailureView",
    "Finding",
    "HeadCoder",
    "HeatView",
    "Latency",
    "OutageView",
    "Reader",
    "Report",
    "ResourceView",
    "Scope",
    "ServiceView",
    "SessionOver",
    "SessionPage",
    "SessionRow",
    "SessionView",
    "Sought",
    "Tally",
    "UsageSums",
    "UsageView",
    "Witness",
    "audit_database",
    "busiest_days",
    "by_resource",
    "calls_behind",
    "calls_of",
    "check_window",
    "compare_held",
    "consistency",
    "counts_all",
    "daily",
    "evidence",
    "evidence_by_request",
    "failures",
    "heads",
    "heat",
    "items_counted_since",
    "log_sizes",
    "next_epoch",
    "outages",
    "recent",
    "record_event",
    "services",
    "session_of",
    "session_standing",
    "sessions_of",
    "stop_session",
    "upstream_since",
    "usage",
    "usage_sums",
]
