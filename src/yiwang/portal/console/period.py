"""The days that the monitor shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest
from django.utils import timezone

CHOICES = (7, 14, 28)
USUAL = 28


@dataclass(frozen=True)
class Period:
    """From `since` to `until`, both included."""

    since: date
    until: date
    days: int


def period_of(request: HttpRequest) -> Period:
    """The period asked for by `?days=`, ending today; anything odd is four weeks."""
    text = request.GET.get("days", "")
    days = int(text) if text.isdecimal() and int(text) in CHOICES else USUAL
    today = timezone.localdate()
    return Period(today - timedelta(days=days - 1), today, days)
