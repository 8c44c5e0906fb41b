"""What a run does to tickets: opens them, notes counts, closes and reopens them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from yiwang.blocks.exchange.public import SYSTEM, next_number, zone
from yiwang.blocks.organisation.public import UnknownAgency, agency_by_slug
from yiwang.blocks.quality.actions.deciding import take_step, write_decision
from yiwang.blocks.quality.domain.outcomes import RuleResult
from yiwang.blocks.quality.domain.ticket import Dropped, Failed, Passed, opened
from yiwang.blocks.quality.store import models

TICKETED = frozenset({"blocking", "major"})
"""Severities that open a ticket; minor rules count in the score alone."""


def settle(row: models.Watched, results: Sequence[RuleResult], now: datetime) -> None:
    """Bring the tickets of a resource in line with a run, as the platform and within its transaction.

    A rule that was not run leaves its ticket as it stands: not knowing is neither mended nor broken.
    """
    standing = {
        (one.rule, one.unit): one
        for one in models.Ticket.objects.select_for_update().filter(resource=row.resource)
    }
    asked: set[tuple[str, str]] = set()
    for result in results:
        key = (result.id, result.to)
        asked.add(key)
        ticket = standing.get(key)
        if result.reason:
            continue
        if ticket is None:
            if result.failed and result.severity in TICKETED:
                _open(row, result, now)
            continue
        ticket.finding, ticket.seen_at = msgspec.to_builtins(result), now
        _judge(ticket, result, now)
    for key, ticket in standing.items():
        if key not in asked and ticket.state != "closed":
            take_step(ticket, Dropped(), SYSTEM, now)


def drop_tickets(resource: str, now: datetime) -> None:
    """Close the tickets of a resource that is no longer connected, as the platform."""
    for ticket in models.Ticket.objects.select_for_update().filter(resource=resource).exclude(state="closed"):
        take_step(ticket, Dropped(), SYSTEM, now)


def _judge(ticket: models.Ticket, result: RuleResult, now: datetime) -> None:
    if result.failed and (result.severity in TICKETED or ticket.state != "closed"):
        if ticket.state == "closed":
            ticket.first_failed = result.failed
        day = now.astimezone(zone()).date()
        changed = take_step(ticket, Failed(result.tested, result.failed, day), SYSTEM, now)
    elif not result.failed and result.tested:
        changed = take_step(ticket, Passed(), SYSTEM, now)
    else:
        ticket.save()
        return
    if not changed.steps:
        ticket.save()


def _open(row: models.Watched, result: RuleResult, now: datetime) -> None:
    """The provider mends what the rule does not give to another unit; a unit that this node does not know, the bureau finds."""
    agency = row.agency
    if result.to:
        try:
            agency = agency_by_slug(result.to).uscc
        except UnknownAgency:
            agency = ""
    ticket = models.Ticket(
        id=next_number("Q", now), resource=row.resource, resource_title=row.title, provider=row.agency,
        provider_name=row.agency_name, unit=result.to, rule=result.id, finding=msgspec.to_builtins(result),
        first_failed=result.failed, opened_at=now, seen_at=now,
    )  # fmt: skip
    write_decision(ticket, opened(ticket.pk, agency), SYSTEM, now)
