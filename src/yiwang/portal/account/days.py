"""Whole days, as forms ask for them, as moments."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def start_of(day: date) -> datetime:
    """The first moment of a day."""
    return timezone.make_aware(datetime.combine(day, time()))


def end_of(day: object) -> datetime | None:
    """The moment after a day (periods do not include their end); None for an empty field."""
    return start_of(day + timedelta(days=1)) if isinstance(day, date) else None
