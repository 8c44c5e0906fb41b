"""What every handler is given, and how it refuses an event without stopping the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from yiwang.blocks.cascade.domain.bodies import body_of
from yiwang.blocks.cascade.domain.errors import EventMalformed
from yiwang.blocks.cascade.domain.events import Event
from yiwang.blocks.cascade.domain.reasons import Reason, told_by
from yiwang.blocks.cascade.store.models import Peer

B = TypeVar("B", bound=msgspec.Struct)


class Refusals:
    """Events that are passed over, with the reason."""

    def __init__(self) -> None:
        """Nothing is refused yet."""
        self.reasons: dict[str, Reason] = {}

    def note(self, event: Event, reason: Reason) -> None:
        """Pass over an event."""
        self.reasons[event.id] = reason

    def bodies(self, events: Sequence[Event], kind: type[B]) -> list[tuple[Event, B]]:
        """Events with their bodies; those of another form are passed over."""
        found: list[tuple[Event, B]] = []
        for one in events:
            try:
                found.append((one, body_of(one, kind)))
            except EventMalformed as problem:
                self.note(one, told_by(problem))
        return found


Handler = Callable[[Peer, Sequence[Event], datetime, Refusals], None]
"""Applies events of one kind, in order, within the transaction of the page and as the platform."""
