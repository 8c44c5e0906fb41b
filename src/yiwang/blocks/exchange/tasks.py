"""What the worker does every minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yiwang.blocks.exchange.domain.errors import ExchangeError


@dataclass(frozen=True)
class TickReport:
    """How much one tick did; all zero when there was nothing to do."""

    expired: int
    expiring: int
    due_soon: int
    escalated: int
    recompiled: int


def tick(now: datetime) -> TickReport:
    """Expire grants, remind of deadlines, escalate silence, recompile what lags. Safe to repeat at any time."""
    raise ExchangeError
