"""Publishing and withdrawing catalogue entries together with what gateways hold of them."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.exchange.domain.errors import ExchangeError
from yiwang.blocks.identity.public import Actor


def publish_resource(actor: Actor, code: str, now: datetime, note: str = "") -> int:
    """Publish an entry; mounted services follow in the same transaction. Returns the edition's number."""
    raise ExchangeError


def withdraw_resource(actor: Actor, code: str, reason: str, now: datetime) -> None:
    """Withdraw an entry; its services stop in the same transaction."""
    raise ExchangeError
