"""Requests."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.exchange.domain.errors import ExchangeError
from yiwang.blocks.exchange.queries.views import RequestPage, RequestView
from yiwang.blocks.identity.public import Actor


def my_requests(
    actor: Actor, now: datetime, *, state: str = "", page: int = 1, per_page: int = 20
) -> RequestPage:
    """Requests of the actor's agency, latest first."""
    raise ExchangeError


def review_queue(actor: Actor, now: datetime, *, page: int = 1, per_page: int = 20) -> RequestPage:
    """Requests that wait for formal review, first due first; empty for others than reviewers."""
    raise ExchangeError


def decision_queue(
    actor: Actor, now: datetime, *, done: bool = False, page: int = 1, per_page: int = 20
) -> RequestPage:
    """Requests that wait for the actor's agency as provider; `done`: those already answered."""
    raise ExchangeError


def request(actor: Actor, request_id: str, now: datetime) -> RequestView:
    """One request. Raises: RequestUnknown."""
    raise ExchangeError
