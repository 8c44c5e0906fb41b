"""Tickets through people's hands: the source unit mends, the bureau dispatches and exempts."""

from __future__ import annotations

from datetime import date, datetime

from yiwang.blocks.exchange.public import SYSTEM, as_actor, zone
from yiwang.blocks.identity.public import Actor, acting
from yiwang.blocks.organisation.public import agencies_by_uscc
from yiwang.blocks.quality.actions.deciding import locked_ticket, take_step
from yiwang.blocks.quality.domain.ticket import AskExemption, Decline, Dispatch, Exempt, Mended, Take
from yiwang.blocks.quality.store import models
from yiwang.blocks.quality.store.run_queue import hand_over


@as_actor
def take_ticket(actor: Actor, ticket_id: str, now: datetime, *, seen: int | None = None) -> None:
    """Begin to mend. Raises: TicketUnknown, TicketChanged, QualityNotAllowed, TicketStateWrong."""
    take_step(locked_ticket(actor, ticket_id, seen), Take(), actor, now)


@as_actor
def report_mended(actor: Actor, ticket_id: str, text: str, now: datetime, *, seen: int | None = None) -> None:
    """Say that it is mended, and how; the rules run soon, and decide.

    Raises: TicketUnknown, TicketChanged, QualityNotAllowed, TicketStateWrong, TicketInvalid.
    """
    row = locked_ticket(actor, ticket_id, seen)
    take_step(row, Mended(text), actor, now)
    with acting(SYSTEM):
        models.Watched.objects.filter(pk=row.resource, active=True).update(next_at=now)
    hand_over(row.resource)


@as_actor
def ask_exemption(
    actor: Actor, ticket_id: str, until: date, text: str, now: datetime, *, seen: int | None = None
) -> None:
    """Ask the bureau to leave it so until a day.

    Raises: TicketUnknown, TicketChanged, QualityNotAllowed, TicketStateWrong, TicketInvalid.
    """
    row = locked_ticket(actor, ticket_id, seen)
    take_step(row, AskExemption(until, now.astimezone(zone()).date(), text), actor, now)


@as_actor
def dispatch_ticket(
    actor: Actor, ticket_id: str, agency: str, text: str, now: datetime, *, seen: int | None = None
) -> None:
    """The bureau names who mends it.

    Raises: TicketUnknown, TicketChanged, QualityNotAllowed, TicketStateWrong, TicketInvalid.
    """
    row = locked_ticket(actor, ticket_id, seen)
    known = agency if agency in agencies_by_uscc({agency}) else ""
    take_step(row, Dispatch(known, text), actor, now)


@as_actor
def grant_exemption(
    actor: Actor, ticket_id: str, text: str, now: datetime, *, seen: int | None = None
) -> None:
    """The bureau leaves it so until the day that was asked for.

    Raises: TicketUnknown, TicketChanged, QualityNotAllowed, TicketStateWrong.
    """
    take_step(locked_ticket(actor, ticket_id, seen), Exempt(text), actor, now)


@as_actor
def decline_exemption(
    actor: Actor, ticket_id: str, text: str, now: datetime, *, seen: int | None = None
) -> None:
    """The bureau does not. Raises: TicketUnknown, TicketChanged, QualityNotAllowed, TicketStateWrong, TicketInvalid."""
    take_step(locked_ticket(actor, ticket_id, seen), Decline(text), actor, now)
