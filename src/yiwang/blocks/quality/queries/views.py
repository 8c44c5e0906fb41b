"""What quality shows: plain frozen values, free of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from yiwang.blocks.exchange.public import DueView
from yiwang.blocks.quality.domain.outcomes import RuleResult, Trigger
from yiwang.blocks.quality.domain.planning import Cadence, Origin
from yiwang.blocks.quality.domain.ticket import TicketState
from yiwang.dataplane.quality.rules import Dimension, Severity
from yiwang.dataplane.quality.spelling import Spelled


@dataclass(frozen=True)
class Badge:
    """What everybody who sees an entry may know of its quality. `score` 0 to 100, `level` 1 to 5."""

    resource: str
    score: float
    level: int
    coverage: float
    dimensions: Mapping[Dimension, float]
    measured_at: datetime
    rows: int


@dataclass(frozen=True)
class Standing:
    """A watched resource in a list; score and level are None while nothing was measured."""

    resource: str
    title: str
    agency: str
    agency_name: str
    score: float | None
    level: int | None
    coverage: float
    rows: int
    measured_at: datetime | None
    problem: str
    open_tickets: int
    trend: tuple[float, ...]
    """Scores of the last runs, the oldest first."""


@dataclass(frozen=True)
class StandingPage:
    """One page of resources, with figures over all of them: how many are measured, their mean score, level 1 and 2."""

    rows: tuple[Standing, ...]
    total: int
    page: int
    pages: int
    measured: int
    mean: float | None
    low: int


@dataclass(frozen=True)
class RunView:
    """A run. `problem` is the code of what kept it from the source."""

    id: int
    at: datetime
    cause: Trigger
    by: str
    problem: str
    took_ms: int
    rows: int
    score: float | None
    level: int | None


@dataclass(frozen=True)
class ResourceQuality:
    """A resource with its rules, its last measured run, and its history."""

    standing: Standing
    dimensions: Mapping[Dimension, float]
    results: tuple[RuleResult, ...]
    runs: tuple[RunView, ...]
    tickets: tuple[TicketRow, ...]
    entries: tuple[Spelled, ...]
    origin: Origin
    cadence: Cadence
    timeout_s: int
    revision: int
    changed_at: datetime | None
    changed_by: str
    next_at: datetime | None
    running: bool
    active: bool
    may_edit: bool


@dataclass(frozen=True)
class TicketRow:
    """A ticket in a list. Counts are those of the last run."""

    id: str
    resource: str
    resource_title: str
    provider: str
    provider_name: str
    agency: str
    agency_name: str
    rule: str
    result: RuleResult
    severity: Severity
    state: TicketState
    due: DueView | None
    relapses: int
    first_failed: int
    opened_at: datetime
    seen_at: datetime
    closed_at: datetime | None
    exempt_until: date | None
    asked_until: date | None


@dataclass(frozen=True)
class TicketStep:
    """A line of a ticket's story."""

    step: str
    at: datetime
    person: str
    agency_name: str
    text: str


@dataclass(frozen=True)
class TicketView:
    """A ticket with its story. `finding_sql` finds the rows at the source; for officers of the provider alone."""

    row: TicketRow
    steps: tuple[TicketStep, ...]
    asked_reason: str
    revision: int
    allowed: frozenset[str]
    finding_sql: str


@dataclass(frozen=True)
class TicketPage:
    """One page of a list, with how many tickets each tab has."""

    rows: tuple[TicketRow, ...]
    total: int
    page: int
    pages: int
    counts: Mapping[str, int]


@dataclass(frozen=True)
class AgencyQuality:
    """A department's resources taken together.

    Attributes:
        score: mean of its resources' scores, each weighing the same; None while none is measured.
        coverage: mean share of items that rules look at.
        low: resources of level 1 or 2.
    """

    agency: str
    agency_name: str
    resources: int
    measured: int
    score: float | None
    coverage: float | None
    low: int
    open_tickets: int
    overdue: int
    closed: int
