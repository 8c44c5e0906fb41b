"""What the process that speaks with peers does in turn, and what the minute's work does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from yiwang.blocks.cascade.actions.disputes import escalate_late
from yiwang.blocks.cascade.actions.pulling import pull
from yiwang.blocks.cascade.actions.rolling import roll_up
from yiwang.blocks.cascade.domain.errors import CascadeError
from yiwang.blocks.cascade.domain.transport import Transport
from yiwang.blocks.cascade.queries.peers import active_peers, joined
from yiwang.blocks.cascade.store.leaves import gather_leaves

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
    """The minute's work: note upstream leaves, bring late disputes up, tell the days that are over."""
    late = escalate_late(now)
    if joined():
        gather_leaves()
        roll_up(now)
    return late
