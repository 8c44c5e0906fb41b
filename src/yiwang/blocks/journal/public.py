"""The door of the journal: leave an event, take an epoch, audit the logs."""

from __future__ import annotations

from yiwang.blocks.journal.actions import next_epoch, record_event
from yiwang.blocks.journal.domain.audit.kept import Witness
from yiwang.blocks.journal.domain.audit.report import Report
from yiwang.blocks.journal.store.auditing import audit_database

__all__ = ["Report", "Witness", "audit_database", "next_epoch", "record_event"]
