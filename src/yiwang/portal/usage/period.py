"""The days that a page of usage adds up, and the same number of days before them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import QueryDict
from django.utils import timezone

CHOICES = (7, 30, 90)
USUAL = 30
LONGEST = 366


@dataclass(frozen=True)
class Span:
    """From `since` to `until`, both included. `chosen` is one of CHOICES, or 0 for days that were typed."""

    since: date
    until: date
    chosen: int

    @property
    def days(self) -> int:
        """How many days."""
        return (self.until - self.since).days + 1

    @property
    def before(self) -> Span:
        """As many days that end where these begin."""
        last = self.since - timedelta(days=1)
        return Span(last - timedelta(days=self.days - 1), last, 0)

    @property
    def dates(self) -> tuple[date, ...]:
        """Every day of it."""
        return tuple(self.since + timedelta(days=at) for at in range(self.days))

    @property
    def query(self) -> str:
        """How an address asks for it."""
        return f"days={self.chosen}" if self.chosen else f"since={self.since}&until={self.until}"


def span_of(asked: QueryDict) -> Span:
    """What `?days=` or `?since=&until=` asks for; anything odd is the last 30 days, nothing is longer than a year."""
    today = timezone.localdate()
    since, until = _day(asked.get("since", "")), _day(asked.get("until", ""))
    if since and until and since <= until <= today:
        return Span(max(since, until - timedelta(days=LONGEST - 1)), until, 0)
    text = asked.get("days", "")
    days = int(text) if text in map(str, CHOICES) else USUAL
    return Span(today - timedelta(days=days - 1), today, days)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
