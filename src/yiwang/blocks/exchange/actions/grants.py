"""Grants after their birth: suspend, resume, revoke, renew."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.exchange.domain.errors import ExchangeError
from yiwang.blocks.identity.public import Actor


def revoke_grant(actor: Actor, grant_id: str, reason: str, now: datetime) -> None:
    """End a grant for good; gateways refuse within a second. Raises: GrantUnknown, GrantStateWrong, ReasonMissing."""
    raise ExchangeError


def suspend_grant(actor: Actor, grant_id: str, reason: str, now: datetime) -> None:
    """Stop a grant for a while. Raises: GrantUnknown, GrantStateWrong, ReasonMissing."""
    raise ExchangeError


def resume_grant(actor: Actor, grant_id: str, now: datetime) -> None:
    """Let a suspended grant run again. Raises: GrantUnknown, GrantStateWrong."""
    raise ExchangeError


def renew_grant(actor: Actor, grant_id: str, now: datetime) -> str:
    """Start a new request with the terms of a grant; returns the request's number."""
    raise ExchangeError
