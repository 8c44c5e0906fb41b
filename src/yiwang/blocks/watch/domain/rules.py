"""Kinds of alert: what they look at, from which value on, and whom they concern."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Unit = Literal["minutes", "percent", "days", "count", "level", "none"]
State = Literal["open", "acknowledged", "closed"]
STATES: tuple[State, ...] = ("open", "acknowledged", "closed")
OFFICE = ("data_officer", "approver")
RUNNING = ("operator",)
BUREAU = ("reviewer",)


@dataclass(frozen=True)
class Kind:
    """A kind of alert with its usual limit. `urgent` means that something stands still."""

    name: str
    limit: int
    unit: Unit
    roles: tuple[str, ...]
    least: int
    most: int
    urgent: bool = False


KINDS: dict[str, Kind] = {
    one.name: one
    for one in (
        Kind("source-down", 5, "minutes", OFFICE, 0, 1440, urgent=True),
        Kind("source-resting", 2, "minutes", OFFICE, 0, 1440, urgent=True),
        Kind("mount-drifted", 0, "none", OFFICE, 0, 0, urgent=True),
        Kind("table-job-stopped", 0, "none", OFFICE, 0, 0, urgent=True),
        Kind("refusals", 20, "percent", OFFICE, 1, 100),
        Kind("quota", 80, "percent", OFFICE, 1, 99),
        Kind("quota-full", 100, "percent", OFFICE, 100, 100, urgent=True),
        Kind("grant-expiring", 14, "days", OFFICE, 1, 365),
        Kind("request-overdue", 0, "days", BUREAU, 0, 60),
        Kind("data-stale", 0, "days", OFFICE, 0, 365),
        Kind("department-stale", 1, "count", BUREAU, 1, 10_000),
        Kind("quality-low", 2, "level", OFFICE, 1, 4),
        Kind("ticket-overdue", 0, "days", BUREAU, 0, 60),
        Kind("process-down", 0, "none", RUNNING, 0, 0, urgent=True),
        Kind("gateway-unwell", 0, "none", RUNNING, 0, 0, urgent=True),
        Kind("evidence-doubtful", 0, "none", RUNNING, 0, 0, urgent=True),
        Kind("disk-full", 90, "percent", RUNNING, 50, 99, urgent=True),
    )
}
TOLD_ALREADY = frozenset({"mount-drifted", "request-overdue", "ticket-overdue", "table-job-stopped"})
"""Kinds of which exchange, quality or delivery itself leaves a notice: their alert is not announced once more."""
LEAST_CALLS = 20
"""Calls of a day below which a share of refusals says nothing."""


@dataclass(frozen=True)
class Limit:
    """A rule in force: whether it counts, and from which value on."""

    kind: str
    enabled: bool
    limit: int


@dataclass(frozen=True)
class Finding:
    """Something that a rule found now. The same kind, subject and agency is one alert until it is gone.

    `agency` is a 统一社会信用代码, or empty for those who run the node. `params` hold names and numbers, never a value.
    """

    kind: str
    subject: str
    agency: str
    link: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same."""
        return self.kind, self.subject, self.agency


@dataclass(frozen=True)
class Standing:
    """An alert that is not closed."""

    id: int
    kind: str
    subject: str
    agency: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same."""
        return self.kind, self.subject, self.agency


@dataclass(frozen=True)
class Changes:
    """What one look does to the alerts: new ones, those still there, those that are over."""

    opened: tuple[Finding, ...]
    kept: tuple[int, ...]
    closed: tuple[int, ...]


def compare(findings: tuple[Finding, ...], standing: tuple[Standing, ...]) -> Changes:
    """Each finding once; an alert whose cause is gone closes by itself."""
    found = {one.key: one for one in findings}
    known = {one.key: one.id for one in standing}
    return Changes(
        tuple(one for key, one in found.items() if key not in known),
        tuple(number for key, number in known.items() if key in found),
        tuple(number for key, number in known.items() if key not in found),
    )
