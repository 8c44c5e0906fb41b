"""Reading notices."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.exchange.domain.errors import ExchangeError
from yiwang.blocks.identity.public import Actor


def read_notice(actor: Actor, notice_id: int, now: datetime) -> None:
    """Mark one notice read by the actor."""
    raise ExchangeError


def read_all_notices(actor: Actor, now: datetime) -> int:
    """Mark all notices read by the actor; returns how many."""
    raise ExchangeError
