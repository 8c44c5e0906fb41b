"""What the worker does every minute, as the platform itself. Safe to repeat, and to run in two workers at once."""

from __future__ import annotations

from datetime import datetime

from yiwang.blocks.demand.actions.deciding import take_step
from yiwang.blocks.demand.domain.need import Escalate
from yiwang.blocks.demand.store import models
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting

AT_ONCE = 200


def tick(now: datetime) -> int:
    """Escalate needs whose day has passed; returns how many. Each in a transaction of its own."""
    late = models.Need.objects.filter(
        state__in=("routed", "arbitration", "promised"), due_at__lt=now, escalated_at__isnull=True
    ).order_by("due_at", "pk")
    with acting(SYSTEM):
        ids = list(late.values_list("pk", flat=True)[:AT_ONCE])
    done = 0
    for one in ids:
        with acting(SYSTEM):
            row = late.select_for_update(skip_locked=True).filter(pk=one).first()
            if row is not None:
                take_step(row, Escalate(), SYSTEM, now)
                done += 1
    return done
