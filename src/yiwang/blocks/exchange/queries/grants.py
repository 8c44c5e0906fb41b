"""Grants."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.exchange.domain.errors import ExchangeError
from yiwang.blocks.exchange.queries.views import GrantRow, GrantView
from yiwang.blocks.identity.public import Actor


def grants(actor: Actor, *, side: str = "", resource: str = "", state: str = "") -> tuple[GrantRow, ...]:
    """Grants the actor may see; `side` is `consumer`, `provider` or "" for both."""
    raise ExchangeError


def grant(actor: Actor, grant_id: str, now: datetime) -> GrantView:
    """One grant. Raises: GrantUnknown."""
    raise ExchangeError
