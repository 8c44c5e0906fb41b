"""What the process that speaks with peers does in turn, and what the minute's work does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from yiwang.blocks.cascade.actions.disputes import escalate_late
from yiwang.blocks.cascade.actions.pulling import pull
from yiwang.blocks.cascade.domain.bodies import StatisticsBody
from yiwang.blocks.cascade.domain.errors import CascadeError
from yiwang.blocks.cascade.domain.transport import Transport
from yiwang.blocks.cascade.queries.peers import active_peers, joined
from yiwang.blocks.cascade.store.everything import EVERYTHING
from yiwang.blocks.cascade.store.here import node
from yiwang.blocks.cascade.store.leaves import gather_leaves
from yiwang.blocks.cascade.store.models import Figure
from yiwang.blocks.cascade.store.outgoing import tell
from yiwang.blocks.catalogue.public import published_codes
from yiwang.blocks.exchange.public import SYSTEM
from yiwang.blocks.identity.public import acting
from yiwang.blocks.journal.public import daily

_log = logging.getLogger(__name__)
MOST_PAGES = 20
"""Pages taken from one peer before the next has its turn."""


def follow(transport: Transport, clock: Callable[[], datetime], *, heads: bool) -> dict[str, str]:
    """Ask every active peer for what is new; what is wrong, by peer. A peer that fails keeps nobody waiting."""
    wrong: dict[str, str] = {}
    for name in active_peers():
        try:
            for turn in range(MOST_PAGES):
                if not pull(name, transport, clock(), heads=heads and turn == 0):
                    break
        except CascadeError as problem:
            wrong[name] = str(problem)
    return wrong


def tick(now: datetime) -> int:
    """The minute's work: note upstream leaves, bring late disputes up, tell yesterday's figures once."""
    late = escalate_late(now)
    if joined():
        gather_leaves()
        tell_figures(now)
    return late


def tell_figures(now: datetime) -> None:
    """Tell other nodes yesterday's figures, once: entries published, calls answered."""
    day = now.date() - timedelta(days=1)
    with acting(SYSTEM):
        _, new = Figure.objects.get_or_create(
            node=node(), name="entries", day=day, defaults={"value": len(published_codes())}
        )
        if not new:
            return
        calls = sum(one.calls for one in daily(EVERYTHING, day, day))
        Figure.objects.create(node=node(), name="calls", day=day, value=calls)
        for name in ("entries", "calls"):
            value = Figure.objects.get(node=node(), name=name, day=day).value
            tell("statistics", name, StatisticsBody(day.isoformat(), value), now)
