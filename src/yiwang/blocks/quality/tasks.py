"""What the worker does for quality. Safe to repeat, and to run in two workers at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.blocks.quality.actions.deciding import take_step
from yiwang.blocks.quality.actions.planning import follow_mounts
from yiwang.blocks.quality.actions.running import run_rules
from yiwang.blocks.quality.domain.ticket import Escalate
from yiwang.blocks.quality.store import models

AT_ONCE = 20
"""Resources run one after the other in one go; the next minute goes on."""
LATE_AT_ONCE = 200


def run_due(now: Callable[[], datetime]) -> int:
    """Watch what is mounted and run what is due, the longest waiting first; returns how many ran."""
    follow_mounts(now())
    with acting(SYSTEM):
        due = models.Watched.objects.filter(active=True, next_at__lte=now()).order_by("next_at", "pk")
        codes = list(due.values_list("pk", flat=True)[:AT_ONCE])
    return sum(run_rules(code, now()) is not None for code in codes)


def escalate_late(now: datetime) -> int:
    """Tell bureau and source unit of tickets whose day has passed; returns how many. Each in its own transaction."""
    late = models.Ticket.objects.filter(
        state__in=("dispatched", "mending"), due_at__lt=now, escalated_at__isnull=True
    ).order_by("due_at", "pk")
    with acting(SYSTEM):
        ids = list(late.values_list("pk", flat=True)[:LATE_AT_ONCE])
    done = 0
    for one in ids:
        with acting(SYSTEM):
            row = late.select_for_update(skip_locked=True).filter(pk=one).first()
            if row is not None:
                take_step(row, Escalate(), SYSTEM, now)
                done += 1
    return done
