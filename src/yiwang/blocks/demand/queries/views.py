"""What demand shows: plain frozen values, free of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from yiwang.blocks.demand.domain.matching import Match
from yiwang.blocks.demand.domain.need import AnswerKind, NeedState, Why
from yiwang.blocks.demand.domain.stating import Statement
from yiwang.blocks.exchange.public import DueView


@dataclass(frozen=True)
class NeedRow:
    """A need in a list. `best…` is the entry that the search found nearest, `best_score` its percentage."""

    id: str
    title: str
    agency: str
    agency_name: str
    purpose: str
    state: NeedState
    why: Why
    due: DueView | None
    best: str
    best_title: str
    best_agency: str
    best_agency_name: str
    best_score: int
    resources: tuple[str, ...]
    askers: int
    submitted_at: datetime | None
    updated_at: datetime
    mine: bool
    to_answer: bool
    """The viewer's agency has it to answer."""


@dataclass(frozen=True)
class CandidateView:
    """A likely holder with its answer; of others' answers only askers and the bureau see anything."""

    agency: str
    agency_name: str
    match: Match | None
    answer: AnswerKind
    text: str
    basis: str
    hint: str
    resource: str
    promised_on: date | None
    answered_at: datetime | None


@dataclass(frozen=True)
class NeedStep:
    """A line of the ledger."""

    step: str
    at: datetime
    person: str
    agency_name: str
    text: str
    basis: str


@dataclass(frozen=True)
class NeedView:
    """A need with what the viewer may see: `party` tells whether contact, answers and ledger are shown."""

    row: NeedRow
    said: Statement
    author_name: str
    joined: tuple[str, ...]
    party: bool
    candidates: tuple[CandidateView, ...]
    steps: tuple[NeedStep, ...]
    answer: str
    answer_basis: str
    revision: int
    allowed: frozenset[str]
    mine: CandidateView | None
    """The viewer's agency as a holder."""


@dataclass(frozen=True)
class NeedPage:
    """One page of a list, with how many needs each tab has."""

    rows: tuple[NeedRow, ...]
    total: int
    page: int
    pages: int
    counts: dict[str, int]


@dataclass(frozen=True)
class AgencyDemand:
    """Needs of one agency since a day. `met_percent` is of those that ended, `median_days` calendar days to the end."""

    agency: str
    agency_name: str
    stated: int
    open: int
    met: int
    declined: int
    overdue: int
    met_percent: int | None
    median_days: float | None
