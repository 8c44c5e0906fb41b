"""Notices."""

from __future__ import annotations

from yiwang.blocks.exchange.domain.errors import ExchangeError
from yiwang.blocks.exchange.queries.views import NoticePage
from yiwang.blocks.identity.public import Actor


def notices(actor: Actor, *, unread: bool = False, page: int = 1, per_page: int = 20) -> NoticePage:
    """Notices to the actor, latest first."""
    raise ExchangeError


def unread_count(actor: Actor) -> int:
    """How many notices wait."""
    raise ExchangeError
