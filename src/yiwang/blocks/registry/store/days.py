"""Days of the node's own calendar."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def local_day(now: datetime) -> date:
    """The day of the node's calendar."""
    return now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
