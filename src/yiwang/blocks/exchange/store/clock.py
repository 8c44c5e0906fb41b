"""Deadlines in this node's zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from yiwang.blocks.exchange.domain import deadline


def zone() -> ZoneInfo:
    """The node's zone: deadlines end with the day there."""
    return ZoneInfo(settings.TIME_ZONE)


def start_clock(clock: deadline.Clock, event: datetime, region: str, *, ruled_on: datetime) -> deadline.Due:
    """The deadline that an event starts in a region."""
    return deadline.start(clock, event, region, zone(), ruled_on=ruled_on)
