"""What pages and programmes are shown of table jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.delivery.domain.job import JobState, RunState, StepName
from yiwang.vocabulary.delivering import JobWay


@dataclass(frozen=True)
class RunRow:
    """One run. `total`, `left` (seconds) are None while unknown; `rate` is rows a second.

    Attributes:
        error: code of what stopped it, with its words in both languages.
        proven: whether the report proves that nothing was lost.
        evidence: the event under which its leaf is found.
    """

    id: int
    kind: str
    cause: str
    by: str
    state: RunState
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    chunk: int
    rows: int
    total: int | None
    rate: float
    left: float | None
    lag: int | None
    error: str
    error_zh: str
    error_en: str
    proven: bool
    passed: int
    quarantined: int
    evidence: str
    digest: str


@dataclass(frozen=True)
class JobRow:
    """A job in a list. `run` is the last one; `owner` the node that gave the grant, where it is another one."""

    id: str
    name: str
    grant: str
    owner: str
    resource: str
    resource_title: str
    provider: str
    provider_name: str
    consumer: str
    consumer_name: str
    mode: JobWay
    cron: str
    workdays: bool
    follow: bool
    priority: int
    rate: int
    state: JobState
    reason: str
    reason_zh: str
    reason_en: str
    next_at: datetime | None
    held: int
    run: RunRow | None
    case: str
    """Number of the case that its rows are needed for; empty: none."""


@dataclass(frozen=True)
class HeldView:
    """A row in quarantine, masked: no value leaves the node but those of the key, where the grant shows them."""

    id: int
    state: str
    reasons: tuple[str, ...]
    values: Mapping[str, str]
    mended: tuple[str, ...]
    """Fields that somebody filled in anew."""
    at: datetime
    by: str
    text: str


@dataclass(frozen=True)
class JobView:
    """One job with what the person may do. Target and rows in quarantine are for its consumer alone."""

    row: JobRow
    mine: bool
    target: str
    target_table: str
    cursor: str
    check: str
    replace: bool
    created_at: datetime
    created_by: str
    runs: tuple[RunRow, ...]
    held: tuple[HeldView, ...]
    held_total: int
    allowed: frozenset[StepName]
    slot: str
    """Name of the slot and publication that it may have at its source now; empty: none."""


@dataclass(frozen=True)
class JobPage:
    """Jobs, those under way first."""

    rows: tuple[JobRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class TargetRow:
    """A target, without its password."""

    id: str
    name: str
    server: str
    host: str
    port: int
    database: str
    user: str
    created_at: datetime
    created_by: str
    jobs: int


@dataclass(frozen=True)
class ReportView:
    """The report of a run as it was kept, with the digest that stands in the evidence."""

    job: str
    run: int
    evidence: str
    digest: str
    report: Mapping[str, object]
