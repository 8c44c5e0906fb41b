"""Leave a trace of who opened a record; what another agency reads is evidence in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yiwang.blocks.journal.public import record_event
from yiwang.blocks.registry.queries.reading import Record
from yiwang.blocks.registry.store.entering import Errand, entering
from yiwang.blocks.registry.store.reads import leaves, log
from yiwang.blocks.registry.store.systems import entity_of


def note_reading(
    errand: Errand, system: str, entity: str, record: Record, now: datetime, *, uncovered: Sequence[str] = ()
) -> None:
    """Write down that the actor has read a record as it was shown to them.

    `uncovered` are masked fields whose value they asked to see. Raises: SystemUnknown, EntityUnknown.
    """
    found, _ = entity_of(system, entity)
    seen = sum(value is not None for value in record.values.values())
    with entering(errand, now):
        event = ""
        if uncovered and leaves(errand, found):
            event = record_event(
                "record-uncovered", now, consumer=errand.actor.agency, provider=found.owner, purpose=errand.purpose,
                detail={
                    "system": system, "entity": entity, "record": record.id, "case": errand.case or None,
                    "uncovered": list(uncovered),
                },
            )  # fmt: skip
        log(errand, found, entity, [record.id], now, event, fields=seen, uncovered=uncovered)
