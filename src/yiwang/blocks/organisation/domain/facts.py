"""What other blocks are told about regions, agencies, posts and people."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from yiwang.blocks.organisation.domain.lines import Line


class Doer(Protocol):
    """Who acts, as far as this block needs to know; `identity`'s Actor is one."""

    @property
    def user_id(self) -> int:
        """The account's number, for the log of events."""

    @property
    def agency(self) -> str:
        """The 统一社会信用代码 of the doer's agency."""

    @property
    def region(self) -> str:
        """The division code of the doer's agency."""

    @property
    def roles(self) -> AbstractSet[str]:
        """The roles that count now."""


@dataclass(frozen=True)
class RegionFacts:
    """A region of this node. `level` is 1 province, 2 city, 3 county, 4 township, 5 village."""

    code: str
    name_zh: str
    name_en: str
    parent: str | None
    level: int

    def name(self, language: str) -> str:
        """The name in `zh…` or `en`."""
        return self.name_zh if language.startswith("zh") else self.name_en


@dataclass(frozen=True)
class AgencyFacts:
    """An agency with its region and its line of business (whose `colour` the source chip shows)."""

    uscc: str
    slug: str
    name_zh: str
    name_en: str
    short_zh: str
    short_en: str
    region: RegionFacts
    line: Line
    active: bool

    def name(self, language: str) -> str:
        """The full name in `zh…` or `en`."""
        return self.name_zh if language.startswith("zh") else self.name_en

    def short(self, language: str) -> str:
        """The short name in `zh…` or `en`, as on a source chip."""
        return self.short_zh if language.startswith("zh") else self.short_en


@dataclass(frozen=True)
class PersonFacts:
    """A person of an agency."""

    id: int
    name: str
    agency: str
    staff_number: str


@dataclass(frozen=True)
class PostFacts:
    """A post of an agency."""

    id: int
    agency: str
    name_zh: str
    name_en: str

    def name(self, language: str) -> str:
        """The name in `zh…` or `en`."""
        return self.name_zh if language.startswith("zh") else self.name_en


@dataclass(frozen=True)
class AppointmentFacts:
    """A person in a post, from `since` to `until` (both days included; none: until further notice)."""

    id: int
    post: PostFacts
    person: PersonFacts
    since: date
    until: date | None
