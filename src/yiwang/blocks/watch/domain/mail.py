"""Who is told by mail, when, and how often a failed sending is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

How = Literal["now", "daily", "never"]
HOWS: tuple[How, ...] = ("now", "daily", "never")
GROUPS = ("requests", "grants", "data", "alerts")
"""Kinds of news that a person chooses for together."""
TRIES = 6
DIGEST_HOUR = 8
"""Hour of the day, in the node's zone, from which the day's digest is sent."""


@dataclass(frozen=True)
class Preference:
    """How a person wants to be told. Without an address nothing is mailed."""

    address: str = ""
    language: str = "zh-hans"
    hows: Mapping[str, How] = field(default_factory=dict)

    def how(self, group: str) -> How:
        """Of a group; alerts and the rest come as a digest unless the person says otherwise."""
        return self.hows.get(group, "daily")


def group_of(kind: str) -> str:
    """The group of a notice's kind."""
    head = kind.partition("-")[0]
    return {"request": "requests", "grant": "grants", "alert": "alerts"}.get(head, "data")


def next_try(tries: int, now: datetime) -> datetime | None:
    """When a sending that failed `tries` times is tried again: after 1, 4, 16 … minutes; None: given up."""
    return now + timedelta(minutes=4 ** (tries - 1)) if tries < TRIES else None


def digest_due(last: datetime | None, now: datetime) -> bool:
    """Whether the day's digest is due; moments are in the node's zone."""
    return now.hour >= DIGEST_HOUR and (last is None or last.date() < now.date())
