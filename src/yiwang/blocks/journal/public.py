"""The door of the journal: leave an event, take an epoch."""

from __future__ import annotations

from yiwang.blocks.journal.actions import next_epoch, record_event

__all__ = ["next_epoch", "record_event"]
