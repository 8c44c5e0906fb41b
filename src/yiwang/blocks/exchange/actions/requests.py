"""Requests through their life."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.exchange.actions.forms import Approval, RequestInput
from yiwang.blocks.exchange.domain.errors import ExchangeError
from yiwang.blocks.identity.public import Actor


def create_request(actor: Actor, resource: str, form: RequestInput, now: datetime) -> str:
    """Start a request as a draft; returns its number. Raises: FormInvalid, OwnResource, NotMounted, NotShared, NotAllowed."""
    raise ExchangeError


def edit_request(
    actor: Actor, request_id: str, form: RequestInput, now: datetime, *, seen: int | None = None
) -> None:
    """Change a draft or a returned request. `seen`: the revision the page showed. Raises: FormInvalid, RequestChanged."""
    raise ExchangeError


def submit_request(actor: Actor, request_id: str, now: datetime, *, seen: int | None = None) -> None:
    """Hand a request in."""
    raise ExchangeError


def withdraw_request(
    actor: Actor, request_id: str, now: datetime, *, text: str = "", seen: int | None = None
) -> None:
    """Take a request back."""
    raise ExchangeError


def accept_request(
    actor: Actor, request_id: str, now: datetime, *, text: str = "", seen: int | None = None
) -> str | None:
    """The bureau finds it in order; returns the grant's number where that grants it."""
    raise ExchangeError


def return_request(
    actor: Actor, request_id: str, text: str, now: datetime, *, seen: int | None = None
) -> None:
    """Give it back for correction (bureau at review, provider when deciding)."""
    raise ExchangeError


def reject_request(
    actor: Actor, request_id: str, text: str, now: datetime, *, seen: int | None = None
) -> None:
    """The bureau ends it."""
    raise ExchangeError


def approve_request(
    actor: Actor, request_id: str, approval: Approval, now: datetime, *, seen: int | None = None
) -> str:
    """The provider grants it; returns the grant's number. Raises: GrantWider, MaskReasonMissing."""
    raise ExchangeError


def refuse_request(
    actor: Actor, request_id: str, text: str, basis: str, now: datetime, *, seen: int | None = None
) -> None:
    """The provider refuses, with the legal basis. Raises: RefusalWithoutBasis."""
    raise ExchangeError


def extend_request(
    actor: Actor, request_id: str, text: str, consent: str, now: datetime, *, seen: int | None = None
) -> None:
    """The provider extends the deadline once; `consent` names the head who agreed."""
    raise ExchangeError
