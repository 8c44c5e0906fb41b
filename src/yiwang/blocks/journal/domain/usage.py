"""What pages of usage show: sums of a period by one dimension at a time, and how long answers took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yiwang.blocks.journal.domain.rollup import BUCKETS, percentile_ms

DIMENSIONS = ("day", "consumer", "provider", "resource", "grant", "code")
"""What calls are added up by. A day is written 2026-11-20."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which calls are counted; an empty text narrows nothing. `agency` is a party on either side."""

    agency: str = ""
    resource: str = ""
    grant: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """The calls of one value of a dimension. `refused` by rule, `failed` because something did not answer.

    `days` counts the days on which there was a call.
    """

    key: str
    calls: int
    rows: int
    refused: int
    failed: int
    days: int

    @property
    def answered(self) -> int:
        """Calls that got what they asked for."""
        return self.calls - self.refused - self.failed


NONE = Tally("", 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Latency:
    """Durations in milliseconds below which half, 95 and 99 of 100 answers stayed; see `rollup.percentile_ms`."""

    p50: float | None
    p95: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class UsageSums:
    """Everything that was counted for a scope and a period."""

    total: Tally
    by: Mapping[str, tuple[Tally, ...]]
    """By dimension, and of answered calls by `purpose` and, of one resource, by `item`: the most called first, days in their
    order."""
    latency: Latency
    daily_p95: Mapping[date, float]


def latency_of(counts: Iterable[tuple[date, int, int]]) -> tuple[Latency, Mapping[date, float]]:
    """Quantiles of all calls, and P95 by day, of (day, bucket, calls)."""
    whole = [0] * BUCKETS
    days: dict[date, list[int]] = {}
    for day, bucket, calls in counts:
        whole[bucket] += calls
        days.setdefault(day, [0] * BUCKETS)[bucket] += calls
    found = {day: percentile_ms(histogram, 0.95) for day, histogram in sorted(days.items())}
    latency = Latency(*(percentile_ms(whole, share) for share in (0.5, 0.95, 0.99)))
    return latency, {day: p95 for day, p95 in found.items() if p95 is not None}


def ordered(dimension: str, tallies: Sequence[Tally]) -> tuple[Tally, ...]:
    """Days in their order, everything else by calls; calls that do not carry the dimension are left out."""
    known = [one for one in tallies if one.key]
    if dimension == "day":
        return tuple(sorted(known, key=lambda one: one.key))
    return tuple(sorted(known, key=lambda one: (-one.calls, one.key)))
