"""Rules of keeping the organisation, without any database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from yiwang.blocks.organisation.domain.errors import (
    AppointmentOverlaps,
    BadPeriod,
    BadRegionCode,
    NotYourOffice,
    UnknownLine,
)
from yiwang.blocks.organisation.domain.facts import Doer
from yiwang.blocks.organisation.domain.lines import LINES
from yiwang.blocks.organisation.domain.regions import covers, level_of, normal_code

KEEPER = "system_admin"
"""The role that keeps the organisation."""
SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Period:
    """Days from `since` to `until`, both included; none: until further notice."""

    since: date
    until: date | None = None

    def overlaps(self, other: Period) -> bool:
        """Whether the two share a day."""
        return (self.until is None or other.since <= self.until) and (
            other.until is None or self.since <= other.until
        )


def decide_keep(doer: Doer, region: str) -> None:
    """Whether the doer keeps what lies in this region. Raises: NotYourOffice."""
    if KEEPER not in doer.roles or not covers(doer.region, region):
        raise NotYourOffice()


def decide_region(code: str, parent: str | None) -> tuple[str, int]:
    """The normal form and the level of a new region. Raises: BadRegionCode."""
    normal = normal_code(code)
    if parent is not None and (normal == parent or not covers(parent, normal)):
        raise BadRegionCode(region=code, reason=f"not below {parent}")
    return normal, level_of(normal)


def decide_line(line: str) -> None:
    """Whether the line of business exists. Raises: UnknownLine."""
    if line not in LINES:
        raise UnknownLine(line=line)


def decide_appointment(held: Iterable[Period], wished: Period) -> Period:
    """Whether the person may take the post in this period. Raises: BadPeriod, AppointmentOverlaps."""
    if wished.until is not None and wished.until < wished.since:
        raise BadPeriod()
    if any(one.overlaps(wished) for one in held):
        raise AppointmentOverlaps()
    return wished
