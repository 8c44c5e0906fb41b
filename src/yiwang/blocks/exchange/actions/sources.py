"""External databases of an agency."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.exchange.actions.forms import SourceForm
from yiwang.blocks.exchange.domain.errors import ExchangeError
from yiwang.blocks.identity.public import Actor


def add_source(actor: Actor, form: SourceForm, now: datetime) -> str:
    """Register a database after it answered; returns its number. Raises: FormInvalid, ConnectorError."""
    raise ExchangeError


def edit_source(actor: Actor, source_id: str, form: SourceForm, now: datetime) -> None:
    """Change how a database is reached, after it answered."""
    raise ExchangeError


def test_source(actor: Actor, source_id: str, now: datetime) -> bool:
    """Connect once and remember the result; the source view says what is wrong."""
    raise ExchangeError


def suspend_source(actor: Actor, source_id: str, reason: str, now: datetime) -> None:
    """Stop every service on a source."""
    raise ExchangeError


def resume_source(actor: Actor, source_id: str, now: datetime) -> None:
    """Let the services on a source run again."""
    raise ExchangeError


def remove_source(actor: Actor, source_id: str, now: datetime) -> None:
    """Forget a source without mounts in force. Raises: SourceInUse."""
    raise ExchangeError
