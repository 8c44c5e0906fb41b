"""Calls added up by day, parties, resource, grant, outcome: what the monitor pages read.

Leaves are read once, in order; the sums are derived and can be made again from the leaves at any time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from yiwang.blocks.journal.domain.calls import Told, told

ZONE = timedelta(hours=8)
"""A day is a day of Beijing time, the only legal time of the country."""
BUCKETS = 32
KEPT = 100
"""Latest leaves that are listed for a grant, an agency, the node."""

Key = tuple[date, str, str, str, str, str, int, str]
"""Day, consumer, provider, resource, grant, kind, status class (2 for 200–299 …), code."""
PurposeKey = tuple[date, str, str, str, str, str]
"""Day, consumer, provider, resource, grant, purpose as the grant names it: never the case it was asked for."""


@dataclass(slots=True)
class Sums:
    """What is added up for one key; `histogram[n]` counts answers in bucket n."""

    calls: int = 0
    rows: int = 0
    histogram: list[int] = field(default_factory=lambda: [0] * BUCKETS)


@dataclass(slots=True)
class Rolled:
    """The sums of some leaves, and where the latest of each scope lie (log, index), oldest first."""

    sums: dict[Key, Sums] = field(default_factory=dict)
    recent: dict[tuple[str, str], list[tuple[str, int]]] = field(default_factory=dict)
    purposes: dict[PurposeKey, tuple[int, int]] = field(default_factory=dict)
    """Answered calls and their rows. A refused call may name any purpose it likes, so those are not kept."""


def bucket_of(took_us: int) -> int:
    """The bucket of a duration: n holds what is below 2^(n/2) ms and not below 2^((n-1)/2) ms."""
    if took_us < 1000:
        return 0
    return min(BUCKETS - 1, math.floor(2 * math.log2(took_us / 1000)) + 1)


def upper_ms(bucket: int) -> float:
    """The upper end of a bucket in milliseconds."""
    return float(2 ** (bucket / 2))


def percentile_ms(histogram: Sequence[int], share: float) -> float | None:
    """The duration that `share` (0–1) of the calls stayed below, rounded up to a bucket's end; None without calls."""
    total = sum(histogram)
    if total == 0:
        return None
    seen = 0
    for number, count in enumerate(histogram):
        seen += count
        if seen >= share * total:
            return upper_ms(number)
    return upper_ms(BUCKETS - 1)


def roll(leaves: Iterable[tuple[str, int, str, int]]) -> Rolled:
    """Add up leaves given as (log, index, text, microseconds taken)."""
    rolled = Rolled()
    for log, index, text, took_us in leaves:
        leaf = told(text)
        for scope in _scopes(leaf):
            places = rolled.recent.setdefault(scope, [])
            places.append((log, index))
            if len(places) > 2 * KEPT:
                del places[:KEPT]
        if not leaf.called:
            continue
        whole, rows = leaf.whole, leaf.given
        day = (leaf.moment + ZONE).date()
        key = (
            day, leaf.consumer or "", leaf.provider or "", leaf.resource or "", leaf.grant or "",
            whole or leaf.kind, 2 if whole else leaf.status // 100, leaf.code or "",
        )  # fmt: skip
        sums = rolled.sums.setdefault(key, Sums())
        sums.calls += 1
        sums.rows += rows
        if not whole:  # a night's table would say nothing of how fast calls are answered
            sums.histogram[bucket_of(took_us)] += 1
        if leaf.ground is not None:
            named = (*key[:5], leaf.ground)
            calls, counted = rolled.purposes.get(named, (0, 0))
            rolled.purposes[named] = (calls + 1, counted + rows)
    return rolled


def _scopes(leaf: Told) -> list[tuple[str, str]]:
    refused = leaf.kind == "refusal"
    found = [("node", "")]
    for scope, name in (("grant", leaf.grant), ("consumer", leaf.consumer), ("provider", leaf.provider)):
        if name is not None:
            found.append((scope, name))
            if refused:
                found.append((f"refused-{scope}", name))
    if refused:
        found.append(("refused-node", ""))
    return found
